import PromotionModel
import RunLog
import RunbookCheck

/// `freeze ENV until DATE-TIME [except TEAM] because "…"`: no run promotes to the environment until then, unless somebody of
/// the team runs it. Kept in the GitOps repository, so every clone and every machine sees it. `rollback` does not ask (rule
/// 7).
struct FreezeEnvironment {
  let action: FreezeAction
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment).name
    if let unknown = Self.unknownTeam(action, step.fleet) { throw Halt(.refused, unknown) }
    let until = try await step.resolve(action.until)
    let freeze = Freeze(
      environment: environment,
      until: until,
      except: action.except,
      reason: Subjects.line(try await step.told(action.reason) ?? ""),
      holder: step.setup.identity,
      run: step.run,
      step: step.place.path.description
    )
    let now = step.clock.now()
    guard freeze.holds(at: now) else { throw Halt(.refused, "\(until) is past, so it would freeze nothing") }
    let standing = try await step.insist { try await step.reading.repository.freeze(of: environment) }
    if let standing, standing.holds(at: now), standing.until > until, !step.isOwn(standing) {
      let advice = "`thaw \(environment) because \"…\"` ends that first"
      throw Halt(.refused, "it is frozen for longer already: \(standing.message); \(advice)")
    }
    try await step.set(freeze, of: environment, replacing: standing)
    try step.keep(FreezeChange(environment: environment, isFrozen: true, message: freeze.message))
    await Announce.tell("❄️ \(freeze.message)", step)
    return freeze.message
  }

  /// What is wrong with the team of a statement; nil when nothing is.
  static func unknownTeam(_ action: FreezeAction, _ fleet: Fleet) -> String? {
    guard let team = action.except, fleet.policy.teams[team] == nil else { return nil }
    let known = fleet.policy.teams.keys.sorted().joined(separator: ", ")
    return "`except \(team)`: there is no such team; "
      + (known.isEmpty ? "none is configured (`policy.teams`)" : "configured: \(known)")
  }
}

/// `thaw ENV because "…"`: ends a freeze, whoever made it; the reason is announced wherever announcements go.
struct ThawEnvironment {
  let environment: EnvironmentName
  let reason: Setting<String>
  let step: StepContext

  func run() async throws -> String {
    let reason = Subjects.line(try await step.told(reason) ?? "")
    let standing = try await step.insist { try await step.reading.repository.freeze(of: environment) }
    guard let standing else {
      return step.wasCutOff ? "\(environment) is thawed" : "\(environment) is not frozen"
    }
    try await step.set(nil, of: environment, replacing: standing)
    try step.keep(FreezeChange(environment: environment, isFrozen: false, message: standing.message))
    guard standing.holds(at: step.clock.now()) else { return "the freeze was over: \(standing.message)" }
    let message = "\(environment) is thawed by \(step.setup.identity): \(reason). Until now \(standing.message)"
    await Announce.tell("☀️ \(message)", step)
    return "\(environment) is thawed: \(reason)"
  }
}

/// That an environment was frozen or thawed: a change of the run that outlives it.
struct FreezeChange: Hashable, Sendable, Codable {
  static let noteKey = "freeze.made"

  var environment: EnvironmentName
  /// Otherwise it was thawed.
  var isFrozen: Bool
  /// The freeze, in words.
  var message: String

  /// For whoever reads the end of the run.
  var sentence: String {
    isFrozen
      ? "\(message), and stays so: `thaw \(environment) because \"…\"` ends it"
      : "\(environment) stays thawed; before, \(message)"
  }
}

extension RunMemory {
  /// What this run has frozen itself and thawed again is as before.
  func keep(_ change: FreezeChange) {
    update { state in
      let former = state.freezes[change.environment]
      state.freezes[change.environment] = former?.isFrozen == true && !change.isFrozen ? nil : change
    }
  }
}

extension StepContext {
  fileprivate func keep(_ change: FreezeChange) throws {
    memory.keep(change)
    try note(FreezeChange.noteKey, change)
  }

  func isOwn(_ freeze: Freeze) -> Bool { freeze.run == run && freeze.step == place.path.description }

  fileprivate func set(_ freeze: Freeze?, of environment: EnvironmentName, replacing standing: Freeze?) async throws {
    let outcome: FreezeOutcome
    do {
      outcome = try await insist {
        try await writing.repository.setFreeze(freeze, of: environment, replacing: standing)
      }
    } catch let error as WorldError where error.reason == .refused || error.reason == .unauthorized {
      throw Halt(.refused, "\(error)")
    }
    if case .changed(let other) = outcome {
      throw Halt(
        .refused,
        "somebody was faster: " + (other?.message ?? "\(environment) is no longer frozen") + "; nothing was written"
      )
    }
  }

  /// - Throws: ``Halt`` with *refused* while the environment is frozen, unless for the team of whoever runs this.
  func requireThawed(_ environment: EnvironmentName) async throws {
    let freeze = try await insist { try await reading.repository.freeze(of: environment) }
    guard let freeze, freeze.holds(at: clock.now()) else { return }
    if let team = freeze.except, fleet.policy.isMember(setup.identity, of: team) {
      emit(.warning("\(freeze.message); \(setup.identity) is of \(team)"), environment: environment)
      return
    }
    throw Halt(.refused, "\(freeze.message); `thaw \(environment) because \"…\"` ends it, and tells everybody")
  }
}
