import PromotionModel

/// GitHub: the login of `gh`, and what it may do in the repository of the pull requests.
struct ForgeCheck: Sendable {
  let forge: GitHubForge
  let settings: PullRequestSettings

  private struct Repository: Decodable {
    struct Permissions: Decodable { var push: Bool? }
    var archived: Bool?
    var permissions: Permissions?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var allow_merge_commit: Bool?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var allow_squash_merge: Bool?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var allow_rebase_merge: Bool?

    func allows(_ method: MergeMethod) -> Bool? {
      switch method {
      case .merge: allow_merge_commit
      case .squash: allow_squash_merge
      case .rebase: allow_rebase_merge
      }
    }
  }

  func run() async throws -> [CheckUp] {
    let name = settings.repository
    let repository: Repository
    do {
      repository = try await forge.api.get(nil, as: Repository.self)
    } catch let error as WorldError {
      return [CheckUp("forge", name, error)]
    }
    var found = [CheckUp("forge", name, .good, "gh is logged in and sees it")]
    if repository.archived == true {
      found.append(CheckUp("forge", name, .bad, "it is archived", advice: "Look at pull-request.repository"))
    }
    switch repository.permissions?.push {
    case true?: found.append(CheckUp("forge", "rights", .good, "pull requests can be opened"))
    case false?:
      found.append(
        CheckUp(
          "forge",
          "rights",
          .bad,
          "this login may not push to \(name), so it can open no pull request",
          advice: "Ask for the right to write, or log in as somebody who has it: gh auth login"
        )
      )
    case nil:
      found.append(
        CheckUp(
          "forge",
          "rights",
          .warning,
          "GitHub does not say what this login may do",
          advice: "An app's token? It needs contents and pull-requests: write"
        )
      )
    }
    if repository.allows(settings.mergeMethod) == false {
      found.append(
        CheckUp(
          "forge",
          "merge",
          .warning,
          "\(name) does not allow the method \(settings.mergeMethod.rawValue)",
          advice: "Write another one as pull-request.merge, or allow it in the repository's settings"
        )
      )
    }
    return found
  }
}
