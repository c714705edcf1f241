import PromotionModel
import RunLog
import RunbookCheck

/// `wait DURATION`: time, counted from when the step was first begun.
struct WaitTime {
  let duration: Duration
  let step: StepContext

  func run() async throws -> String {
    let until = step.begun + duration
    step.emit(.progress("until \(until.wholeSecond)"))
    try await step.clock.sleep(until: until)
    return "waited \(duration.runbookText)"
  }
}

/// `wait sync` and `wait rollout`: until arrived (rule 2).
struct WaitArrival {
  let action: WaitArrivalTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment)
    try await step.identify(environment.name)
    let services = try await step.services(action.targets, in: environment.name)
    guard !services.isEmpty else { return try step.nothing(to: "wait for", action.targets, in: environment.name) }
    let arrivals = Arrivals(step: step)
    let targets = try await arrivals.targets(services, in: environment.name)
    let deadlines = step.fleet.policy.deadlines
    let within = action.within ?? (action.untilRolledOut ? deadlines.rollout : deadlines.sync)
    try await arrivals.wait(
      for: targets,
      in: environment,
      until: step.begun + within,
      needsRollout: action.untilRolledOut
    )
    return targets.map { "\($0.service.name) \($0.tag)" }.joined(separator: ", ") + " arrived"
  }
}

/// `wait until 18:00`, `wait until 2026-12-24T18:00+00:00`. Counts from when the step was first begun, so that a resumed
/// run waits for the same moment. A time of the day is one in the zone of the first configured window, else in UTC; which
/// day that is, and that it is not today, is said before anything is waited for.
struct WaitUntil {
  let action: WaitUntilAction
  let step: StepContext

  private var zones: any TimeZoneReading { step.reading.surroundings.zones }

  func run() async throws -> String {
    let zone = step.fleet.policy.windows.first?.zone ?? "UTC"
    let moment: Timestamp
    do {
      switch action {
      case .dateTime(let setting): moment = try await step.resolve(setting)
      case .clockTime(let setting):
        let minutes = try await step.resolve(setting)
        moment = try LocalTime.next(minutes, from: step.begun, in: zone, zones)
        try tellDay(of: moment, minutes, in: zone)
      }
      let text = try text(moment, in: zone)
      guard moment > step.clock.now() else { return "\(text) is past already" }
      let left = Duration.seconds(max(1, (moment - step.clock.now()).components.seconds))
      step.emit(.progress("until \(text), in \(left.runbookText)"))
      try await step.clock.sleep(until: moment)
      return "waited until \(text)"
    } catch let error as WorldError where error.reason == .notFound {
      throw Halt(.refused, "\(error)")
    }
  }

  /// A time that is past today is tomorrow's: perhaps a night longer than whoever wrote it thought.
  private func tellDay(of moment: Timestamp, _ minutes: Int, in zone: String) throws {
    let (now, then) = (try LocalTime(step.begun, in: zone, zones), try LocalTime(moment, in: zone, zones))
    guard then.day > now.day else { return }
    step.emit(
      .warning(
        "\(LocalTime.text(minutes)) is past today: it is \(now) (\(now.day.text)), so this waits for \(then) (\(then.day.text))"
      )
    )
  }

  /// As clocks of the zone show it, and for everybody else.
  private func text(_ moment: Timestamp, in zone: String) throws -> String {
    let local = try LocalTime(moment, in: zone, zones)
    return zone == "UTC" ? "\(local) (\(local.day.text))" : "\(local) (\(moment.wholeSecond))"
  }
}
