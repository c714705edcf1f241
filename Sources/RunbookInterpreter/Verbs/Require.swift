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
      let zone = window.zone ?? step.fleet.policy.windows.first?.zone
      let hours = WeeklyWindow(
        days: window.days,
        from: try await step.resolve(window.from),
        to: try await step.resolve(window.to),
        zone: zone ?? "UTC"
      )
      return try await require(ReleaseTimes(windows: [hours], blackouts: step.fleet.policy.blackouts))
    case .configuredWindow:
      let times = ReleaseTimes(step.fleet.policy)
      guard !times.windows.isEmpty else { throw RequireMessages.noWindow }
      return try await require(times)
    }
  }

  private func require(_ condition: CheckedExpression) async throws -> String {
    var evaluator = Evaluator(step: step)
    let holds = try await evaluator.boolean(condition).isTrue
    let told = evaluator.told
    guard holds else { throw try await refusal(RequireMessages.doesNotHold(action.text), told) }
    return told.isEmpty ? "it holds" : told
  }

  private func require(_ times: ReleaseTimes) async throws -> String {
    let verdict: ReleaseTimes.Verdict
    do {
      verdict = try times.verdict(at: step.clock.now(), step.reading.surroundings.zones)
    } catch let error as WorldError where error.reason == .notFound {
      throw Halt(.refused, "\(error)")
    }
    switch verdict {
    case .open(let local, let window, _): return "it is \(local), within \(window)"
    case .closed(let local, let why): throw try await refusal(why, "it is \(local)")
    }
  }

  private func refusal(_ what: String, _ told: String) async throws -> Halt {
    let text = try await step.resolve(action.message) ?? what
    return Halt(.refused, told.isEmpty ? text : "\(text) (\(told))")
  }
}

/// All wording of `require`.
enum RequireMessages {
  static func doesNotHold(_ condition: String) -> String { "required, and does not hold: \(condition)" }
  static let noWindow = Halt(
    .refused,
    "no window is configured: write one, as in `require window weekdays 18:00 to 22:00 \"Europe/London\"`, "
      + "or set `policy.window` in the configuration"
  )
}
