public import PromotionModel

/// The error lines of logs: how many, when, and of which kinds.
public struct ErrorLines: Hashable, Sendable {
  /// Lines that differ in nothing but numbers, times and ids.
  public struct Kind: Hashable, Sendable {
    public var count: Int
    /// When the first and the last of them were written, where they say so.
    public var first: Timestamp?
    public var last: Timestamp?
    /// The first of them, as it stands in the log: hostile bytes and all.
    public var example: [UInt8]
    /// What is the same in all of them.
    var folded: [UInt8]
  }

  public private(set) var count = 0
  /// The times of those that carry one, in the order of the log.
  public private(set) var times: [Timestamp] = []
  /// Lines that the configuration lets pass.
  public var tolerated = 0
  /// The time of the newest line, of any kind.
  public var newest: Timestamp?
  /// In the order in which they were met.
  public private(set) var kinds: [Kind] = []
  /// Lines of kinds that came after ``mostKinds`` others.
  public private(set) var others = 0
  /// Error lines that an allowance may let pass, and that nobody has counted yet.
  private var held = HeldLines()

  private var places: [UInt64: Int] = [:]

  /// More kinds than anybody reads; a service that writes nothing but noise must not fill the memory.
  public static let mostKinds = 1000
  /// Bytes of an example.
  public static let longestExample = 1024

  public init() {}

  /// The most frequent kinds first.
  public var byCount: [Kind] { kinds.sorted { $0.count > $1.count } }

  mutating func add(_ line: UnsafeRawBufferPointer, _ folded: FoldedLine, at time: Timestamp?) {
    count += 1
    if let time { times.append(time) }
    if let place = places[folded.hash], kinds[place].folded == folded.bytes {
      kinds[place].count += 1
      kinds[place].extend(to: time)
      return
    }
    add(Kind(count: 1, first: time, last: time, example: Array(line.prefix(Self.longestExample)), folded: folded.bytes))
  }

  mutating func hold(_ line: UnsafeRawBufferPointer, _ folded: FoldedLine, at time: Timestamp?, for rule: Int) {
    held.add(line, folded, at: time, for: rule)
  }

  /// Whether there are lines that ``settle(_:_:)`` has to count.
  public var isOpen: Bool { !held.lines.isEmpty }

  /// Counts the lines that allowances may let pass: in each window of time so many are let pass, and what is more are error lines
  /// like any others. Lines that do not say when they were written count with the newest.
  /// - Parameters:
  ///   - allowances: those of the search that found them, in the same order.
  ///   - budget: what was let pass before; a watch that looks again and again keeps it.
  public mutating func settle(_ allowances: [LineAllowance], _ budget: inout LineBudget) {
    let untimed = newest ?? Timestamp(secondsSinceEpoch: 0)
    let lines = held.lines.sorted { ($0.time ?? untimed) < ($1.time ?? untimed) }
    for line in lines {
      guard !budget.lets(line.rule, pass: line.time ?? untimed, allowances) else {
        tolerated += 1
        continue
      }
      count += 1
      if let time = line.time { times.append(time) }
      var kind = held.kinds[line.kind]
      (kind.count, kind.first, kind.last) = (1, line.time, line.time)
      take(kind)
    }
    held = HeldLines()
  }

  private mutating func add(_ kind: Kind) {
    guard kinds.count < Self.mostKinds else {
      others += kind.count
      return
    }
    var folded = FoldedLine()
    kind.folded.withUnsafeBytes { folded.fold($0) }
    if places[folded.hash] == nil { places[folded.hash] = kinds.count }
    kinds.append(kind)
  }

  /// Takes in what another log holds.
  public mutating func merge(_ other: ErrorLines) {
    count += other.count
    times += other.times
    tolerated += other.tolerated
    others += other.others
    if let time = other.newest { newest = max(newest ?? time, time) }
    for kind in other.kinds { take(kind) }
    held.merge(other.held)
  }

  private mutating func take(_ kind: Kind) {
    guard let place = kinds.firstIndex(where: { $0.folded == kind.folded }) else {
      add(kind)
      return
    }
    kinds[place].count += kind.count
    kinds[place].extend(to: kind.first)
    kinds[place].extend(to: kind.last)
  }
}

extension ErrorLines.Kind {
  fileprivate mutating func extend(to time: Timestamp?) {
    guard let time else { return }
    first = min(first ?? time, time)
    last = max(last ?? time, time)
  }
}
