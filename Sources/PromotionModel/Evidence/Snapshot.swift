/// What Argo CD and the cluster said of one environment, together, at one moment.
public struct EnvironmentSnapshot: Hashable, Sendable {
  public var environment: EnvironmentName
  /// The server's time, as far as it is known (rule 8).
  public var time: Timestamp
  public var services: [ServiceName: ServiceSnapshot]

  public init(environment: EnvironmentName, time: Timestamp, services: [ServiceName: ServiceSnapshot]) {
    (self.environment, self.time, self.services) = (environment, time, services)
  }
}

public struct ServiceSnapshot: Hashable, Sendable, Codable {
  /// nil: there is no such Application.
  public var application: ApplicationSnapshot?
  /// The workloads that the Application owns, by its resource list and owner UIDs. Another team's pods with the same
  /// label are not among them (rule 2).
  public var workloads: [WorkloadSnapshot]
  /// Owners of pods, in the Application's resource list, whose kind is not understood: then nothing is proven.
  public var unknownKinds: [String]
  /// Workloads in the Application's resource list that are not in its namespace, `Deployment api`: deleted, or not made yet.
  public var missing: [String]
  /// The migrations of the guide's checklist, and whether they are complete: the Jobs that the service's configuration names
  /// (``MigrationJobs``), else those of the Application.
  public var jobs: [JobSnapshot]

  public init(
    application: ApplicationSnapshot?,
    workloads: [WorkloadSnapshot] = [],
    unknownKinds: [String] = [],
    missing: [String] = [],
    jobs: [JobSnapshot] = []
  ) {
    (self.application, self.workloads, self.unknownKinds, self.jobs) = (application, workloads, unknownKinds, jobs)
    self.missing = missing
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    application = try fields.decodeIfPresent(ApplicationSnapshot.self, forKey: .application)
    workloads = try fields.decode([WorkloadSnapshot].self, forKey: .workloads)
    unknownKinds = try fields.decode([String].self, forKey: .unknownKinds)
    // Recordings of earlier versions know nothing of them.
    missing = try fields.decodeIfPresent([String].self, forKey: .missing) ?? []
    jobs = try fields.decode([JobSnapshot].self, forKey: .jobs)
  }

  /// What there is to say of a workload that is not there; nil where none is missing.
  public var missingWords: String? {
    guard let first = missing.first else { return nil }
    return "\(first) does not exist: it was deleted, or is not made yet"
  }

  public var pods: [PodSnapshot] { workloads.flatMap(\.pods) }
}

/// An Argo CD Application.
public struct ApplicationSnapshot: Hashable, Sendable, Codable {
  public enum Sync: String, Hashable, Sendable, Codable, CaseIterable {
    case synced = "Synced", outOfSync = "OutOfSync", unknown = "Unknown"
  }
  public enum Health: String, Hashable, Sendable, Codable, CaseIterable {
    case healthy = "Healthy"
    case progressing = "Progressing"
    case degraded = "Degraded"
    case suspended = "Suspended"
    case missing = "Missing"
    case unknown = "Unknown"
  }

  public var name: String
  public var sync: Sync
  public var health: Health
  /// The commit that was compared with the cluster last; nil for a multi-source Application or before the first time.
  public var revision: CommitID?
  /// When Argo CD last compared; an old time proves nothing of a newer commit.
  public var reconciledAt: Timestamp?
  public var operation: Operation?
  public var destinationNamespace: String
  public var hasAutoSync: Bool
  /// Who suspended its auto-sync and did not restore it yet (``DeliveryOrder/suspendAutoSync(by:)``).
  public var suspendedBy: String?
  /// Whether it puts back what somebody changes past git (`selfHeal`), as long as it has auto-sync; nil: not told.
  public var healsItself: Bool?
  /// Argo CD's own complaints, sanitised.
  public var conditions: [String]

  public struct Operation: Hashable, Sendable, Codable {
    /// `Running`, `Succeeded`, `Failed`, `Error`, `Terminating`.
    public var phase: String
    public var revision: CommitID?
    public var message: String
    public var finishedAt: Timestamp?
    /// What a ``DeliveryOrder/sync(mark:replacing:)`` of ours gave it; nil for the operations of others.
    public var mark: String?
    public var isRunning: Bool { phase == "Running" || phase == "Terminating" }

    public init(
      phase: String,
      revision: CommitID?,
      message: String = "",
      finishedAt: Timestamp? = nil,
      mark: String? = nil
    ) {
      (self.phase, self.revision, self.message) = (phase, revision, message)
      (self.finishedAt, self.mark) = (finishedAt, mark)
    }
  }

  public init(
    name: String,
    sync: Sync,
    health: Health,
    revision: CommitID?,
    reconciledAt: Timestamp?,
    operation: Operation? = nil,
    destinationNamespace: String,
    hasAutoSync: Bool = true,
    suspendedBy: String? = nil,
    healsItself: Bool? = nil,
    conditions: [String] = []
  ) {
    (self.name, self.sync, self.health, self.revision) = (name, sync, health, revision)
    (self.reconciledAt, self.operation, self.destinationNamespace) = (reconciledAt, operation, destinationNamespace)
    (self.hasAutoSync, self.suspendedBy, self.healsItself) = (hasAutoSync, suspendedBy, healsItself)
    self.conditions = conditions
  }
}

/// A Deployment, StatefulSet or DaemonSet with its pods.
public struct WorkloadSnapshot: Hashable, Sendable, Codable {
  public var kind: String
  public var name: String
  public var uid: String
  public var generation: Int64
  /// The generation that the controller has seen; older than ``generation``: its status speaks of the past.
  public var observedGeneration: Int64
  public var desired: Int
  public var updated: Int
  public var ready: Int
  public var available: Int
  /// All replicas, of old revisions too.
  public var replicas: Int
  /// Kubernetes' `ProgressDeadlineExceeded`.
  public var hasExceededProgressDeadline: Bool
  /// The images that the workload asks for, by container.
  public var images: [String: String]
  /// Images of earlier revisions that are still kept (old ReplicaSets), for the way back.
  public var formerImages: [String]
  /// How many earlier revisions are kept (`revisionHistoryLimit`); nil where that is not known.
  public var keptRevisions: Int?
  public var pods: [PodSnapshot]

  public init(
    kind: String,
    name: String,
    uid: String,
    generation: Int64,
    observedGeneration: Int64,
    desired: Int,
    updated: Int,
    ready: Int,
    available: Int,
    replicas: Int,
    hasExceededProgressDeadline: Bool = false,
    images: [String: String],
    formerImages: [String] = [],
    keptRevisions: Int? = nil,
    pods: [PodSnapshot]
  ) {
    (self.kind, self.name, self.uid) = (kind, name, uid)
    (self.generation, self.observedGeneration) = (generation, observedGeneration)
    (self.desired, self.updated, self.ready) = (desired, updated, ready)
    (self.available, self.replicas) = (available, replicas)
    self.hasExceededProgressDeadline = hasExceededProgressDeadline
    (self.images, self.formerImages, self.keptRevisions, self.pods) = (images, formerImages, keptRevisions, pods)
  }

  /// Whether the rollout is over: the controller saw the last change, and every replica is of it and available.
  public var isRolledOut: Bool {
    observedGeneration >= generation && updated == desired && available == desired && replicas == desired
      && ready == desired
  }
}

public struct PodSnapshot: Hashable, Sendable, Codable {
  public var name: String
  public var uid: String
  public var createdAt: Timestamp
  /// Whether it carries a deletion timestamp.
  public var isTerminating: Bool
  public var isReady: Bool
  /// Whether it belongs to the workload's newest revision.
  public var isCurrent: Bool
  public var containers: [ContainerSnapshot]

  public init(
    name: String,
    uid: String,
    createdAt: Timestamp,
    isTerminating: Bool,
    isReady: Bool,
    isCurrent: Bool,
    containers: [ContainerSnapshot]
  ) {
    (self.name, self.uid, self.createdAt, self.isTerminating) = (name, uid, createdAt, isTerminating)
    (self.isReady, self.isCurrent, self.containers) = (isReady, isCurrent, containers)
  }

  public var restarts: Int { containers.reduce(0) { $0 + $1.restarts } }
}

public struct ContainerSnapshot: Hashable, Sendable, Codable {
  public enum State: Hashable, Sendable, Codable {
    case running(since: Timestamp?)
    /// `CrashLoopBackOff`, `ImagePullBackOff`, `ContainerCreating`, …
    case waiting(reason: String, message: String)
    case terminated(reason: String, exitCode: Int)
    case unknown
  }

  public var name: String
  public var isInit: Bool
  /// The image that the pod's specification asks for.
  public var image: String
  /// What really runs; nil until it was pulled.
  public var digest: ImageDigest?
  public var isReady: Bool
  public var restarts: Int
  public var state: State

  public init(
    name: String,
    isInit: Bool = false,
    image: String,
    digest: ImageDigest?,
    isReady: Bool,
    restarts: Int,
    state: State
  ) {
    (self.name, self.isInit, self.image, self.digest) = (name, isInit, image, digest)
    (self.isReady, self.restarts, self.state) = (isReady, restarts, state)
  }
}

public struct JobSnapshot: Hashable, Sendable, Codable {
  public enum State: String, Hashable, Sendable, Codable { case active, complete, failed }
  public var name: String
  public var state: State
  public var createdAt: Timestamp?
  /// The images that its containers ask for; nil where that is not known.
  public var images: [String]?
  /// Argo CD's last sync ran it, as a hook.
  public var isOfLastSync: Bool?

  public init(
    name: String,
    state: State,
    createdAt: Timestamp? = nil,
    images: [String]? = nil,
    isOfLastSync: Bool? = nil
  ) {
    (self.name, self.state, self.createdAt) = (name, state, createdAt)
    (self.images, self.isOfLastSync) = (images, isOfLastSync)
  }
}
