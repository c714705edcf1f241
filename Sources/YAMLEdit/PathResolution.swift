/// A node found in a document, with what surrounds it.
struct LocatedNode {
  let node: YAMLNode
  /// The ordinals of pairs and elements on the way from the root. Replacing scalars leaves them as they are.
  var position: [Int]
  /// Whether it stands within a flow collection.
  var isInFlow: Bool
  /// The anchor of the node, or of a collection around it, that an alias refers to.
  var sharedAnchor: String?
  /// The step at which a key that stands twice was passed by its ordinal.
  var duplicateKey: (key: String, step: Int)?
}

extension YAMLDocument {
  /// The node at a path.
  /// - Throws: ``YAMLError`` that says at which step the path ends, and why.
  public func node(at path: YAMLPath, inDocument index: Int = 0) throws(YAMLError) -> YAMLNode {
    try locate(path, inDocument: index).node
  }

  /// The text of the scalar at a path, whatever its type.
  /// - Throws: ``YAMLError`` as ``node(at:inDocument:)``, and when the node is no scalar.
  public func text(at path: YAMLPath, inDocument index: Int = 0) throws(YAMLError) -> String {
    let node = try node(at: path, inDocument: index)
    guard let text = node.text else { throw Self.notAScalar(node, path) }
    return text
  }

  func locate(_ path: YAMLPath, inDocument index: Int) throws(YAMLError) -> LocatedNode {
    guard documents.indices.contains(index) else {
      throw YAMLError(
        .noSuchDocument(index),
        "the file has \(documents.count) documents, none is number \(index + 1)",
        at: YAMLPlace(offset: 0, line: 1, column: 1)
      )
    }
    let document = documents[index]
    var node = document.root
    var found = LocatedNode(node: node, position: [], isInFlow: false)
    func note(_ node: YAMLNode) {
      if let anchor = node.anchor, document.referredAnchors.contains(anchor) { found.sharedAnchor = anchor }
    }
    note(node)
    for (number, step) in path.steps.enumerated() {
      let walk = PathWalk(path: path, number: number, node: node)
      let ordinal = try walk.ordinal(of: step)
      switch node.content {
      case .mapping(let pairs, let style):
        if let key = pairs[ordinal].key.text, walk.entries(of: key, in: pairs).count > 1 {
          found.duplicateKey = (key, number)
        }
        node = pairs[ordinal].value
        if style == .flow { found.isInFlow = true }
      case .sequence(let elements, let style):
        node = elements[ordinal]
        if style == .flow { found.isInFlow = true }
      case .scalar, .alias: throw walk.notAMapping
      }
      found.position.append(ordinal)
      note(node)
    }
    return LocatedNode(
      node: node,
      position: found.position,
      isInFlow: found.isInFlow,
      sharedAnchor: found.sharedAnchor,
      duplicateKey: found.duplicateKey
    )
  }

  static func notAScalar(_ node: YAMLNode, _ path: YAMLPath) -> YAMLError {
    if case .alias(let name) = node.content {
      return YAMLError(
        .throughAlias(name, step: path.steps.count),
        "\(quoted(path.description)) is the alias \(quoted(name)): its value belongs to the anchor",
        at: node.place
      )
    }
    return YAMLError(.notAScalar, "\(quoted(path.description)) is \(node.kindName), not a scalar", at: node.place)
  }
}

/// One step of a path at the node it was led to.
private struct PathWalk {
  let path: YAMLPath
  let number: Int
  let node: YAMLNode

  func ordinal(of step: YAMLPath.Step) throws(YAMLError) -> Int {
    switch step {
    case .key(let key): return try ordinal(ofKey: key)
    case .entry(let ordinal):
      let pairs = try pairs()
      guard pairs.indices.contains(ordinal) else {
        throw error(.missingIndex(ordinal, step: number), "has \(pairs.count) entries, none is `#\(ordinal)`")
      }
      return ordinal
    case .index(let index):
      let elements = try elements()
      guard elements.indices.contains(index) else {
        throw error(.missingIndex(index, step: number), "has \(elements.count) elements, none is `\(index)`")
      }
      return index
    case .match(let key, let value): return try ordinal(ofMatch: key, value)
    }
  }

  func entries(of key: String, in pairs: [YAMLPair]) -> [Int] {
    pairs.indices.filter { index in pairs[index].key.text.map { sameBytes($0, key) } ?? false }
  }

  private func ordinal(ofKey key: String) throws(YAMLError) -> Int {
    let pairs = try pairs()
    let found = entries(of: key, in: pairs)
    guard let first = found.first else {
      if pairs.contains(where: Self.isMerge) {
        throw error(
          .throughMerge(key, step: number),
          "has no key \(quoted(key)) of its own, but a merge key that may bring it"
        )
      }
      throw error(.missingKey(key, step: number), "has no key \(quoted(key))")
    }
    guard found.count == 1 else {
      throw YAMLError(
        .duplicateKey(key, step: number),
        "\(place) has the key \(quoted(key)) \(found.count) times",
        at: pairs[found[1]].key.place
      )
    }
    return first
  }

  private func ordinal(ofMatch key: String, _ value: String) throws(YAMLError) -> Int {
    let elements = try elements()
    var found: [Int] = []
    for (index, element) in elements.enumerated() {
      if case .alias(let name) = element.content {
        throw error(.throughAlias(name, step: number), "has the alias \(quoted(name)), which may match or not")
      }
      guard let pairs = element.pairs else { continue }
      let matching = entries(of: key, in: pairs)
      guard matching.count < 2 else {
        throw YAMLError(
          .duplicateKey(key, step: number),
          "an element of \(place) has the key \(quoted(key)) twice",
          at: pairs[matching[1]].key.place
        )
      }
      guard let entry = matching.first else {
        if let merge = pairs.first(where: Self.isMerge) {
          throw YAMLError(
            .throughMerge(key, step: number),
            "an element of \(place) has no key \(quoted(key)) of its own, but a merge key that may bring it",
            at: merge.key.place
          )
        }
        continue
      }
      if case .alias(let name) = pairs[entry].value.content {
        throw error(.throughAlias(name, step: number), "has the alias \(quoted(name)), which may match or not")
      }
      if let text = pairs[entry].value.text, sameBytes(text, value) { found.append(index) }
    }
    let wanted = "\(quoted(key)) \(quoted(value))"
    guard let first = found.first else {
      throw error(.noMatch(step: number), "has no element with \(wanted)")
    }
    guard found.count == 1 else {
      throw YAMLError(
        .matchedTwice(step: number),
        "\(place) has \(found.count) elements with \(wanted)",
        at: elements[found[1]].place
      )
    }
    return first
  }

  private static func isMerge(_ pair: YAMLPair) -> Bool {
    if case .scalar("<<", style: .plain) = pair.key.content { true } else { false }
  }

  private func pairs() throws(YAMLError) -> [YAMLPair] {
    if case .alias = node.content { throw throughAlias }
    guard let pairs = node.pairs else { throw notAMapping }
    return pairs
  }

  private func elements() throws(YAMLError) -> [YAMLNode] {
    if case .alias = node.content { throw throughAlias }
    guard let elements = node.elements else {
      throw error(.notASequence(step: number), "is \(node.kindName), not a sequence")
    }
    return elements
  }

  var notAMapping: YAMLError { error(.notAMapping(step: number), "is \(node.kindName), not a mapping") }

  private var throughAlias: YAMLError {
    guard case .alias(let name) = node.content else { return notAMapping }
    return error(.throughAlias(name, step: number), "is the alias \(quoted(name)): what follows belongs to the anchor")
  }

  private var place: String {
    number == 0 ? "the document" : quoted(YAMLPath(Array(path.steps[..<number])).description)
  }

  private func error(_ reason: YAMLError.Reason, _ what: String) -> YAMLError {
    YAMLError(reason, "\(place) \(what)", at: node.place)
  }
}
