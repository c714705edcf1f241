/// Something outside did not do what it was asked. Never read as an answer (rule 5): the statement that meets one ends
/// *undetermined*, unless the verb knows better.
public struct WorldError: Error, Hashable, Sendable {
  public enum Reason: String, Hashable, Sendable {
    /// The program is not installed.
    case missing
    /// Not logged in, or not allowed.
    case unauthorized
    case timedOut = "timed out"
    case unreachable
    /// It answered something that is not understood.
    case nonsense
    /// Something cannot be written where it must be: a full disk, a file system that is read-only, rights that are missing.
    case unwritable = "cannot write"
    /// It understood and said no: a protected branch, a validation error.
    case refused
    case notFound = "not found"
    /// Not the cluster or destination that the configuration names (rule 6).
    case wrongPlace = "wrong place"
  }

  /// Which tool or server: `git`, `kubectl`, `gh`, `curl`, `Argo CD`.
  public var tool: String
  public var reason: Reason
  /// What it said: short, sanitised, without secrets.
  public var message: String
  /// What the reader can do about it.
  public var advice: String?

  public init(tool: String, reason: Reason, message: String, advice: String? = nil) {
    (self.tool, self.reason, self.message, self.advice) = (tool, reason, message, advice)
  }

  /// Whether trying again later may help, without anybody doing anything.
  public var isTransient: Bool {
    switch reason {
    case .timedOut, .unreachable, .nonsense, .unwritable: true
    case .missing, .unauthorized, .refused, .notFound, .wrongPlace: false
    }
  }
}

extension WorldError {
  /// The tool of an error about what the files of the repository hold, not about reaching them.
  public static let gitOpsTool = "GitOps repository"

  /// Whether the files themselves stand in the way: they say the same however often they are asked.
  public var isOfFiles: Bool { tool == Self.gitOpsTool }
}

extension WorldError: CustomStringConvertible {
  public var description: String {
    let head = "\(tool) \(reason == .refused ? "refused" : reason.rawValue): \(message)"
    return advice.map { "\(head). \($0)" } ?? head
  }
}
