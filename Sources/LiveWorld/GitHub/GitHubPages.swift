import PromotionModel

/// Pull requests are listed page by page, newest first.
struct GitHubPages {
  /// A parameter of the list: its name there and here, its type, and what it is.
  let filter: (name: String, variable: String, type: String, value: String)
  /// More of the list's arguments.
  var states = ""
  let size: Int
  /// After so many there is something wrong.
  let most: Int
  /// What there are too many of then.
  let kind: String

  private struct Answer: Decodable {
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

  /// - Parameter read: is given each page; what it returns, if anything, ends it.
  /// - Returns: nil where no page ended it.
  func read<Found>(_ api: GitHubAPI, _ read: ([GitHubPullRequest]) throws -> Found?) async throws -> Found? {
    let query = """
      query($owner: String!, $name: String!, $\(filter.variable): \(filter.type), $after: String) {
        repository(owner: $owner, name: $name) {
          pullRequests(
            \(filter.name): $\(filter.variable), \(states)first: \(size), after: $after,
            orderBy: { field: CREATED_AT, direction: DESC }
          ) {
            nodes { \(GitHubForge.fields) }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
      """
    var variables: [String: GitHubValue] = [
      "owner": .string(api.owner), "name": .string(api.name), filter.variable: .string(filter.value),
    ]
    for _ in 0..<most {
      let answer = try await api.graphQL(query, variables, as: Answer.self)
      guard let page = answer.repository?.pullRequests else {
        throw WorldError(tool: "gh", reason: .notFound, message: "there is no repository \(api.repository)")
      }
      if let found = try read(page.nodes) { return found }
      guard page.pageInfo.hasNextPage, let cursor = page.pageInfo.endCursor else { return nil }
      variables["after"] = .string(cursor)
    }
    throw WorldError(tool: "gh", reason: .nonsense, message: "more than \(size * most) pull requests \(kind)")
  }
}
