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
    guard !services.isEmpty else { return "nothing to wait for" }
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
/// run waits for the same moment.
struct WaitUntil {
  let action: WaitUntilAction
  let step: StepContext

  func run() async throws -> String {
    let moment: Timestamp
    switch action {
    case .dateTime(let setting): moment = try await step.resolve(setting)
    case .clockTime(let setting):
      let minutes = try await step.resolve(setting)
      let zone = step.fleet.policy.windows.first?.zone ?? "UTC"
      do {
        moment = try LocalTime.next(minutes, from: step.begun, in: zone, step.reading.surroundings.zones)
      } catch let error as WorldError where error.reason == .notFound {
        throw Halt(.refused, "\(error)")
      }
    }
    guard moment > step.clock.now() else { return "\(moment.wholeSecond) is past already" }
    step.emit(.progress("until \(moment.wholeSecond)"))
    try await step.clock.sleep(until: moment)
    return "waited until \(moment.wholeSecond)"
  }
}
