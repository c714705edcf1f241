import SimulatedWorld

/// Draws pairs: something that goes wrong outside, and a call that goes wrong in the run that answers it, or another such
/// thing. One after the other, so that a great many need no memory.
struct PairDraw: Sequence, IteratorProtocol {
  private var chance: SplitMix64
  private let usual: [Touch: Int]
  private var bases: [(future: ExploredFuture, touches: [(Touch, Int)])] = []
  private var missing: Int
  private var attempts: Int
  /// The names that were drawn, by their hashes.
  private var known: Set<UInt64> = []

  /// - Parameters:
  ///   - seed: decides which pairs are drawn.
  ///   - calls: those of the undisturbed run.
  ///   - count: how many pairs are wanted.
  init(seed: UInt64, calls: [Touch: Int], count: Int) {
    chance = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1)
    usual = calls
    (missing, attempts) = (count, count * 4)
  }

  /// - Parameter touches: the calls of the run in which only that went wrong.
  mutating func add(_ future: ExploredFuture, _ touches: [(Touch, Int)]) {
    // What the undisturbed run does not call for is what answers the trouble: it was in no single future.
    let answering = touches.filter { $0.1 > usual[$0.0, default: 0] || $0.0 == .deliveryTerminate }
    bases.append((future, answering))
  }

  mutating func next() -> ExploredFuture? {
    guard bases.count > 1, missing > 0 else { return nil }
    while attempts > 0 {
      attempts -= 1
      let base = bases[Int.random(in: 0..<bases.count, using: &chance)]
      let other: ExploredFuture
      if base.touches.isEmpty || Int.random(in: 0..<4, using: &chance) == 0 {
        other = bases[Int.random(in: 0..<bases.count, using: &chance)].future
      } else {
        let (touch, occurrence) = base.touches[Int.random(in: 0..<base.touches.count, using: &chance)]
        let futures = CallFutures.of(touch, occurrence)
        other = futures[Int.random(in: 0..<futures.count, using: &chance)]
      }
      guard other != base.future else { continue }
      let pair = base.future.with(other)
      guard known.insert(Self.hash(pair.name)).inserted else { continue }
      missing -= 1
      return pair
    }
    return nil
  }

  /// FNV-1a: the same in every process.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
