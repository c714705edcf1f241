import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld

extension Inspection {
  /// What the run announced as complete stood as it was planned, and was healthy, when people were told.
  func announcements(in environment: EnvironmentName) -> [Harm] {
    let others = foreign(in: environment, ExitStatus.failed)
    for received in account.world.announcements {
      guard let completed = completed(received, in: environment), let truth = received.truth[environment] else {
        continue
      }
      // What happened past git a moment before was in no look that could have kept it from being told.
      let late = account.world.disturbances.filter { $0.began > received.time - .seconds(60) }
        .filter { $0.environment == environment }.map(\.service)
      let wrong = completed.filter { name, tag in
        guard !others.contains(name), !late.contains(name) else { return false }
        return truth[name].map { !$0.standsWhole(at: tag) || !$0.isHealthy } ?? true
      }
      guard !wrong.isEmpty else { continue }
      return [told(.completeIsTrue, "it was announced as complete", wrong.keys.sorted(), truth, environment)]
    }
    return []
  }

  /// The tags of what an announcement calls complete: the newest promotion, without what was taken back of it since; nil
  /// where it calls nothing so.
  private func completed(_ received: ReceivedAnnouncement, in environment: EnvironmentName) -> [ServiceName: String]? {
    var promoted: (environment: EnvironmentName, tags: [ServiceName: String])?
    for event in account.events where event.time <= received.time {
      if case .planned(let changes, _) = event.body {
        if event.step?.verb == "promote" {
          let tags = changes.services.map { ($0.service, $0.toTag) }
          promoted = (changes.environment, Dictionary(tags, uniquingKeysWith: { first, _ in first }))
        } else if changes.environment == promoted?.environment {
          for change in changes.services { promoted?.tags[change.service] = nil }
        }
      }
      guard case .stepStarted(let statement) = event.body, let step = event.step, step.verb == "announce",
        received.announcement.id == "\(run) \(step.path)", statement.hasPrefix("announce complete")
      else { continue }
      return promoted?.environment == environment ? promoted?.tags : nil
    }
    return nil
  }
}
