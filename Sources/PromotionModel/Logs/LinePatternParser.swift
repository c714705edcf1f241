/// A pattern as a tree.
indirect enum LinePatternTree {
  case empty
  case byte(ByteSet)
  case start
  case end
  case boundary(Bool)
  case sequence([LinePatternTree])
  case either([LinePatternTree])
  case repeated(LinePatternTree, least: Int, most: Int?)

  func emit(_ program: inout [LinePattern.Instruction]) throws(LinePattern.Mistake) {
    guard program.count < LinePattern.largestProgram else { throw LinePattern.Mistake(message: "is too large") }
    switch self {
    case .empty: break
    case .byte(let set): program.append(.byte(set))
    case .start: program.append(.start)
    case .end: program.append(.end)
    case .boundary(let wanted): program.append(.boundary(wanted))
    case .sequence(let parts): for part in parts { try part.emit(&program) }
    case .either(let parts):
      var exits: [Int] = []
      for (index, part) in parts.enumerated() {
        guard index < parts.count - 1 else {
          try part.emit(&program)
          break
        }
        let split = program.count
        program.append(.jump(0))
        try part.emit(&program)
        exits.append(program.count)
        program.append(.jump(0))
        program[split] = .split(split + 1, program.count)
      }
      for exit in exits { program[exit] = .jump(program.count) }
    case .repeated(let part, let least, let most):
      for _ in 0..<least {
        let before = program.count
        try part.emit(&program)
        // Nothing again and again is nothing.
        if program.count == before { break }
      }
      guard let most else {
        let split = program.count
        program.append(.jump(0))
        try part.emit(&program)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
        return
      }
      var splits: [Int] = []
      for _ in 0..<max(0, most - least) {
        splits.append(program.count)
        program.append(.jump(0))
        try part.emit(&program)
      }
      for split in splits { program[split] = .split(split + 1, program.count) }
    }
  }

  /// The longest text, in small letters, that whatever matches has in it.
  var literal: [UInt8] {
    var best: [UInt8] = []
    var current: [UInt8] = []
    func finish() {
      if current.count > best.count { best = current }
      current = []
    }
    func visit(_ tree: LinePatternTree) {
      switch tree {
      case .empty, .start, .end, .boundary: break
      case .byte(let set):
        if let byte = set.single { current.append(byte) } else { finish() }
      case .sequence(let parts): for part in parts { visit(part) }
      case .either: finish()
      case .repeated(let part, let least, _):
        guard least > 0 else { return finish() }
        // Once for sure; what comes after it need not follow at once.
        visit(part)
        finish()
      }
    }
    visit(self)
    finish()
    return best
  }
}

struct LinePatternParser {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private typealias Mistake = LinePattern.Mistake

  mutating func pattern() throws(LinePattern.Mistake) -> LinePatternTree {
    guard !bytes.isEmpty else { throw Mistake(message: "is empty") }
    guard bytes.count <= 1000 else { throw Mistake(message: "is too large") }
    let tree = try either()
    guard place == bytes.count else { throw Mistake(message: "has a `)` that closes nothing") }
    return tree
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ sign: UInt8) -> Bool {
    guard next == sign else { return false }
    place += 1
    return true
  }

  private mutating func either() throws(LinePattern.Mistake) -> LinePatternTree {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 50 else { throw Mistake(message: "is nested too deeply") }
    var parts = [try sequence()]
    while take(UInt8(ascii: "|")) { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .either(parts)
  }

  private mutating func sequence() throws(LinePattern.Mistake) -> LinePatternTree {
    var parts: [LinePatternTree] = []
    while let sign = next, sign != UInt8(ascii: "|"), sign != UInt8(ascii: ")") { parts.append(try repeated()) }
    return parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repeated() throws(LinePattern.Mistake) -> LinePatternTree {
    var tree = try atom()
    while let sign = next {
      let (least, most): (Int, Int?)
      switch sign {
      case UInt8(ascii: "*"): (least, most) = (0, nil)
      case UInt8(ascii: "+"): (least, most) = (1, nil)
      case UInt8(ascii: "?"): (least, most) = (0, 1)
      case UInt8(ascii: "{"):
        guard let counts = counts() else { throw Mistake(message: "has a `{` without its counts, such as {2,5}") }
        (least, most) = counts
      case _: return tree
      }
      if sign != UInt8(ascii: "{") { place += 1 }
      // Whether the shortest or the longest comes first changes nothing here.
      _ = take(UInt8(ascii: "?"))
      tree = .repeated(tree, least: least, most: most)
    }
    return tree
  }

  /// `{2}`, `{2,}`, `{2,5}`
  private mutating func counts() -> (Int, Int?)? {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
    let parts = bytes[(place + 1)..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count <= 2, let least = Int(parts[0]), (0...200).contains(least) else { return nil }
    place = end + 1
    guard parts.count == 2 else { return (least, least) }
    if parts[1].isEmpty { return (least, nil) }
    guard let most = Int(parts[1]), (least...200).contains(most) else { return nil }
    return (least, most)
  }

  private mutating func atom() throws(LinePattern.Mistake) -> LinePatternTree {
    let sign = bytes[place]
    place += 1
    switch sign {
    case UInt8(ascii: "."): return .byte(.any)
    case UInt8(ascii: "^"): return .start
    case UInt8(ascii: "$"): return .end
    case UInt8(ascii: "["): return .byte(try set())
    case UInt8(ascii: "("):
      if take(UInt8(ascii: "?")), !take(UInt8(ascii: ":")) {
        throw Mistake(message: "has a `(?` that is not understood; `(?:…)` is")
      }
      let tree = try either()
      guard take(UInt8(ascii: ")")) else { throw Mistake(message: "has a `(` that is not closed") }
      return tree
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
      throw Mistake(message: "repeats nothing before `\(Character(Unicode.Scalar(sign)))`")
    case UInt8(ascii: "\\"):
      switch next {
      case UInt8(ascii: "b"): return escaped(.boundary(true))
      case UInt8(ascii: "B"): return escaped(.boundary(false))
      case _: return .byte(try escape().folded)
      }
    case _: return .byte(ByteSet(sign...sign).folded)
    }
  }

  private mutating func escaped(_ tree: LinePatternTree) -> LinePatternTree {
    place += 1
    return tree
  }

  private mutating func escape() throws(LinePattern.Mistake) -> ByteSet {
    guard let sign = next else { throw Mistake(message: "ends with a backslash") }
    place += 1
    switch sign {
    case UInt8(ascii: "d"): return .digits
    case UInt8(ascii: "D"): return ByteSet.digits.inverted
    case UInt8(ascii: "w"): return .word
    case UInt8(ascii: "W"): return ByteSet.word.inverted
    case UInt8(ascii: "s"): return .space
    case UInt8(ascii: "S"): return ByteSet.space.inverted
    case UInt8(ascii: "t"): return ByteSet(9...9)
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
      throw Mistake(message: "has `\\\(Character(Unicode.Scalar(sign)))`, which is not understood")
    case _: return ByteSet(sign...sign)
    }
  }

  /// Behind `[`.
  private mutating func set() throws(LinePattern.Mistake) -> ByteSet {
    let isInverted = take(UInt8(ascii: "^"))
    var set = ByteSet()
    var isFirst = true
    while let sign = next, sign != UInt8(ascii: "]") || isFirst {
      isFirst = false
      place += 1
      guard sign < 0x80 else { throw Mistake(message: "has a sign in `[…]` that is not ASCII") }
      if sign == UInt8(ascii: "\\") {
        set.formUnion(try escape())
        continue
      }
      var last = sign
      if next == UInt8(ascii: "-"), place + 1 < bytes.count, bytes[place + 1] != UInt8(ascii: "]") {
        last = bytes[place + 1]
        place += 2
      }
      guard last >= sign, last < 0x80, last != UInt8(ascii: "\\") else {
        throw Mistake(message: "has a range in `[…]` that runs backwards")
      }
      set.insert(sign...last)
    }
    guard take(UInt8(ascii: "]")) else { throw Mistake(message: "has a `[` that is not closed") }
    let folded = set.folded
    return isInverted ? folded.inverted : folded
  }
}
