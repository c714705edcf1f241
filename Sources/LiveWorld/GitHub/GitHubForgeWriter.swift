public import PromotionModel

/// Pull requests on GitHub, changed. After an error the state is read again before anything is concluded: an effect can
/// land and its answer be lost.
public struct GitHubForgeWriter: ForgeWriting {
  let api: GitHubAPI
  let reading: GitHubForge

  public init(
    settings: PullRequestSettings,
    branch: String = "main",
    programs: any ProgramRunner,
    clock: any WorldClock
  ) {
    reading = GitHubForge(settings: settings, branch: branch, programs: programs, clock: clock)
    api = reading.api
  }

  // MARK: Opening

  public func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    let pull: PullRequest
    do {
      let answer = try await api.change(
        "POST",
        "pulls",
        [
          "head": .string(draft.branch), "base": .string(draft.base), "title": .string(draft.title),
          "body": .string(draft.body),
        ]
      )
      let created = try GitHubAPI.decode(GitHubChangedPullRequest.self, from: answer)
      guard created.head.ref == draft.branch, created.base.ref == draft.base else {
        throw WorldError(tool: "gh", reason: .nonsense, message: "#\(created.number) is not what was asked for")
      }
      pull = try created.pullRequest()
    } catch let error as WorldError where error.reason != .missing {
      pull = try await adopted(draft, after: error)
    }
    return try await labelled(pull, draft.labels)
  }

  /// The pull request that is there by an earlier process of this run, or by the request that failed although its answer
  /// was lost. One from a fork, to another base, or closed is not ours.
  ///
  /// - Throws: `error` when there is none; a transient error when that could not be told, since a refusal would let the
  ///   branch be deleted under a pull request that stands.
  private func adopted(_ draft: PullRequestDraft, after error: WorldError) async throws -> PullRequest {
    let found: PullRequest?
    do {
      found = try await reading.newest(fromBranch: draft.branch) {
        $0.baseRefName == draft.base && $0.state != "CLOSED"
      }
    } catch let second as WorldError {
      guard second.isTransient, !error.isTransient else { throw error }
      var untold = second
      untold.message += " (after: \(error.message))"
      throw untold
    }
    if let found { return found }
    if error.reason == .refused, error.message.contains("already exists") {
      throw WorldError(tool: "gh", reason: .nonsense, message: "\(error.message), but it cannot be found")
    }
    throw error
  }

  /// Labels are added, never replaced, so trying twice does no harm.
  private func labelled(_ pull: PullRequest, _ labels: [String]) async throws -> PullRequest {
    var pull = pull
    var failure: WorldError?
    for _ in 0..<2 {
      let missing = labels.filter { !pull.has(label: $0) }
      guard !missing.isEmpty else { return pull }
      if let failure, !failure.isTransient { break }
      do {
        let answer = try await api.change("POST", "issues/\(pull.number)/labels", ["labels": .strings(missing)])
        pull.labels = try GitHubAPI.decode([GitHubLabel].self, from: answer).map { GitHubText.clean($0.name) }
        failure = WorldError(tool: "gh", reason: .nonsense, message: "GitHub took the labels and does not show them")
      } catch let error as WorldError {
        failure = error
        do { pull = try await reading.pullRequest(pull.number) } catch is WorldError {}
      }
    }
    guard var failure, !labels.allSatisfy(pull.has(label:)) else { return pull }
    failure.message = "#\(pull.number) stands, but not all its labels: \(failure.message)"
    throw failure
  }

  // MARK: Closing

  public func close(_ number: Int, comment: String) async throws -> PullRequest {
    let node = try await reading.node(number)
    let before = try node.pullRequest()
    guard before.state == .open else { return before }
    var failure: WorldError?
    // Closing it ends both as well, and somebody may have done so since: what counts is how it stands afterwards.
    if before.isQueued {
      failure = try await failureOfMutation("dequeuePullRequest(input: { id: $id })", node.id)
    }
    if before.hasAutoMerge {
      let second = try await failureOfMutation("disablePullRequestAutoMerge(input: { pullRequestId: $id })", node.id)
      failure = failure ?? second
    }
    var after: PullRequest?
    do {
      let answer = try await api.change("PATCH", "pulls/\(number)", ["state": .string("closed")])
      after = try GitHubAPI.decode(GitHubChangedPullRequest.self, from: answer).pullRequest()
    } catch let error as WorldError {
      failure = failure ?? error
    }
    let known: PullRequest
    if let after, after.state == .closed {
      known = after
    } else {
      known = try await reading.pullRequest(number)
    }
    if known.state == .open {
      throw failure ?? WorldError(tool: "gh", reason: .nonsense, message: "#\(number) stays open")
    }
    if known.state == .closed, !comment.isEmpty {
      // The comment explains; that it could not be written changes nothing about what was done.
      _ = try? await api.change("POST", "issues/\(number)/comments", ["body": .string(comment)])
    }
    return known
  }

  func failureOfMutation(_ mutation: String, _ id: String) async throws -> WorldError? {
    do {
      try await api.mutate("mutation($id: ID!) { \(mutation) { clientMutationId } }", ["id": .string(id)])
      return nil
    } catch let error as WorldError {
      return error
    }
  }

  // MARK: Statuses

  /// GitHub's limit for the description of a status, in characters.
  private static let longestDescription = 140

  public func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    let description = Self.shortened(status.description)
    do {
      try await api.change(
        "POST",
        "statuses/\(commit)",
        [
          "state": .string(status.state.rawValue), "description": .string(description),
          "context": .string(status.context),
        ]
      )
    } catch let error as WorldError where error.isTransient {
      // Its answer may have been lost.
      guard try await stands(status, description, on: commit) else { throw error }
    }
  }

  private func stands(_ status: CommitStatus, _ description: String, on commit: CommitID) async throws -> Bool {
    struct Answer: Decodable {
      struct Status: Decodable {
        var context: String
        var state: String
        var description: String?
      }
      var statuses: [Status]
    }
    let answer = try await api.get("commits/\(commit)/status?per_page=100", as: Answer.self)
    return answer.statuses.contains {
      $0.context == status.context && $0.state == status.state.rawValue && $0.description == description
    }
  }

  private static func shortened(_ text: String) -> String {
    guard text.unicodeScalars.count > longestDescription else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestDescription - 1))) + "…"
  }
}

extension PullRequest {
  /// GitHub takes labels that differ by case alone for the same; `labels` is sanitised.
  fileprivate func has(label: String) -> Bool {
    let wanted = GitHubText.clean(label).lowercased()
    return labels.contains { $0.lowercased() == wanted }
  }
}
