import PromotionModel
import RunLog
import RunbookCheck

/// Works out what a `rollback` is to bring back: the version it names; else what stood before the last recorded
/// promotion that is still live, of this run, of a former run in the journal, or in the commits' trailers.
struct RollbackPlan {
  let action: RollbackTerms
  let step: StepContext

  /// - Parameter withdrawn: pull requests of this run that were just closed.
  /// - Returns: nil when there is nothing to take back.
  func make(withdrawn: [String]) async throws -> Rollback.Stored? {
    let head = try await head()
    if let version = action.version, case .services(let services) = action.targets,
      let service = services.first.flatMap({ step.fleet.service($0) })
    {
      return try await explicit(service, version, at: head.id)
    }
    let services: [ServiceName]
    switch action.targets {
    case .promoted: services = step.memory.promoted(to: action.environment)
    case .services(let named): services = named.filter(scope.isOurs)
    case .all: services = try await step.services(action.targets, in: action.environment).filter(scope.isOurs)
    }
    let own = services.filter { step.memory.promotion(of: $0, in: action.environment) != nil }
    let foreign = services.filter { !own.contains($0) }
    if own.isEmpty, foreign.isEmpty || !withdrawn.isEmpty { return nil }
    if action.isByRevert { return try await RollbackByRevert(action: action, step: step).plan(services, at: head.id) }
    var plan = Rollback.Stored(
      changes: ChangeSet(environment: action.environment, base: head.id, services: []),
      digests: [:],
      superseded: [],
      services: own + foreign
    )
    try await addOwn(own, to: &plan, at: head.id)
    if !foreign.isEmpty { try await addRecorded(foreign, to: &plan, at: head.id) }
    return plan
  }

  /// The head of the branch, with all that this run has brought there.
  /// - Throws: ``WorldError`` that is worth asking again when the server shows an older one: by that, what was promoted a moment
  ///   ago would seem to stand as before.
  private func head() async throws -> Commit {
    let head = try await step.reading.repository.head()
    let own = step.memory.current.promotions.filter { $0.changes.environment == action.environment }
    guard let newest = own.last(where: { $0.commit != nil })?.commit, newest != head.id else { return head }
    guard try await step.reading.repository.contains(newest, in: head.id) else {
      let words = "the server shows \(head.id.short), without \(newest.short) that this run brought there"
      throw WorldError(tool: "git", reason: .unreachable, message: words)
    }
    return head
  }

  /// The version that the statement names has stood there: found out before anything is withdrawn for it.
  /// - Throws: ``Halt`` with *refused* that lists what did.
  func requireStood() async throws {
    guard let version = action.version, case .services(let services) = action.targets, let name = services.first else {
      return
    }
    guard let service = step.fleet.service(name) else { throw Halt(.refused, "unknown service \(name)") }
    let tag = service.tag.tag(version)
    let history = try await step.reading.repository.history(of: [name], in: action.environment, limit: 500)
    guard (history[name] ?? []).contains(where: { $0.tag == tag }) else {
      throw Halt(
        .refused,
        "\(tag) never stood in \(action.environment). " + Self.listed(history[name] ?? [], service, action)
      )
    }
  }

  /// The version that the statement names: of the promotion that replaced it every path goes back, as without `to`; else
  /// the tag alone is known.
  private func explicit(_ service: Service, _ version: Version, at head: CommitID) async throws -> Rollback.Stored {
    let name = service.name
    let tag = service.tag.tag(version)
    var plan = Rollback.Stored(
      changes: ChangeSet(environment: action.environment, base: head, services: []),
      digests: [:],
      superseded: [],
      services: [name]
    )
    let declared = try await step.reading.repository.declared(action.environment, at: head)
    let now = declared.services[name]?.tag
    let own = step.memory.promotion(of: name, in: action.environment)
    let left = try own ?? now.flatMap { try past.live(name, at: $0, excluding: []) }
    if let left, let change = left.change(of: name), change.toTag == now, change.fromTag == tag {
      try await add(left, [name], to: &plan, at: head)
      return plan
    }
    // A person who names a version has seen what stands there; a handler was written before (rule 1).
    if step.answering != nil, SafetyRule.undoOnlyYourOwn.holds, let now, now != tag,
      left?.change(of: name)?.toTag != now
    {
      let history =
        try await step.reading.repository.history(of: [name], in: action.environment, limit: 200)[name] ?? []
      if past.promotedOver(name, to: now, history) == nil {
        plan.superseded = [
          Superseded(
            service: name,
            expected: own?.change(of: name)?.toTag ?? tag,
            found: now,
            by: history.first?.commit
          )
        ]
        return plan
      }
    }
    plan.changes = try await step.reading.repository.planTags([name: tag], in: action.environment, at: head)
    if own?.change(of: name)?.fromTag == tag { plan.digests[name] = own?.formerDigests[name] }
    return plan
  }

  private var scope: RollbackScope { RollbackScope(action: action, step: step) }
  private var past: PromotionHistory { PromotionHistory(environment: action.environment, step: step) }

  private func addOwn(_ services: [ServiceName], to plan: inout Rollback.Stored, at head: CommitID) async throws {
    for promotion in step.memory.current.promotions.reversed() where promotion.changes.environment == action.environment
    {
      let mine = services.filter { name in
        step.memory.promotion(of: name, in: action.environment)?.step == promotion.step
      }
      // Whether its commit arrived may not be known: what stands in git is looked at all the same.
      guard !mine.isEmpty else { continue }
      try await add(promotion, mine, to: &plan, at: head)
    }
  }

  private func add(
    _ promotion: Promotion,
    _ services: [ServiceName],
    to plan: inout Rollback.Stored,
    at head: CommitID
  ) async throws {
    let back = try await step.reading.repository.planReturn(of: promotion.changes, services: services, at: head)
    if SafetyRule.undoOnlyYourOwn.holds {
      let (own, others) = apart(back.changes.services)
      plan.changes.services += own
      plan.superseded += back.superseded + others
    } else {
      plan.changes.services += back.changes.services
      let tags = back.superseded.compactMap { value in
        promotion.change(of: value.service)?.fromTag.map { (value.service, $0) }
      }
      plan.changes.services += try await step.reading.repository.planTags(
        Dictionary(tags, uniquingKeysWith: { first, _ in first }),
        in: action.environment,
        at: head
      ).services
    }
    for name in services { plan.digests[name] = promotion.formerDigests[name] }
  }

  /// What an earlier rollback of this run has pushed back already, and stands again as it was promoted, somebody else has set since.
  private func apart(_ changes: [ServiceChange]) -> (own: [ServiceChange], others: [Superseded]) {
    let returned = step.memory.current.returning.filter { $0.key != step.place.path }.values
      .filter { $0.environment == action.environment }.flatMap(\.services).map(\.service)
    let others = changes.filter { returned.contains($0.service) }
    return (
      changes.filter { !returned.contains($0.service) },
      others.map { Superseded(service: $0.service, expected: $0.toTag, found: $0.fromTag) }
    )
  }

  /// The way back of a service that another run promoted.
  private enum RecordedWay {
    /// The journal knows every path that was changed.
    case promotion(Promotion)
    /// The commits' trailers know the tag.
    case tag(String)
  }

  /// Services that another run promoted. Where one of several has no way back, nothing is taken back, and all of it is told;
  /// `all` means those that have one.
  private func addRecorded(_ services: [ServiceName], to plan: inout Rollback.Stored, at head: CommitID) async throws {
    let declared = try await step.reading.repository.declared(action.environment, at: head)
    let history = try await step.reading.repository.history(of: services, in: action.environment, limit: 200)
    let former = try past.former()
    var ways: [(service: ServiceName, way: RecordedWay)] = []
    var refusals: [(service: ServiceName, message: String)] = []
    for name in services {
      do {
        ways.append((name, try way(of: name, declared.services[name]?.tag, history[name] ?? [], former)))
      } catch let halt as Halt {
        refusals.append((name, halt.message))
      }
    }
    if case .all = action.targets, !ways.isEmpty {
      for (name, message) in refusals {
        step.emit(.warning("left out: \(message)"), environment: action.environment, service: name)
      }
      plan.services.removeAll { name in refusals.contains { $0.service == name } }
    } else if !refusals.isEmpty {
      let lines = ways.map { "rollback \(action.environment) \($0.service)" }
      throw Halt(
        .refused,
        refusals.map(\.message).joined(separator: "; ")
          + (lines.isEmpty ? "" : "; what can be taken back: " + lines.joined(separator: "; "))
      )
    }
    try await add(ways, to: &plan, at: head)
  }

  private func add(
    _ ways: [(service: ServiceName, way: RecordedWay)],
    to plan: inout Rollback.Stored,
    at head: CommitID
  ) async throws {
    var tags: [ServiceName: String] = [:]
    for (name, way) in ways {
      switch way {
      case .promotion(let promotion): try await add(promotion, [name], to: &plan, at: head)
      case .tag(let tag): tags[name] = tag
      }
    }
    guard !tags.isEmpty else { return }
    plan.changes.services += try await step.reading.repository.planTags(tags, in: action.environment, at: head)
      .services
    guard step.fleet.repository.copy != .tag else { return }
    for name in tags.keys.sorted() {
      step.emit(
        .warning(
          "the journal of this machine does not know the promotion, so its tag alone is taken back; what else it brought "
            + "stays (`by revert` takes the whole commit back)"
        ),
        environment: action.environment,
        service: name
      )
    }
  }

  /// - Throws: ``Halt`` with *refused* that lists what the environment ran, where nothing recorded is live.
  private func way(of name: ServiceName, _ now: String?, _ changes: [DeclaredChange], _ former: [Promotion]) throws
    -> RecordedWay
  {
    guard let service = step.fleet.service(name), let now else {
      throw Halt(.refused, "\(name) has no version in \(action.environment)")
    }
    let bad = past.rolledBackFrom(name, changes)
    let promotion = try past.live(name, at: now, excluding: bad, among: former)
    guard past.isBroughtByRun(name, now, changes, promotion) else {
      let by =
        changes.first.map { ": \($0.commit.author) set it in \($0.commit.id.short) (\($0.commit.subject))" } ?? ""
      throw Halt(
        .refused,
        "\(now) of \(name) was promoted by no run\(by). " + Self.listed(changes, service, action)
      )
    }
    if let promotion { return .promotion(promotion) }
    if let before = past.promotedOver(name, to: now, changes), !bad.contains(before) { return .tag(before) }
    throw Halt(
      .refused,
      "no recorded promotion of \(name) to \(now) is live in \(action.environment). "
        + Self.listed(changes, service, action)
    )
  }

  /// What the environment ran, newest first, each as a line to run, with how long it stood and whether it was taken back.
  static func listed(_ changes: [DeclaredChange], _ service: Service, _ action: RollbackTerms) -> String {
    // `production/api api-v1.3.0 -> api-v1.2.2`
    let place = "\(action.environment)/\(service.name)"
    let takenBack = Set(
      changes.flatMap(\.commit.trailers).filter { $0.key == Trailer.rollsBack }.compactMap { trailer -> String? in
        let words = trailer.value.split(separator: " ").map(String.init)
        return words.count == 4 && words[0] == place ? words[1] : nil
      }
    )
    // What stands there now is no way back.
    var shown: Set<String> = Set([changes.first?.tag].compactMap(\.self))
    let lines = changes.indices.dropFirst().compactMap { index -> String? in
      let change = changes[index]
      guard let tag = change.tag, let version = service.tag.version(ofTag: tag), shown.insert(tag).inserted else {
        return nil
      }
      let stood = roughly(changes[index - 1].commit.time - change.commit.time)
      let fate = takenBack.contains(tag) ? ", and was taken back" : ""
      return "rollback \(action.environment) \(service.name) to v\(version) "
        + "(stood \(stood) from \(change.commit.time.wholeSecond), \(change.commit.author)\(fate))"
    }
    guard !lines.isEmpty else { return "Its history names no other version." }
    return "It ran before, newest first: " + lines.prefix(10).joined(separator: "; ")
  }

  /// In the largest unit that fits: how long exactly helps nobody here.
  private static func roughly(_ duration: Duration) -> String {
    let seconds = max(0, duration.wholeNanoseconds / 1_000_000_000)
    if seconds >= 86_400 { return "\(seconds / 86_400)d" }
    return seconds >= 3600 ? "\(seconds / 3600)h" : seconds >= 60 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}
