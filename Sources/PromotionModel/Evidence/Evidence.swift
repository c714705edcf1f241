/// What `validate` found good, and when: the only thing that `promote` relies on. Expires (rule 9).
public struct Seal: Hashable, Sendable, Codable {
  public var service: ServiceName
  public var environment: EnvironmentName
  public var tag: String
  public var version: Version
  /// The commit of the GitOps repository at which the tag was read.
  public var commit: CommitID
  /// The digest that the service's container ran.
  public var digest: ImageDigest
  /// The server's time.
  public var time: Timestamp

  public init(
    service: ServiceName,
    environment: EnvironmentName,
    tag: String,
    version: Version,
    commit: CommitID,
    digest: ImageDigest,
    time: Timestamp
  ) {
    (self.service, self.environment, self.tag, self.version) = (service, environment, tag, version)
    (self.commit, self.digest, self.time) = (commit, digest, time)
  }
}

/// One thing that was looked at, and what was seen. All findings of a statement are shown, good ones too.
public struct Finding: Hashable, Sendable, Codable {
  public enum Result: String, Hashable, Sendable, Codable {
    case good
    /// Worth knowing, and no reason to stop.
    case warning
    case bad
    /// It could not be told (rule 5).
    case unknown
    /// Nothing is configured to look at; never counted as good.
    case notChecked = "not checked"
  }

  /// What was looked at: `pods`, `logs`, `health`, `version`, `image`, `sync`, `migrations`, `soak`.
  public var check: String
  public var service: ServiceName?
  public var result: Result
  public var message: String
  /// The statement that helps, where there is one.
  public var advice: String?

  public init(check: String, service: ServiceName?, result: Result, message: String, advice: String? = nil) {
    (self.check, self.service, self.result, self.message) = (check, service, result, message)
    self.advice = advice
  }
}

/// The lines of one container's log.
public struct ContainerLog: Hashable, Sendable {
  public var service: ServiceName
  public var pod: String
  public var container: String
  /// The log of the container's previous life.
  public var isPrevious: Bool
  /// As the server sent it: every line starts with its RFC 3339 time and a space.
  public var bytes: [UInt8]

  public init(service: ServiceName, pod: String, container: String, isPrevious: Bool, bytes: [UInt8]) {
    (self.service, self.pod, self.container) = (service, pod, container)
    (self.isPrevious, self.bytes) = (isPrevious, bytes)
  }
}

/// The logs of one container, to be read.
public struct LogRequest: Hashable, Sendable {
  public var service: ServiceName
  public var pod: String
  public var container: String
  public var isPrevious: Bool
  /// The newest so many lines; nil for all since ``since``.
  public var tailLines: Int?
  public var since: Timestamp?

  public init(
    service: ServiceName,
    pod: String,
    container: String,
    isPrevious: Bool = false,
    tailLines: Int? = nil,
    since: Timestamp? = nil
  ) {
    (self.service, self.pod, self.container) = (service, pod, container)
    (self.isPrevious, self.tailLines, self.since) = (isPrevious, tailLines, since)
  }
}

/// A health endpoint, to be asked.
public struct ProbeTarget: Hashable, Sendable {
  public var service: ServiceName
  public var url: String

  public init(service: ServiceName, url: String) { (self.service, self.url) = (service, url) }
}

public struct ProbeResult: Hashable, Sendable {
  public enum Answer: Hashable, Sendable {
    case status(Int)
    /// No answer: refused, timed out, no such host, bad certificate; the reason is sanitised.
    case unreachable(String)
  }

  public var target: ProbeTarget
  public var answer: Answer

  public init(target: ProbeTarget, answer: Answer) { (self.target, self.answer) = (target, answer) }

  /// The guide: the health endpoint returns 200 OK.
  public var isHealthy: Bool { answer == .status(200) }
}
