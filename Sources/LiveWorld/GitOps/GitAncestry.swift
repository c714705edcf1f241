import PromotionModel

extension GitStore {
  /// As many commits are looked at one by one before git is asked about all of them.
  private static let walkLimit = 200

  /// Whether `ancestor` is `descendant` or comes before it. Neither answer ever changes.
  func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    if let known = ancestry[[ancestor, descendant]] { return known }
    try await load([ancestor, descendant])
    let answer: Bool
    if let found = try await walk(to: ancestor, from: descendant) {
      answer = found
    } else {
      let result = try await git.run(["merge-base", "--is-ancestor", ancestor.text, descendant.text])
      guard result.status == 0 || result.status == 1 else { throw git.failure(result) }
      answer = result.status == 0
    }
    ancestry[[ancestor, descendant]] = answer
    return answer
  }

  /// Looks among the nearest commits, one generation after the other; nil when it is not found out there.
  private func walk(to ancestor: CommitID, from descendant: CommitID) async throws -> Bool? {
    guard parents[ancestor] != nil else { return nil }
    var seen: Set<CommitID> = [descendant]
    var generation = [descendant]
    while !generation.isEmpty {
      if seen.contains(ancestor) { return true }
      guard seen.count < Self.walkLimit else { return nil }
      try await load(generation)
      var next: [CommitID] = []
      for commit in generation {
        guard let parents = parents[commit] else { return nil }
        for parent in parents where seen.insert(parent).inserted { next.append(parent) }
      }
      generation = next
    }
    return false
  }
}
