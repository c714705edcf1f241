import FoundationEssentials
import PromotionModel

/// What of an Application decides whether Argo CD syncs by itself, as it is written there.
struct ApplicationPolicy: KubernetesObject {
  struct Spec: Decodable, Sendable { var syncPolicy: SyncPolicy? }
  struct SyncPolicy: Decodable, Sendable {
    var automated: JSONValue?
    /// Options and retries of every sync, which whoever asks for one has to hand over.
    var syncOptions: JSONValue?
    var retry: JSONValue?
  }
  struct Status: Decodable, Sendable { var operationState: Application.OperationState? }

  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
  var operation: Application.RequestedOperation?

  /// Argo CD 3.1 and newer can have a policy that is switched off.
  var isAutomatic: Bool {
    guard let automated = spec?.syncPolicy?.automated, automated != .null else { return false }
    return automated["enabled"] != .bool(false)
  }
}

/// Who suspended the auto-sync of an Application, and what its policy was: an annotation of the Application itself, written
/// in the same change that suspends it. So nothing but the Application needs to be there to restore it.
struct AutoSyncSuspension: Codable {
  static let annotation = "slipway/suspended-auto-sync"

  var by: String
  var automated: JSONValue

  init(by: String, automated: JSONValue) { (self.by, self.automated) = (by, automated) }

  init?(_ metadata: ObjectMetadata) {
    guard let text = metadata.annotations?[Self.annotation],
      let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = value
  }

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

/// Changes of an Application, as merge patches (RFC 7396) of the version that was read.
enum ApplicationPatch {
  static func suspend(_ application: ApplicationPolicy, _ automated: JSONValue, by holder: String) throws -> JSONValue {
    let text = try AutoSyncSuspension(by: holder, automated: automated).text()
    return .object([
      "metadata": metadata(application, .string(text)),
      "spec": .object(["syncPolicy": .object(["automated": .null])]),
    ])
  }

  /// - Parameter automated: nil: a policy stands there already, and stays.
  static func restore(_ application: ApplicationPolicy, _ automated: JSONValue?) -> JSONValue {
    var patch: [String: JSONValue] = ["metadata": metadata(application, .null)]
    if let automated { patch["spec"] = .object(["syncPolicy": .object(["automated": automated])]) }
    return .object(patch)
  }

  /// As `argocd app sync` asks for it: with the Application's own options, and what its own policy says of pruning.
  static func sync(_ application: ApplicationPolicy, mark: String, replacing: Bool) -> JSONValue {
    let policy = application.spec?.syncPolicy
    var sync: [String: JSONValue] = [
      "prune": policy?.automated?["prune"] ?? .bool(false),
      "syncStrategy": .object(["hook": .object(replacing ? ["force": .bool(true)] : [:])]),
    ]
    if let options = policy?.syncOptions, options != .null { sync["syncOptions"] = options }
    var operation: [String: JSONValue] = [
      "info": .array([.object(["name": .string(Application.RequestedOperation.markName), "value": .string(mark)])]),
      "initiatedBy": .object(["username": .string("slipway")]),
      "sync": .object(sync),
    ]
    if let retry = policy?.retry, retry != .null { operation["retry"] = retry }
    return .object([
      "metadata": .object([
        "annotations": .object(["argocd.argoproj.io/refresh": .string("hard")]),
        "resourceVersion": version(application),
      ]),
      "operation": .object(operation),
    ])
  }

  private static func metadata(_ application: ApplicationPolicy, _ suspension: JSONValue) -> JSONValue {
    .object([
      "annotations": .object([AutoSyncSuspension.annotation: suspension]), "resourceVersion": version(application),
    ])
  }

  private static func version(_ application: ApplicationPolicy) -> JSONValue {
    application.metadata.resourceVersion.map { .string($0) } ?? .null
  }
}
