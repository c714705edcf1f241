import PromotionModel

/// An Argo CD Application with automated sync: it compares when the branch moved, when it is asked, and when the cluster
/// drifted, and syncs each revision once; with self-heal again, when the cluster is no longer as that revision says.
struct ApplicationState: Sendable {
  struct Operation: Hashable, Sendable {
    var number: Int
    var revision: CommitID
    /// The tag that it applies.
    var tag: String
    var phase: String
    var message = ""
    var finishedAt: Timestamp?
    /// What somebody who asked for it gave it.
    var mark: String?
    /// Whether the migration runs first; what heals applies only what differs, and no hooks.
    var runsHooks = true
    /// The migration of this operation, once it has begun.
    var job: JobSnapshot.State?
    var retries = 0
    var isRunning: Bool { phase == "Running" || phase == "Terminating" }
  }

  var sync: ApplicationSnapshot.Sync
  var revision: CommitID?
  var reconciledAt: Timestamp?
  var operation: Operation?
  var operations = 0
  /// The revision of the last automated sync, which is not tried again.
  var triedRevision: CommitID?
  /// The tag that the revision compared last asks for.
  var desiredTag: String?
  var hasAutoSync = true
  var suspendedBy: String?
  var healsItself = false
  /// How often the revision was synced again to heal, and that lately.
  var heals = 0
  var migration: Migration?
  /// How many replicas git asks for; nil: it leaves them to an autoscaler.
  var replicas: Int? = DeploymentState.usualReplicas
}

/// A service's file as Argo CD read it last; nil bytes: there was none.
struct Manifest: Sendable {
  var bytes: [UInt8]?
  var declared: DeclaredService
}

extension Outside {
  /// The branch moved: Argo CD hears of it after a while, by poll or by webhook.
  mutating func branchMoved() {
    for environment in fleet.environments {
      for service in fleet.services {
        let place = Place(environment: environment.name, service: service.name)
        let delay = chance.seconds(3...20, for: "poll \(environment.name)/\(service.name)")
        schedule(.argoCompares(place), after: delay)
        let slowness = slowness(of: place)
        if slowness > .zero { schedule(.argoCompares(place), after: slowness + delay) }
      }
    }
  }

  /// Somebody asks for a comparison now.
  mutating func refresh(_ place: Place) {
    schedule(
      .argoCompares(place),
      after: chance.seconds(1...5, for: "refresh \(place.environment)/\(place.service)")
    )
  }

  /// The cluster no longer is as Argo CD left it.
  mutating func noticeDrift(_ place: Place) {
    schedule(.argoCompares(place), after: chance.seconds(1...3, for: "drift \(place.environment)/\(place.service)"))
  }

  private func slowness(of place: Place) -> Duration {
    faults.active.reduce(.zero) { slowest, fault in
      guard case .slowDelivery(place.environment, let services, let delay) = fault.effect,
        services.isEmpty || services.contains(place.service)
      else { return slowest }
      return max(slowest, delay)
    }
  }

  /// The revision that Argo CD's cache of the repository shows for a place.
  private func visibleRevision(for place: Place) -> CommitID? {
    let slowness = slowness(of: place)
    return slowness > .zero ? repository.head(at: now - slowness) : repository.head
  }

  /// What a service's file says; read again only when its bytes are others than the last time.
  private mutating func declared(_ place: Place, at revision: CommitID) -> DeclaredService? {
    guard let path = layout.files(in: place.environment)[place.service] else { return nil }
    let bytes = repository.files(at: revision)[path]
    if let known = manifests[place], known.bytes == bytes { return known.declared }
    let files = bytes.map { [path: $0] } ?? [:]
    let found = layout.declared(place.environment, at: revision, files: files).services[place.service]
    if let found { manifests[place] = Manifest(bytes: bytes, declared: found) }
    return found
  }

  /// Reads every file once, before anything happens: then each world that begins here knows them.
  mutating func readManifests() {
    guard let head = repository.head else { return }
    for environment in fleet.environments {
      for service in fleet.services {
        _ = declared(Place(environment: environment.name, service: service.name), at: head)
      }
    }
  }

  /// Argo CD compares the repository with the cluster, and syncs if they differ.
  mutating func compare(_ place: Place) {
    guard let service = fleet.service(place.service), let revision = visibleRevision(for: place) else { return }
    let wanted = declared(place, at: revision)
    guard let wanted, wanted.exists, wanted.isEnabled, let tag = wanted.tag else {
      // A file that went, or says disabled, takes its Application and what that owns with it; an unreadable one
      // leaves both as they are.
      if let wanted, !wanted.exists || !wanted.isEnabled { remove(place) }
      return
    }
    changed.insert(place.environment)
    var application = applications[place] ?? newApplication(at: place)
    defer { applications[place] = application }
    guard application.operation?.isRunning != true else { return }
    application.revision = revision
    application.reconciledAt = now
    application.desiredTag = tag
    guard isDrifted(place, from: image(of: service, tag: tag), application.replicas) else {
      application.sync = .synced
      return
    }
    application.sync = .outOfSync
    guard application.hasAutoSync else { return }
    guard application.triedRevision == revision else {
      application.triedRevision = revision
      application.heals = 0
      begin(place, &application, revision: revision, tag: tag, mark: nil)
      return
    }
    heal(place, &application, revision: revision, tag: tag)
  }

  mutating func begin(
    _ place: Place,
    _ application: inout ApplicationState,
    revision: CommitID,
    tag: String,
    mark: String?,
    runsHooks: Bool = true
  ) {
    application.operations += 1
    application.operation = ApplicationState.Operation(
      number: application.operations,
      revision: revision,
      tag: tag,
      phase: "Running",
      mark: mark,
      runsHooks: runsHooks,
      job: runsHooks ? nil : application.operation?.job
    )
    schedule(
      .operationApplies(place, application.operations),
      after: chance.milliseconds(1000...3000, for: "sync \(place.environment)/\(place.service)")
    )
  }

  /// Somebody asks for a sync of what the branch says now.
  mutating func sync(_ place: Place, mark: String) -> DeliveryAnswer {
    guard var application = applications[place] else { return .busy("its Application is not made yet") }
    if application.operation?.mark == mark { return .accepted([]) }
    if let operation = application.operation, operation.isRunning {
      return .busy("a sync to \(operation.tag) is \(operation.phase)")
    }
    guard let revision = repository.head, let tag = declared(place, at: revision)?.tag else {
      return .busy("its file cannot be read")
    }
    changed.insert(place.environment)
    begin(place, &application, revision: revision, tag: tag, mark: mark)
    applications[place] = application
    return .accepted([])
  }

  mutating func applyOperation(_ place: Place, _ number: Int) {
    guard let operation = applications[place]?.operation, operation.number == number, operation.phase == "Running",
      let service = fleet.service(place.service)
    else { return }
    if let migration = applications[place]?.migration, operation.runsHooks, operation.job != .complete {
      beginHook(place, number, migration)
      return
    }
    setImage(place, to: image(of: service, tag: operation.tag), replicas: applications[place]?.replicas)
    schedule(
      .operationEnds(place, number),
      after: chance.milliseconds(500...1500, for: "sync \(place.environment)/\(place.service)")
    )
  }

  mutating func endOperation(_ place: Place, _ number: Int) {
    guard let operation = applications[place]?.operation, operation.number == number, operation.phase == "Running"
    else { return }
    finish(place, phase: "Succeeded", message: "successfully synced (all tasks run)")
    compare(place)
  }

  /// Asks a running operation to end.
  mutating func terminate(_ place: Place) {
    guard let operation = applications[place]?.operation, operation.phase == "Running" else { return }
    applications[place]?.operation?.phase = "Terminating"
    changed.insert(place.environment)
    schedule(
      .operationDies(place, operation.number),
      after: chance.milliseconds(300...1200, for: "terminate \(place.environment)/\(place.service)")
    )
  }

  mutating func killOperation(_ place: Place, _ number: Int) {
    guard let operation = applications[place]?.operation, operation.number == number,
      operation.phase == "Terminating"
    else { return }
    if applications[place]?.operation?.job == .active { applications[place]?.operation?.job = .failed }
    finish(place, phase: "Failed", message: "Operation terminated")
    refresh(place)
  }

  mutating func finish(_ place: Place, phase: String, message: String) {
    applications[place]?.operation?.phase = phase
    applications[place]?.operation?.message = message
    applications[place]?.operation?.finishedAt = now
    changed.insert(place.environment)
  }

  private mutating func remove(_ place: Place) {
    guard applications[place] != nil || deployments[place] != nil else { return }
    applications[place] = nil
    deployments[place] = nil
    changed.insert(place.environment)
  }
}
