import PromotionModel
import RunLog
import RunbookCheck

/// Targets for the services of a statement, and the wait until they have arrived.
struct Arrivals {
  /// The note of a step that looked at services and found them arrived (rule 4).
  static let seenKey = "seen"

  struct Seen: Codable {
    var environment: EnvironmentName
    var services: [ServiceName]
  }

  /// The note of a step that brought services back, or git to what runs.
  static let writtenKey = "written"

  /// A value that this run wrote by another verb than `promote`.
  struct Written: Codable, Sendable {
    var environment: EnvironmentName
    var service: ServiceName
    var tag: String
    var digest: ImageDigest?
    var commit: CommitID
  }

  let step: StepContext

  /// Remembers what was written, so that what looks at it later notices when somebody else has changed it (rule 1).
  func remember(_ targets: [ArrivalTarget], in environment: EnvironmentName) throws {
    let written = targets.compactMap { target in
      target.commit.map {
        Written(
          environment: environment,
          service: target.service.name,
          tag: target.tag,
          digest: target.digest,
          commit: $0
        )
      }
    }
    guard !written.isEmpty else { return }
    try step.note(Self.writtenKey, written)
    step.memory.keep(written: written)
  }

  /// What each service is to be: what this run wrote last, else what the repository declares now.
  /// - Throws: ``Halt`` when a promotion of this run is not merged yet.
  func targets(_ services: [ServiceName], in environment: EnvironmentName) async throws -> [ArrivalTarget] {
    var targets: [ArrivalTarget] = []
    var declared: DeclaredEnvironment?
    for name in services {
      guard let service = step.fleet.service(name) else { continue }
      if let promotion = step.memory.promotion(of: name, in: environment), let change = promotion.change(of: name) {
        guard let commit = promotion.commit else {
          let pull = promotion.pullRequest.map { " (\($0.url))" } ?? ""
          throw Halt(.refused, "the promotion of \(name) is not merged yet\(pull): put `wait merge` in front")
        }
        targets.append(
          ArrivalTarget(service: service, tag: change.toTag, digest: promotion.digests[name], commit: commit)
        )
        continue
      }
      if let written = step.memory.current.written[environment]?[name] {
        targets.append(
          ArrivalTarget(service: service, tag: written.tag, digest: written.digest, commit: written.commit)
        )
        continue
      }
      if declared == nil {
        declared = try await step.insist {
          let head = try await step.reading.repository.head()
          return try await step.reading.repository.declared(environment, at: head.id)
        }
      }
      guard let tag = declared?.services[name]?.tag else {
        throw Halt(.undetermined, "the repository does not say which version of \(name) \(environment) is to run")
      }
      let seal = step.memory.current.seals[environment]?[name]
      targets.append(
        ArrivalTarget(service: service, tag: tag, digest: seal?.tag == tag ? seal?.digest : nil, commit: nil)
      )
    }
    return targets
  }

  /// Waits until every target has arrived.
  /// - Throws: ``Halt``: *failed* on a definite bad sign (unless `ignoringSigns`), *undetermined* on a superseded value,
  ///   *timed out* at the deadline.
  func wait(
    for targets: [ArrivalTarget],
    in environment: Environment,
    until deadline: Timestamp,
    needsRollout: Bool,
    ignoringSigns: Bool = false
  ) async throws {
    guard !targets.isEmpty else { return }
    var judge = ArrivalJudge(
      reading: step.reading,
      environment: environment,
      targets: targets,
      needsRollout: needsRollout
    )
    var signs: BadSigns?
    var progress = ProgressReport(step: step, environment: environment.name)
    var last: [ServiceName: Standing] = [:]
    // A run that is resumed after its deadline looks all the same.
    let end = step.setup.isResumed ? max(deadline, step.clock.now() + .seconds(60)) : deadline
    let watch = Watch(step: step, changesOf: environment.name, until: end)
    var newest: EnvironmentSnapshot?
    let isDone = try await watch.run { event in
      let snapshot: EnvironmentSnapshot
      switch event {
      case .round, .passed: return false
      case .lost(let error):
        newest = nil
        progress.lost(error)
        return false
      case .tick:
        // Nothing may change any more, so what could not be told is asked again.
        guard let known = newest, last.values.contains(where: \.isUnknown) else { return false }
        snapshot = known
      case .seen(let seen):
        newest = seen
        progress.regained()
        snapshot = seen
      }
      var current =
        signs
        ?? BadSigns(
          environment: environment.name,
          targets: targets,
          allowedRestarts: 0,
          first: snapshot
        )
      last = try await judge.judge(snapshot)
      watch.pace.rest(until: last.values.contains(where: \.isUnknown) ? nil : end)
      progress.report(last)
      try Self.haltIfSuperseded(last, step, environment.name)
      let found = current.look(snapshot, last)
      signs = current
      // Of signs in the cluster a wait for the sync alone does not judge.
      let sign = needsRollout ? found.first : found.first { last[$0.0]?.isWrong == true }
      if !ignoringSigns, let (service, sign) = sign {
        step.emit(.badSign(sign), environment: environment.name, service: service)
        throw Halt(.failed, "\(service): \(sign)", services: [service])
      }
      return targets.allSatisfy { last[$0.service.name] == .arrived }
    }
    guard isDone else { throw Halt(.timedOut, Self.describe(last, targets)) }
    if !ignoringSigns { try await requireNewest(targets, in: environment.name) }
    try markSeen(targets.map(\.service.name), in: environment.name, needsRollout: needsRollout)
  }

  /// What has arrived is what git still says: somebody may have changed it while Argo CD was behind (rule 1).
  private func requireNewest(_ targets: [ArrivalTarget], in environment: EnvironmentName) async throws {
    let own = targets.filter { $0.commit != nil }
    guard !own.isEmpty else { return }
    let repository = step.reading.repository
    let head = try await step.insist { try await repository.head() }
    guard !own.allSatisfy({ $0.commit == head.id }) else { return }
    let declared = try await step.insist { try await repository.declared(environment, at: head.id) }
    let others = own.filter { declared.services[$0.service.name]?.tag != $0.tag }
    guard !others.isEmpty else { return }
    let history = try await step.insist {
      try await repository.history(of: others.map(\.service.name), in: environment, limit: 20)
    }
    let values = others.map { target -> Superseded in
      let found = declared.services[target.service.name]?.tag
      let by = history[target.service.name]?.first { $0.tag == found }?.commit
      return Superseded(service: target.service.name, expected: target.tag, found: found, by: by)
    }
    throw step.handsOff(values, in: environment)
  }

  func markSeen(_ services: [ServiceName], in environment: EnvironmentName, needsRollout: Bool) throws {
    guard needsRollout else { return }
    try step.note(Self.seenKey, Seen(environment: environment, services: services))
    step.memory.markSeen(services, in: environment)
  }

  static func haltIfSuperseded(
    _ standings: [ServiceName: Standing],
    _ step: StepContext,
    _ environment: EnvironmentName
  ) throws {
    let values = standings.sorted { $0.key < $1.key }.compactMap { _, standing -> Superseded? in
      if case .superseded(let superseded) = standing { superseded } else { nil }
    }
    if !values.isEmpty { throw step.handsOff(values, in: environment) }
  }

  static func describe(_ standings: [ServiceName: Standing], _ targets: [ArrivalTarget]) -> String {
    let waiting = targets.compactMap { target -> String? in
      let name = target.service.name
      switch standings[name] {
      case .arrived: return nil
      case .onTheWay(let message), .wrong(let message), .unknown(let message): return "\(name): \(message)"
      case .superseded(let superseded): return superseded.message
      case nil: return "\(name): not seen yet"
      }
    }
    return "not arrived in time: " + waiting.joined(separator: "; ")
  }
}

/// Says what is seen when it changes, and only then.
struct ProgressReport {
  var step: StepContext
  let environment: EnvironmentName
  private var shown: [ServiceName: Standing] = [:]
  private var isLost = false

  init(step: StepContext, environment: EnvironmentName) { (self.step, self.environment) = (step, environment) }

  mutating func report(_ standings: [ServiceName: Standing]) {
    for (service, standing) in standings.sorted(by: { $0.key < $1.key }) where shown[service] != standing {
      shown[service] = standing
      switch standing {
      case .arrived: step.emit(.progress("arrived"), environment: environment, service: service)
      case .onTheWay(let message), .unknown(let message), .wrong(let message):
        step.emit(.progress(message), environment: environment, service: service)
      case .superseded: break
      }
    }
  }

  mutating func lost(_ error: WorldError) {
    guard !isLost else { return }
    isLost = true
    step.emit(.sight(isLost: true, message: "\(error); time does not count until it is back"), environment: environment)
  }

  mutating func regained() {
    guard isLost else { return }
    isLost = false
    step.emit(.sight(isLost: false, message: "seen again"), environment: environment)
  }
}
