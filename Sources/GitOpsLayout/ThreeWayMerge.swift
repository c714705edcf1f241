/// Merging texts line by line, as git's merge does (diff3): a change that one side made alone is taken, and what both
/// changed differently, in touching lines, is a conflict.
public enum ThreeWayMerge {
  /// - Returns: the merged bytes; nil in a conflict.
  public static func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8]) -> [UInt8]? {
    if ours == theirs || theirs == base { return ours }
    if ours == base { return theirs }
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs))
    let (inOurs, inTheirs) = (matches(base, ours), matches(base, theirs))
    var merged: [UInt8] = []
    var (b, o, t) = (0, 0, 0)
    while b < base.count || o < ours.count || t < theirs.count {
      let stable = (b..<base.count).first { inOurs[$0] != nil && inTheirs[$0] != nil }
      let ends = (
        stable ?? base.count, stable.flatMap { inOurs[$0] } ?? ours.count,
        stable.flatMap { inTheirs[$0] } ?? theirs.count
      )
      let (before, mine, other) = (base[b..<ends.0], ours[o..<ends.1], theirs[t..<ends.2])
      if mine.elementsEqual(before) || mine.elementsEqual(other) {
        merged += other.joined()
      } else if other.elementsEqual(before) {
        merged += mine.joined()
      } else {
        return nil
      }
      (b, o, t) = ends
      if stable != nil {
        merged += base[b]
        (b, o, t) = (b + 1, o + 1, t + 1)
      }
    }
    return merged
  }

  /// The lines with their ends.
  static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      lines.append(bytes[start...index])
      start = index + 1
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
  }

  /// Where each line of `a` stands in `b`, by a longest common subsequence; nil where it went.
  private static func matches(_ a: [ArraySlice<UInt8>], _ b: [ArraySlice<UInt8>]) -> [Int?] {
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        lengths[i][j] =
          a[i] == b[j] ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var found = [Int?](repeating: nil, count: a.count)
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] {
        found[i] = j
        (i, j) = (i + 1, j + 1)
      } else if lengths[i + 1][j] >= lengths[i][j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return found
  }
}
