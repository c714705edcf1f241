public import PromotionModel

/// A fleet at one moment, from which a simulated world begins: its files, what runs, and what Argo CD says of it.
///
/// It is read from the live world (a dry run, `slipway rehearse --from live`) or from a file that somebody wrote. What is
/// left out follows from the files: two healthy replicas of the tag that git declares, Synced and Healthy.
public struct FleetDescription: Hashable, Sendable, Codable {
  /// When it was read; the simulated clock begins here. Left out: at an evening of the simulation's own.
  public var time: Timestamp?
  public var repository: Repository
  public var environments: [EnvironmentName: Environment]
  /// What the tags of images name that no pod runs any more, by service; what a pod is seen to run stands before it. From the
  /// journal of former runs: no part of a file.
  public var formerDigests: [ServiceName: [String: ImageDigest]] = [:]

  private enum CodingKeys: String, CodingKey { case time, repository, environments }

  public init(
    time: Timestamp? = nil,
    repository: Repository,
    environments: [EnvironmentName: Environment] = [:]
  ) {
    (self.time, self.repository, self.environments) = (time, repository, environments)
  }

  /// The GitOps repository, as far as the fleet's files go.
  public struct Repository: Hashable, Sendable, Codable {
    /// The newest commit of the configured branch; left out: an invented one.
    public var head: Commit?
    /// Path in the repository → text.
    public var files: [String: String]
    /// The commits that changed each service's tag, newest first; left out: the history begins with the head.
    public var history: [EnvironmentName: [ServiceName: [DeclaredChange]]]?
    /// Other commits that something speaks of: those that Argo CD synced.
    public var commits: [KnownCommit]?
    public var locks: [LockHolder]?
    public var freezes: [Freeze]?

    public init(
      head: Commit? = nil,
      files: [String: String],
      history: [EnvironmentName: [ServiceName: [DeclaredChange]]]? = nil,
      commits: [KnownCommit]? = nil,
      locks: [LockHolder]? = nil,
      freezes: [Freeze]? = nil
    ) {
      (self.head, self.files, self.history) = (head, files, history)
      (self.commits, self.locks, self.freezes) = (commits, locks, freezes)
    }
  }

  /// A commit that is not the head, and what the files say at it.
  public struct KnownCommit: Hashable, Sendable, Codable {
    public var id: CommitID
    /// Whether the head has it as an ancestor.
    public var isInHead: Bool
    public var declared: [EnvironmentName: DeclaredEnvironment]

    public init(id: CommitID, isInHead: Bool, declared: [EnvironmentName: DeclaredEnvironment]) {
      (self.id, self.isInHead, self.declared) = (id, isInHead, declared)
    }
  }

  public struct Environment: Hashable, Sendable, Codable {
    /// The UID of the cluster's `kube-system` namespace.
    public var cluster: String?
    public var services: [ServiceName: Service]

    public init(cluster: String? = nil, services: [ServiceName: Service]) {
      (self.cluster, self.services) = (cluster, services)
    }
  }

  public struct Service: Hashable, Sendable, Codable {
    /// The tag that the pods run; left out: the one that git declares.
    public var running: String?
    public var replicas: Int?
    public var digest: ImageDigest?
    public var sync: ApplicationSnapshot.Sync?
    public var health: ApplicationSnapshot.Health?
    /// Whether its Application puts back what somebody changes past git (`selfHeal`); left out: as it was seen, or not.
    public var healsItself: Bool?
    /// What the health endpoint answers, 200 where left out.
    public var endpoint: Int?
    /// Why the health endpoint does not answer at all.
    public var unreachable: String?
    /// Argo CD and the workloads as they were seen; stands before everything above but the endpoint.
    public var seen: ServiceSnapshot?
    public var logs: [Log]?

    public init(running: String? = nil, replicas: Int? = nil, digest: ImageDigest? = nil) {
      (self.running, self.replicas, self.digest) = (running, replicas, digest)
    }
  }

  /// The newest lines of one container's log.
  public struct Log: Hashable, Sendable, Codable {
    public var pod: String
    public var container: String
    public var isPrevious: Bool
    /// Each begins with its RFC 3339 time and a space.
    public var lines: [String]

    public init(pod: String, container: String, isPrevious: Bool, lines: [String]) {
      (self.pod, self.container, self.isPrevious, self.lines) = (pod, container, isPrevious, lines)
    }
  }
}
