import PromotionModel

/// The GitOps repository: reached, with the branch and the files that the configuration names, and with the right to push.
struct RepositoryCheck: Sendable {
  private let repository: GitRepository

  init(_ repository: GitRepository) { self.repository = repository }

  private var settings: RepositorySettings { repository.fleet.repository }
  /// An address may hold a login.
  private var url: String { LocalPrograms.sanitize(line: settings.url) }

  /// Where the question stands that `git push --dry-run` asks: nothing is written there, or anywhere.
  static let asked = "refs/slipway/doctor"

  func run() async throws -> [CheckUp] {
    let head: Commit
    do {
      head = try await repository.head()
    } catch let error as WorldError {
      return [CheckUp("repository", url, error)]
    }
    var found = [CheckUp("repository", url, .good, "\(settings.branch) is at \(head.id.short)")]
    for environment in repository.fleet.environments {
      found += try await files(of: environment.name, at: head.id)
    }
    found.append(try await pushing(head.id))
    found.append(await identity())
    return found
  }

  private func files(of environment: EnvironmentName, at head: CommitID) async throws -> [CheckUp] {
    let declared: DeclaredEnvironment
    do {
      declared = try await repository.declared(environment, at: head)
    } catch let error as WorldError {
      return [CheckUp("files", environment.text, error)]
    }
    var found: [CheckUp] = []
    var good = 0
    for service in repository.fleet.services {
      let subject = "\(environment) \(service.name)"
      let file = settings.file(of: service.name, in: environment)
      guard let known = declared.services[service.name], known.exists else {
        found.append(
          CheckUp(
            "files",
            subject,
            .warning,
            "there is no \(file)",
            advice: "Fine for a service that is not there yet; else look at gitops.file"
          )
        )
        continue
      }
      if let problem = known.problem {
        found.append(CheckUp("files", subject, .bad, LocalPrograms.sanitize(line: problem), advice: "Look at \(file)"))
      } else if let tag = known.tag, known.version == nil {
        let due = "\(service.tag.prefix)1.2.3\(service.tag.suffix)"
        let said = LocalPrograms.sanitize(line: tag, limit: 80)
        found.append(
          CheckUp(
            "files",
            subject,
            .bad,
            "`\(said)` in \(file) is no version of it (due: \(due))",
            advice: "Correct services.\(service.name).tag, or the file: versions are semantic, never `latest`"
          )
        )
      } else if known.tag == nil {
        found.append(
          CheckUp("files", subject, .bad, "no tag at \(settings.tagPath) in \(file)", advice: "Look at gitops.tag")
        )
      } else {
        good += 1
      }
    }
    if good > 0 {
      found.insert(CheckUp("files", environment.text, .good, "\(good) services have a version"), at: 0)
    }
    return found
  }

  private func pushing(_ head: CommitID) async throws -> CheckUp {
    let result = try await repository.store.git.run(
      [
        "push", "--dry-run", "--porcelain", "--no-verify", "--no-follow-tags", Git.remote, "\(head.text):\(Self.asked)",
      ],
      .remote
    )
    guard result.isSuccess else {
      let error = GitFailure.error(result)
      return CheckUp(
        "repository",
        "push",
        error.isTransient ? .unknown : .bad,
        "it may not be pushed to: \(error.message)",
        advice: error.advice ?? "Ask for the right to write to \(url), or use a login that has it"
      )
    }
    return CheckUp("repository", "push", .good, "this login may push; what protects \(settings.branch) shows at a push")
  }

  private func identity() async -> CheckUp {
    let identity = await repository.store.identity()
    guard let named = identity.named else {
      return CheckUp(
        "repository",
        "identity",
        .warning,
        "git does not know in whose name to commit",
        advice: "git config --global user.name NAME, and user.email ADDRESS"
      )
    }
    let signing =
      switch identity.isSigned {
      case true?: ", signed"
      case false?: ""
      case nil: ", signed if git says so"
      }
    return CheckUp("repository", "identity", .good, LocalPrograms.sanitize(line: named.author) + signing)
  }
}
