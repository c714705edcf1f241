/// Something that is asked of the cluster or of Argo CD for one service. Each is idempotent: what is so already is not done
/// again.
public enum DeliveryOrder: Hashable, Sendable, Codable {
  /// New pods for all its workloads, as `kubectl rollout restart` makes them.
  ///
  /// `at` is what the workloads carry afterwards; one that was restarted then or later is left alone.
  case restart(at: Timestamp)
  /// A hard refresh and a sync, by the Application's own options.
  ///
  /// `mark` tells this operation from those of others: the same one is asked for once. `replacing` is Argo CD's force: what
  /// cannot be patched is deleted and made anew.
  case sync(mark: String, replacing: Bool)
  /// Argo CD no longer syncs by itself. What its policy was stays with the Application until ``restoreAutoSync``; who
  /// suspended it stands there too. An Application that does not sync by itself stays as it is.
  case suspendAutoSync(by: String)
  /// The policy from before ``suspendAutoSync(by:)``, whoever suspended it.
  case restoreAutoSync
  /// The kept revision that runs the service at `tag`, as `kubectl rollout undo --to-revision` brings it back; never
  /// just the one before.
  case undo(toTag: String)

  /// What is done, as a part of a sentence that begins with the service: `api in production is restarted`.
  public var participle: String {
    switch self {
    case .restart: "is restarted, pod by pod"
    case .sync(_, replacing: false): "is synced by Argo CD"
    case .sync(_, replacing: true): "is synced by Argo CD, which may delete what it cannot patch"
    case .suspendAutoSync: "is no longer synced by Argo CD by itself, until its rollout is undone and git says so too"
    case .restoreAutoSync: "is synced by Argo CD by itself again"
    case .undo(let tag): "is brought back to the kept revision of \(tag) in the cluster"
    }
  }
}

/// What came of a ``DeliveryOrder``.
public enum DeliveryAnswer: Hashable, Sendable {
  /// It is so now, or is on its way; with the workloads that it is about.
  case accepted([ChangedWorkload])
  /// Not now: another operation runs. What it is, for people.
  case busy(String)
}

/// A workload and its generation after a change: what speaks of an older generation speaks of the time before.
public struct ChangedWorkload: Hashable, Sendable, Codable {
  public var kind: String
  public var name: String
  public var uid: String
  public var generation: Int64

  public init(kind: String, name: String, uid: String, generation: Int64) {
    (self.kind, self.name, self.uid, self.generation) = (kind, name, uid, generation)
  }
}
