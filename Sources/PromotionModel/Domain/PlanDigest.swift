/// What an approval is given to: the versions, the base and the diff of a change, as one number. It stands in the pull
/// request, and everything that makes it another one voids the approval.
public struct PlanDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  public let hex: String

  public init(_ changes: ChangeSet, _ diffs: [FileDiff]) {
    // Each part with its length, so that no two plans read the same.
    let parts = [changes.environment.text, changes.base.text] + changes.plan + diffs.flatMap { [$0.file, $0.unified] }
    hex = SHA256.hex(of: parts.flatMap { Array("\($0.utf8.count):\($0)\n".utf8) })
  }

  private init(hex: String) { self.hex = hex }

  public var description: String { "sha256:\(hex)" }

  private static let beginning = "Plan `sha256:"

  /// The line of a pull request's text that names it.
  public var line: String { "\(Self.beginning)\(hex)` (versions, base and diff)." }

  /// What a pull request's text names; nil when it names none.
  public static func named(in body: String) -> PlanDigest? {
    let bytes = body.utf8
    var rest = bytes[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "P")) {
      rest = rest[start...]
      guard rest.starts(with: beginning.utf8) else {
        rest = rest.dropFirst()
        continue
      }
      let hex = rest.dropFirst(beginning.utf8.count).prefix(64)
      guard hex.count == 64, hex.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
        return nil
      }
      return PlanDigest(hex: String(decoding: hex, as: UTF8.self))
    }
    return nil
  }
}

/// Sums of texts.
public enum Digest {
  /// 64 hexadecimal digits.
  public static func sha256(_ text: String) -> String { SHA256.hex(of: Array(text.utf8)) }
}

/// FIPS 180-4.
enum SHA256 {
  static func hex(of message: [UInt8]) -> String {
    var state: [UInt32] = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    var padded = message
    padded.reserveCapacity(message.count + 72)
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(message.count) * 8
    padded += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    var words = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: padded.count, by: 64) { add(padded, from: start, to: &state, with: &words) }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for word in state {
      for shift in stride(from: UInt32(28), through: 0, by: -4) { text.append(digits[Int(word >> shift & 15)]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Adds the block of 64 bytes that begins at `start`.
  /// - Parameter words: room for 64 of them, so that none is made for each block.
  private static func add(_ bytes: [UInt8], from start: Int, to state: inout [UInt32], with words: inout [UInt32]) {
    func turned(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
    for index in 0..<16 {
      let at = start + 4 * index
      let upper = UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16
      words[index] = upper | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
      let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
      words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let choice = e & f ^ ~e & g
      let majority = a & b ^ a & c ^ b & c
      let first = h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ choice
      let next = first &+ constants[index] &+ words[index]
      let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ next, c, b, a, next &+ second)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
