import SimulatedWorld

/// Draws pairs: something that goes wrong outside, and a call that goes wrong in the run that answers it, or another such
/// thing. One after the other, so that a great many need no memory.
///
/// Chance comes by the same pair again and again when most were drawn. What it leaves is gone through in an order of its own,
/// so that as many come as are wanted, as long as there are any.
struct PairDraw: Sequence, IteratorProtocol {
  private var chance: SplitMix64
  private var bases: [Answer] = []
  /// What can go wrong outside at any stage.
  private var wanderers: [Fault.Effect] = []
  /// How many are wanted and were not drawn.
  private(set) var missing: Int
  private var attempts = 0
  private let seed: UInt64
  private var inTurn: PairsInTurn?
  /// The names that were drawn, by their hashes.
  private var known: Set<UInt64> = []

  /// - Parameters:
  ///   - seed: decides which pairs are drawn.
  ///   - count: how many pairs are wanted.
  init(seed: UInt64, count: Int) {
    chance = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1)
    (self.seed, missing) = (seed, count)
  }

  /// A trouble that may be one of a pair, and what answers it.
  mutating func add(_ answer: Answer) {
    bases.append(answer)
    if let effect = answer.wanderer, !wanderers.contains(effect) { wanderers.append(effect) }
  }

  /// What was tried before is not drawn.
  mutating func leaveOut(_ pair: ExploredFuture) { known.insert(Self.hash(pair.name)) }

  mutating func next() -> ExploredFuture? {
    guard bases.count > 1, missing > 0 else { return nil }
    if inTurn == nil {
      let all = PairsInTurn(bases, wanderers, seed: seed)
      attempts = Swift.min(missing, all.left) * 4
      inTurn = all
    }
    while attempts > 0 {
      attempts -= 1
      let base = bases[Int.random(in: 0..<bases.count, using: &chance)]
      let other: ExploredFuture
      switch Int.random(in: 0..<8, using: &chance) {
      case 0:
        let deaths = CallFutures.deaths(writes: base.writes)
        other = deaths[Int.random(in: 0..<deaths.count, using: &chance)]
      case 1 where !wanderers.isEmpty && !base.starts.isEmpty:
        let starts = base.starts
        let start = starts[Int.random(in: 0..<starts.count, using: &chance)]
        other = ExploredFuture([Fault(wanderers[Int.random(in: 0..<wanderers.count, using: &chance)], start: start)])
      case 3... where !base.calls.isEmpty:
        let (touch, occurrence) = base.calls[Int.random(in: 0..<base.calls.count, using: &chance)]
        let futures = CallFutures.of(touch, occurrence)
        other = futures[Int.random(in: 0..<futures.count, using: &chance)]
      default: other = bases[Int.random(in: 0..<bases.count, using: &chance)].future
      }
      if let pair = take(base, other) { return pair }
    }
    while let (base, other) = inTurn?.next() {
      if let pair = take(base, other) { return pair }
    }
    return nil
  }

  /// nil for one that was drawn before, or is none.
  private mutating func take(_ base: Answer, _ other: ExploredFuture) -> ExploredFuture? {
    guard other != base.future else { return nil }
    let pair = base.future.with(other)
    guard known.insert(Self.hash(pair.name)).inserted else { return nil }
    missing -= 1
    return pair
  }

  /// FNV-1a: the same in every process.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// Every pair that can be drawn, each once. The order jumps about, so that the first of them are of all kinds: step by step
/// through a circle, with a stride that has no divisor in common with its length.
private struct PairsInTurn {
  private let bases: [Answer]
  private let wanderers: [Fault.Effect]
  /// How many pairs there are of each base and those before it.
  private let ends: [Int]
  private let stride: Int
  private var position: Int
  private(set) var left: Int

  init(_ bases: [Answer], _ wanderers: [Fault.Effect], seed: UInt64) {
    (self.bases, self.wanderers) = (bases, wanderers)
    var chance = SplitMix64(seed: seed)
    var (ends, total) = ([Int](), 0)
    for base in bases {
      total += bases.count + CallFutures.deaths(writes: base.writes).count + base.starts.count * wanderers.count
      total += base.calls.reduce(0) { $0 + CallFutures.of($1.touch, $1.occurrence).count }
      ends.append(total)
    }
    var stride = Int.random(in: 1...total, using: &chance)
    while Self.haveCommonDivisor(stride, total) { stride = stride % total + 1 }
    (self.ends, self.stride, left) = (ends, stride, total)
    position = Int.random(in: 0..<total, using: &chance)
  }

  private static func haveCommonDivisor(_ a: Int, _ b: Int) -> Bool {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a > 1
  }

  mutating func next() -> (Answer, ExploredFuture)? {
    guard left > 0, let total = ends.last else { return nil }
    left -= 1
    position = (position + stride) % total
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > position { high = middle } else { low = middle + 1 }
    }
    let base = bases[low]
    var number = position - (low == 0 ? 0 : ends[low - 1])
    guard number >= bases.count else { return (base, bases[number].future) }
    number -= bases.count
    let deaths = CallFutures.deaths(writes: base.writes)
    guard number >= deaths.count else { return (base, deaths[number]) }
    number -= deaths.count
    let starts = base.starts
    if number < starts.count * wanderers.count {
      let fault = Fault(wanderers[number / starts.count], start: starts[number % starts.count])
      return (base, ExploredFuture([fault]))
    }
    number -= starts.count * wanderers.count
    for (touch, occurrence) in base.calls {
      let futures = CallFutures.of(touch, occurrence)
      if number < futures.count { return (base, futures[number]) }
      number -= futures.count
    }
    return nil
  }
}
