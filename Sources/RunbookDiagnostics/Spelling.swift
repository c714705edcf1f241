/// The candidate that a mistyped word most likely meant, or nil where none is near enough.
///
/// The distance is Damerau-Levenshtein's (one insertion, deletion, substitution or swap of neighbours costs one), case
/// aside. A third of the longer word's length may differ, at least one character; of equally near candidates the
/// first stands. A word to which none is near may be the beginning of one of them, and of no other: `prod`.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
  let limit = 64
  let typed = Array(word.lowercased().unicodeScalars.prefix(limit + 1))
  guard !typed.isEmpty, typed.count <= limit else { return nil }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let right = Array(candidate.lowercased().unicodeScalars.prefix(limit + 1))
    let threshold = max(1, max(typed.count, right.count) / 3)
    guard right.count <= limit, abs(right.count - typed.count) <= threshold else { continue }
    let distance = editDistance(typed, right)
    // A word of which nothing is left is no nearer to one candidate than to any other.
    guard distance <= threshold, distance < min(typed.count, right.count) else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  if let best { return best.candidate }
  let begun = candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
  return typed.count >= shortestBeginning && begun.count == 1 ? begun[0] : nil
}

/// Fewer characters than that begin too much.
private let shortestBeginning = 3

/// The restricted Damerau-Levenshtein distance: no piece is edited twice.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    current.reserveCapacity(right.count + 1)
    for column in right.indices {
      let substitution = previous[column] + (left[row] == right[column] ? 0 : 1)
      var distance = min(substitution, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        distance = min(distance, beforePrevious[column - 1] + 1)
      }
      current.append(distance)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[right.count]
}
