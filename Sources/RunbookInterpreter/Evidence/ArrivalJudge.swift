import PromotionModel

/// What a service is to have become.
struct ArrivalTarget: Sendable {
  var service: Service
  var tag: String
  /// The sealed digest; nil where nothing was sealed, then every pod must run one and the same.
  var digest: ImageDigest?
  /// Our commit on the environment's branch; nil where this run changed nothing: then the tag alone is looked at.
  var commit: CommitID?
}

/// How a service stands to its target (rule 2 of the language).
enum Standing: Hashable, Sendable {
  case arrived
  case onTheWay(String)
  /// What runs is not what was sealed, or what is to run could not be applied.
  case wrong(String)
  /// Somebody else changed it since: hands off (rule 1).
  case superseded(Superseded)
  case unknown(String)

  var isOnTheWay: Bool {
    switch self {
    case .onTheWay: true
    case .arrived, .wrong, .superseded, .unknown: false
    }
  }

  var isWrong: Bool {
    switch self {
    case .wrong: true
    case .arrived, .onTheWay, .superseded, .unknown: false
    }
  }

  var isUnknown: Bool {
    switch self {
    case .unknown: true
    case .arrived, .onTheWay, .wrong, .superseded: false
    }
  }
}

/// Judges snapshots against targets: *arrived* by value, source and digest.
///
/// That a commit of ours is an ancestor of the one Argo CD compared last proves that it was reconciled after our push;
/// no clocks need to be compared for it.
struct ArrivalJudge {
  var reading: WorldReading
  let environment: Environment
  let targets: [ArrivalTarget]
  /// Whether the workloads must run it too, or only Argo CD have synced it.
  let needsRollout: Bool

  private var declared: [CommitID: DeclaredEnvironment] = [:]
  private var containment: [CommitID: [CommitID: Bool]] = [:]
  private(set) var hasArrived: Set<ServiceName> = []

  init(reading: WorldReading, environment: Environment, targets: [ArrivalTarget], needsRollout: Bool = true) {
    (self.reading, self.environment, self.targets, self.needsRollout) = (reading, environment, targets, needsRollout)
  }

  mutating func judge(_ snapshot: EnvironmentSnapshot) async throws -> [ServiceName: Standing] {
    var standings: [ServiceName: Standing] = [:]
    for target in targets {
      do {
        let standing = try await judge(target, snapshot.services[target.service.name])
        if standing == .arrived { hasArrived.insert(target.service.name) }
        standings[target.service.name] = standing
      } catch let error as WorldError {
        standings[target.service.name] = .unknown(error.description)
      }
    }
    return standings
  }

  /// Whether Argo CD has compared the service with the target's commit, or one after it: *arrived* where the target's value
  /// stands in what it compared.
  mutating func compared(_ target: ArrivalTarget, _ snapshot: ServiceSnapshot?) async throws -> Standing {
    guard let application = snapshot?.application, let revision = application.revision else {
      return .onTheWay("Argo CD has not compared it yet")
    }
    do {
      return try await judge(target, source: revision, application.name) ?? .arrived
    } catch let error as WorldError {
      return .unknown(error.description)
    }
  }

  private mutating func judge(_ target: ArrivalTarget, _ snapshot: ServiceSnapshot?) async throws -> Standing {
    guard let snapshot, let application = snapshot.application else {
      return .unknown("there is no Application for it")
    }
    guard application.destinationNamespace == environment.namespace else {
      return .unknown("\(application.name) deploys to namespace \(application.destinationNamespace)")
    }
    guard let revision = application.revision else {
      return .onTheWay("\(application.name) was compared with no commit yet")
    }
    guard SafetyRule.arrivedIsProven.holds else {
      return application.sync == .synced && application.health == .healthy ? .arrived : .onTheWay(application.name)
    }
    if let standing = try await judge(target, source: revision, application.name) {
      if case .superseded(let value) = standing, !SafetyRule.undoOnlyYourOwn.holds { return .wrong(value.message) }
      return standing
    }
    if let drift = drift(target, snapshot) { return drift }
    if let operation = application.operation, operation.isRunning {
      return .onTheWay("\(application.name) is being synced")
    }
    guard application.sync == .synced else {
      if let failure = application.failedSync(of: revision) { return .wrong("\(application.name): \(failure)") }
      return .onTheWay("\(application.name) is \(application.sync.rawValue)")
    }
    return needsRollout ? judgeWorkloads(target, snapshot) : .arrived
  }

  /// The commit that Argo CD compared: nil when it has ours and our value stands in it.
  private mutating func judge(_ target: ArrivalTarget, source revision: CommitID, _ application: String) async throws
    -> Standing?
  {
    if let commit = target.commit, try await !contains(commit, in: revision) {
      return .onTheWay("\(application) is still at \(revision.short)")
    }
    if declared[revision] == nil {
      declared[revision] = try await reading.repository.declared(environment.name, at: revision)
    }
    let found = declared[revision]?.services[target.service.name]
    guard found?.tag != target.tag else { return nil }
    guard target.commit != nil else { return .onTheWay("\(application) is still at \(revision.short)") }
    // Asked anew: whoever changed it did so after this run last looked at the branch.
    _ = try await reading.repository.head()
    let history = try await reading.repository.history(of: [target.service.name], in: environment.name, limit: 20)
    return .superseded(
      Superseded(
        service: target.service.name,
        expected: target.tag,
        found: found?.tag,
        by: history[target.service.name]?.first { $0.tag == found?.tag }?.commit
      )
    )
  }

  /// Whether the workloads were told to run something that is neither on the way to the target nor left from before.
  private func drift(_ target: ArrivalTarget, _ snapshot: ServiceSnapshot) -> Standing? {
    let service = target.service
    let images = snapshot.workloads.flatMap { $0.images.values }
    guard !images.contains(where: { service.isImage($0, atTag: target.tag) }) else { return nil }
    let others = images.compactMap { image in service.tag(ofImage: image) }
    guard hasArrived.contains(service.name), let other = others.first else { return nil }
    return .superseded(Superseded(service: service.name, expected: target.tag, found: "\(other) in the cluster"))
  }

  private func judgeWorkloads(_ target: ArrivalTarget, _ snapshot: ServiceSnapshot) -> Standing {
    let service = target.service
    if let kind = snapshot.unknownKinds.first { return .unknown("it runs by a \(kind), which is not understood") }
    if let missing = snapshot.missingWords { return .onTheWay(missing) }
    let own = snapshot.workloads.filter { workload in
      workload.images.values.contains { service.isImage($0, atTag: target.tag) }
    }
    guard !own.isEmpty else {
      return snapshot.workloads.isEmpty
        ? .unknown("its Application owns no workload") : .onTheWay("no workload asks for \(target.tag) yet")
    }
    for workload in snapshot.workloads {
      guard workload.desired > 0 else { return .unknown("\(workload.name) is scaled to none, which proves nothing") }
      guard workload.isRolledOut else {
        return .onTheWay(
          "\(workload.name): \(workload.updated) of \(workload.desired) updated, \(workload.available) available"
        )
      }
    }
    var digests: Set<ImageDigest> = []
    for pod in own.flatMap(\.pods) {
      guard !pod.isTerminating else { return .onTheWay("\(pod.name) is still terminating") }
      guard pod.isReady else { return .onTheWay("\(pod.name) is not ready") }
      guard let container = pod.container(of: service, atTag: target.tag) else {
        return .onTheWay("\(pod.name) does not run \(target.tag)")
      }
      guard let digest = container.digest else { return .unknown("\(pod.name) does not say which digest it runs") }
      digests.insert(digest)
    }
    guard let digest = digests.first else { return .onTheWay("no pod of it runs") }
    // Pods and workloads are listed apart: those that are not seen yet prove nothing.
    let wanted = own.reduce(0) { $0 + $1.desired }
    let seen = own.reduce(0) { $0 + $1.pods.count }
    guard seen >= wanted else { return .onTheWay("\(seen) of \(wanted) pods are seen") }
    if let sealed = target.digest, digests != [sealed] {
      let other = digests.first { $0 != sealed } ?? digest
      return .wrong("it runs \(other.short), and \(sealed.short) was sealed for \(target.tag)")
    }
    guard digests.count == 1 else { return .wrong("its pods run different digests of \(target.tag)") }
    return .arrived
  }

  private mutating func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    if let known = containment[ancestor]?[descendant] { return known }
    let answer = try await reading.repository.contains(ancestor, in: descendant)
    containment[ancestor, default: [:]][descendant] = answer
    return answer
  }
}

extension ApplicationSnapshot {
  /// Why the commit that was compared last is not applied: Argo CD has given up to sync it, and does not try again by
  /// itself. What somebody ended (`Operation terminated`) may be begun again by them.
  fileprivate func failedSync(of commit: CommitID) -> String? {
    guard let operation, operation.phase == "Failed" || operation.phase == "Error", operation.revision == commit,
      !operation.message.hasPrefix("Operation terminated")
    else { return nil }
    return "its sync failed" + (operation.message.isEmpty ? "" : ": \(operation.message)")
  }
}
