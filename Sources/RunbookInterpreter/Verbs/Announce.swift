import PromotionModel
import RunLog
import RunbookCheck

/// `announce "text"|planned|complete|rolled-back [to NAME]`: tells people, at the configured places, all at once.
///
/// A place that cannot be reached is a warning and stops nothing: neither a release nor a rollback hangs on a chat. What is
/// about to be sent is stored before it is sent, so a resumed run sends nothing twice; when a process died in between, it
/// says that nobody can tell whether the message arrived, and does not send it again.
struct Announce {
  let action: AnnounceAction
  let step: StepContext

  /// How long a place may take while a rollback waits behind the message.
  private static let shortest = Duration.seconds(5)

  /// The note of a message that says what is planned, and that arrived.
  static let plannedKey = "announced.planned"

  /// What is known of a message to a place.
  private enum Sent: String, Codable {
    case sending, sent
    case givenUp = "given up"
  }

  private struct Outcome: Sendable {
    var place: String
    /// nil: it arrived.
    var problem: String?
    var isNew = false
  }

  func run() async throws -> String {
    if let missing = Self.missing(action, step.fleet) { throw Halt(.refused, missing) }
    let places = step.fleet.announcements.places.filter { action.place == nil || $0.name == action.place }
    if case .complete = action.message, let why = AnnouncedFacts(step: step).obstacleToComplete {
      step.emit(.warning(AnnounceMessages.notComplete(why)))
      return "nothing was announced: \(why)"
    }
    guard let message = try await message() else {
      return "nothing was \(AnnounceMessages.done(action.message)), so there is nothing to announce"
    }
    let outcomes = await Self.send(message, to: places, step)
    try Task.checkCancellation()
    let delivered = outcomes.filter { $0.problem == nil }.map(\.place)
    let others = outcomes.filter { $0.problem != nil }.map(\.place)
    if case .planned = action.message, !delivered.isEmpty {
      try step.note(Self.plannedKey, true)
      step.memory.update { $0.isPlannedAnnounced = true }
    }
    if delivered.isEmpty { return "announced nowhere: \(others.joined(separator: ", ")) could not be reached" }
    return "announced to \(delivered.joined(separator: ", "))"
      + (others.isEmpty ? "" : "; not to \(others.joined(separator: ", "))")
  }

  /// Tells every place what a statement did that is no `announce`.
  static func tell(_ message: String, _ step: StepContext) async {
    _ = await send(message, to: step.fleet.announcements.places, step)
  }

  private static func send(_ message: String, to places: [AnnouncementPlace], _ step: StepContext) async -> [Outcome] {
    let text = AnnouncementText.harmless(step.memory.withoutSecrets(message))
    let announcement = Announcement(
      id: "\(step.run) \(step.place.path)",
      text: text,
      pullRequest: step.memory.current.promotions.last { $0.pullRequest != nil }?.pullRequest?.number
    )
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      for place in places { group.addTask { await deliver(announcement, to: place, step) } }
      var outcomes: [Outcome] = []
      for await outcome in group { outcomes.append(outcome) }
      return outcomes.sorted { $0.place < $1.place }
    }
    for outcome in outcomes {
      if let problem = outcome.problem {
        step.emit(.warning(AnnounceMessages.notDelivered(outcome.place, problem)))
      } else if outcome.isNew {
        step.emit(.announced(place: outcome.place, text: text))
      }
    }
    return outcomes
  }

  /// What is wrong with the places of a statement, before anything is sent; nil when nothing is.
  static func missing(_ action: AnnounceAction, _ fleet: Fleet) -> String? {
    let names = fleet.announcements.places.map(\.name)
    guard !names.isEmpty else { return AnnounceMessages.noPlaces }
    guard let place = action.place, !names.contains(place) else { return nil }
    return AnnounceMessages.unknownPlace(place, among: names)
  }

  // MARK: The message

  private func message() async throws -> String? {
    let kind: AnnouncementKind
    let text: AnnouncementText?
    let facts = AnnouncedFacts(step: step)
    switch action.message {
    case .text(let setting):
      let text: String = try await step.resolve(setting)
      return text
    case .planned: (kind, text) = (.planned, try await facts.planned())
    case .complete: (kind, text) = (.complete, try facts.complete())
    case .rolledBack: (kind, text) = (.rolledBack, try facts.rolledBack())
    }
    return text?.filled(step.fleet.announcements.templates[kind] ?? AnnouncementText.template(kind))
  }

  // MARK: Sending

  private static func deliver(
    _ announcement: Announcement,
    to place: AnnouncementPlace,
    _ step: StepContext
  ) async -> Outcome {
    let key = "announce.\(place.name)"
    var outcome = Outcome(place: place.name)
    let limit = step.keepsRescueWaiting ? Self.shortest : step.fleet.policy.deadlines.announce
    do {
      switch try step.stored(key, as: Sent.self) {
      case .sent: return outcome
      case .givenUp:
        outcome.problem = "an earlier process of this run could not send it"
        return outcome
      case .sending:
        // A comment can be looked for; what went to a chat cannot.
        guard case .pullRequestComment = place.road else {
          outcome.problem = AnnounceMessages.unknownWhether
          return outcome
        }
      case nil: break
      }
      if case .pullRequestComment = place.road, announcement.pullRequest == nil {
        outcome.problem = "this run has no pull request to comment on"
        return outcome
      }
      if let obstacle = step.writing.announcer.obstacle(to: place) {
        outcome.problem = obstacle
        return outcome
      }
      try step.note(key, Sent.sending)
      let announcer = step.writing.announcer
      try await step.limited(to: limit) {
        try await step.insist(for: step.keepsRescueWaiting ? .zero : limit, on: { $0.reason == .unreachable }) {
          try await announcer.send(announcement, to: place)
        }
      }
      outcome.isNew = true
      try step.note(key, Sent.sent)
    } catch is CancellationError {
      outcome.problem = "it was interrupted"
    } catch {
      outcome.problem = "\(error)"
      if let halt = error as? Halt { outcome.problem = halt.message }
      if !Task.isCancelled, !outcome.isNew { try? step.note(key, Sent.givenUp) }
    }
    return outcome
  }
}

extension StepContext {
  /// In a handler, and a rollback of the runbook has something to take back yet: nothing may keep it waiting (rule 7).
  fileprivate var keepsRescueWaiting: Bool {
    guard scope.isAnswer, memory.current.promotions.contains(where: { !$0.isTakenBack && !$0.isWithdrawn }) else {
      return false
    }
    return setup.runbook.body.everyStatement.contains { statement in
      if case .rollback = statement.action { true } else { false }
    }
  }
}

/// All wording of `announce`.
enum AnnounceMessages {
  static let noPlaces =
    "no place to announce to is configured: name one in the configuration, as in "
    + "`announce: { places: { team: { webhook: SLACK_WEBHOOK_URL } } }`"

  static let unknownWhether =
    "an earlier process of this run ended while it sent it; whether it arrived is not known, and it is not sent again"

  static func unknownPlace(_ name: String, among names: [String]) -> String {
    "`announce … to \(name)`: there is no such place; configured: \(names.joined(separator: ", "))"
  }

  static func notComplete(_ why: String) -> String { "not announced as complete: \(why)" }

  static func unseen(_ services: [ServiceName]) -> String {
    "nothing has looked at \(services.map(\.text).joined(separator: ", ")) since: `announce complete` stands behind `monitor`"
  }

  static func notDelivered(_ place: String, _ problem: String) -> String { "not announced to \(place): \(problem)" }

  static func done(_ message: AnnounceAction.Message) -> String {
    switch message {
    case .text: "said"
    case .planned: "planned"
    case .complete: "promoted"
    case .rolledBack: "rolled back"
    }
  }
}
