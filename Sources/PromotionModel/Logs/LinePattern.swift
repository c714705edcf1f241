/// A regular expression over the bytes of one line: a line matches when it has a part that does, whatever the case.
///
/// Time is at most that of the line's length times the pattern's, whatever both are: what services write must not be able to
/// stop a run. So there is nothing in it that needs to try again: no references back, no looking around.
public struct LinePattern: Sendable {
  /// As it was written.
  public let text: String
  /// In small letters: what every line that matches has in it; empty when there is no such thing.
  public let literal: [UInt8]
  let program: [Instruction]

  enum Instruction: Hashable, Sendable {
    case byte(ByteSet)
    case split(Int, Int)
    case jump(Int)
    case start
    case end
    /// Between a byte of a word and one of none, or not.
    case boundary(Bool)
    case match
  }

  public struct Mistake: Error, Hashable, Sendable {
    public var message: String
    public init(message: String) { self.message = message }
  }

  /// The syntax: `.`, `[a-z]`, `[^…]`, `\d \w \s \b` and their opposites, `^`, `$`, `( | )`, `(?: )`, `* + ? {2,5}`; a backslash takes the
  /// next sign as it is.
  /// - Throws: ``Mistake`` for what is none, and for what would be too large.
  public init(_ text: String) throws(Mistake) {
    var parser = LinePatternParser(text)
    let tree = try parser.pattern()
    var program: [Instruction] = []
    try tree.emit(&program)
    program.append(.match)
    (self.text, self.program, literal) = (text, program, tree.literal)
  }

  /// What is longer is looked at up to here.
  public static let longestLine = 4096
  static let largestProgram = 1000

  public func matches(_ line: UnsafeRawBufferPointer) -> Bool {
    let line = UnsafeRawBufferPointer(rebasing: line.prefix(Self.longestLine))
    var machine = LinePatternMachine(program)
    for index in 0..<line.count where machine.step(line, index) { return true }
    return machine.end(line)
  }

  public func matches(_ line: some Sequence<UInt8>) -> Bool { Array(line).withUnsafeBytes { matches($0) } }
}

extension LinePattern: Hashable {
  public static func == (a: LinePattern, b: LinePattern) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A set of bytes.
struct ByteSet: Hashable, Sendable {
  private var words: SIMD4<UInt64> = .zero

  init() {}
  init(_ ranges: ClosedRange<UInt8>...) { for range in ranges { insert(range) } }

  mutating func insert(_ range: ClosedRange<UInt8>) {
    for byte in range { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  }

  mutating func formUnion(_ other: ByteSet) { words |= other.words }

  func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0 }

  var inverted: ByteSet {
    var result = self
    result.words = ~words
    return result
  }

  /// With both cases of each letter of which it has one.
  var folded: ByteSet {
    var result = self
    for letter in UInt8(ascii: "a")...UInt8(ascii: "z") where contains(letter) || contains(letter & ~0x20) {
      result.insert(letter...letter)
      result.insert((letter & ~0x20)...(letter & ~0x20))
    }
    return result
  }

  /// The one sign that it stands for, in small letters; nil for more than one.
  var single: UInt8? {
    let all = (UInt8.min...UInt8.max).filter { contains($0) }
    if all.count == 1 { return all[0] }
    return all.count == 2 && all[0] | 0x20 == all[1] && isLetter(all[1]) ? all[1] : nil
  }

  private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

  static let digits = ByteSet(0x30...0x39)
  static let word = ByteSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A)
  static let space = ByteSet(0x09...0x0D, 0x20...0x20)
  static let any = ByteSet(0...255)
}

/// All states that a pattern can be in at a place of a line, at once.
private struct LinePatternMachine {
  private let program: [LinePattern.Instruction]
  private var states: [Int] = []
  private var marks: [Int]
  private var generation = 0
  private var hasMatched = false
  private var stack: [Int] = []

  init(_ program: [LinePattern.Instruction]) {
    self.program = program
    marks = [Int](repeating: -1, count: program.count)
  }

  /// - Returns: whether the pattern matches up to here.
  mutating func step(_ line: UnsafeRawBufferPointer, _ index: Int) -> Bool {
    enter(line, index)
    if hasMatched { return true }
    let byte = line[index]
    let former = states
    states.removeAll(keepingCapacity: true)
    generation += 1
    for state in former {
      if case .byte(let set) = program[state], set.contains(byte) { add(state + 1, line, index + 1) }
    }
    return hasMatched
  }

  mutating func end(_ line: UnsafeRawBufferPointer) -> Bool {
    enter(line, line.count)
    return hasMatched
  }

  /// A match may begin at every place.
  private mutating func enter(_ line: UnsafeRawBufferPointer, _ index: Int) { add(0, line, index) }

  private mutating func add(_ first: Int, _ line: UnsafeRawBufferPointer, _ index: Int) {
    stack.append(first)
    while let state = stack.popLast() {
      guard marks[state] != generation else { continue }
      marks[state] = generation
      switch program[state] {
      case .byte: states.append(state)
      case .jump(let target): stack.append(target)
      case .split(let one, let other):
        stack.append(other)
        stack.append(one)
      case .start: if index == 0 { stack.append(state + 1) }
      case .end: if index == line.count { stack.append(state + 1) }
      case .boundary(let wanted):
        let before = index > 0 && ByteSet.word.contains(line[index - 1])
        let after = index < line.count && ByteSet.word.contains(line[index])
        if (before != after) == wanted { stack.append(state + 1) }
      case .match: hasMatched = true
      }
    }
  }
}
