import FoundationEssentials
import PromotionModel
import RunLog

/// Puts what earlier processes of a run stored back into its memory.
struct RunRestoration {
  let memory: RunMemory
  let fleet: Fleet

  /// - Parameter step: whose notes they are.
  func take(_ notes: [String: String], of step: StepPath, ending: Ending?) throws {
    if let json = notes[Undoing.noteKey] {
      let undoing = try JSONDecoder().decode(Undoing.self, from: Data(json.utf8))
      if !undoing.isOver { memory.update { $0.undoing[step] = undoing } }
      let environment = fleet.environment(undoing.environment)
      memory.markChanged(undoing.services, in: undoing.environment, isProtected: environment?.isProtected ?? true)
    }
    if let json = notes[Validate.noteKey] {
      let validation = try JSONDecoder().decode(Validate.Stored.self, from: Data(json.utf8))
      memory.update { state in
        if let environment = validation.environment {
          for name in validation.services ?? [] { state.seals[environment]?[name] = nil }
        }
        for seal in validation.seals { state.seals[seal.environment, default: [:]][seal.service] = seal }
        state.findings += validation.findings
      }
    }
    if let json = notes[Promotion.noteKey] {
      let promotion = try JSONDecoder().decode(Promotion.self, from: Data(json.utf8))
      memory.store(promotion)
      if promotion.commit != nil {
        memory.markChanged(
          promotion.services.filter { !promotion.takenBack.contains($0) },
          in: promotion.changes.environment,
          isProtected: promotion.isProtected
        )
      }
    }
    if let json = notes[StandsAlready.noteKey] {
      let standing = try JSONDecoder().decode(StandsAlready.self, from: Data(json.utf8))
      memory.update { $0.standing.append(standing) }
    }
    if let json = notes[FreezeChange.noteKey] {
      memory.keep(try JSONDecoder().decode(FreezeChange.self, from: Data(json.utf8)))
    }
    if ending == .ok, let json = notes[PassedWindow.noteKey] {
      let passed = try JSONDecoder().decode(PassedWindow.self, from: Data(json.utf8))
      memory.update { _ = $0.passedWindows.insert(passed) }
    }
    if notes[Announce.plannedKey] != nil { memory.update { $0.isPlannedAnnounced = true } }
    if let json = notes[Rollback.noteKey] {
      let plan = try JSONDecoder().decode(Rollback.Stored.self, from: Data(json.utf8))
      let environment = plan.changes.environment
      if ending.map({ !Interpreter.isFinal($0) }) ?? true { memory.update { $0.attempted[step] = plan.changes } }
      memory.markChanged(
        plan.changes.services.map(\.service),
        in: environment,
        isProtected: fleet.environment(environment)?.isProtected ?? true
      )
    }
    if ending != .ok, let json = notes[RollbackByPullRequest.noteKey] {
      let proposed = try JSONDecoder().decode(RollbackByPullRequest.Proposed.self, from: Data(json.utf8))
      if proposed.isOver != true { memory.update { $0.proposedReturns[step] = proposed } }
    }
    if let json = notes[Arrivals.writtenKey] {
      memory.keep(written: try JSONDecoder().decode([Arrivals.Written].self, from: Data(json.utf8)))
    }
    if let json = notes[Touching.noteKey] {
      let touching = try JSONDecoder().decode(Touching.self, from: Data(json.utf8))
      let environment = fleet.environment(touching.environment)
      memory.markChanged(touching.services, in: touching.environment, isProtected: environment?.isProtected ?? true)
    }
    if ending != .ok, let json = notes[Failure.noteKey] {
      memory.markTroubled(try JSONDecoder().decode(Failure.self, from: Data(json.utf8)))
    }
    if ending == .ok, let json = notes[Arrivals.seenKey] {
      let seen = try JSONDecoder().decode(Arrivals.Seen.self, from: Data(json.utf8))
      memory.markSeen(seen.services, in: seen.environment)
    }
  }
}
