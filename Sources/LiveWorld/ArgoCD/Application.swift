import PromotionModel

/// What is read of an Argo CD Application (`argoproj.io/v1alpha1`,
/// https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml).
struct Application: KubernetesObject {
  /// A cluster, by its server's URL or by its name in Argo CD, and a namespace there.
  struct Destination: Decodable, Sendable {
    var server: String?
    var name: String?
    var namespace: String?
  }
  struct Automated: Decodable, Sendable {
    /// Argo CD 3.1 and newer; absent means enabled.
    var enabled: Bool?
    var selfHeal: Bool?
  }
  struct SyncPolicy: Decodable, Sendable { var automated: Automated? }
  struct Source: Decodable, Sendable { var repoURL: String? }
  struct Spec: Decodable, Sendable {
    var source: Source?
    var destination: Destination?
    var syncPolicy: SyncPolicy?
    /// More than one source.
    var sources: [Source]?
  }
  struct Sync: Decodable, Sendable {
    var status: String?
    var revision: String?
    var revisions: [String]?
  }
  struct Health: Decodable, Sendable { var status: String? }
  struct Condition: Decodable, Sendable {
    var type: String?
    var message: String?
  }
  /// A line of what the Application consists of.
  struct Resource: Decodable, Hashable, Sendable {
    var group: String?
    var kind: String
    var namespace: String?
    var name: String
  }
  struct SyncOperation: Decodable, Sendable { var revision: String? }
  struct RequestedOperation: Decodable, Sendable {
    struct Info: Decodable, Sendable {
      var name: String?
      var value: String?
    }
    /// The name of the information that says by whom of us an operation was asked for.
    static let markName = "slipway"

    var sync: SyncOperation?
    var info: [Info]?

    var mark: String? {
      info?.first { $0.name == Self.markName }?.value.map { LocalPrograms.sanitize(line: $0, limit: 200) }
    }
  }
  struct SyncResult: Decodable, Sendable {
    struct Resource: Decodable, Sendable {
      var kind: String?
      var namespace: String?
      var name: String?
      /// `PreSync`, `Sync`, `PostSync` …; absent for what is no hook.
      var hookType: String?
      var hookPhase: String?
    }
    var revision: String?
    var resources: [Resource]?
  }
  struct OperationState: Decodable, Sendable {
    var phase: String?
    var message: String?
    var finishedAt: String?
    var syncResult: SyncResult?
    var operation: RequestedOperation?

    var isRunning: Bool { phase == "Running" || phase == "Terminating" }
  }
  struct Status: Decodable, Sendable {
    var sync: Sync?
    var health: Health?
    var reconciledAt: String?
    var operationState: OperationState?
    var conditions: [Condition]?
    var resources: [Resource]?
  }

  var metadata: ObjectMetadata
  var spec: Spec?
  var status: Status?
  /// An operation that was asked for, until it is over.
  var operation: RequestedOperation?

  var isMultiSource: Bool {
    !(spec?.sources ?? []).isEmpty || !(status?.sync?.revisions ?? []).isEmpty
  }

  var snapshot: ApplicationSnapshot {
    ApplicationSnapshot(
      name: metadata.name,
      sync: status?.sync?.status.flatMap(ApplicationSnapshot.Sync.init) ?? .unknown,
      health: status?.health?.status.flatMap(ApplicationSnapshot.Health.init) ?? .unknown,
      revision: isMultiSource ? nil : status?.sync?.revision.flatMap { CommitID($0) },
      reconciledAt: status?.reconciledAt.flatMap { Timestamp($0) },
      operation: operationSnapshot,
      destinationNamespace: LocalPrograms.sanitize(line: spec?.destination?.namespace ?? ""),
      hasAutoSync: spec?.syncPolicy?.automated.map { $0.enabled != false } ?? false,
      suspendedBy: AutoSyncSuspension(metadata).map { LocalPrograms.sanitize(line: $0.by, limit: 100) },
      healsItself: spec?.syncPolicy?.automated?.selfHeal ?? false,
      conditions: (status?.conditions ?? []).map {
        LocalPrograms.sanitize(line: "\($0.type ?? "Condition"): \($0.message ?? "")", limit: 300)
      }
    )
  }

  private var operationSnapshot: ApplicationSnapshot.Operation? {
    let state = status?.operationState
    // Asked for and not begun: the state, if there is one, still speaks of the operation before.
    if let operation, state?.isRunning != true {
      return .init(
        phase: "Running",
        revision: isMultiSource ? nil : operation.sync?.revision.flatMap { CommitID($0) },
        mark: operation.mark
      )
    }
    guard let state else { return nil }
    let revision = state.syncResult?.revision ?? state.operation?.sync?.revision ?? operation?.sync?.revision
    return .init(
      phase: LocalPrograms.sanitize(line: state.phase ?? "Unknown", limit: 40),
      revision: isMultiSource ? nil : revision.flatMap { CommitID($0) },
      message: LocalPrograms.sanitize(line: state.message ?? "", limit: 300),
      finishedAt: state.isRunning ? nil : state.finishedAt.flatMap { Timestamp($0) },
      mark: state.operation?.mark
    )
  }
}
