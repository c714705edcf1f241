import PromotionModel

/// The faults of a world and how far each has come.
struct FaultState: Sendable {
  var planned: [Fault]
  /// When each began; nil: not yet.
  var began: [Timestamp?]
  /// When each call went wrong that was to; nil: it was not made yet, or went wrong otherwise.
  var met: [Timestamp?]
  var networkReturns: Timestamp?
  /// When the servers return that are away.
  var serversReturn: [OutsideServer: Timestamp] = [:]
  var pushesToReject = 0
  var foreignCommitsMade = 0
  var hasPromoted = false
  /// Since when nothing goes wrong any more: what went wrong and lasted is over, and what was still to come does not.
  var over: Timestamp?
  var areOver: Bool { over != nil }

  init(planned: [Fault]) {
    self.planned = planned
    began = planned.map { _ in nil }
    met = began
  }

  /// The same with other faults, none of which has done anything yet.
  /// - Parameter start: of the world, when those begin that are there from the first.
  func with(_ planned: [Fault], since start: Timestamp) -> FaultState {
    var state = self
    state.planned = planned
    state.met = planned.map { _ in nil }
    state.began = planned.map { if case .after(let delay) = $0.start, delay <= .zero { start } else { nil } }
    return state
  }

  /// The faults that have begun, in the order in which they were given.
  var begun: [(effect: Fault.Effect, since: Timestamp)] {
    zip(planned, began).compactMap { fault, began in began.map { (fault.effect, $0) } }
  }

  /// Those that still have an effect on what comes.
  var active: [(effect: Fault.Effect, since: Timestamp)] {
    areOver ? begun.filter { !$0.effect.isTrouble } : begun
  }
}

extension Fault.Effect {
  /// Whether it is over once nothing goes wrong any more. An image is as it is, and what was done stays done.
  fileprivate var isTrouble: Bool {
    switch self {
    case .slowDelivery, .networkLost, .serverLost, .pushesRejected, .anotherCluster, .call, .reviewer(.neverComes): true
    case .image, .foreignTag, .foreignCommits, .liveImage, .liveReplicas, .liveDeletion, .selfHeal, .autoscaled,
      .podLost,
      .migration, .reviewer, .foreignLock, .foreignFreeze, .metric:
      false
    }
  }
}

extension Fault {
  /// The services and environments that it speaks of.
  fileprivate var names: (services: Set<ServiceName>, environments: Set<EnvironmentName>) {
    switch effect {
    case .image(let fault): ([fault.service], Set([fault.environment].compactMap { $0 }))
    case .slowDelivery(let environment, let services, _), .selfHeal(let environment, let services):
      (services, [environment])
    case .foreignLock(let environment, _), .foreignFreeze(let environment, _), .anotherCluster(let environment):
      ([], [environment])
    case .metric(_, let service, let environment, _): ([service], [environment])
    case .foreignTag(let service, let environment, _), .liveImage(let service, let environment, _),
      .liveReplicas(let service, let environment, _), .liveDeletion(let service, let environment),
      .autoscaled(let service, let environment, _), .podLost(let service, let environment, _),
      .migration(let service, let environment, _):
      ([service], [environment])
    case .reviewer(.editsAndMerges(_, let service, _, _)): ([service], [])
    case .reviewer, .foreignCommits, .networkLost, .serverLost, .pushesRejected, .call: ([], [])
    }
  }
}

extension Outside {
  /// - Throws: ``WorldError`` when a fault speaks of what the fleet does not have: it would silently never happen.
  func checkFaults() throws {
    for fault in faults.planned {
      let services = fault.names.services.filter { fleet.service($0) == nil }.map(\.text)
      let environments = fault.names.environments.filter { fleet.environment($0) == nil }.map(\.text)
      guard let unknown = (services + environments).min() else { continue }
      throw WorldError(
        tool: "rehearsal",
        reason: .notFound,
        message: "a fault speaks of \(unknown), which is no service and no environment of the fleet"
      )
    }
  }

  /// Begins what begins with the world, and puts the rest on the agenda.
  mutating func planFaults() {
    for (index, fault) in faults.planned.enumerated() {
      switch fault.start {
      case .after(let delay) where delay <= .zero: beginFault(index)
      case .after(let delay): schedule(.faultBegins(index), after: delay)
      case .afterPromotion, .before: break
      }
    }
  }

  mutating func beginFault(_ index: Int) {
    guard faults.began[index] == nil, !faults.areOver else { return }
    faults.began[index] = now
    switch faults.planned[index].effect {
    case .image(let fault): imageTurnsBad(fault)
    case .slowDelivery, .reviewer, .call, .anotherCluster, .metric: break
    case .foreignLock(let environment, let duration): lockForAnother(environment, for: duration)
    case .foreignFreeze(let environment, let duration): freezeByAnother(environment, for: duration)
    case .foreignTag(let service, let environment, let version):
      commitForeignTag(service, environment, version)
    case .foreignCommits: repeatForeignCommit(index)
    case .liveImage(let service, let environment, let version):
      guard let known = fleet.service(service) else { break }
      let place = Place(environment: environment, service: service)
      setImage(place, to: image(of: known, tag: known.tag.tag(version)))
      noticeDrift(place)
    case .liveReplicas(let service, let environment, let replicas):
      let place = Place(environment: environment, service: service)
      scale(place, to: replicas)
      noticeDrift(place)
    case .liveDeletion(let service, let environment):
      deleteDeployment(Place(environment: environment, service: service))
    case .selfHeal(let environment, let services):
      for service in fleet.services.map(\.name) where services.isEmpty || services.contains(service) {
        beginHealing(Place(environment: environment, service: service))
      }
    case .autoscaled(let service, let environment, let replicas):
      autoscale(Place(environment: environment, service: service), to: replicas)
    case .podLost(let service, let environment, let loss):
      losePod(Place(environment: environment, service: service), loss)
    case .migration(let service, let environment, let migration):
      applications[Place(environment: environment, service: service)]?.migration = migration
    case .networkLost(let duration):
      let end = now + duration
      faults.networkReturns = max(faults.networkReturns ?? end, end)
      schedule(.networkReturns, after: duration)
      changed.formUnion(fleet.environments.map(\.name))
    case .serverLost(let server, let duration):
      let end = now + duration
      faults.serversReturn[server] = max(faults.serversReturn[server] ?? end, end)
      schedule(.serverReturns(server), after: duration)
      changed.formUnion(fleet.environments.map(\.name))
    case .pushesRejected(let count): faults.pushesToReject += count
    }
  }

  /// Nothing goes wrong any more, as when a person has waited for it and then goes on with a run.
  mutating func endTroubles() {
    let wasAway = faults.active.contains { $0.effect.isTrouble }
    faults.over = now
    faults.networkReturns = nil
    faults.serversReturn = [:]
    faults.pushesToReject = 0
    changed.formUnion(fleet.environments.map(\.name))
    guard wasAway else { return }
    branchMoved()
    reviewWhatIsOpen()
  }

  /// The first change of a run has come to the branch.
  mutating func notePromotion() {
    guard !faults.hasPromoted else { return }
    faults.hasPromoted = true
    for (index, fault) in faults.planned.enumerated() {
      if case .afterPromotion(let delay) = fault.start { schedule(.faultBegins(index), after: delay) }
    }
  }

  mutating func networkReturns() {
    guard let end = faults.networkReturns, end <= now else { return }
    faults.networkReturns = nil
    changed.formUnion(fleet.environments.map(\.name))
  }

  var isNetworkLost: Bool { faults.networkReturns != nil }

  mutating func serverReturns(_ server: OutsideServer) {
    guard let end = faults.serversReturn[server], end <= now else { return }
    faults.serversReturn[server] = nil
    changed.formUnion(fleet.environments.map(\.name))
  }

  func isAway(_ server: OutsideServer) -> Bool { faults.serversReturn[server] != nil }

  /// When what does this itself is back, where it is away.
  func delay(of event: Event) -> Duration? {
    guard !faults.serversReturn.isEmpty else { return nil }
    let doers: [OutsideServer]
    switch event {
    case .argoCompares: doers = [.git, .cluster, .delivery]
    case .operationApplies, .hookEnds, .operationEnds, .operationDies: doers = [.cluster, .delivery]
    case .controllerSees, .progressDeadline: doers = [.cluster]
    case .faultBegins, .foreignCommit, .networkReturns, .serverReturns, .pod, .review, .approve, .merge, .queueEnds:
      return nil
    }
    return doers.compactMap { faults.serversReturn[$0] }.max().map { max($0 - now, .zero) + .seconds(1) }
  }

  // MARK: Calls

  /// Counts a call and says how long it takes.
  mutating func begin(_ touch: Touch) -> (occurrence: Int, latency: Duration) {
    let occurrence = calls[touch] + 1
    calls[touch] = occurrence
    return (occurrence, chance.milliseconds(touch.latency, purpose: touch.purpose, draw: UInt64(occurrence - 1)))
  }

  /// What is to become of a call that was let in.
  enum Admission: Hashable, Sendable {
    case normal
    /// It has its effect, and its answer is lost.
    case answerLost
    /// It has no effect, and ends so much later.
    case hangs(for: Duration)
    case late(by: Duration)
    case stale(by: Duration)
    case dies(CallFault.Moment)
    case interrupted(CallFault.Interruption)
  }

  /// Right before the effect of a call.
  /// - Throws: ``WorldError`` when it is to have no effect.
  mutating func admit(_ touch: Touch, occurrence: Int) throws(WorldError) -> Admission {
    trace.append(TraceEntry(time: now, what: .call(touch, occurrence)))
    guard !faults.areOver else { return .normal }
    for (index, fault) in faults.planned.enumerated()
    where fault.start == .before(touch, occurrence: occurrence) { beginFault(index) }
    if isNetworkLost, touch.isRemote { throw Self.noNetwork(touch.tool) }
    if !faults.serversReturn.isEmpty, let server = touch.server, isAway(server) {
      throw WorldError(tool: touch.tool, reason: .unreachable, message: "the server does not answer")
    }
    if touch.isPush, faults.pushesToReject > 0 {
      faults.pushesToReject -= 1
      throw WorldError(
        tool: "git",
        reason: .refused,
        message: "the server refused the push (pre-receive hook declined)"
      )
    }
    for (index, fault) in faults.planned.enumerated() where faults.began[index] != nil {
      guard case .call(touch, occurrence, let fault) = fault.effect else { continue }
      faults.met[index] = now
      switch fault {
      case .fails(let reason):
        throw WorldError(tool: touch.tool, reason: reason, message: "\(touch.rawValue) failed (rehearsed)")
      case .answerLost: return .answerLost
      case .hangs(let duration): return .hangs(for: duration)
      case .late(let duration): return .late(by: duration)
      case .stale(let duration): return .stale(by: duration)
      case .processDies(let moment): return .dies(moment)
      case .interrupted(let moment): return .interrupted(moment)
      }
    }
    return .normal
  }

  /// How far back each read looks that is to answer late news: nothing is kept for what no fault asks for.
  var staleReads: [Duration] {
    faults.planned.compactMap { fault in
      if case .call(_, _, .stale(let by)) = fault.effect { by } else { nil }
    }
  }

  static func noNetwork(_ tool: String) -> WorldError {
    WorldError(tool: tool, reason: .unreachable, message: "no route to host")
  }

  // MARK: People

  /// Somebody else changes the version of a service on the branch.
  mutating func commitForeignTag(_ service: ServiceName, _ environment: EnvironmentName, _ version: Version) {
    guard let known = fleet.service(service), let head = repository.head else { return }
    commitForeignTag(known, environment, version, onBranch: fleet.repository.branch, at: head)
  }

  /// - Returns: the new commit; nil when there was nothing to change.
  @discardableResult
  mutating func commitForeignTag(
    _ service: Service,
    _ environment: EnvironmentName,
    _ version: Version,
    onBranch branch: String,
    at tip: CommitID
  ) -> CommitID? {
    let files = repository.files(at: tip)
    guard
      let changes = try? layout.planTags(
        [service.name: service.tag.tag(version)],
        in: environment,
        base: tip,
        files: files
      ),
      case .files(let changed) = try? layout.apply(changes, to: files), !changed.isEmpty
    else { return nil }
    let id = repository.add(
      parents: [tip],
      changes: changed,
      author: "Ada",
      time: now,
      message: CommitMessage(subject: "fix(\(service.name)): \(environment) to v\(version)", trailers: [])
    )
    move(branch, to: id)
    return id
  }

  /// Somebody has that many notes and rewrites one after the other: each commit keeps a tree of its own, and a day has
  /// thousands.
  private static let foreignNotes = 100

  /// Somebody commits what has nothing to do with us.
  mutating func repeatForeignCommit(_ index: Int) {
    guard case .foreignCommits(let interval) = faults.planned[index].effect, let head = repository.head else { return }
    faults.foreignCommitsMade += 1
    let number = faults.foreignCommitsMade
    let id = repository.add(
      parents: [head],
      changes: ["docs/notes/\(number % Self.foreignNotes).md": Array("Note \(number).\n".utf8)],
      author: "Grace",
      time: now,
      message: CommitMessage(subject: "docs: note \(number)", trailers: [])
    )
    move(fleet.repository.branch, to: id)
    if let interval, interval > .zero { schedule(.foreignCommit(index), after: interval) }
  }

  /// Somebody else freezes an environment.
  mutating func freezeByAnother(_ environment: EnvironmentName, for duration: Duration) {
    guard let run = RunID("run-of-grace") else { return }
    repository.freezes[environment] = Freeze(
      environment: environment,
      until: now + duration,
      except: nil,
      reason: "nothing may change",
      holder: "grace@desk",
      run: run,
      step: "0"
    )
  }

  /// Somebody else's run takes the lock of an environment over, as a `rollback` may.
  mutating func lockForAnother(_ environment: EnvironmentName, for duration: Duration) {
    guard let run = RunID("run-of-grace") else { return }
    let claim = LockHolder(
      environment: environment,
      run: run,
      holder: "grace@desk",
      reason: "another release",
      plan: ["\(environment)/* by another run"],
      expires: now + duration
    )
    _ = takeLock(claim, takingOver: true)
  }

  // MARK: Images

  /// The reference that the chart makes of a tag.
  func image(of service: Service, tag: String) -> String {
    let repository = service.imageRepository ?? "registry.example/\(service.name)"
    if let pattern = service.imageTag, let version = service.tag.version(ofTag: tag) {
      return "\(repository):\(pattern.tag(version))"
    }
    return "\(repository):\(tag)"
  }

  func version(ofImage image: String, of service: Service) -> Version? {
    service.tag(ofImage: image).flatMap(service.tag.version(ofTag:))
  }

  /// How an image misbehaves in a place, and since when it can.
  func misbehaviour(of image: String, at place: Place) -> [(behaviour: ImageFault.Behaviour, since: Timestamp)] {
    var found: [(behaviour: ImageFault.Behaviour, since: Timestamp)] = []
    // In place: asked again and again, and most worlds have no such fault.
    for index in faults.planned.indices {
      guard case .image(let fault) = faults.planned[index].effect, let since = faults.began[index],
        applies(fault, to: image, at: place)
      else { continue }
      found.append((fault.behaviour, since))
    }
    return found
  }

  func applies(_ fault: ImageFault, to image: String, at place: Place) -> Bool {
    guard fault.service == place.service, fault.environment == nil || fault.environment == place.environment else {
      return false
    }
    switch fault.versions {
    case .any: return true
    case .new: return initialImages[place] != image
    case .exactly(let version):
      return fleet.service(place.service).flatMap { self.version(ofImage: image, of: $0) } == version
    }
  }
}
