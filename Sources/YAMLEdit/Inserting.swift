extension YAMLDocument {
  /// The file with one more key, after the last of an existing mapping.
  ///
  /// In a block mapping the new line has the indentation of the last key and the line ends of the file; in a flow
  /// mapping, which must stand on one line, the pair follows the last one.
  /// - Parameter path: ends in the new key; what is before it leads to the mapping.
  /// - Throws: ``YAMLError``: there is no such mapping, the key is there already, or the result did not read back as
  ///   exactly this change; as ``replacing(_:with:inDocument:)`` for aliases, duplicates and control characters.
  public func inserting(
    _ path: YAMLPath,
    text: String,
    inDocument index: Int = 0
  ) throws(YAMLError) -> [UInt8] {
    guard case .key(let key)? = path.steps.last else {
      throw YAMLError(
        .notAKey,
        "\(quoted(path.description)) does not end in a key",
        at: YAMLPlace(offset: 0, line: 1, column: 1)
      )
    }
    let parentPath = YAMLPath(path.steps.dropLast())
    let parent = try editable(parentPath, inDocument: index)
    guard case .mapping(let pairs, let style) = parent.node.content else {
      if case .alias = parent.node.content { throw Self.notAScalar(parent.node, parentPath) }
      throw YAMLError(
        .notAMapping(step: parentPath.steps.count),
        "\(quoted(parentPath.description)) is \(parent.node.kindName), not a mapping",
        at: parent.node.place
      )
    }
    guard parent.node[key] == nil else {
      throw YAMLError(.keyExists(key), "\(quoted(path.description)) is there already", at: parent.node.place)
    }
    try ScalarWriting.check(key, for: parent.node)
    try ScalarWriting.check(text, for: parent.node)
    let inFlow = style == .flow
    let pair = ScalarWriting.fresh(key, inFlow: inFlow) + ": " + ScalarWriting.fresh(text, inFlow: inFlow)
    let patch = inFlow ? flowPatch(pair, parent.node, pairs) : blockPatch(pair, pairs)
    let change = TreeChange(document: index, position: parent.position, kind: .appended(key: key, text: text))
    return try firstRight(patch.map { [[$0]] } ?? [], change, path: path, place: parent.node.place).bytes
  }

  /// The file with a text at a path: ``replacing(_:with:inDocument:)`` where the key is there,
  /// ``inserting(_:text:inDocument:)`` where only its mapping is.
  public func setting(_ path: YAMLPath, to text: String, inDocument index: Int = 0) throws(YAMLError) -> [UInt8] {
    do throws(YAMLError) {
      return try replacing(path, with: text, inDocument: index)
    } catch {
      guard case .missingKey(_, let step) = error.reason, step == path.steps.count - 1 else { throw error }
      return try inserting(path, text: text, inDocument: index)
    }
  }

  private func flowPatch(_ pair: String, _ mapping: YAMLNode, _ pairs: [YAMLPair]) -> Patch? {
    guard !bytes[mapping.span].contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return nil }
    guard let last = pairs.last else {
      return Patch((mapping.span.upperBound - 1)..<mapping.span.upperBound, pair + "}")
    }
    let end = last.value.span.upperBound
    return Patch(end..<end, ", " + pair)
  }

  private func blockPatch(_ pair: String, _ pairs: [YAMLPair]) -> Patch? {
    guard let last = pairs.last else { return nil }
    let line = String(repeating: " ", count: last.key.place.column - 1) + pair
    let lineEnd = LineEnd.first(in: bytes)
    var end = last.value.span.upperBound
    // A block scalar's end is the start of a line, after blank lines that belong to it only with `+`.
    if let block = lastScalar(of: last.value), let text = block.text, isBlock(block), end > 0 {
      let keepsBlankLines = bytes[block.contentSpan].prefix { $0 != 0x0A && $0 != 0x0D }.contains(UInt8(ascii: "+"))
      if !keepsBlankLines, !text.isEmpty {
        while end > 0, [0x20, 0x0A, 0x0D].contains(bytes[end - 1]) { end -= 1 }
      } else if LineEnd.at(end - 1, in: bytes) != nil {
        return Patch(end..<end, line + lineEnd)
      }
    }
    let endOfLine = LineEnd.endOfLine(from: end, in: bytes)
    return Patch(endOfLine..<endOfLine, lineEnd + line)
  }

  private func isBlock(_ node: YAMLNode) -> Bool {
    guard case .scalar(_, let style) = node.content else { return false }
    return style == .literal || style == .folded
  }

  /// The node that ends a node in block style.
  private func lastScalar(of node: YAMLNode) -> YAMLNode? {
    switch node.content {
    case .scalar: node
    case .mapping(let pairs, style: .block): pairs.last.flatMap { lastScalar(of: $0.value) }
    case .sequence(let elements, style: .block): elements.last.flatMap { lastScalar(of: $0) }
    case .mapping, .sequence, .alias: nil
    }
  }
}
