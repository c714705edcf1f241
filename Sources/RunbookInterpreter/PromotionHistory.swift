import FoundationEssentials
import PromotionModel
import RunLog

/// What is recorded of former promotions to an environment: in the journal of this machine, and in the trailers of
/// commits.
struct PromotionHistory {
  let environment: EnvironmentName
  let step: StepContext

  /// What former runs promoted to the environment, newest first.
  func former() throws -> [Promotion] {
    try step.setup.journal.notes(key: Promotion.noteKey, limit: 500)
      .filter { $0.run != step.run }
      .compactMap { try? JSONDecoder().decode(Promotion.self, from: Data($0.value.utf8)) }
      .filter { $0.changes.environment == environment }
  }

  /// The newest promotion of a former run that put the service where it is now.
  /// - Parameter bad: tags that nobody goes back to.
  func live(_ name: ServiceName, at now: String, excluding bad: Set<String>, among known: [Promotion]? = nil) throws
    -> Promotion?
  {
    try (known ?? former()).first { promotion in
      // A pull request that was merged when its run no longer looked has no commit here; git has its values.
      (promotion.commit != nil || promotion.isByPullRequest && !promotion.isWithdrawn)
        && !promotion.takenBack.contains(name) && promotion.change(of: name)?.toTag == now
        && promotion.change(of: name)?.fromTag.map { !bad.contains($0) } == true
    }
  }

  /// Whether a run brought what stands now: a promotion, or a rollback to it. What a person set by hand since is theirs, though
  /// some run may have promoted the same version before (rule 1).
  /// - Parameter changes: newest first; empty where nothing is known of them.
  func isBroughtByRun(_ name: ServiceName, _ now: String, _ changes: [DeclaredChange], _ promotion: Promotion?) -> Bool
  {
    // A pull request that was merged when nobody looked has a commit of the forge's own making.
    if let promotion, promotion.isByPullRequest, promotion.commit == nil { return true }
    let bringing = changes.prefix { $0.tag == now }.map(\.commit)
    return bringing.isEmpty
      || bringing.contains { commit in
        commit.id == promotion?.commit
          || [Trailer.promotes, Trailer.rollsBack, Trailer.reconciles].contains { key in
            trailers(commit, key, name).contains { $0.to == now }
          }
      }
  }

  /// Tags that a rollback took back: never a place to go back to.
  func rolledBackFrom(_ name: ServiceName, _ changes: [DeclaredChange]) -> Set<String> {
    Set(changes.flatMap { trailers($0.commit, Trailer.rollsBack, name) }.map(\.from))
  }

  func promotedOver(_ name: ServiceName, to now: String, _ changes: [DeclaredChange]) -> String? {
    changes.lazy.flatMap { trailers($0.commit, Trailer.promotes, name) }.first { $0.to == now && $0.from != "nothing" }?
      .from
  }

  /// `production/api api-v1.2.2 -> api-v1.3.0`
  private func trailers(_ commit: Commit, _ key: String, _ name: ServiceName) -> [(from: String, to: String)] {
    commit.trailers.filter { $0.key == key }.compactMap { trailer in
      let words = trailer.value.split(separator: " ").map(String.init)
      guard words.count == 4, words[0] == "\(environment)/\(name)", words[2] == "->" else { return nil }
      return (words[1], words[3])
    }
  }
}
