import FoundationEssentials
import NIOCore
import PromotionModel

/// What the API server says when it says no: the kind `Status` of its API.
struct KubernetesStatus: Decodable {
  var kind: String?
  var message: String?
  var reason: String?
  var code: Int?
}

/// The resource version is too old for the server to go on from it: list again.
struct ResourceVersionExpired: Error {}

enum KubernetesFailure {
  /// An answer other than success, in our words.
  /// - Parameter what: what was asked for: "pods in production".
  static func error(_ response: KubernetesResponse, asking what: String) -> WorldError {
    let bytes = Array(response.body.readableBytesView.prefix(64 << 10))
    let status = try? JSONDecoder().decode(KubernetesStatus.self, from: Data(bytes))
    let said = LocalPrograms.sanitize(status?.message.map { Array($0.utf8) } ?? bytes, limit: 300)
    return error(code: response.status, said: said, isFromServer: status?.message != nil, asking: what)
  }

  static func error(code: Int, said: String, isFromServer: Bool, asking what: String) -> WorldError {
    let message = said.isEmpty ? "\(what): HTTP status \(code)" : "\(what): \(said)"
    switch code {
    case 401:
      return WorldError(
        tool: "kubectl",
        reason: .unauthorized,
        message: message,
        advice: "Log in to the cluster again, then try kubectl get pods"
      )
    case 403 where !isFromServer:
      return WorldError(
        tool: "kubectl",
        reason: .refused,
        message: "\(what): kubectl proxy does not pass this request on",
        advice: "A dry run only reads"
      )
    case 403:
      return WorldError(
        tool: "kubectl",
        reason: .unauthorized,
        message: message,
        advice: "Ask for these rights: kubectl auth can-i --list"
      )
    case 404: return WorldError(tool: "kubectl", reason: .notFound, message: message)
    case 400, 405...428: return WorldError(tool: "kubectl", reason: .refused, message: message)
    case 429, 503, 504: return WorldError(tool: "kubectl", reason: .unreachable, message: message)
    case 500 where !isFromServer, 502 where !isFromServer: return unreachable(message, said: said)
    default: return WorldError(tool: "kubectl", reason: .nonsense, message: message)
    }
  }

  /// kubectl proxy's own words when it could not reach the server, or could not log in there.
  private static func unreachable(_ message: String, said: String) -> WorldError {
    let lower = said.lowercased()
    if ["getting credentials", "unauthorized", "oauth2", "token", "you must be logged in"].contains(
      where: lower.contains
    ) {
      return WorldError(
        tool: "kubectl",
        reason: .unauthorized,
        message: message,
        advice: "Log in to the cluster again, then try kubectl get pods"
      )
    }
    let isDefault = lower.contains("localhost:8080") || lower.contains("127.0.0.1:8080") || lower.contains("[::1]:8080")
    return WorldError(
      tool: "kubectl",
      reason: .unreachable,
      message: message,
      advice: isDefault
        ? "kubectl asks there when it has no kubeconfig: look at KUBECONFIG and kubectl config view"
        : "Look whether the cluster's API server can be reached: kubectl version"
    )
  }

  static func nonsense(_ what: String, _ error: any Error) -> WorldError {
    WorldError(
      tool: "kubectl",
      reason: .nonsense,
      message: "\(what): \(LocalPrograms.sanitize(line: String(describing: error), limit: 200))"
    )
  }
}
