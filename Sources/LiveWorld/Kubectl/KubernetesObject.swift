/// An object of the Kubernetes API; of each kind only the fields that are needed are read, and nearly all may be absent.
protocol KubernetesObject: Decodable, Sendable {
  var metadata: ObjectMetadata { get }
}

struct ObjectMetadata: Decodable, Sendable {
  var name: String
  var namespace: String?
  var uid: String?
  var resourceVersion: String?
  var generation: Int64?
  var creationTimestamp: String?
  var deletionTimestamp: String?
  var labels: [String: String]?
  var annotations: [String: String]?
  var ownerReferences: [OwnerReference]?

  /// The one owner that manages the object.
  var controller: OwnerReference? { ownerReferences?.first { $0.controller == true } }
}

struct OwnerReference: Decodable, Hashable, Sendable {
  var apiVersion: String?
  var kind: String
  var name: String
  var uid: String
  var controller: Bool?

  /// `apps` of `apps/v1`; empty for the core group's `v1`.
  var group: String {
    guard let apiVersion, let slash = apiVersion.firstIndex(of: "/") else { return "" }
    return String(apiVersion[..<slash])
  }
}

/// An object of which nothing but its identity matters.
struct BareObject: KubernetesObject { var metadata: ObjectMetadata }

/// All objects of a kind, and the version of the state they were read in, from which a watch goes on.
struct KubernetesList<Object: KubernetesObject>: Sendable {
  var items: [Object]
  var version: String
}

struct KubernetesPage<Object: KubernetesObject>: Decodable {
  struct Metadata: Decodable {
    var resourceVersion: String?
    var next: String?

    enum CodingKeys: String, CodingKey {
      case resourceVersion
      case next = "continue"
    }
  }
  var metadata: Metadata
  /// `null` in some servers' answers when there is nothing.
  var items: [Object]?
}

/// One line of a watch.
enum WatchEvent<Object: KubernetesObject>: Decodable, Sendable {
  case put(Object)
  case deleted(Object)
  /// Nothing changed up to this version.
  case bookmark(version: String)
  case error(message: String, code: Int)
  /// A type of event that this program does not know.
  case other

  private enum CodingKeys: String, CodingKey { case type, object }
  private struct Mark: Decodable {
    struct Metadata: Decodable { var resourceVersion: String }
    var metadata: Metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(String.self, forKey: .type) {
    case "ADDED", "MODIFIED": self = .put(try container.decode(Object.self, forKey: .object))
    case "DELETED": self = .deleted(try container.decode(Object.self, forKey: .object))
    case "BOOKMARK":
      self = .bookmark(version: try container.decode(Mark.self, forKey: .object).metadata.resourceVersion)
    case "ERROR":
      let status = try container.decode(KubernetesStatus.self, forKey: .object)
      self = .error(message: status.message ?? "", code: status.code ?? 500)
    default: self = .other
    }
  }

  /// From where a watch that breaks off after this event goes on.
  var version: String? {
    switch self {
    case .put(let object), .deleted(let object): object.metadata.resourceVersion
    case .bookmark(let version): version
    case .error, .other: nil
    }
  }
}
