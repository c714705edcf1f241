import PromotionModel
import RunbookCheck
import SimulatedWorld

extension CheckedEvent {
  /// What happens in the simulated world.
  ///
  /// `after` counts from the start of the run; for what an image does that is promoted there, from the start of its
  /// containers, which is a moment after the promotion.
  /// - Returns: nil for what ``SimulatedWorld/StandIns`` do.
  func fault(in fleet: Fleet) -> Fault? {
    func image(_ place: ScenarioPlace, _ behaviour: (Duration) -> ImageFault.Behaviour) -> Fault {
      let isPromotedTo = fleet.environment(place.environment)?.promotesFrom != nil
      let delay = isPromotedTo ? after ?? .zero : .zero
      return Fault(
        .image(
          ImageFault(
            place.service,
            in: place.environment,
            versions: isPromotedTo ? .new : .any,
            behaviour(delay)
          )
        ),
        start: isPromotedTo ? .after(.zero) : .after(after ?? .zero)
      )
    }
    func reviewer(_ review: (Duration) -> Review) -> Fault { Fault(.reviewer(review(after ?? Self.usualReview))) }
    let start = Fault.Start.after(after ?? .zero)
    switch kind {
    case .crashes(let place): return image(place) { .crashes(after: $0) }
    case .cannotBePulled(let place): return image(place) { _ in .cannotBePulled }
    case .neverReady(let place): return image(place) { _ in .neverReady }
    case .answers(let place, let status): return image(place) { .health(.status(status), after: $0) }
    case .logsErrors(let place, let count, let window):
      return image(place) { .logsErrors(count, per: window, after: $0) }
    case .movesTo(let place, let version):
      return Fault(.foreignTag(place.service, place.environment, version), start: start)
    case .syncsSlowly(let place, let delay):
      return Fault(.slowDelivery(place.environment, services: [place.service], by: delay), start: start)
    case .setByHand(let place, let version):
      return Fault(.liveImage(place.service, place.environment, version), start: start)
    case .scaledByHand(let place, let count):
      return Fault(.liveReplicas(place.service, place.environment, count), start: start)
    case .deletedByHand(let place): return Fault(.liveDeletion(place.service, place.environment), start: start)
    case .healsItself(let place):
      return Fault(.selfHeal(place.environment, services: [place.service]), start: start)
    case .scalesTo(let place, let count):
      return Fault(.autoscaled(place.service, place.environment, to: count), start: start)
    case .isEvicted(let place): return Fault(.podLost(place.service, place.environment, .evicted), start: start)
    case .isDrained(let place): return Fault(.podLost(place.service, place.environment, .drained), start: start)
    case .migrates(let place, let duration):
      return Fault(.migration(place.service, place.environment, Migration(takes: duration)), start: start)
    case .cannotBeMigrated(let place):
      let migration = Migration(takes: Self.usualMigration, fails: true)
      return Fault(.migration(place.service, place.environment, migration), start: start)
    case .doesNotAnswer(let place): return image(place) { .health(.unreachable("connection refused"), after: $0) }
    case .isPushedAgain(let place): return image(place) { _ in .anotherDigest }
    case .isLocked(let environment, let duration): return Fault(.foreignLock(environment, for: duration), start: start)
    case .isFrozen(let environment, let duration):
      return Fault(.foreignFreeze(environment, for: duration), start: start)
    case .leadsElsewhere(let environment): return Fault(.anotherCluster(environment), start: start)
    case .reviewerMerges(let method): return reviewer { .merges(after: $0, method: method) }
    case .reviewerCloses: return reviewer { .closes(after: $0) }
    case .reviewerNeverComes: return Fault(.reviewer(.neverComes))
    case .reviewerEdits(let service, let version): return reviewer { .editsAndMerges(after: $0, service, version) }
    case .networkLost(let duration): return Fault(.networkLost(for: duration), start: start)
    case .pushesRejected(let count): return Fault(.pushesRejected(count), start: start)
    case .foreignCommits(let interval): return Fault(.foreignCommits(every: interval), start: start)
    case .metric(let name, let place, let value):
      // Later, it is the new version that brings it, and it goes as that goes.
      guard after == nil || fleet.environment(place.environment)?.promotesFrom == nil else {
        return image(place) { .metric(name, value, after: $0) }
      }
      return Fault(.metric(name, place.service, place.environment, value), start: start)
    case .noMetric(let name, let place):
      guard after == nil || fleet.environment(place.environment)?.promotesFrom == nil else {
        return image(place) { .metric(name, nil, after: $0) }
      }
      return Fault(.metric(name, place.service, place.environment, nil), start: start)
    case .programFails, .programNeverEnds, .personSaysNo, .personNeverAnswers: return nil
    case .alert(let name, let place): return image(place) { .alert(name, after: $0) }
    }
  }

  /// Tells those who stand in for programs and persons what they do.
  func standIn(_ standIns: inout StandIns) {
    switch kind {
    case .programFails(let line):
      standIns.programs.insert(StandIns.Program(line, status: 1, duration: after ?? .seconds(5)), at: 0)
    case .programNeverEnds(let line):
      standIns.programs.insert(StandIns.Program(line, status: 1, duration: Self.forEver), at: 0)
    case .personSaysNo: standIns.person = .answersNo(after: after ?? .seconds(20))
    case .personNeverAnswers: standIns.person = .neverAnswers
    case .crashes, .cannotBePulled, .neverReady, .answers, .logsErrors, .movesTo, .syncsSlowly, .setByHand,
      .scaledByHand, .deletedByHand, .healsItself, .scalesTo, .isEvicted, .isDrained, .migrates, .cannotBeMigrated,
      .doesNotAnswer, .isPushedAgain, .isLocked, .isFrozen, .leadsElsewhere, .reviewerMerges, .reviewerCloses,
      .reviewerNeverComes, .reviewerEdits, .networkLost, .pushesRejected, .foreignCommits, .metric, .noMetric, .alert:
      break
    }
  }

  /// Longer than the deadline of any statement.
  private static let forEver = Duration.seconds(365 * 86_400)
  /// How long a migration takes that fails.
  static let usualMigration = Duration.seconds(20)
  /// When a reviewer comes whose time is not said.
  private static let usualReview = Duration.seconds(600)
}

extension StandIns {
  /// The same, but for what a scenario supposes of programs and persons.
  func supposing(_ events: [CheckedEvent]) -> StandIns {
    events.reduce(into: self) { $1.standIn(&$0) }
  }
}
