internal import CLibYAML

/// One event of libyaml, copied out of its memory. Marks are code points from the start of the text.
struct YAMLEvent {
  enum Kind {
    case documentStart
    case scalar(String, YAMLScalarStyle)
    case alias(String)
    case sequenceStart(YAMLCollectionStyle)
    case mappingStart(YAMLCollectionStyle)
    case collectionEnd
    /// Ends of documents and of the stream, its start.
    case other
  }

  let kind: Kind
  let anchor: String?
  let tag: String?
  let marks: Range<Int>
}

/// The one room that talks to libyaml. Each parser, event and token is deleted on every way out.
struct LibYAML {
  let bytes: [UInt8]
  let map: SourceMap
  let limits: YAMLLimits

  /// The events of the stream.
  func events() throws(YAMLError) -> [YAMLEvent] {
    var result: [YAMLEvent] = []
    var depth = 0
    var nodes = 0
    try withParser { (parser) throws(YAMLError) in
      var ended = false
      while !ended {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw failure(of: parser.pointee) }
        defer { yaml_event_delete(&raw) }
        ended = raw.type == YAML_STREAM_END_EVENT
        let event = Self.copy(raw)
        switch event.kind {
        case .scalar, .alias: nodes += 1
        case .sequenceStart, .mappingStart:
          nodes += 1
          depth += 1
        case .collectionEnd: depth -= 1
        case .documentStart, .other: break
        }
        if depth > limits.depth {
          throw YAMLError(
            .tooDeep(limit: limits.depth),
            "nested deeper than \(limits.depth) levels",
            at: map.place(ofCodePoint: event.marks.lowerBound)
          )
        }
        if nodes > limits.nodes {
          throw YAMLError(
            .tooManyNodes(limit: limits.nodes),
            "more than \(limits.nodes) nodes",
            at: map.place(ofCodePoint: event.marks.lowerBound)
          )
        }
        result.append(event)
      }
    }
    return result
  }

  /// The marks of the stream's scalars without their anchors and tags, in order; missing values have none.
  /// An event's marks begin at the anchor or tag, only the token's at the text itself.
  func scalarTokens() throws(YAMLError) -> [Range<Int>] {
    var result: [Range<Int>] = []
    try withParser { (parser) throws(YAMLError) in
      var ended = false
      while !ended {
        var token = yaml_token_t()
        guard yaml_parser_scan(parser, &token) == 1 else { throw failure(of: parser.pointee) }
        defer { yaml_token_delete(&token) }
        ended = token.type == YAML_STREAM_END_TOKEN
        if token.type == YAML_SCALAR_TOKEN { result.append(Self.marks(token.start_mark, token.end_mark)) }
      }
    }
    return result
  }

  private func withParser(
    _ body: (UnsafeMutablePointer<yaml_parser_t>) throws(YAMLError) -> Void
  ) throws(YAMLError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { throw outOfMemory }
    defer { yaml_parser_delete(parser) }
    try bytes.withUnsafeBufferPointer { (buffer) throws(YAMLError) in
      // The byte order mark is left out here and the encoding set: libyaml would guess UTF-16, and would count
      // the mark as a column.
      let text = UnsafeBufferPointer(rebasing: buffer[map.base...])
      var nothing: UInt8 = 0
      if let start = text.baseAddress {
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, start, text.count)
        try body(parser)
      } else {
        try withUnsafePointer(to: &nothing) { (start) throws(YAMLError) in
          yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
          yaml_parser_set_input_string(parser, start, 0)
          try body(parser)
        }
      }
    }
  }

  private var outOfMemory: YAMLError {
    YAMLError(.outOfMemory, "no memory to read the file", at: map.place(ofCodePoint: 0))
  }

  private func failure(of parser: yaml_parser_t) -> YAMLError {
    if parser.error == YAML_MEMORY_ERROR { return outOfMemory }
    var message = parser.problem.map { Self.sanitised(String(cString: $0)) } ?? "not valid YAML"
    if parser.error == YAML_READER_ERROR {
      return YAMLError(.syntax, message, at: map.place(ofByte: map.base + parser.problem_offset))
    }
    if let context = parser.context {
      let start = map.place(ofCodePoint: parser.context_mark.index)
      message += " " + Self.sanitised(String(cString: context)) + " that starts at \(start.line):\(start.column)"
    }
    return YAMLError(.syntax, message, at: map.place(ofCodePoint: parser.problem_mark.index))
  }

  private static func sanitised(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter(isPresentable)))
  }

  private static func marks(_ start: yaml_mark_t, _ end: yaml_mark_t) -> Range<Int> {
    start.index..<max(start.index, end.index)
  }

  private static func copy(_ event: yaml_event_t) -> YAMLEvent {
    var kind = YAMLEvent.Kind.other
    var anchor: UnsafeMutablePointer<yaml_char_t>?
    var tag: UnsafeMutablePointer<yaml_char_t>?
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      kind = .scalar(text, style(scalar.style))
      anchor = scalar.anchor
      tag = scalar.tag
    case YAML_ALIAS_EVENT:
      kind = .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      kind = .sequenceStart(start.style == YAML_FLOW_SEQUENCE_STYLE ? .flow : .block)
      anchor = start.anchor
      tag = start.tag
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      kind = .mappingStart(start.style == YAML_FLOW_MAPPING_STYLE ? .flow : .block)
      anchor = start.anchor
      tag = start.tag
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
    default: break
    }
    return YAMLEvent(
      kind: kind,
      anchor: string(anchor),
      tag: string(tag),
      marks: marks(event.start_mark, event.end_mark)
    )
  }

  private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalarStyle {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }
}
