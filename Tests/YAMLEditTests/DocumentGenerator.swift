/// Sebastiano Vigna's SplitMix64: the same numbers for the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }
}

/// Writes YAML files of the pieces that are easy to get wrong.
struct DocumentGenerator {
  var random: SplitMix64
  private var lines: [String] = []
  private var anchors: [String] = []
  private var names = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  static let texts = [
    "", "x", "api-v1.2.3", "1.10", "true", "null", "~", "0x1f", "2024-01-02", "off", "a: b", "a #b", "#a", "- a",
    "it's",
    "say \"hi\"", "back\\slash", "two\nlines", "two\nlines\n", "\n", "\n\nx\n\n", " lead", "trail ", "\ttab", "a\tb",
    "😀 é",
    "e\u{301}", "{x}", "[x", "x]", "a, b", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "?", "? a", ":", ": a", "a:",
    "---",
    "--- a", "...", "<<", "=", "\u{2028}", "\u{FEFF}", "http://h:1/p?q=r#s", "'", "\"", "a\n b\nc", "a\n\n\nb", "  \nx",
    "x\n  \n",
    "1:30", "123e456", "${{ x }}", String(repeating: "long ", count: 250) + "end",
  ]

  mutating func file() -> [UInt8] {
    lines = []
    for number in 0..<Int.random(in: 1...3, using: &random) {
      anchors = []
      if number > 0 || Bool.random(using: &random) { lines.append("---" + comment()) }
      noise("")
      if Int.random(in: 0...5, using: &random) == 0 { sequence("", depth: 0) } else { mapping("", depth: 0) }
      if Int.random(in: 0...3, using: &random) == 0 { lines.append("...") }
    }
    let lineEnd = random.pick(["\n", "\n", "\r\n", "\r"])
    var text = lines.joined(separator: lineEnd)
    if Bool.random(using: &random) { text += lineEnd }
    return (Int.random(in: 0...3, using: &random) == 0 ? [0xEF, 0xBB, 0xBF] : []) + Array(text.utf8)
  }

  private mutating func mapping(_ indent: String, depth: Int, first: String? = nil) {
    for number in 0..<Int.random(in: 1...5, using: &random) {
      names += 1
      let key = random.pick(["key", "'quoted ", "\"double 😀 ", "dotted.", "é"])
      let end = key.hasPrefix("'") ? "'" : key.hasPrefix("\"") ? "\"" : ""
      value((number == 0 ? first : nil) ?? indent, "\(key)\(names)\(end):", within: indent, depth: depth)
      noise(indent)
    }
  }

  private mutating func sequence(_ indent: String, depth: Int) {
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if depth < 4, Int.random(in: 0...2, using: &random) == 0 {
        mapping(indent + "  ", depth: depth + 1, first: indent + "- ")
      } else {
        value(indent, "-", within: indent, depth: depth)
      }
      noise(indent)
    }
  }

  /// A value after a key or a dash, with all that may stand around it.
  private mutating func value(_ start: String, _ head: String, within indent: String, depth: Int) {
    let inner = indent + random.pick([" ", "  ", "    "])
    if !anchors.isEmpty, Int.random(in: 0...11, using: &random) == 0 {
      lines.append(start + head + " *" + random.pick(anchors) + comment())
      return
    }
    // libyaml takes no tab right after a dash.
    let comment = head == "-" ? random.pick(["", " # comment"]) : comment()
    let lead = start + head + properties()
    switch Int.random(in: 0...10, using: &random) {
    case 0: lines.append(lead + comment)
    case 1 where depth < 4:
      lines.append(lead + comment)
      mapping(inner, depth: depth + 1)
    case 2 where depth < 4:
      lines.append(lead + comment)
      sequence(inner, depth: depth + 1)
    case 3: block(lead, inner)
    case 4: lines.append(lead + " " + flow(depth: 0) + comment)
    case 5:
      lines.append(lead + random.pick([" plain", " \"double", " 'single"]))
      let closing =
        lines[lines.count - 1].hasSuffix(" \"double") ? "\"" : lines[lines.count - 1].hasSuffix("'single") ? "'" : ""
      if Bool.random(using: &random) { lines.append("") }
      lines.append(inner + "over lines" + closing + comment)
    default: lines.append(lead + random.pick([" ", "  ", head == "-" ? " " : " \t"]) + scalar() + comment)
    }
  }

  private mutating func block(_ lead: String, _ indent: String) {
    let header = random.pick(["|", ">"]) + random.pick(["", "-", "+"])
    lines.append(lead + " " + header + random.pick(["", "", " # of the block"]))
    var hasText = false
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let line = random.pick(["text", "# no comment", "key: value", "- item", "", "  more", "😀 é", "trail  "])
      if !line.isEmpty, !line.hasPrefix(" ") { hasText = true }
      lines.append(line.isEmpty || !hasText ? "" : indent + line)
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) { lines.append("") }
  }

  private mutating func properties() -> String {
    names += 1
    switch Int.random(in: 0...9, using: &random) {
    case 0:
      anchors.append("anchor\(names)")
      return " &anchor\(names)"
    case 1: return " !custom"
    case 2:
      anchors.append("anchor\(names)")
      return " &anchor\(names) !<tag:example.com,2000:x>"
    default: return ""
    }
  }

  private mutating func scalar() -> String {
    random.pick([
      "plain", "api-v1.2.3", "1", "1.10", "true", "~", "null", "'single'", "'it''s'", "''", "\"double\"",
      "\"\\u263A \\\"\"",
      "\"\"", "two words", "http://host:80/", "😀", "a#b", "x:y", "-x", "\"# no comment\"", "'a: b'", "2024-01-02",
    ])
  }

  private mutating func flow(depth: Int) -> String {
    let space = random.pick(["", " "])
    let count = Int.random(in: 0...3, using: &random)
    var items: [String] = []
    let isMapping = Bool.random(using: &random)
    for _ in 0..<count {
      names += 1
      let item = depth < 3 && Int.random(in: 0...3, using: &random) == 0 ? flow(depth: depth + 1) : scalar()
      let key = random.pick(["k\(names): ", "\"k\(names)\": ", "\"k\(names)\":"])
      // After a plain-looking `:` a missing value needs the space that follows.
      items.append(isMapping ? key + (Int.random(in: 0...5, using: &random) == 0 ? " " : item) : item)
    }
    let inside = space + items.joined(separator: "," + random.pick([" ", "  "])) + space
    return isMapping ? "{" + inside + "}" : "[" + inside + "]"
  }

  private mutating func comment() -> String {
    random.pick(["", "", "", " # comment", "  # 😀: 'x\" &a *b", "\t# after a tab", "   "])
  }

  private mutating func noise(_ indent: String) {
    switch Int.random(in: 0...9, using: &random) {
    case 0: lines.append("")
    case 1: lines.append(indent + "# a line of comment")
    case 2: lines.append("# at the margin: {")
    default: break
    }
  }
}
