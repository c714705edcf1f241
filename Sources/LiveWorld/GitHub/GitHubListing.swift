public import PromotionModel

extension GitHubForge {
  private static let listed = 50
  private static let mostListed = 20

  /// All open pull requests into the branch are asked for, and chosen from here: a filter by labels would leave out a pull
  /// request of ours whose label somebody took off.
  public func openPullRequests(labels: [String], branchPrefixes prefixes: [String]) async throws -> [PullRequest] {
    struct Answer: Decodable {
      struct Page: Decodable {
        var hasNextPage: Bool
        var endCursor: String?
      }
      struct Connection: Decodable {
        var nodes: [GitHubPullRequest]
        var pageInfo: Page
      }
      struct Repository: Decodable { var pullRequests: Connection }
      var repository: Repository?
    }
    let query = """
      query($owner: String!, $name: String!, $base: String!, $after: String) {
        repository(owner: $owner, name: $name) {
          pullRequests(
            baseRefName: $base, states: [OPEN], first: \(Self.listed), after: $after,
            orderBy: { field: CREATED_AT, direction: DESC }
          ) {
            nodes { \(Self.fields) }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
      """
    var variables: [String: GitHubValue] = [
      "owner": .string(api.owner), "name": .string(api.name), "base": .string(branch),
    ]
    let wanted = Set(labels.map { GitHubText.clean($0).lowercased() })
    var found: [PullRequest] = []
    for _ in 0..<Self.mostListed {
      let answer = try await api.graphQL(query, variables, as: Answer.self)
      guard let page = answer.repository?.pullRequests else {
        throw WorldError(tool: "gh", reason: .notFound, message: "there is no repository \(api.repository)")
      }
      for pull in try page.nodes.map({ (isForeign: $0.isCrossRepository, pull: try $0.pullRequest()) }) {
        let isLabelled = pull.pull.labels.contains { wanted.contains($0.lowercased()) }
        // A fork's branch may have any name.
        if isLabelled || !pull.isForeign && prefixes.contains(where: pull.pull.branch.hasPrefix) {
          found.append(pull.pull)
        }
      }
      guard page.pageInfo.hasNextPage, let cursor = page.pageInfo.endCursor else { return found }
      variables["after"] = .string(cursor)
    }
    throw WorldError(
      tool: "gh",
      reason: .nonsense,
      message: "more than \(Self.listed * Self.mostListed) pull requests are open"
    )
  }
}
