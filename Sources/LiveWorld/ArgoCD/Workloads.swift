/// What is read of the kinds that run pods (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/).
struct ObjectCondition: Decodable, Sendable {
  var type: String?
  var status: String?
  var reason: String?
  var message: String?
}

struct PodTemplate: Decodable, Sendable {
  struct Container: Decodable, Sendable {
    var name: String
    var image: String?
  }
  struct Spec: Decodable, Sendable {
    var containers: [Container]?
    var initContainers: [Container]?
  }
  var spec: Spec?

  /// Container → image, init containers left out.
  var images: [String: String] { Self.images(spec?.containers) }

  static func images(_ containers: [Container]?) -> [String: String] {
    Dictionary((containers ?? []).map { ($0.name, $0.image ?? "") }, uniquingKeysWith: { first, _ in first })
  }
}

struct Deployment: KubernetesObject {
  static let revision = "deployment.kubernetes.io/revision"

  struct Spec: Decodable, Sendable {
    var replicas: Int?
    var template: PodTemplate?
    /// Kubernetes keeps 10 where nothing is said.
    var revisionHistoryLimit: Int?
  }
  struct Status: Decodable, Sendable {
    var observedGeneration: Int64?
    var replicas: Int?
    var updatedReplicas: Int?
    var readyReplicas: Int?
    var availableReplicas: Int?
    var conditions: [ObjectCondition]?
  }
  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
}

struct ReplicaSet: KubernetesObject {
  struct Spec: Decodable, Sendable { var template: PodTemplate? }
  var metadata: ObjectMetadata
  var spec: Spec?

  /// The number of the Deployment's revision that it is for.
  var revision: Int64? { metadata.annotations?[Deployment.revision].flatMap { Int64($0) } }
}

struct StatefulSet: KubernetesObject {
  struct Spec: Decodable, Sendable {
    var replicas: Int?
    var template: PodTemplate?
  }
  struct Status: Decodable, Sendable {
    var observedGeneration: Int64?
    var replicas: Int?
    var updatedReplicas: Int?
    var readyReplicas: Int?
    /// Not there before Kubernetes 1.22.
    var availableReplicas: Int?
    var updateRevision: String?
  }
  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
}

struct DaemonSet: KubernetesObject {
  struct Spec: Decodable, Sendable { var template: PodTemplate? }
  struct Status: Decodable, Sendable {
    var observedGeneration: Int64?
    var desiredNumberScheduled: Int?
    var currentNumberScheduled: Int?
    var updatedNumberScheduled: Int?
    var numberReady: Int?
    var numberAvailable: Int?
  }
  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
}

struct Job: KubernetesObject {
  struct Spec: Decodable, Sendable { var template: PodTemplate? }
  struct Status: Decodable, Sendable { var conditions: [ObjectCondition]? }
  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
}

struct Pod: KubernetesObject {
  struct Status: Decodable, Sendable {
    var phase: String?
    var conditions: [ObjectCondition]?
    var containerStatuses: [ContainerStatus]?
    var initContainerStatuses: [ContainerStatus]?
  }
  struct ContainerStatus: Decodable, Sendable {
    var name: String
    var ready: Bool?
    var restartCount: Int?
    var imageID: String?
    var state: State?
  }
  struct State: Decodable, Sendable {
    struct Waiting: Decodable, Sendable {
      var reason: String?
      var message: String?
    }
    struct Running: Decodable, Sendable { var startedAt: String? }
    struct Terminated: Decodable, Sendable {
      var reason: String?
      var exitCode: Int?
    }
    var waiting: Waiting?
    var running: Running?
    var terminated: Terminated?
  }
  var metadata: ObjectMetadata
  var spec: PodTemplate.Spec?
  var status: Status?

  /// Whether it came to its end (evicted, done): its controller has made another one and no longer counts it.
  var isOver: Bool { status?.phase == "Failed" || status?.phase == "Succeeded" }
}
