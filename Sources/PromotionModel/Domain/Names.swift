/// The name of a service, as a runbook writes it: a DNS-1123 label, with dots allowed between labels.
public struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String
  public init(_ text: String) { self.text = text }
  public var description: String { text }
  public static func < (a: ServiceName, b: ServiceName) -> Bool { a.text < b.text }
}

/// The name of an environment. Never the name of a kubeconfig context (rule 6 of the language).
public struct EnvironmentName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String
  public init(_ text: String) { self.text = text }
  public var description: String { text }
  public static func < (a: EnvironmentName, b: EnvironmentName) -> Bool { a.text < b.text }
}

/// The id of a git commit: 40 or 64 hexadecimal digits, in lower case.
public struct CommitID: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// nil when `text` is not the full id of a commit, so that what a server says can never be read as an option or a ref.
  public init?(_ text: String) {
    guard text.utf8.count == 40 || text.utf8.count == 64,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.text = text
  }

  public var description: String { text }
  /// The first eight digits, for people.
  public var short: String { String(text.prefix(8)) }
}

/// The digest of an image's manifest, `sha256:…`: what really runs, whatever a tag says today.
public struct ImageDigest: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// Takes the digest out of an `imageID` as a container runtime reports it
  /// (`docker-pullable://registry/name@sha256:…`, or the digest alone); nil when there is none.
  public init?(imageID: String) {
    let candidate = imageID.split(separator: "@").last.map(String.init) ?? imageID
    guard candidate.hasPrefix("sha256:"), candidate.utf8.count == 71,
      candidate.dropFirst(7).utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    text = candidate
  }

  public var description: String { text }
  public var short: String { String(text.prefix(19)) }
}

/// The name of one run, unique in the journal: `20261123-223000-7f3a`. Part of branch names, so only `[a-z0-9-]`.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= 40, text.utf8.first != 0x2D,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D })
    else { return nil }
    self.text = text
  }

  public var description: String { text }
}

/// Values that are written and read as one string.
public protocol TextCodable: Codable {
  init?(codedText: String)
  var text: String { get }
}

extension TextCodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(codedText: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a \(Self.self): \(text)")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension ServiceName: TextCodable { public init?(codedText: String) { self.init(codedText) } }
extension EnvironmentName: TextCodable { public init?(codedText: String) { self.init(codedText) } }
extension CommitID: TextCodable { public init?(codedText: String) { self.init(codedText) } }
extension ImageDigest: TextCodable { public init?(codedText: String) { self.init(imageID: codedText) } }
extension RunID: TextCodable { public init?(codedText: String) { self.init(codedText) } }

extension ServiceName: CodingKeyRepresentable {}
extension EnvironmentName: CodingKeyRepresentable {}

extension CodingKeyRepresentable where Self: TextCodable {
  public var codingKey: any CodingKey { NameKey(stringValue: text) }
  public init?<T: CodingKey>(codingKey: T) { self.init(codedText: codingKey.stringValue) }
}

private struct NameKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
