/// The one difference an edit may make, and the proof that it is the only one.
struct TreeChange {
  enum Kind {
    /// The scalar there has this text; its tag and anchor stay.
    case text(String)
    /// The mapping there has one pair more, the last.
    case appended(key: String, text: String)
  }

  let document: Int
  /// Ordinals of pairs and elements from the root.
  let position: [Int]
  let kind: Kind

  static func node(at position: [Int], from root: YAMLNode) -> YAMLNode? {
    var node = root
    for ordinal in position {
      switch node.content {
      case .mapping(let pairs, _) where pairs.indices.contains(ordinal): node = pairs[ordinal].value
      case .sequence(let elements, _) where elements.indices.contains(ordinal): node = elements[ordinal]
      case .mapping, .sequence, .scalar, .alias: return nil
      }
    }
    return node
  }

  /// Whether this change is made, and everything else is the same: texts, styles, tags, anchors, aliases, order.
  func isAll(from old: YAMLDocument, to new: YAMLDocument) -> Bool {
    guard old.documents.count == new.documents.count else { return false }
    return old.documents.indices.allSatisfy { index in
      same(old.documents[index].root, new.documents[index].root, index == document ? position[...] : nil)
    }
  }

  /// - Parameter rest: the way from here to the change; nil where the change is not below.
  private func same(_ old: YAMLNode, _ new: YAMLNode, _ rest: ArraySlice<Int>?) -> Bool {
    guard sameName(old.tag, new.tag), sameName(old.anchor, new.anchor) else { return false }
    if let rest, rest.isEmpty { return isMade(old, new) }
    func below(_ ordinal: Int) -> ArraySlice<Int>? {
      rest.flatMap { $0.first == ordinal ? $0.dropFirst() : nil }
    }
    switch (old.content, new.content) {
    case (.scalar(let oldText, let oldStyle), .scalar(let newText, let newStyle)):
      return sameBytes(oldText, newText) && oldStyle == newStyle
    case (.alias(let oldName), .alias(let newName)): return sameBytes(oldName, newName)
    case (.sequence(let oldElements, let oldStyle), .sequence(let newElements, let newStyle)):
      return oldStyle == newStyle && oldElements.count == newElements.count
        && oldElements.indices.allSatisfy { same(oldElements[$0], newElements[$0], below($0)) }
    case (.mapping(let oldPairs, let oldStyle), .mapping(let newPairs, let newStyle)):
      return oldStyle == newStyle && oldPairs.count == newPairs.count
        && oldPairs.indices.allSatisfy { samePair(oldPairs[$0], newPairs[$0], below($0)) }
    case (.scalar, _), (.alias, _), (.sequence, _), (.mapping, _): return false
    }
  }

  private func samePair(_ old: YAMLPair, _ new: YAMLPair, _ rest: ArraySlice<Int>?) -> Bool {
    same(old.key, new.key, nil) && same(old.value, new.value, rest)
  }

  private func isMade(_ old: YAMLNode, _ new: YAMLNode) -> Bool {
    switch kind {
    case .text(let text):
      return old.text != nil && new.text.map { sameBytes($0, text) } ?? false
    case .appended(let key, let text):
      guard case .mapping(let oldPairs, let oldStyle) = old.content,
        case .mapping(let newPairs, let newStyle) = new.content,
        oldStyle == newStyle, newPairs.count == oldPairs.count + 1, let added = newPairs.last
      else { return false }
      let isAdded =
        [added.key, added.value].allSatisfy { $0.tag == nil && $0.anchor == nil && $0.scalarType == .string }
        && added.key.text.map { sameBytes($0, key) } ?? false && added.value.text.map { sameBytes($0, text) } ?? false
      return isAdded && oldPairs.indices.allSatisfy { samePair(oldPairs[$0], newPairs[$0], nil) }
    }
  }

  private func sameName(_ left: String?, _ right: String?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let left?, let right?): sameBytes(left, right)
    case (nil, _), (_, nil): false
    }
  }
}
