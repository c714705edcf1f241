/// A commit of the GitOps repository, as far as a run needs to know it.
public struct Commit: Hashable, Sendable, Codable {
  public var id: CommitID
  /// The name of its author, sanitised for a terminal.
  public var author: String
  /// The committer's time. For a push of ours see ``PushOutcome``: servers give no better one.
  public var time: Timestamp
  public var subject: String
  /// `Slipway-Run` and other trailers, in order.
  public var trailers: [Trailer]

  public init(id: CommitID, author: String, time: Timestamp, subject: String, trailers: [Trailer] = []) {
    (self.id, self.author, self.time, self.subject, self.trailers) = (id, author, time, subject, trailers)
  }

  public func trailer(_ key: String) -> String? { trailers.first { $0.key == key }?.value }
}

public struct Trailer: Hashable, Sendable, Codable {
  public var key: String
  public var value: String

  public init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }

  /// The run that made a commit.
  public static let run = "Slipway-Run"
  /// The step of that run: a resumed run finds by it what it had already pushed.
  public static let step = "Slipway-Step"
  /// One a service, `production/api api-v1.2.2 -> api-v1.3.0`: what a promotion changed.
  public static let promotes = "Slipway-Promotes"
  /// One a service, `production/api api-v1.3.0 -> api-v1.2.2`: what a rollback took back.
  public static let rollsBack = "Slipway-Rolls-Back"
  /// One a service, of the same form: what git was written to, because it runs.
  public static let reconciles = "Slipway-Reconciles"
}

/// What the files of one environment say at one commit.
public struct DeclaredEnvironment: Hashable, Sendable, Codable {
  public var environment: EnvironmentName
  public var commit: CommitID
  public var services: [ServiceName: DeclaredService]

  public init(environment: EnvironmentName, commit: CommitID, services: [ServiceName: DeclaredService]) {
    (self.environment, self.commit, self.services) = (environment, commit, services)
  }
}

public struct DeclaredService: Hashable, Sendable, Codable {
  public var file: String
  /// nil when there is no file, or no tag in it.
  public var tag: String?
  /// nil when the tag is no semantic version by the service's pattern.
  public var version: Version?
  public var isEnabled: Bool
  /// Why the tag could not be read, where the file exists; for people.
  public var problem: String?
  /// Whether the file is there at all; a service new to an environment has none.
  public var exists: Bool

  public init(
    file: String,
    tag: String?,
    version: Version?,
    isEnabled: Bool = true,
    problem: String? = nil,
    exists: Bool = true
  ) {
    (self.file, self.tag, self.version) = (file, tag, version)
    (self.isEnabled, self.problem, self.exists) = (isEnabled, problem, exists)
  }
}

/// A commit of the branch that changed what a service's file says.
public struct DeclaredChange: Hashable, Sendable, Codable {
  public var commit: Commit
  /// The tag after the commit; nil when the file or the tag went away.
  public var tag: String?

  public init(commit: Commit, tag: String?) { (self.commit, self.tag) = (commit, tag) }
}

/// Changes to the files of one environment, all or nothing.
public struct ChangeSet: Hashable, Sendable, Codable {
  public var environment: EnvironmentName
  /// The commit that the changes were worked out on.
  public var base: CommitID
  public var services: [ServiceChange]
  /// What the record of releases says of it, where one is kept. It is no part of ``plan``, and nothing takes it back.
  public var record: RecordEntry?

  public init(environment: EnvironmentName, base: CommitID, services: [ServiceChange], record: RecordEntry? = nil) {
    (self.environment, self.base, self.services, self.record) = (environment, base, services, record)
  }

  /// What the change set does, apart from the commit it starts from: two runs with equal plans do the same.
  public var plan: [String] {
    services.map { "\(environment)/\($0.service) \($0.fromTag ?? "nothing") -> \($0.toTag)" }.sorted()
  }
}

/// An entry of the record of releases, made in the commit that it tells of. It is only ever added: what stands in its file
/// stays, to the byte, and a file that is not there is made.
public struct RecordEntry: Hashable, Sendable, Codable {
  public var file: String
  /// Whole lines, each with its end.
  public var text: String

  public init(file: String, text: String) { (self.file, self.text) = (file, text) }
}

public struct ServiceChange: Hashable, Sendable, Codable {
  public var service: ServiceName
  public var file: String
  /// nil for a service new to the environment.
  public var fromTag: String?
  public var toTag: String
  public var edits: [FileEdit]

  public init(service: ServiceName, file: String, fromTag: String?, toTag: String, edits: [FileEdit]) {
    (self.service, self.file, self.fromTag, self.toTag, self.edits) = (service, file, fromTag, toTag, edits)
  }
}

/// One edit of a file. Each holds what it expects to find, so that it is made on another base only when nobody else
/// changed the same thing (rule 1).
public enum FileEdit: Hashable, Sendable, Codable {
  /// The scalar at a path; `from` nil: the key is not there yet.
  case scalar(path: String, from: String?, to: String)
  /// The whole file; `from` nil: there is none yet, `to` nil: it goes.
  case content(from: String?, to: String?)
}

/// A file before and after, as a unified diff.
public struct FileDiff: Hashable, Sendable, Codable {
  public var file: String
  public var unified: String

  public init(file: String, unified: String) { (self.file, self.unified) = (file, unified) }
}

/// A value that is no longer as the run left it (rule 1 of the language): hands off.
public struct Superseded: Hashable, Sendable, Codable {
  public var service: ServiceName
  public var expected: String?
  public var found: String?
  /// The commit that changed it, where it is known.
  public var by: Commit?

  public init(service: ServiceName, expected: String?, found: String?, by: Commit? = nil) {
    (self.service, self.expected, self.found, self.by) = (service, expected, found, by)
  }

  public var message: String {
    var text = "\(service) is \(found ?? "absent"), not \(expected ?? "absent") as this run left it"
    if let by { text += ": changed by \(by.author) at \(by.time) in \(by.id.short) (\(by.subject))" }
    return text
  }
}

public struct CommitMessage: Hashable, Sendable, Codable {
  /// `promote(api): v1.3.0 → production`, as the guide writes it.
  public var subject: String
  public var body: String
  public var trailers: [Trailer]

  public init(subject: String, body: String = "", trailers: [Trailer]) {
    (self.subject, self.body, self.trailers) = (subject, body, trailers)
  }

  public var text: String {
    let parts = [subject, body, trailers.map { "\($0.key): \($0.value)" }.joined(separator: "\n")]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }
}

/// Who may write to a protected environment now: the content of the ref `refs/slipway/lock/<environment>`.
public struct LockHolder: Hashable, Sendable, Codable {
  public var environment: EnvironmentName
  public var run: RunID
  /// Person or job, and host.
  public var holder: String
  public var reason: String
  /// ``ChangeSet/plan`` of the run, so that a second run with the same plan is told so.
  public var plan: [String]
  public var pullRequest: String?
  public var expires: Timestamp

  public init(
    environment: EnvironmentName,
    run: RunID,
    holder: String,
    reason: String,
    plan: [String],
    pullRequest: String? = nil,
    expires: Timestamp
  ) {
    (self.environment, self.run, self.holder, self.reason) = (environment, run, holder, reason)
    (self.plan, self.pullRequest, self.expires) = (plan, pullRequest, expires)
  }
}

/// A lock that is held, as it stood on the server when it was last written; every push goes with it or not at all.
public struct LockLease: Hashable, Sendable, Codable {
  public var holder: LockHolder
  /// The object that the lock's ref names; the compare of the next compare-and-swap.
  public var object: CommitID

  public init(holder: LockHolder, object: CommitID) { (self.holder, self.object) = (holder, object) }
}
