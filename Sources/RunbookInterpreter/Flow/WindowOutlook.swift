import PromotionModel
import RunLog
import RunbookCheck

/// Whether a run that asks for a window can finish in it, said at its start: by the waits and monitors that its runbook
/// asks for whatever happens, which is the least that it takes.
struct WindowOutlook {
  let setup: RunSetup
  let scope: Scope

  /// nil where no window is asked for, or none can be told of.
  func event() -> RunEvent.Body? {
    guard let times, let verdict = try? times.verdict(at: now, setup.world.reading.surroundings.zones) else {
      return nil
    }
    let least = least(setup.runbook.body)
    switch verdict {
    case .closed(let local, let why): return .warning("it is \(local): \(why); `require window` will refuse now")
    case .open(let local, let window, let end):
      guard let end else { return .progress("it is \(local), within \(window), which closes in more than a week") }
      let open = "it is \(local), within \(window), which closes in \(Self.minutes(end - now))"
      if least > end - now {
        return .warning(
          "\(open): the runbook waits and monitors for \(least.runbookText) at least and cannot finish in it"
        )
      }
      return .progress(
        "\(open); the runbook waits and monitors for \(least.runbookText) at least, and can finish in it"
      )
    }
  }

  private var now: Timestamp { setup.world.reading.clock.now() }

  /// Those that the first `require window` of the runbook asks for.
  private var times: ReleaseTimes? {
    let policy = setup.runbook.fleet.policy
    for statement in setup.runbook.body.everyStatement {
      guard case .require(let require) = statement.action else { continue }
      switch require.requirement {
      case .condition: continue
      case .configuredWindow: return policy.windows.isEmpty ? nil : ReleaseTimes(policy)
      case .window(let window):
        guard case .constant(let from) = window.from, case .constant(let to) = window.to else { continue }
        let zone = window.zone ?? policy.windows.first?.zone ?? "UTC"
        let hours = WeeklyWindow(days: window.days, from: from, to: to, zone: zone)
        return ReleaseTimes(windows: [hours], blackouts: policy.blackouts)
      }
    }
    return nil
  }

  /// Handlers and what stands in an `if` may never come to pass; what a loop or a retry holds is counted once.
  private func least(_ block: CheckedBlock) -> Duration {
    block.statements.reduce(.zero) { sum, statement in
      switch statement.action {
      case .monitor(let monitor): sum + value(monitor.duration)
      case .waitTime(let duration): sum + value(duration)
      case .loop(let loop): sum + least(loop.block)
      case .retry(let retry): sum + least(retry.block)
      case .within(_, let block): sum + least(block)
      case .call(let call): sum + least(call.block)
      case .validate, .promote, .waitMerge, .waitArrival, .waitUntil, .merge, .verify, .rollback, .reconcile, .sync,
        .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .branch, .stop, .fail:
        sum
      }
    }
  }

  private func value(_ setting: Setting<Duration>) -> Duration {
    switch setting {
    case .constant(let duration): return duration
    case .computed(let expression):
      guard case .variable(let variable) = expression.kind,
        case .duration(let duration)? = scope.variables[variable.slot]?.value
      else { return .zero }
      return duration
    }
  }

  private static func minutes(_ duration: Duration) -> String {
    Duration.seconds(max(60, duration.components.seconds / 60 * 60)).runbookText
  }
}
