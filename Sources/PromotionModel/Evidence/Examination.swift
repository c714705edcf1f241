/// What was asked for, or why it could not be told: never the one for the other (rule 5).
public enum Known<Value: Sendable>: Sendable {
  case known(Value)
  case unknown(WorldError)

  /// - Throws: `CancellationError` alone; every other error is something that could not be told.
  public static func ask(
    _ tool: String,
    _ body: @Sendable () async throws -> Value
  ) async throws -> Known {
    do {
      return .known(try await body())
    } catch let error as CancellationError {
      throw error
    } catch let error as WorldError {
      return .unknown(error)
    } catch {
      return .unknown(WorldError(tool: tool, reason: .nonsense, message: "\(error)"))
    }
  }

  public var value: Value? { if case .known(let value) = self { value } else { nil } }
  public var error: WorldError? { if case .unknown(let error) = self { error } else { nil } }

  public func map<Other>(_ change: (Value) -> Other) -> Known<Other> {
    switch self {
    case .known(let value): .known(change(value))
    case .unknown(let error): .unknown(error)
    }
  }
}

extension Known: Equatable where Value: Equatable {}
extension Known: Hashable where Value: Hashable {}

/// An environment looked at more closely than a ``EnvironmentSnapshot`` does, when something is wrong there. Each part
/// stands for itself: who may not see the nodes still sees the pods.
public struct Examination: Hashable, Sendable {
  /// How things are, as far as they could be read. Without it nothing is known of services.
  public var snapshot: Known<EnvironmentSnapshot>
  /// Kinds that could not be read: what the snapshot says is there is so, and what it does not say may be there.
  public var unread: [WorldError]
  public var services: [ServiceName: ServiceExamination]
  /// What containers use now, by pod, as the cluster's metrics have it.
  public var usage: Known<[ContainerUsage]>
  public var nodes: Known<[NodeExamination]>

  public init(
    snapshot: Known<EnvironmentSnapshot>,
    unread: [WorldError] = [],
    services: [ServiceName: ServiceExamination] = [:],
    usage: Known<[ContainerUsage]>,
    nodes: Known<[NodeExamination]>
  ) {
    (self.snapshot, self.unread, self.services) = (snapshot, unread, services)
    (self.usage, self.nodes) = (usage, nodes)
  }
}

/// What a snapshot leaves out of one service.
public struct ServiceExamination: Hashable, Sendable {
  /// How its Application syncs; nil: there is none.
  public var policy: SyncPolicy?
  /// Resources of the Application that are not well.
  public var resources: [ResourceTrouble]
  /// What the controllers of its workloads say is wrong: a rollout without progress, replicas that cannot be made.
  public var workloads: [String]
  /// All its pods, those that are over among them.
  public var pods: [PodExamination]
  /// Warnings about its pods and workloads, the same one once, the newest first.
  public var events: Known<[ClusterEvent]>
  /// The Services that lead to its pods, or should.
  public var endpoints: Known<[ServiceEndpoints]>
  /// The health endpoint asked within the cluster; nil: no pod runs, or it is not known what to ask.
  public var inside: InsideProbe?

  public init(
    policy: SyncPolicy? = nil,
    resources: [ResourceTrouble] = [],
    workloads: [String] = [],
    pods: [PodExamination] = [],
    events: Known<[ClusterEvent]> = .known([]),
    endpoints: Known<[ServiceEndpoints]> = .known([]),
    inside: InsideProbe? = nil
  ) {
    (self.policy, self.resources, self.workloads, self.pods) = (policy, resources, workloads, pods)
    (self.events, self.endpoints, self.inside) = (events, endpoints, inside)
  }
}

/// `spec.syncPolicy` of an Argo CD Application.
public struct SyncPolicy: Hashable, Sendable {
  public var isAutomated: Bool
  public var healsItself: Bool
  public var prunes: Bool
  /// As Argo CD spells them: `CreateNamespace=true`.
  public var options: [String]

  public init(isAutomated: Bool, healsItself: Bool = false, prunes: Bool = false, options: [String] = []) {
    (self.isAutomated, self.healsItself, self.prunes, self.options) = (isAutomated, healsItself, prunes, options)
  }
}

/// A resource of an Application, and what Argo CD says is wrong with it.
public struct ResourceTrouble: Hashable, Sendable {
  /// `Deployment api`.
  public var resource: String
  public var message: String

  public init(resource: String, message: String) { (self.resource, self.message) = (resource, message) }
}

public struct PodExamination: Hashable, Sendable {
  public var name: String
  /// nil before it is scheduled.
  public var node: String?
  /// `Pending`, `Running`, `Failed`, …
  public var phase: String
  /// Why it is over: `Evicted: The node was low on resource: memory`.
  public var reason: String?
  /// Why the scheduler found no node for it.
  public var unschedulable: String?
  /// Whether it belongs to the newest revision of its workload.
  public var isCurrent: Bool
  public var containers: [ContainerExamination]

  public init(
    name: String,
    node: String?,
    phase: String,
    reason: String? = nil,
    unschedulable: String? = nil,
    isCurrent: Bool,
    containers: [ContainerExamination]
  ) {
    (self.name, self.node, self.phase, self.reason) = (name, node, phase, reason)
    (self.unschedulable, self.isCurrent, self.containers) = (unschedulable, isCurrent, containers)
  }
}

public struct ContainerExamination: Hashable, Sendable {
  /// How a container's life ended.
  public struct End: Hashable, Sendable {
    /// `Error`, `OOMKilled`, `Completed`, …
    public var reason: String
    public var exitCode: Int
    public var time: Timestamp?

    public init(reason: String, exitCode: Int, time: Timestamp?) {
      (self.reason, self.exitCode, self.time) = (reason, exitCode, time)
    }
  }

  public var name: String
  /// The end of its life before this one, or of this one.
  public var lastEnd: End?
  /// Thousandths of a core; nil: without limit.
  public var cpuLimit: Double?
  /// Bytes; nil: without limit.
  public var memoryLimit: Double?
  public var probes: [ContainerProbe]

  public init(
    name: String,
    lastEnd: End? = nil,
    cpuLimit: Double? = nil,
    memoryLimit: Double? = nil,
    probes: [ContainerProbe] = []
  ) {
    (self.name, self.lastEnd, self.probes) = (name, lastEnd, probes)
    (self.cpuLimit, self.memoryLimit) = (cpuLimit, memoryLimit)
  }
}

/// How the kubelet asks a container how it is.
public struct ContainerProbe: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable { case startup, readiness, liveness }

  public var kind: Kind
  /// `GET :8080/health every 5s, 3 failures`.
  public var what: String

  public init(kind: Kind, what: String) { (self.kind, self.what) = (kind, what) }
}

public struct ContainerUsage: Hashable, Sendable {
  public var pod: String
  public var container: String
  /// Thousandths of a core.
  public var cpu: Double
  /// Bytes.
  public var memory: Double

  public init(pod: String, container: String, cpu: Double, memory: Double) {
    (self.pod, self.container, self.cpu, self.memory) = (pod, container, cpu, memory)
  }
}

public struct NodeExamination: Hashable, Sendable {
  public var name: String
  /// Conditions that are not as they should be: `MemoryPressure`, `not ready: Kubelet stopped posting node status`.
  public var troubles: [String]
  /// Nothing new is scheduled on it.
  public var isCordoned: Bool

  public init(name: String, troubles: [String] = [], isCordoned: Bool = false) {
    (self.name, self.troubles, self.isCordoned) = (name, troubles, isCordoned)
  }
}

/// What the cluster noted about an object, and how often.
public struct ClusterEvent: Hashable, Sendable {
  /// `Pod api-5d-x2`.
  public var object: String
  /// `BackOff`, `FailedScheduling`, `Unhealthy`, …
  public var reason: String
  public var message: String
  public var count: Int
  public var last: Timestamp?

  public init(object: String, reason: String, message: String, count: Int = 1, last: Timestamp? = nil) {
    (self.object, self.reason, self.message, self.count, self.last) = (object, reason, message, count, last)
  }

  /// The same reason with the same message once, however many objects it is about; the newest first.
  public static func merged(_ events: [ClusterEvent]) -> [ClusterEvent] {
    var found: [ClusterEvent] = []
    var places: [[String]: Int] = [:]
    for event in events {
      // Pods of one workload say the same, each with its own name.
      let name = event.object.split(separator: " ").last.map(String.init) ?? event.object
      let key = [event.reason, event.message.replacing(name, with: "…")]
      guard let place = places[key] else {
        places[key] = found.count
        found.append(event)
        continue
      }
      found[place].count += event.count
      if (event.last ?? .distantPast) > (found[place].last ?? .distantPast) {
        (found[place].last, found[place].object) = (event.last, event.object)
      }
    }
    return found.enumerated().sorted {
      let (one, other) = ($0.element.last ?? .distantPast, $1.element.last ?? .distantPast)
      return one == other ? $0.offset < $1.offset : one > other
    }.map(\.element)
  }
}

extension Timestamp {
  fileprivate static let distantPast = Timestamp(secondsSinceEpoch: 0)
}

/// A Kubernetes Service, and how many pods its traffic can go to.
public struct ServiceEndpoints: Hashable, Sendable {
  public var name: String
  public var ready: Int
  public var notReady: Int

  public init(name: String, ready: Int, notReady: Int) {
    (self.name, self.ready, self.notReady) = (name, ready, notReady)
  }
}

/// A health endpoint asked over the API server, within the cluster.
public struct InsideProbe: Hashable, Sendable {
  public var pod: String
  /// `GET :8080/health`.
  public var what: String
  /// The status, or why there was none.
  public var status: Known<Int>

  public init(pod: String, what: String, status: Known<Int>) {
    (self.pod, self.what, self.status) = (pod, what, status)
  }
}
