import PromotionModel

/// SplitMix64: small, fast, and the same numbers from the same seed everywhere.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A hash that is the same in every process, unlike `Hasher`. Good for names and ids, not for secrets.
struct StableHash {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    // The end counts, so that "ab", "c" and "a", "bc" differ.
    value = (value ^ 0x1FF) &* 0x0000_0100_0000_01B3
  }

  mutating func add(_ text: String) { add(text.utf8) }

  var result: UInt64 { SplitMix64.mix(value) }

  static func of(_ parts: String...) -> UInt64 {
    var hash = StableHash()
    for part in parts { hash.add(part) }
    return hash.result
  }

  /// `digits` lower-case hexadecimal digits that follow from `seed`.
  static func hexadecimal(_ seed: UInt64, digits: Int) -> String {
    var generator = SplitMix64(seed: seed)
    var text: [UInt8] = []
    text.reserveCapacity(digits + 15)
    while text.count < digits {
      var word = generator.next()
      for _ in 0..<16 {
        let digit = UInt8(word & 15)
        text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        word >>= 4
      }
    }
    return String(decoding: text.prefix(digits), as: UTF8.self)
  }

  /// In the shape of a Kubernetes UID.
  static func uid(_ parts: String...) -> String {
    var hash = StableHash()
    for part in parts { hash.add(part) }
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (index, digit) in hexadecimal(hash.result, digits: 32).utf8.enumerated() {
      if index == 8 || index == 12 || index == 16 || index == 20 { text.append(0x2D) }
      text.append(digit)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest that a simulated registry has for an image: the same image always has the same.
  static func digest(ofImage image: String) -> ImageDigest? {
    ImageDigest(imageID: "sha256:" + hexadecimal(of("image", image), digits: 64))
  }
}

/// What the seed decides. Each purpose has a sequence of its own, so that one more draw for one service does not
/// change what another draws.
struct Chance: Sendable {
  private let seed: UInt64
  private var drawn: [String: UInt64] = [:]

  init(seed: UInt64) { self.seed = seed }

  /// A time in `range`, in whole milliseconds.
  mutating func milliseconds(_ range: ClosedRange<UInt64>, for purpose: String) -> Duration {
    let count = drawn[purpose, default: 0]
    drawn[purpose] = count + 1
    return milliseconds(range, purpose: StableHash.of(purpose), draw: count)
  }

  /// The same for a purpose whose draws are counted elsewhere.
  /// - Parameters:
  ///   - purpose: its hash.
  ///   - draw: how many times were drawn for it before.
  func milliseconds(_ range: ClosedRange<UInt64>, purpose: UInt64, draw: UInt64) -> Duration {
    var generator = SplitMix64(seed: seed ^ purpose ^ SplitMix64.mix(draw))
    return .milliseconds(Int64(UInt64.random(in: range, using: &generator)))
  }

  mutating func seconds(_ range: ClosedRange<UInt64>, for purpose: String) -> Duration {
    milliseconds(range.lowerBound * 1000...range.upperBound * 1000, for: purpose)
  }
}
