public import PromotionModel

/// Pull requests on GitHub, looked at.
public struct GitHubForge: ForgeReading {
  let api: GitHubAPI

  /// - Parameter settings: `repository` is `owner/name`.
  public init(settings: PullRequestSettings, programs: any ProgramRunner, clock: any WorldClock) {
    api = GitHubAPI(repository: settings.repository, programs: programs, clock: clock)
  }

  /// Everything that is wanted of a pull request, in one query. The state and the merge commit decide; exit statuses of
  /// commands that merge do not.
  static let fields = """
    id number url title state headRefName headRefOid baseRefName baseRef { target { oid } } mergeCommit { oid } \
    mergedBy { login } labels(first: 50) { nodes { name } } autoMergeRequest { enabledAt } \
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
    return found
  }

  public func pullRequest(fromBranch branch: String) async throws -> PullRequest? {
    struct Answer: Decodable {
      struct Connection: Decodable { var nodes: [GitHubPullRequest] }
      struct Repository: Decodable { var pullRequests: Connection }
      var repository: Repository?
    }
    let query = """
      query($owner: String!, $name: String!, $branch: String!) {
        repository(owner: $owner, name: $name) {
          pullRequests(headRefName: $branch, first: 1, orderBy: { field: CREATED_AT, direction: DESC }) {
            nodes { \(Self.fields) }
          }
        }
      }
      """
    let answer = try await api.graphQL(
      query,
      ["owner": .string(api.owner), "name": .string(api.name), "branch": .string(branch)],
      as: Answer.self
    )
    return try answer.repository?.pullRequests.nodes.first?.pullRequest()
  }
}

/// A pull request as GitHub's GraphQL API gives it.
struct GitHubPullRequest: Decodable {
  struct Object: Decodable { var oid: String }
  struct Branch: Decodable { var target: Object? }
  struct Actor: Decodable { var login: String }
  struct Label: Decodable { var name: String }
  struct Labels: Decodable { var nodes: [Label] }
  struct AutoMerge: Decodable { var enabledAt: String? }
  struct QueueEntry: Decodable { var id: String }

  var id: String
  var number: Int
  var url: String
  var title: String
  var state: String
  var headRefName: String
  var headRefOid: String
  var baseRefName: String
  var baseRef: Branch?
  var mergeCommit: Object?
  var mergedBy: Actor?
  var labels: Labels?
  var autoMergeRequest: AutoMerge?
  var mergeQueueEntry: QueueEntry?

  /// - Throws: ``WorldError`` with *nonsense* for an unknown state or an id that is none: neither is guessed at.
  func pullRequest() throws -> PullRequest {
    func clean(_ text: String) -> String { LocalPrograms.sanitize(Array(text.utf8), limit: 300) }
    let states: [String: PullRequest.State] = ["OPEN": .open, "CLOSED": .closed, "MERGED": .merged]
    guard let state = states[state], let head = CommitID(headRefOid) else {
      throw WorldError(tool: "gh", reason: .nonsense, message: "pull request #\(number) is in state \(clean(state))")
    }
    return PullRequest(
      number: number,
      url: clean(url),
      title: clean(title),
      state: state,
      branch: clean(headRefName),
      head: head,
      base: clean(baseRefName),
      baseHead: baseRef?.target.flatMap { CommitID($0.oid) },
      mergeCommit: mergeCommit.flatMap { CommitID($0.oid) },
      mergedBy: mergedBy.map { clean($0.login) },
      labels: (labels?.nodes ?? []).map { clean($0.name) },
      hasAutoMerge: autoMergeRequest != nil,
      isQueued: mergeQueueEntry != nil
    )
  }
}
