import FoundationEssentials

// What an examination reads of objects besides what every look reads of them. Fields may be absent or strange: a
// diagnosis is made of what is understood.

/// One object read in two ways: what every look needs, and what an examination needs besides.
struct Examined<Object: KubernetesObject, Details: Decodable & Sendable>: KubernetesObject {
  let object: Object
  let details: Details

  var metadata: ObjectMetadata { object.metadata }

  init(from decoder: any Decoder) throws {
    (object, details) = (try Object(from: decoder), try Details(from: decoder))
  }
}

struct ApplicationDetails: Decodable, Sendable {
  struct Automated: Decodable, Sendable {
    var prune: Bool?
    var selfHeal: Bool?
    var enabled: Bool?
  }
  struct SyncPolicy: Decodable, Sendable {
    var automated: Automated?
    var syncOptions: [String]?
  }
  struct Spec: Decodable, Sendable { var syncPolicy: SyncPolicy? }
  struct Health: Decodable, Sendable {
    var status: String?
    var message: String?
  }
  struct Resource: Decodable, Sendable {
    var kind: String?
    var name: String?
    var namespace: String?
    var status: String?
    var health: Health?
  }
  struct Synced: Decodable, Sendable {
    var kind: String?
    var name: String?
    /// `Synced`, `SyncFailed`, `Pruned`, `PruneSkipped`.
    var status: String?
    /// Of hooks: `Succeeded`, `Failed`, `Error`, …
    var hookPhase: String?
    var message: String?
  }
  struct SyncResult: Decodable, Sendable { var resources: [Synced]? }
  struct OperationState: Decodable, Sendable { var syncResult: SyncResult? }
  struct Status: Decodable, Sendable {
    var resources: [Resource]?
    var operationState: OperationState?
  }
  var spec: Spec?
  var status: Status?
}

struct WorkloadDetails: Decodable, Sendable {
  struct Spec: Decodable, Sendable { var paused: Bool? }
  struct Status: Decodable, Sendable { var conditions: [ObjectCondition]? }
  var spec: Spec?
  var status: Status?
}

struct PodDetails: Decodable, Sendable {
  struct Resources: Decodable, Sendable { var limits: [String: Quantity]? }
  struct Port: Decodable, Sendable {
    var name: String?
    var containerPort: Int?
  }
  struct Container: Decodable, Sendable {
    var name: String
    var resources: Resources?
    var ports: [Port]?
    var startupProbe: Probe?
    var readinessProbe: Probe?
    var livenessProbe: Probe?
  }
  struct Spec: Decodable, Sendable {
    var nodeName: String?
    var containers: [Container]?
    var initContainers: [Container]?
  }
  struct Terminated: Decodable, Sendable {
    var reason: String?
    var exitCode: Int?
    var finishedAt: String?
  }
  struct State: Decodable, Sendable { var terminated: Terminated? }
  struct ContainerStatus: Decodable, Sendable {
    var name: String?
    var state: State?
    var lastState: State?
  }
  struct Status: Decodable, Sendable {
    var reason: String?
    var message: String?
    var conditions: [ObjectCondition]?
    var containerStatuses: [ContainerStatus]?
    var initContainerStatuses: [ContainerStatus]?
  }
  var spec: Spec?
  var status: Status?
}

/// A probe of a container (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe).
struct Probe: Decodable, Sendable {
  struct HTTP: Decodable, Sendable {
    var path: String?
    var port: NumberOrName?
    var scheme: String?
  }
  struct Socket: Decodable, Sendable { var port: NumberOrName? }
  struct Command: Decodable, Sendable {}

  var httpGet: HTTP?
  var tcpSocket: Socket?
  var grpc: Socket?
  var exec: Command?
  var periodSeconds: Int?
  var failureThreshold: Int?
}

/// A port by its number, or by its name among those of its container.
enum NumberOrName: Decodable, Hashable, Sendable {
  case number(Int)
  case name(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      let text = try container.decode(String.self)
      self = Int(text).map(NumberOrName.number) ?? .name(text)
    }
  }

  func number(among ports: [PodDetails.Port]?) -> Int? {
    switch self {
    case .number(let number): number
    case .name(let name): ports?.first { $0.name == name }?.containerPort
    }
  }
}

struct EventObject: KubernetesObject {
  struct Involved: Decodable, Sendable {
    var kind: String?
    var name: String?
    var uid: String?
  }
  struct Series: Decodable, Sendable {
    var count: Int?
    var lastObservedTime: String?
  }
  var metadata: ObjectMetadata
  var involvedObject: Involved?
  var type: String?
  var reason: String?
  var message: String?
  var count: Int?
  var lastTimestamp: String?
  var eventTime: String?
  var series: Series?
}

struct EndpointsObject: KubernetesObject {
  struct Target: Decodable, Sendable { var uid: String? }
  struct Address: Decodable, Sendable { var targetRef: Target? }
  struct Subset: Decodable, Sendable {
    var addresses: [Address]?
    var notReadyAddresses: [Address]?
  }
  var metadata: ObjectMetadata
  var subsets: [Subset]?
}

/// Of `metrics.k8s.io`, which an add-on serves.
struct PodMetrics: KubernetesObject {
  struct Container: Decodable, Sendable {
    var name: String?
    var usage: [String: Quantity]?
  }
  var metadata: ObjectMetadata
  var containers: [Container]?
}

struct NodeObject: KubernetesObject {
  struct Spec: Decodable, Sendable { var unschedulable: Bool? }
  struct Status: Decodable, Sendable { var conditions: [ObjectCondition]? }
  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
}

/// A quantity as the API writes it: `250m`, `1.5`, `128Mi`, `12345n`, `1e9`
/// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
struct Quantity: Decodable, Hashable, Sendable {
  /// In units: cores, bytes; nil for what is no quantity.
  let value: Double?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      value = Self.value(text)
    } else {
      value = try? container.decode(Double.self)
    }
  }

  init(_ text: String) { value = Self.value(text) }

  private static func value(_ text: String) -> Double? {
    let number = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." || $0 == "-" || $0 == "+" }
    let suffix = text[number.endIndex...]
    if let factor = factors[String(suffix)] { return Double(number).map { $0 * factor } }
    let isExponent = suffix.first == "e" || suffix.first == "E"
    let isNumeric = suffix.dropFirst().allSatisfy { $0.isASCII && ($0.isNumber || $0 == "-" || $0 == "+") }
    return isExponent && isNumeric ? Double(text) : nil
  }

  private static let factors: [String: Double] = [
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]
}
