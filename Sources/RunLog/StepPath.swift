/// Where in the program a step stands, by ordinals: stable when lines move, different for every iteration.
///
/// Written `3`, `4/on-failure/0`, `2/iteration-1/0`, `5/call/2`. The first number is the statement's place in the file, from 0.
public struct StepPath: Hashable, Sendable, CustomStringConvertible, Codable {
  public enum Component: Hashable, Sendable {
    case statement(Int)
    case onFailure
    case finally
    /// The block after the condition with that number of an `if`; after all of them, its `else`.
    case branch(Int)
    /// The body of a procedure.
    case call
    case iteration(Int)
    case attempt(Int)
    case fact(Int)
  }

  public var components: [Component]

  public init(_ components: [Component] = []) { self.components = components }

  public func appending(_ component: Component) -> StepPath { StepPath(components + [component]) }

  /// Whether it is `other`, or stands inside of it.
  public func isInside(_ other: StepPath) -> Bool { components.starts(with: other.components) }

  public var description: String {
    components.map { component in
      switch component {
      case .statement(let ordinal): "\(ordinal)"
      case .onFailure: "on-failure"
      case .finally: "finally"
      case .branch(let ordinal): "branch-\(ordinal)"
      case .call: "call"
      case .iteration(let ordinal): "iteration-\(ordinal)"
      case .attempt(let ordinal): "attempt-\(ordinal)"
      case .fact(let ordinal): "fact-\(ordinal)"
      }
    }.joined(separator: "/")
  }

  /// Reads what ``description`` writes; nil for anything else.
  public init?(_ text: String) {
    guard !text.isEmpty else {
      self.init()
      return
    }
    var components: [Component] = []
    for part in text.split(separator: "/", omittingEmptySubsequences: false) {
      if let ordinal = Self.ordinal(part) {
        components.append(.statement(ordinal))
      } else if part == "on-failure" {
        components.append(.onFailure)
      } else if part == "finally" {
        components.append(.finally)
      } else if part == "call" {
        components.append(.call)
      } else if part.hasPrefix("branch-"), let ordinal = Self.ordinal(part.dropFirst(7)) {
        components.append(.branch(ordinal))
      } else if part.hasPrefix("iteration-"), let ordinal = Self.ordinal(part.dropFirst(10)) {
        components.append(.iteration(ordinal))
      } else if part.hasPrefix("attempt-"), let ordinal = Self.ordinal(part.dropFirst(8)) {
        components.append(.attempt(ordinal))
      } else if part.hasPrefix("fact-"), let ordinal = Self.ordinal(part.dropFirst(5)) {
        components.append(.fact(ordinal))
      } else {
        return nil
      }
    }
    self.init(components)
  }

  private static func ordinal(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.utf8.first != 0x30 else {
      return nil
    }
    return Int(text)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let path = StepPath(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a step path")
    }
    self = path
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
