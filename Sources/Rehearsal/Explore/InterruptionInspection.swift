import PromotionModel
import RunLog
import SimulatedWorld

/// What a run that a person interrupts says and leaves, and what it does about the freezes of others.
extension Inspection {
  /// An interrupted run does nothing more, and says what stands.
  func interruptions() -> [Harm] {
    account.interruptions.flatMap { interruption -> [Harm] in
      func harm(_ message: String) -> [Harm] { [self.harm(.interruptedIsTrue, message)] }
      guard interruption.later.isEmpty else {
        let calls = interruption.later.map(\.rawValue).joined(separator: ", ")
        return harm("it was interrupted, and went on with \(calls)")
      }
      guard let result = interruption.result else { return harm("it was interrupted, and did not stop by itself") }
      // The last word was said already, or is another one.
      guard result.ending == .interrupted else { return [] }
      guard result.exit == ExitStatus.interrupted else {
        return harm("it was interrupted, and ended with \(result.exit): \(result.message)")
      }
      // It knows what it last saw of its pull request, and says no more.
      let seen = account.world.forge.pullRequests.contains { pull in
        ["was open when it was last looked at", "was merged"].contains {
          isOwn(pull) && result.message.contains("\(pull.url) \($0)")
        }
      }
      let unsaid = seen ? [] : standing(at: interruption).filter { !result.message.contains($0) }
      guard !unsaid.isEmpty || !interruption.open.isEmpty else { return [] }
      if result.message.contains("Nothing was changed") || !unsaid.isEmpty {
        let pulls = interruption.open.map { "#\($0.number)" }
        return harm(
          "it was interrupted and said `\(result.message)`, and \((unsaid + pulls).joined(separator: ", ")) stands"
        )
      }
      return []
    }
  }

  /// The services whose versions in protected environments were the run's when it was interrupted, and others than before.
  private func standing(at interruption: Account.Interruption) -> [String] {
    interruption.truth.flatMap { environment, services in
      services.compactMap { service, truth -> String? in
        let newest = account.changes.last {
          $0.environment == environment && $0.service == service && $0.commit.time <= interruption.time
        }
        guard let newest, isOwn(newest), truth.declared != account.before[environment]?[service]?.declared else {
          return nil
        }
        return service.text
      }
    }.sorted()
  }

  /// A run promotes to nothing that somebody else has frozen. What it is about to write at that very moment may be written, and
  /// what a person merges in spite of a freeze is that person's to answer for.
  func freezes(of environment: EnvironmentName) -> [Harm] {
    let verbs = Set(account.events.compactMap { $0.step?.verb })
    guard !verbs.contains("thaw") else { return [] }
    guard verbs.contains("merge") || !account.world.forge.pullRequests.contains(where: isOwn) else { return [] }
    for freeze in account.world.freezes where freeze.environment == environment {
      let (first, last) = (freeze.began + .seconds(60), freeze.began + freeze.length)
      for commit in account.world.repository.commits
      where commit.trailer(Trailer.run) == run.text && commit.trailer(Trailer.promotes) != nil && commit.time > first
        && commit.time < last
      {
        return [
          harm(
            .freezeIsKept,
            "\(environment) was frozen at \(freeze.began), and promoted to at \(commit.time)",
            environment
          )
        ]
      }
    }
    return []
  }
}
