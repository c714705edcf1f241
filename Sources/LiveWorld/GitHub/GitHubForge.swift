public import PromotionModel

/// Pull requests on GitHub, looked at.
public struct GitHubForge: ForgeReading {
  let api: GitHubAPI
  /// The branch that pull requests are opened into.
  let branch: String

  /// - Parameter settings: `repository` is `owner/name`.
  public init(
    settings: PullRequestSettings,
    branch: String = "main",
    programs: any ProgramRunner,
    clock: any WorldClock
  ) {
    self.branch = branch
    api = GitHubAPI(repository: settings.repository, programs: programs, clock: clock)
  }

  /// Everything that is wanted of a pull request, in one query. The state and the merge commit decide; exit statuses of
  /// commands that merge do not.
  static let fields = """
    id number url title body state isCrossRepository headRefName headRefOid baseRefName baseRef { target { oid } } \
    mergeCommit { oid } mergedBy { login } labels(first: 50) { nodes { name } } autoMergeRequest { enabledAt } \
    mergeQueueEntry { id position }
    """

  public func pullRequest(_ number: Int) async throws -> PullRequest { try await node(number).pullRequest() }

  func node(_ number: Int) async throws -> GitHubPullRequest {
    struct Answer: Decodable {
      struct Repository: Decodable { var pullRequest: GitHubPullRequest? }
      var repository: Repository?
    }
    let query = """
      query($owner: String!, $name: String!, $number: Int!) {
        repository(owner: $owner, name: $name) { pullRequest(number: $number) { \(Self.fields) } }
      }
      """
    let answer = try await api.graphQL(
      query,
      ["owner": .string(api.owner), "name": .string(api.name), "number": .integer(number)],
      as: Answer.self
    )
    guard let found = answer.repository?.pullRequest else {
      throw WorldError(
        tool: "gh",
        reason: .notFound,
        message: "there is no pull request #\(number) in \(api.repository)"
      )
    }
    guard found.number == number else {
      throw WorldError(tool: "gh", reason: .nonsense, message: "asked for #\(number), got #\(found.number)")
    }
    return found
  }

  public func pullRequest(fromBranch branch: String) async throws -> PullRequest? {
    try await newest(fromBranch: branch) { _ in true }
  }

  /// The newest pull request from the repository's own branch that is `wanted`. A fork's branch may have the same name,
  /// and as many pull requests as its owner likes: those are passed over, page by page.
  func newest(fromBranch branch: String, where wanted: (GitHubPullRequest) -> Bool) async throws -> PullRequest? {
    let pages = GitHubPages(
      filter: ("headRefName", "branch", "String!", branch),
      size: 20,
      most: 25,
      kind: "of forks have our branch's name"
    )
    return try await pages.read(api) { nodes in
      try nodes.first { !$0.isCrossRepository && $0.headRefName == branch && wanted($0) }?.pullRequest()
    }
  }
}
