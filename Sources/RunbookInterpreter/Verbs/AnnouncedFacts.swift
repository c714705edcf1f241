import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

/// What a run knows for the guide's messages; nil where there is nothing to tell.
struct AnnouncedFacts {
  let step: StepContext

  /// A service on its way.
  private struct Change {
    var service: ServiceName
    var from: String?
    /// nil while only the statement that promotes it will know.
    var to: String?
  }

  // MARK: The messages

  /// Of the pull request that waits to be merged, else of the next `promote` of the runbook.
  func planned() async throws -> AnnouncementText? {
    if let waiting = step.memory.current.promotions.last(where: { $0.commit == nil && !$0.isWithdrawn }) {
      return text(waiting.changes.environment, changes(waiting.changes), source: source(waiting.changes.environment))
    }
    guard let next = nextPromotion else { return nil }
    let head = try await step.insist { try await step.reading.repository.head() }
    let source = try await step.insist { try await step.reading.repository.declared(next.source, at: head.id) }
    let target = try await step.insist { try await step.reading.repository.declared(next.target, at: head.id) }
    let seals = step.memory.current.seals[next.source] ?? [:]
    // What the statement names may be made of variables that have no value before it: then it is what was validated for it.
    let named = try await ifKnown { try await step.resolve(next.targets) } ?? .services(seals.keys.sorted())
    let version: Version?? = try await ifKnown { try await step.resolve(next.version) }
    var changes: [Change] = []
    for name in try await step.services(named, in: next.source, at: head.id) {
      guard let service = step.fleet.service(name) else { continue }
      if case .all = named, target.services[name]?.isEnabled != true || target.services[name]?.exists != true {
        continue
      }
      let from = target.services[name]?.tag
      guard let version else {
        changes.append(Change(service: name, from: from, to: nil))
        continue
      }
      guard let to = version.map(service.tag.tag) ?? seals[name]?.tag ?? source.services[name]?.tag, to != from else {
        continue
      }
      changes.append(Change(service: name, from: from, to: to))
    }
    guard !changes.isEmpty else { return nil }
    // What the promotion gives as its reason may be made of what is known only then.
    let reason = try? await step.resolve(next.reason) as String?
    var text = text(next.target, changes, source: next.source)
    text.fields["changes"] = reason ?? nil
    return text
  }

  /// - Returns: nil where it cannot be told before the statement that it belongs to.
  private func ifKnown<T>(_ value: () async throws -> T) async throws -> T? {
    do { return try await value() } catch let halt as Halt where halt.ending != .interrupted { return nil }
  }

  /// The newest promotion that stands.
  private var live: (environment: EnvironmentName, promotion: Promotion, changes: [Change])? {
    guard let promotion = step.memory.current.promotions.last(where: { $0.commit != nil && !$0.isTakenBack }) else {
      return nil
    }
    let live = changes(promotion.changes).filter { !promotion.takenBack.contains($0.service) }
    return (promotion.changes.environment, promotion, live)
  }

  /// Why what was promoted last is not to be called complete: the newest look at a part of it did not end well, or nobody
  /// looked (rule 4, in what people are told). nil where it is well.
  var obstacleToComplete: String? {
    guard SafetyRule.noGoodEndingInIgnorance.holds, let (environment, _, changes) = live else { return nil }
    let state = step.memory.current
    var troubles: [String] = []
    var unseen: [ServiceName] = []
    for service in changes.map(\.service) {
      if let trouble = state.troubled[environment]?[service] {
        if !troubles.contains(trouble) { troubles.append(trouble) }
      } else if state.seen[environment]?.contains(service) != true {
        unseen.append(service)
      }
    }
    if !unseen.isEmpty { troubles.append(AnnounceMessages.unseen(unseen)) }
    return troubles.isEmpty ? nil : troubles.joined(separator: "; ")
  }

  func complete() throws -> AnnouncementText? {
    guard let (environment, promotion, live) = self.live else { return nil }
    var text = text(environment, live, source: source(environment))
    text.fields["status"] = status(environment, "Healthy, no errors detected")
    text.fields["changes"] = promotion.reason
    return text
  }

  func rolledBack() throws -> AnnouncementText? {
    guard let (record, back) = try lastRollback else { return nil }
    let environment = back.changes.environment
    var text = text(environment, changes(back.changes), source: nil)
    text.fields["status"] = status(environment, "git and cluster have the former versions again")
    text.fields["reason"] = step.scope.failure?.message ?? record.statement
    text.fields["rollback"] = nil
    return text
  }

  // MARK: Fields

  private func text(_ environment: EnvironmentName, _ changes: [Change], source: EnvironmentName?) -> AnnouncementText {
    var text = AnnouncementText()
    text.fields["environment"] = environment.text
    text.fields["services"] = changes.map { change in
      "\(change.service)" + (change.to.map { " \(version(change.service, $0))" } ?? "")
    }.joined(separator: ", ")
    text.fields["time"] = AnnouncementText.time(step.clock.now())
    text.fields["run"] = step.run.text + (step.setup.url.isEmpty ? "" : " \(step.setup.url)")
    text.fields["risk"] = risk(changes)
    let back = changes.map { change in
      change.from.map { "\(change.service) \(version(change.service, $0))" } ?? "\(change.service) is new"
    }
    text.fields["rollback"] = "revert to " + back.joined(separator: ", ")
    if let source { text.fields["validated"] = validated(changes.map(\.service), in: source) }
    let dashboards = changes.compactMap { step.fleet.service($0.service)?.dashboards[environment] }
    var seen: Set<String> = []
    text.fields["monitoring"] = dashboards.filter { seen.insert($0).inserted }.joined(separator: " ")
    return text
  }

  /// An input named `risk`, else by the largest step of a version.
  private func risk(_ changes: [Change]) -> String {
    if let said = Self.riskInput(step) { return said }
    let levels = changes.map { change in
      let pattern = step.fleet.service(change.service)?.tag
      return RiskLevel(
        from: change.from.flatMap { pattern?.version(ofTag: $0) },
        to: change.to.flatMap { pattern?.version(ofTag: $0) }
      )
    }
    return (levels.max() ?? .low).rawValue
  }

  /// What the input `risk` of the runbook says; nil where it has none.
  static func riskInput(_ step: StepContext) -> String? { input("risk", step) }

  /// What an input of the runbook says; nil where it has none of that name.
  static func input(_ name: String, _ step: StepContext) -> String? {
    guard let input = step.setup.runbook.inputs.first(where: { $0.variable.name == name }),
      let value = step.scope.variables[input.variable.slot], !value.isSecret
    else { return nil }
    return value.value.text
  }

  /// What `validate` found, by check: ticked only where every service was seen to be good.
  private func validated(_ services: [ServiceName], in environment: EnvironmentName) -> String {
    let seals = step.memory.current.seals[environment] ?? [:]
    let unsealed = services.filter { seals[$0] == nil }
    guard unsealed.isEmpty else {
      return "❌ not in this run: \(unsealed.map(\.text).joined(separator: ", "))"
    }
    let findings = step.memory.current.findings.filter { $0.service.map(services.contains) == true }
    var checks: [String] = []
    for finding in findings where finding.result == .good && !checks.contains(finding.check) {
      checks.append(finding.check)
    }
    let unchecked = Set(findings.filter { $0.result == .notChecked }.map(\.check)).sorted()
    return "✅ in \(environment): \(checks.joined(separator: ", "))"
      + (unchecked.isEmpty ? "" : " (not checked everywhere: \(unchecked.joined(separator: ", ")))")
  }

  /// - Parameter seen: what to say when the run looked at everything that it changed (rule 4).
  private func status(_ environment: EnvironmentName, _ seen: String) -> String {
    let unseen = step.memory.current.unseen[environment] ?? []
    return unseen.isEmpty ? seen : "not looked at yet: \(unseen.sorted().map(\.text).joined(separator: ", "))"
  }

  private func version(_ service: ServiceName, _ tag: String) -> String {
    step.fleet.service(service)?.tag.version(ofTag: tag).map { "v\($0)" } ?? tag
  }

  private func changes(_ set: ChangeSet) -> [Change] {
    set.services.map { Change(service: $0.service, from: $0.fromTag, to: $0.toTag) }
  }

  private func source(_ environment: EnvironmentName) -> EnvironmentName? {
    step.fleet.environment(environment)?.promotesFrom
  }

  // MARK: Where it stands

  /// The `promote` after this statement in the order of the text; what was called before is not followed.
  private var nextPromotion: PromoteAction? {
    let all = step.setup.runbook.body.everyStatement
    let here = all.firstIndex { statement in
      guard case .announce = statement.action else { return false }
      return statement.line == step.place.line && statement.text == step.statement
    }
    return all[(here ?? all.startIndex)...].lazy.compactMap { statement in
      if case .promote(let promote) = statement.action { promote } else { nil }
    }.first
  }

  /// The newest rollback of this run that came to its end.
  private var lastRollback: (StepRecord, Rollback.Stored)? {
    get throws {
      for record in try step.setup.journal.steps(of: step.run).reversed() {
        guard record.verb == "rollback", record.outcome?.ending == .ok else { continue }
        let notes = try step.setup.journal.notes(of: step.run, step: record.step)
        guard let json = notes[Rollback.noteKey] else { continue }
        let stored = try JSONDecoder().decode(Rollback.Stored.self, from: Data(json.utf8))
        if !stored.changes.services.isEmpty { return (record, stored) }
      }
      return nil
    }
  }
}
