import RunbookDiagnostics
import RunbookSyntax

// Bytes changed at random rarely make another text that can be read. So half of the changes are made of whole tokens: doubled,
// taken out, moved, exchanged; the other half are libFuzzer's own.

/// libFuzzer's own changes: https://llvm.org/docs/LibFuzzer.html, "custom mutators".
@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// Called by libFuzzer, by this name, instead of its own changes.
///
/// - Returns: the new size of `data`, at most `maximum`.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32) -> Int {
  var chance = SeededChance(seed)
  guard size > 0, chance.below(2) == 0 else { return mutateBytes(data, size, maximum) }
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  guard let changed = TokenMutation(bytes).changed(&chance), !changed.isEmpty, changed.count <= maximum else {
    return mutateBytes(data, size, maximum)
  }
  for (index, byte) in changed.enumerated() { data[index] = byte }
  return changed.count
}

/// A text whose tokens are changed.
private struct TokenMutation {
  let bytes: [UInt8]
  let spans: [Range<Int>]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    spans = tokens(of: SourceText(name: "fuzz.runbook", bytes: bytes)).map(\.span.range).filter { !$0.isEmpty }
  }

  /// One to three changes; nil for a text without tokens.
  func changed(_ chance: inout SeededChance) -> [UInt8]? {
    guard !spans.isEmpty else { return nil }
    let changed = changedOnce(&chance)
    return chance.below(3) == 0 ? TokenMutation(changed).changed(&chance) ?? changed : changed
  }

  private func changedOnce(_ chance: inout SeededChance) -> [UInt8] {
    let first = chance.below(spans.count)
    let last = min(first + chance.below(4), spans.count - 1)
    let piece = spans[first].lowerBound..<spans[last].upperBound
    let other = spans[chance.below(spans.count)]
    switch chance.below(5) {
    case 0: return replacing(piece.upperBound..<piece.upperBound, with: [space] + bytes[piece])
    case 1: return replacing(piece, with: [])
    case 2: return replacing(other.upperBound..<other.upperBound, with: [space] + bytes[piece])
    case 3: return replacing(other, with: Array(bytes[piece]))
    default: return replacing(piece, with: Array(Keyword.allCases[chance.below(Keyword.allCases.count)].rawValue.utf8))
    }
  }

  private func replacing(_ place: Range<Int>, with piece: [UInt8]) -> [UInt8] {
    Array(bytes[..<place.lowerBound]) + piece + bytes[place.upperBound...]
  }

  private var space: UInt8 { UInt8(ascii: " ") }
}

/// Numbers that follow from a seed (SplitMix64).
private struct SeededChance {
  private var state: UInt64

  init(_ seed: UInt32) { state = UInt64(seed) }

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((word ^ (word >> 31)) % UInt64(limit))
  }
}
