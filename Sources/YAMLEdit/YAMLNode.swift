/// How a scalar is written.
public enum YAMLScalarStyle: Sendable, Equatable {
  case plain, singleQuoted, doubleQuoted, literal, folded
}

/// How a collection is written: `block` by indentation, `flow` in brackets.
public enum YAMLCollectionStyle: Sendable, Equatable {
  case block, flow
}

/// A key and its value in a mapping.
public struct YAMLPair: Sendable {
  public let key: YAMLNode
  public let value: YAMLNode
}

/// A node of a YAML document, with its place in the file.
public struct YAMLNode: Sendable {
  public enum Content: Sendable {
    case scalar(String, style: YAMLScalarStyle)
    case sequence([YAMLNode], style: YAMLCollectionStyle)
    /// The pairs in the order of the file, duplicate keys and merge keys `<<` included.
    case mapping([YAMLPair], style: YAMLCollectionStyle)
    /// `*name`; aliases are never expanded.
    case alias(String)
  }

  public let content: Content
  /// The resolved tag (`tag:yaml.org,2002:str`), when one is written.
  public let tag: String?
  /// The name of `&name`, when one is written.
  public let anchor: String?
  /// Where the node begins: at its anchor or tag, if it has one.
  public let place: YAMLPlace
  /// The bytes of the node, from its anchor or tag on. A block scalar's span takes in its last line's end and
  /// the blank lines that follow; a missing value's is empty.
  public let span: Range<Int>
  /// The bytes of the node without anchor and tag.
  public let contentSpan: Range<Int>

  /// A scalar's text, whatever its type; nil for other nodes.
  public var text: String? {
    if case .scalar(let value, _) = content { value } else { nil }
  }

  /// A scalar's type; nil for other nodes. Quoted and block scalars are strings, a tag decides before the text does.
  public var scalarType: YAMLScalarType? {
    guard case .scalar(let value, let style) = content else { return nil }
    if let tag { return YAMLScalarType(tag: tag) }
    return style == .plain ? YAMLScalarType(plain: value) : .string
  }

  /// Whether this is a missing value, `~` or `null`.
  public var isNull: Bool { scalarType == .null }

  /// A mapping's pairs; nil for other nodes.
  public var pairs: [YAMLPair]? {
    if case .mapping(let pairs, _) = content { pairs } else { nil }
  }

  /// A sequence's elements; nil for other nodes.
  public var elements: [YAMLNode]? {
    if case .sequence(let elements, _) = content { elements } else { nil }
  }

  /// The first value of a mapping under a scalar key; nil when there is none, or this is no mapping.
  public subscript(key: String) -> YAMLNode? {
    pairs?.first { pair in pair.key.text.map { sameBytes($0, key) } ?? false }?.value
  }

  /// What the node is, for messages: "a mapping", "a string", "a number", …
  public var kindName: String {
    switch content {
    case .scalar: scalarType?.name ?? "a scalar"
    case .sequence: "a sequence"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

/// A key that stands more than once in one mapping.
public struct YAMLDuplicateKey: Sendable, Equatable {
  public let key: String
  /// The document of the stream, from 0.
  public let document: Int
  public let first: YAMLPlace
  /// The place of the repetition; a key that stands three times is reported twice.
  public let repeated: YAMLPlace
}
