/// A kind of object, as the API's paths name it.
struct KubernetesResource: Hashable, Sendable {
  /// `/api/v1`, `/apis/apps/v1`.
  var root: String
  var plural: String

  static let deployments = KubernetesResource(root: "/apis/apps/v1", plural: "deployments")
  static let replicaSets = KubernetesResource(root: "/apis/apps/v1", plural: "replicasets")
  static let statefulSets = KubernetesResource(root: "/apis/apps/v1", plural: "statefulsets")
  static let daemonSets = KubernetesResource(root: "/apis/apps/v1", plural: "daemonsets")
  static let jobs = KubernetesResource(root: "/apis/batch/v1", plural: "jobs")
  static let pods = KubernetesResource(root: "/api/v1", plural: "pods")
  static let events = KubernetesResource(root: "/api/v1", plural: "events")
  static let endpoints = KubernetesResource(root: "/api/v1", plural: "endpoints")
  /// Of the whole cluster: in no namespace.
  static let nodes = KubernetesResource(root: "/api/v1", plural: "nodes")
  static let podMetrics = KubernetesResource(root: "/apis/metrics.k8s.io/v1beta1", plural: "pods")
  static let applications = KubernetesResource(root: "/apis/argoproj.io/v1alpha1", plural: "applications")

  /// - Parameter namespace: nil for what is in none.
  func collection(_ namespace: String?) -> String {
    namespace.map { "\(root)/namespaces/\(URLText.segment($0))/\(plural)" } ?? "\(root)/\(plural)"
  }
  func object(_ name: String, _ namespace: String) -> String { "\(collection(namespace))/\(URLText.segment(name))" }
}

/// Text put into a URL. Names come from the configuration and from servers, and must not be read as more than a name.
enum URLText {
  /// A path segment or query value: everything but RFC 3986's unreserved characters is percent-encoded, and so are
  /// the dots of `.` and `..`.
  static func segment(_ text: String) -> String {
    let isDots = text == "." || text == ".."
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.append(byte)
      case UInt8(ascii: ".") where !isDots: result.append(byte)
      default:
        let digits = Array("0123456789ABCDEF".utf8)
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func query(_ pairs: [(String, String)]) -> String {
    pairs.isEmpty ? "" : "?" + pairs.map { "\(segment($0))=\(segment($1))" }.joined(separator: "&")
  }

  /// A whole query that comes from elsewhere: its `=` and `&` keep their meaning, all else is only text.
  static func queryText(_ text: String) -> String {
    text.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { segment(String($0)) }
        .joined(separator: "=")
    }.joined(separator: "&")
  }
}
