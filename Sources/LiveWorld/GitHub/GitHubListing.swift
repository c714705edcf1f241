public import PromotionModel

extension GitHubForge {
  /// All open pull requests into the branch are asked for, and chosen from here: a filter by labels would leave out a pull
  /// request of ours whose label somebody took off.
  public func openPullRequests(labels: [String], branchPrefixes prefixes: [String]) async throws -> [PullRequest] {
    let pages = GitHubPages(
      filter: ("baseRefName", "base", "String!", branch),
      states: "states: [OPEN], ",
      size: 50,
      most: 20,
      kind: "are open"
    )
    let wanted = Set(labels.map { GitHubText.clean($0).lowercased() })
    var found: [PullRequest] = []
    _ = try await pages.read(api) { nodes -> Void? in
      for node in nodes {
        let pull = try node.pullRequest()
        let isLabelled = pull.labels.contains { wanted.contains($0.lowercased()) }
        // A fork's branch may have any name.
        if isLabelled || !node.isCrossRepository && prefixes.contains(where: pull.branch.hasPrefix) {
          found.append(pull)
        }
      }
      return nil
    }
    return found
  }
}
