import PromotionModel

/// Watches an environment: one watch a kind, and a snapshot whenever something of the fleet changed.
actor EnvironmentObserver {
  /// What has to be there before anything is seen.
  enum Feed: Hashable, Sendable, CaseIterable {
    case applications, deployments, replicaSets, statefulSets, daemonSets, jobs, pods
  }

  private let place: ClusterPlace
  private let fleet: Fleet
  private let clock: any WorldClock
  private let continuation: AsyncStream<ClusterObservation>.Continuation
  /// A rollout changes many objects at once; what comes within this time is one observation.
  private let burst: Duration
  private let heartbeat: Duration

  private var objects = ClusterObjects()
  private var awaited = Set(Feed.allCases)
  private var failures: [Feed: WorldError] = [:]
  private var lastLoss: WorldError.Reason?
  private var last: EnvironmentSnapshot?
  private var emission: Task<Void, Never>?

  /// - Parameter heartbeat: how often the API servers are asked whether they answer. A connection that is dead without
  ///   having been closed shows by that, long before a watch would notice.
  init(
    place: ClusterPlace,
    fleet: Fleet,
    clock: any WorldClock,
    continuation: AsyncStream<ClusterObservation>.Continuation,
    burst: Duration = .milliseconds(50),
    heartbeat: Duration = .seconds(5)
  ) {
    (self.place, self.fleet, self.clock, self.continuation) = (place, fleet, clock, continuation)
    (self.burst, self.heartbeat) = (burst, heartbeat)
  }

  /// Goes on until the task is cancelled.
  func run() async {
    var pace = RetryPace()
    while !Task.isCancelled {
      let began = ContinuousClock.now
      awaited = Set(Feed.allCases)
      failures = [:]
      do {
        try await watchAll()
      } catch {
        // The servers did not answer a heartbeat, so what the watches show may be old: begin again with lists.
        if let error = error as? WorldError { reportLoss(error) }
      }
      let wait = pace.wait(afterOpening: true, lasting: ContinuousClock.now - began)
      try? await clock.sleep(for: min(wait, .seconds(5)))
    }
    emission?.cancel()
    continuation.finish()
  }

  private func watchAll() async throws {
    let (cluster, argocd, namespace) = (place.cluster, place.argocd, place.environment.namespace)
    let argocdNamespace = place.argocdNamespace
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      let names = place.applicationNames
      let applications = FeedSink<Application>(self, .applications, \.applications) { names.contains($0) }
      group.addTask { try await argocd.follow(.applications, in: argocdNamespace, into: applications) }
      let deployments = FeedSink<Deployment>(self, .deployments, \.deployments)
      group.addTask { try await cluster.follow(.deployments, in: namespace, into: deployments) }
      let replicaSets = FeedSink<ReplicaSet>(self, .replicaSets, \.replicaSets)
      group.addTask { try await cluster.follow(.replicaSets, in: namespace, into: replicaSets) }
      let statefulSets = FeedSink<StatefulSet>(self, .statefulSets, \.statefulSets)
      group.addTask { try await cluster.follow(.statefulSets, in: namespace, into: statefulSets) }
      let daemonSets = FeedSink<DaemonSet>(self, .daemonSets, \.daemonSets)
      group.addTask { try await cluster.follow(.daemonSets, in: namespace, into: daemonSets) }
      let jobs = FeedSink<Job>(self, .jobs, \.jobs)
      group.addTask { try await cluster.follow(.jobs, in: namespace, into: jobs) }
      let pods = FeedSink<Pod>(self, .pods, \.pods)
      group.addTask { try await cluster.follow(.pods, in: namespace, into: pods) }
      group.addTask { try await self.beat(cluster) }
      if argocd !== cluster { group.addTask { try await self.beat(argocd) } }
      try await group.next()
    }
  }

  private func beat(_ client: KubernetesClient) async throws {
    while true {
      try await clock.sleep(for: heartbeat)
      // While a watch is lost it is tried again by itself, and says itself when it is back.
      guard failures.isEmpty else { continue }
      try await client.checkConnection(within: heartbeat)
    }
  }

  // MARK: Changes

  func replace<Object: KubernetesObject>(
    _ feed: Feed,
    _ kind: any WritableKeyPath<ClusterObjects, [String: Object]> & Sendable,
    _ found: [String: Object]
  ) {
    objects[keyPath: kind] = found
    isBack(feed)
    changed()
  }

  func put<Object: KubernetesObject>(
    _ object: Object,
    _ kind: any WritableKeyPath<ClusterObjects, [String: Object]> & Sendable
  ) {
    objects[keyPath: kind][object.metadata.name] = object
    changed()
  }

  func delete<Object: KubernetesObject>(
    _ object: Object,
    _ kind: any WritableKeyPath<ClusterObjects, [String: Object]> & Sendable
  ) {
    objects[keyPath: kind][object.metadata.name] = nil
    changed()
  }

  func isBack(_ feed: Feed) {
    guard awaited.remove(feed) != nil || failures.removeValue(forKey: feed) != nil else { return }
    failures[feed] = nil
    if awaited.isEmpty, failures.isEmpty { emit() }
  }

  func isLost(_ feed: Feed, _ error: WorldError) {
    guard !Task.isCancelled else { return }
    failures[feed] = error
    reportLoss(error)
  }

  /// Says once that nothing is seen, and again only when the reason is another one: every watch meets it in turn.
  private func reportLoss(_ error: WorldError) {
    guard lastLoss != error.reason else { return }
    lastLoss = error.reason
    last = nil
    continuation.yield(.lost(error))
  }

  // MARK: Snapshots

  private func changed() {
    guard emission == nil, awaited.isEmpty, failures.isEmpty else { return }
    emission = Task {
      try? await clock.sleep(for: burst)
      emission = nil
      if !Task.isCancelled { emit() }
    }
  }

  private func emit() {
    guard awaited.isEmpty, failures.isEmpty else { return }
    let snapshot = SnapshotAssembly.assemble(
      place.environment,
      fleet: fleet,
      objects: objects,
      time: place.cluster.now
    )
    guard snapshot.services != last?.services else { return }
    (last, lastLoss) = (snapshot, nil)
    continuation.yield(.seen(snapshot))
  }
}

/// Hands what one watch sees to the observer, as far as it matters there.
private struct FeedSink<Object: KubernetesObject>: WatchSink {
  let observer: EnvironmentObserver
  let feed: EnvironmentObserver.Feed
  let kind: any WritableKeyPath<ClusterObjects, [String: Object]> & Sendable
  let isWanted: @Sendable (_ name: String) -> Bool

  init(
    _ observer: EnvironmentObserver,
    _ feed: EnvironmentObserver.Feed,
    _ kind: any WritableKeyPath<ClusterObjects, [String: Object]> & Sendable,
    isWanted: @escaping @Sendable (String) -> Bool = { _ in true }
  ) {
    (self.observer, self.feed, self.kind, self.isWanted) = (observer, feed, kind, isWanted)
  }

  func replace(_ objects: [Object]) async {
    await observer.replace(feed, kind, ClusterObjects.byName(objects.filter { isWanted($0.metadata.name) }))
  }

  func apply(_ event: WatchEvent<Object>) async {
    switch event {
    case .put(let object): if isWanted(object.metadata.name) { await observer.put(object, kind) }
    case .deleted(let object): if isWanted(object.metadata.name) { await observer.delete(object, kind) }
    case .bookmark, .error, .other: break
    }
  }

  func watching() async { await observer.isBack(feed) }
  func lost(_ error: WorldError) async { await observer.isLost(feed, error) }
}
