import FoundationEssentials
public import PromotionModel

/// Pull requests on GitHub, changed. After an error the state is read again before anything is concluded: an effect can
/// land and its answer be lost.
public struct GitHubForgeWriter: ForgeWriting {
  let api: GitHubAPI
  let reading: GitHubForge

  public init(settings: PullRequestSettings, programs: any ProgramRunner, clock: any WorldClock) {
    reading = GitHubForge(settings: settings, programs: programs, clock: clock)
    api = reading.api
  }

  public func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    struct Created: Decodable { var number: Int }
    var pull: PullRequest
    do {
      let answer = try await api.change(
        "POST",
        "pulls",
        [
          "head": .string(draft.branch), "base": .string(draft.base), "title": .string(draft.title),
          "body": .string(draft.body),
        ]
      )
      pull = try await reading.pullRequest(GitHubAPI.decode(Created.self, from: answer).number)
    } catch let error as WorldError {
      // It may be there by an earlier process of this run, or by this request although its answer was lost.
      guard let found = try? await reading.pullRequest(fromBranch: draft.branch), found.state != .closed else {
        throw error
      }
      pull = found
    }
    let missing = draft.labels.filter { !pull.labels.contains($0) }
    if !missing.isEmpty {
      do {
        try await api.change("POST", "issues/\(pull.number)/labels", ["labels": .strings(missing)])
        pull.labels += missing
      } catch let error as WorldError {
        pull = try await reading.pullRequest(pull.number)
        guard missing.allSatisfy(pull.labels.contains) else { throw error }
      }
    }
    return pull
  }

  public func close(_ number: Int, comment: String) async throws -> PullRequest {
    let node = try await reading.node(number)
    let before = try node.pullRequest()
    guard before.state == .open else { return before }
    if before.isQueued {
      try await api.mutate(
        "mutation($id: ID!) { dequeuePullRequest(input: { id: $id }) { clientMutationId } }",
        ["id": .string(node.id)]
      )
    }
    if before.hasAutoMerge {
      try await api.mutate(
        "mutation($id: ID!) { disablePullRequestAutoMerge(input: { pullRequestId: $id }) { clientMutationId } }",
        ["id": .string(node.id)]
      )
    }
    var failure: WorldError?
    do {
      try await api.change("PATCH", "pulls/\(number)", ["state": .string("closed")])
    } catch let error as WorldError {
      failure = error
    }
    let after = try await reading.pullRequest(number)
    if after.state == .open {
      throw failure ?? WorldError(tool: "gh", reason: .nonsense, message: "#\(number) stays open")
    }
    if after.state == .closed {
      // The comment explains; that it could not be written changes nothing about what was done.
      _ = try? await api.change("POST", "issues/\(number)/comments", ["body": .string(comment)])
    }
    return after
  }

  public func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    try await api.change(
      "POST",
      "statuses/\(commit)",
      [
        "state": .string(status.state.rawValue), "description": .string(String(status.description.prefix(140))),
        "context": .string(status.context),
      ]
    )
  }
}
