/// A document of the stream with what its editing must know.
struct ComposedDocument: Sendable {
  let root: YAMLNode
  /// The anchors that an alias of this document refers to.
  let referredAnchors: Set<String>
}

/// Builds the trees from events. Aliases stay nodes of their own, so that no input grows by being read.
struct Composer {
  private let events: [YAMLEvent]
  private let scalarTokens: [Range<Int>]
  private let map: SourceMap
  private var nextEvent = 0
  private var nextToken = 0
  private var anchors: Set<String> = []
  private var referred: Set<String> = []
  private(set) var duplicates: [YAMLDuplicateKey] = []
  private(set) var documents: [ComposedDocument] = []

  init(_ source: LibYAML) throws(YAMLError) {
    events = try source.events()
    scalarTokens = try source.scalarTokens()
    map = source.map
    while nextEvent < events.count {
      let event = events[nextEvent]
      nextEvent += 1
      guard case .documentStart = event.kind else { continue }
      anchors = []
      referred = []
      let root = try node()
      documents.append(ComposedDocument(root: root, referredAnchors: referred))
    }
  }

  private mutating func node() throws(YAMLError) -> YAMLNode {
    let event = events[nextEvent]
    nextEvent += 1
    let place = map.place(ofCodePoint: event.marks.lowerBound)
    if let anchor = event.anchor { anchors.insert(anchor) }
    let content: YAMLNode.Content
    var end = map.byteOffset(ofCodePoint: event.marks.upperBound)
    var contentSpan: Range<Int>?
    switch event.kind {
    case .scalar(let text, let style):
      content = .scalar(text, style: style)
      contentSpan = scalarSpan(isMissing: style == .plain && text.isEmpty, end: end)
    case .alias(let name):
      guard anchors.contains(name) else {
        throw YAMLError(.undefinedAlias(name), "the alias \(quoted(name)) has no anchor before it", at: place)
      }
      referred.insert(name)
      content = .alias(name)
    case .sequenceStart(let style):
      var elements: [YAMLNode] = []
      while !atCollectionEnd { elements.append(try node()) }
      content = .sequence(elements, style: style)
      end = collectionEnd(style, last: elements.last, start: place.offset)
    case .mappingStart(let style):
      var pairs: [YAMLPair] = []
      while !atCollectionEnd {
        let key = try node()
        pairs.append(YAMLPair(key: key, value: try node()))
      }
      content = .mapping(pairs, style: style)
      end = collectionEnd(style, last: pairs.last?.value, start: place.offset)
      noteDuplicates(pairs)
    case .documentStart, .collectionEnd, .other:
      throw YAMLError(.syntax, "not valid YAML", at: place)
    }
    let span = place.offset..<max(place.offset, end)
    return YAMLNode(
      content: content,
      tag: event.tag,
      anchor: event.anchor,
      place: place,
      span: span,
      contentSpan: contentSpan ?? span
    )
  }

  private var atCollectionEnd: Bool {
    if case .collectionEnd = events[nextEvent].kind { true } else { false }
  }

  /// Passes the event of the end. A block collection's mark is at whatever follows it, so its last child tells.
  private mutating func collectionEnd(_ style: YAMLCollectionStyle, last: YAMLNode?, start: Int) -> Int {
    let event = events[nextEvent]
    nextEvent += 1
    return switch style {
    case .flow: map.byteOffset(ofCodePoint: event.marks.upperBound)
    case .block: last?.span.upperBound ?? start
    }
  }

  /// A missing value has no token; it stands after its anchor or tag, if it has one.
  private mutating func scalarSpan(isMissing: Bool, end: Int) -> Range<Int> {
    guard !isMissing, nextToken < scalarTokens.count else { return end..<end }
    let token = scalarTokens[nextToken]
    nextToken += 1
    return map.byteOffset(ofCodePoint: token.lowerBound)..<map.byteOffset(ofCodePoint: token.upperBound)
  }

  private mutating func noteDuplicates(_ pairs: [YAMLPair]) {
    var seen: [[UInt8]: YAMLPlace] = [:]
    for pair in pairs {
      guard let key = pair.key.text else { continue }
      let identity = Array(key.utf8)
      if let first = seen[identity] {
        duplicates.append(
          YAMLDuplicateKey(key: key, document: documents.count, first: first, repeated: pair.key.place)
        )
      } else {
        seen[identity] = pair.key.place
      }
    }
  }
}
