extension YAMLDocument {
  /// The file with another text in one scalar; every other byte stays.
  ///
  /// The style of the scalar stays where the text can be written in it. A plain scalar gets double quotes when the
  /// text would no longer be read as a string (`1.10`, `true`, `0x1f`), unless it was of that same type before. The
  /// result was read again, and differs from this file in that scalar's value alone.
  /// - Throws: ``YAMLError``: the path leads nowhere, through an alias or over a duplicate key; the node is no scalar,
  ///   or an alias elsewhere repeats it; the text has control characters, or cannot be written there.
  public func replacing(
    _ path: YAMLPath,
    with text: String,
    inDocument index: Int = 0
  ) throws(YAMLError) -> [UInt8] {
    try replacing([(path, text)], inDocument: index)
  }

  /// The file with other texts in several scalars. All paths are followed in this file, as it is before any edit.
  /// - Throws: as ``replacing(_:with:inDocument:)``, and when two paths lead to one scalar.
  public func replacing(
    _ edits: [(path: YAMLPath, text: String)],
    inDocument index: Int = 0
  ) throws(YAMLError) -> [UInt8] {
    var targets: [LocatedNode] = []
    for edit in edits {
      let target = try editable(edit.path, inDocument: index)
      guard target.node.text != nil else { throw Self.notAScalar(target.node, edit.path) }
      guard !targets.contains(where: { $0.position == target.position }) else {
        throw YAMLError(.editedTwice, "\(quoted(edit.path.description)) is edited twice", at: target.node.place)
      }
      try ScalarWriting.check(edit.text, for: target.node)
      targets.append(target)
    }
    var current = self
    for (target, edit) in zip(targets, edits) {
      current = try current.replacing(target, with: edit.text, path: edit.path, inDocument: index)
    }
    return current.bytes
  }

  /// The node at a path, if editing it changes nothing else.
  func editable(_ path: YAMLPath, inDocument index: Int) throws(YAMLError) -> LocatedNode {
    let found = try locate(path, inDocument: index)
    if let (key, step) = found.duplicateKey {
      throw YAMLError(
        .duplicateKey(key, step: step),
        "\(quoted(path.description)) leads over the key \(quoted(key)), which stands twice",
        at: found.node.place
      )
    }
    if let anchor = found.sharedAnchor {
      throw YAMLError(
        .sharedByAlias(anchor),
        "\(quoted(path.description)) is repeated elsewhere by the alias \(quoted(anchor)), which would change with it",
        at: found.node.place
      )
    }
    return found
  }

  private func replacing(
    _ target: LocatedNode,
    with text: String,
    path: YAMLPath,
    inDocument index: Int
  ) throws(YAMLError) -> YAMLDocument {
    // An edit before this one may have moved it: its position in the tree has not changed, its bytes have.
    let node = TreeChange.node(at: target.position, from: documents[index].root)
    guard let node, case .scalar(let old, let style) = node.content else {
      throw YAMLError(.notAScalar, "\(quoted(path.description)) is no scalar", at: target.node.place)
    }
    if sameBytes(old, text) { return self }
    if let tag = node.tag, let type = node.scalarType, type != .string, type != YAMLScalarType(plain: text) {
      throw YAMLError(
        .contradictsTag(tag),
        "\(quoted(path.description)) is tagged as \(type.name), \(quoted(text)) is not",
        at: node.place
      )
    }
    let change = TreeChange(document: index, position: target.position, kind: .text(text))
    let candidates = candidates(for: node, style: style, text: text, inFlow: target.isInFlow)
    return try firstRight(candidates, change, path: path, place: node.place)
  }

  /// The first way of writing that reads back as exactly this change.
  func firstRight(
    _ candidates: [[Patch]],
    _ change: TreeChange,
    path: YAMLPath,
    place: YAMLPlace
  ) throws(YAMLError) -> YAMLDocument {
    var refusal: YAMLError?
    for patches in candidates {
      do throws(YAMLError) {
        let result = try YAMLDocument(bytes: Patch.apply(patches, to: bytes), limits: limits)
        if change.isAll(from: self, to: result) { return result }
      } catch {
        refusal = refusal ?? error
      }
    }
    if let refusal, case .tooLarge = refusal.reason { throw refusal }
    throw YAMLError(
      .unwritable,
      "the new value of \(quoted(path.description)) cannot be written there without changing more",
      at: place
    )
  }

  private func candidates(
    for node: YAMLNode,
    style: YAMLScalarStyle,
    text: String,
    inFlow: Bool
  ) -> [[Patch]] {
    let span = node.contentSpan
    let doubleQuoted = ScalarWriting.doubleQuoted(text)
    switch style {
    case .doubleQuoted: return [[Patch(span, doubleQuoted)]]
    case .singleQuoted:
      return [ScalarWriting.singleQuoted(text), doubleQuoted].compactMap { $0 }.map { [Patch(span, $0)] }
    case .plain:
      let type = YAMLScalarType(plain: text)
      let keepsType = node.tag != nil || type == .string || (type == node.scalarType && type != .null)
      let plain = keepsType ? ScalarWriting.plain(text, inFlow: inFlow) : nil
      // A missing value has no bytes; it stands right after the colon, the dash, the anchor or the tag, in flow
      // collections after the blanks that follow.
      let isGapNeeded = span.isEmpty && span.lowerBound > 0 && ![0x20, 0x09].contains(bytes[span.lowerBound - 1])
      let gap = isGapNeeded ? " " : ""
      return [plain, doubleQuoted].compactMap { $0 }.map { [Patch(span, gap + $0)] }
    case .literal, .folded:
      guard let block = BlockScalarWriting(node, in: bytes) else {
        return [[Patch(span, doubleQuoted)]]
      }
      return block.candidates(text) + [block.quoted(text)]
    }
  }
}
