/// Which Jobs of an environment's namespace migrate a service's data: by their name, by their labels, or by both.
public struct MigrationJobs: Sendable, Hashable {
  /// `api-migrate-{version}`; `*` stands for anything.
  public var name: String?
  /// All of them.
  public var labels: [String: String]

  public static let placeholders = ["version", "tag"]

  public init(name: String? = nil, labels: [String: String] = [:]) { (self.name, self.labels) = (name, labels) }

  /// Whether the name says of which version a job is.
  public var namesVersion: Bool { name.map { $0.contains("{version}") || $0.contains("{tag}") } ?? false }

  /// Whether a Job may be one of the service's migrations, of whatever version.
  public func covers(name: String, labels: [String: String]) -> Bool {
    self.labels.allSatisfy { labels[$0.key] == $0.value } && matches(name, version: "*", tag: "*")
  }

  /// Whether a Job's name is one for a version. Names of Kubernetes have no signs but `-` and `.`, so that every sign of a
  /// version may be a `-` in them.
  public func isName(_ name: String, ofVersion version: Version, tag: String) -> Bool {
    matches(name, version: Self.plain(version.description), tag: Self.plain(tag))
  }

  private func matches(_ name: String, version: String, tag: String) -> Bool {
    guard let pattern = self.name else { return true }
    let filled = pattern.replacing("{version}", with: version).replacing("{tag}", with: tag)
    return Self.matches(Array(Self.plain(name).utf8), Array(Self.plain(filled).utf8))
  }

  private static func plain(_ text: String) -> String {
    String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "*" ? $0 : "-" })
  }

  /// In time that grows with the product of both lengths at most: behind a `*`, only the last one is tried again.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (at, sign) = (0, 0)
    var retry: (at: Int, sign: Int)?
    while at < text.count {
      if sign < pattern.count, pattern[sign] == UInt8(ascii: "*") {
        retry = (at, sign + 1)
        sign += 1
      } else if sign < pattern.count, pattern[sign] == text[at] {
        (at, sign) = (at + 1, sign + 1)
      } else if let last = retry {
        retry = (last.at + 1, last.sign)
        (at, sign) = (last.at + 1, last.sign)
      } else {
        return false
      }
    }
    return pattern[sign...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// In words: `api-migrate-*`, `with app=api`.
  public var text: String {
    let labels = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return [name, labels.isEmpty ? nil : "with \(labels)"].compactMap { $0 }.joined(separator: " ")
  }
}
