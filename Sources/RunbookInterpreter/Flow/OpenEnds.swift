import PromotionModel
import RunLog
import RunbookCheck

extension Interpreter {
  /// What a run opened and did not wait for may have been merged meanwhile. Then it has changed something that nobody looked at
  /// (rule 4), and neither *ok* nor *refused* is true any more; no more so where it cannot be told (rule 5).
  func lookAtOpenPullRequests(_ worst: Halt) async -> Halt {
    guard worst.ending == .ok || worst.ending == .refused, SafetyRule.noGoodEndingInIgnorance.holds,
      let forge = setup.world.reading.forge
    else { return worst }
    var worst = worst
    for promotion in memory.current.promotions where promotion.isOpen && promotion.isProtected {
      guard let number = promotion.pullRequest?.number else { continue }
      let step = StepContext(
        setup: setup,
        memory: memory,
        place: RunEvent.Step(path: promotion.step, verb: "promote", line: 0),
        statement: "",
        begun: setup.world.reading.clock.now(),
        wasCutOff: false,
        stored: [:],
        scope: Scope()
      )
      let names = promotion.services.map(\.text).joined(separator: ", ")
      let watch = "; look at it with: slipway run -c 'monitor 30m \(promotion.changes.environment) \(names)'"
      do {
        let pull = try await step.insist { try await forge.pullRequest(number) }
        guard pull.state == .merged else { continue }
        var gate = MergeGate(step: step, promotion: promotion)
        let merged = try await step.insist { try await gate.look(pull) } ?? "#\(number) was merged"
        worst = Halt(.undetermined, "\(merged) meanwhile, and nothing of this run looked at it\(watch)")
      } catch let halt as Halt {
        worst = Halt(max(.undetermined, halt.ending), halt.message)
      } catch {
        if Task.isCancelled { return Halt(.interrupted, "interrupted while looking whether #\(number) was merged") }
        worst = Halt(.undetermined, "whether #\(number) was merged meanwhile could not be told: \(error)\(watch)")
      }
    }
    return worst
  }
}
