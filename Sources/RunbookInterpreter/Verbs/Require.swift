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
      return try await require(PassedWindow(hours: hours))
    case .configuredWindow:
      guard !step.fleet.policy.windows.isEmpty else { throw RequireMessages.noWindow }
      return try await require(PassedWindow(hours: nil))
    }
  }

  private func require(_ condition: CheckedExpression) async throws -> String {
    var evaluator = Evaluator(step: step)
    let holds = try await evaluator.boolean(condition).isTrue
    let told = evaluator.told
    guard holds else { throw try await refusal(RequireMessages.doesNotHold(action.text), told) }
    return told.isEmpty ? "it holds" : told
  }

  private func require(_ window: PassedWindow) async throws -> String {
    switch try window.verdict(step) {
    case .open(let local, let hours, _):
      try step.note(PassedWindow.noteKey, window)
      step.memory.update { _ = $0.passedWindows.remove(window) }
      return "it is \(local), within \(hours)"
    case .closed(let local, let why): throw try await refusal(why, "it is \(local)")
    }
  }

  private func refusal(_ what: String, _ told: String) async throws -> Halt {
    let text = try await step.resolve(action.message) ?? what
    return Halt(.refused, told.isEmpty ? text : "\(text) (\(told))")
  }
}

/// A window that a `require window` has found open. It is open for the process that asked: a run that was cut off or suspended may
/// be gone on with at any time.
struct PassedWindow: Hashable, Sendable, Codable {
  static let noteKey = "window"

  /// nil: the configured ones.
  var hours: WeeklyWindow?

  /// - Throws: ``Halt`` with *refused* for a zone that is not known.
  fileprivate func verdict(_ step: StepContext) throws -> ReleaseTimes.Verdict {
    let policy = step.fleet.policy
    let times = hours.map { ReleaseTimes(windows: [$0], blackouts: policy.blackouts) } ?? ReleaseTimes(policy)
    do {
      return try times.verdict(at: step.clock.now(), step.reading.surroundings.zones)
    } catch let error as WorldError where error.reason == .notFound {
      throw Halt(.refused, "\(error)")
    }
  }
}

extension StepContext {
  /// Asks once more for the windows that an earlier process of the run found open, before this one brings something to a
  /// protected environment. A session is no plan of which the window was a part.
  /// - Throws: ``Halt`` with *refused* where one is closed now.
  func requireWindowsStillOpen(_ environment: EnvironmentName) throws {
    guard fleet.environment(environment)?.isProtected ?? true, !setup.record.isSession else { return }
    for window in memory.current.passedWindows {
      switch try window.verdict(self) {
      case .open: memory.update { _ = $0.passedWindows.remove(window) }
      case .closed(let local, let why): throw Halt(.refused, RequireMessages.closedSince(local, why))
      }
    }
  }
}

/// All wording of `require`.
enum RequireMessages {
  static func doesNotHold(_ condition: String) -> String { "required, and does not hold: \(condition)" }
  static func closedSince(_ local: LocalTime, _ why: String) -> String {
    "the run was gone on with when its window was closed: \(why) (it is \(local)); run it anew in the window"
  }
  static let noWindow = Halt(
    .refused,
    "no window is configured: write one, as in `require window weekdays 18:00 to 22:00 \"Europe/London\"`, "
      + "or set `policy.window` in the configuration"
  )
}
