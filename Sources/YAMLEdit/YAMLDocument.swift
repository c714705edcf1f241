/// What a file may cost to read.
public struct YAMLLimits: Sendable, Equatable {
  public var bytes: Int
  /// Collections within collections.
  public var depth: Int
  public var nodes: Int

  public init(bytes: Int = 4 << 20, depth: Int = 64, nodes: Int = 200_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}

/// A scalar, alias or empty collection, and the path to it.
public struct YAMLLeaf: Sendable {
  public let path: YAMLPath
  public let node: YAMLNode
}

/// A YAML file: its bytes and the documents in them.
///
/// Nothing in it is expanded, merged or resolved: aliases, merge keys and duplicate keys are there as written.
public struct YAMLDocument: Sendable {
  public let bytes: [UInt8]
  public let limits: YAMLLimits
  /// Keys that stand more than once in one mapping, in the order of the file.
  public let duplicates: [YAMLDuplicateKey]
  let documents: [ComposedDocument]

  /// - Throws: ``YAMLError`` when the bytes are beyond the limits, not UTF-8, not YAML, or have an alias without an
  ///   anchor.
  public init(bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
    guard bytes.count <= limits.bytes, bytes.count <= Int(Int32.max) else {
      throw YAMLError(
        .tooLarge(limitBytes: limits.bytes),
        "larger than \(limits.bytes) bytes",
        at: YAMLPlace(offset: limits.bytes, line: 1, column: 1)
      )
    }
    let source = LibYAML(bytes: bytes, map: try SourceMap(bytes), limits: limits)
    let composer = try Composer(source)
    self.bytes = bytes
    self.limits = limits
    self.duplicates = composer.duplicates
    self.documents = composer.documents
  }

  /// The root of the first document; nil when the file has nothing but comments and blanks.
  public var root: YAMLNode? { documents.first?.root }

  /// The roots of the documents of the stream.
  public var roots: [YAMLNode] { documents.map(\.root) }

  /// Every scalar, alias and empty collection of a document, each by a path that ``node(at:inDocument:)`` finds
  /// again. No two paths are equal: a key that stands twice, or is no scalar, is named by its ordinal. Keys
  /// themselves are not among them.
  public func leaves(ofDocument index: Int = 0) -> [YAMLLeaf] {
    guard documents.indices.contains(index) else { return [] }
    var result: [YAMLLeaf] = []
    collect(documents[index].root, [], &result)
    return result
  }

  /// ``leaves(ofDocument:)`` that are scalars.
  public func scalars(ofDocument index: Int = 0) -> [YAMLLeaf] {
    leaves(ofDocument: index).filter { $0.node.text != nil }
  }

  private func collect(_ node: YAMLNode, _ steps: [YAMLPath.Step], _ result: inout [YAMLLeaf]) {
    switch node.content {
    case .mapping(let pairs, _) where !pairs.isEmpty:
      var counts: [[UInt8]: Int] = [:]
      for case let key? in pairs.map(\.key.text) { counts[Array(key.utf8), default: 0] += 1 }
      for (ordinal, pair) in pairs.enumerated() {
        if let key = pair.key.text, counts[Array(key.utf8)] == 1 {
          collect(pair.value, steps + [.key(key)], &result)
        } else {
          collect(pair.value, steps + [.entry(ordinal)], &result)
        }
      }
    case .sequence(let elements, _) where !elements.isEmpty:
      for (ordinal, element) in elements.enumerated() { collect(element, steps + [.index(ordinal)], &result) }
    case .scalar, .alias, .mapping, .sequence:
      result.append(YAMLLeaf(path: YAMLPath(steps), node: node))
    }
  }
}
