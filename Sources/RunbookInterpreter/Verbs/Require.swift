import PromotionModel
import RunLog
import RunbookCheck

/// `require CONDITION [else "message"]` and `require window …`: goes on when it holds, else *refused*, with the values
/// that were looked at.
struct Require {
  let action: RequireAction
  let step: StepContext

  func run() async throws -> String {
    switch action.requirement {
    case .condition(let condition): return try await require(condition)
    case .window(let window):
      let zone = window.zone ?? step.fleet.policy.window?.zone
      let hours = WeeklyWindow(
        days: window.days,
        from: try await step.resolve(window.from),
        to: try await step.resolve(window.to),
        zone: zone ?? "UTC"
      )
      return try await require(hours)
    case .configuredWindow:
      guard let window = step.fleet.policy.window else { throw RequireMessages.noWindow }
      return try await require(
        WeeklyWindow(days: window.days, from: window.from, to: window.to, zone: window.zone)
      )
    }
  }

  private func require(_ condition: CheckedExpression) async throws -> String {
    var evaluator = Evaluator(step: step)
    let holds = try await evaluator.boolean(condition).isTrue
    let told = evaluator.told
    guard holds else { throw try await refusal(RequireMessages.doesNotHold(action.text), told) }
    return told.isEmpty ? "it holds" : told
  }

  private func require(_ window: WeeklyWindow) async throws -> String {
    let now = step.clock.now()
    let local: LocalTime
    do {
      local = try LocalTime(now, in: window.zone, step.reading.surroundings.zones)
    } catch let error as WorldError where error.reason == .notFound {
      throw Halt(.refused, "\(error)")
    }
    guard window.contains(local) else {
      throw try await refusal(RequireMessages.outside(window), "it is \(local)")
    }
    return "it is \(local), within \(window)"
  }

  private func refusal(_ what: String, _ told: String) async throws -> Halt {
    let text = try await step.resolve(action.message) ?? what
    return Halt(.refused, told.isEmpty ? text : "\(text) (\(told))")
  }
}

/// All wording of `require`.
enum RequireMessages {
  static func doesNotHold(_ condition: String) -> String { "required, and does not hold: \(condition)" }
  static func outside(_ window: WeeklyWindow) -> String { "this is outside of \(window)" }
  static let noWindow = Halt(
    .refused,
    "no window is configured: write one, as in `require window weekdays 18:00 to 22:00 \"Europe/London\"`, "
      + "or set `policy.window` in the configuration"
  )
}
