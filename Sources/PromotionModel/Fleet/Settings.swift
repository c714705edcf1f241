/// The GitOps repository and where versions stand in it.
public struct RepositorySettings: Sendable, Hashable {
  /// What `git` is given: an URL or a path, never starting with `-`.
  public var url: String
  public var branch: String
  /// `{environment}` and `{service}` are filled in: `environments/{environment}/services/{service}.yaml`.
  public var filePattern: String
  /// Where the tag stands in that file: `service.chartTag`, `images[name={service}].newTag`.
  public var tagPath: String
  /// Where the file says whether the service is enabled there; absent in the file means enabled.
  public var enabledPath: String
  public var copy: CopyRule
  /// Scalars that a promotion sets besides, path → template with `{environment}` and `{service}`.
  public var set: [String: String]
  /// The record of releases that is kept there; nil: none.
  public var records: RecordSettings?

  public init(
    url: String,
    branch: String = "main",
    filePattern: String,
    tagPath: String,
    enabledPath: String = "service.enabled",
    copy: CopyRule = .tag,
    set: [String: String] = [:]
  ) {
    (self.url, self.branch, self.filePattern, self.tagPath) = (url, branch, filePattern, tagPath)
    (self.enabledPath, self.copy, self.set) = (enabledPath, copy, set)
  }

  public func file(of service: ServiceName, in environment: EnvironmentName) -> String {
    Self.fill(filePattern, service: service, environment: environment)
  }

  /// Whether all services of an environment stand in one file: then every path in it names the service.
  public var isFileShared: Bool { !filePattern.contains("{service}") }

  /// Whether the value at ``enabledPath`` is one service's own.
  public var saysWhatIsEnabled: Bool { !isFileShared || enabledPath.contains("{service}") }

  /// Fills `{service}` and `{environment}` in a pattern of the configuration.
  public static func fill(_ pattern: String, service: ServiceName, environment: EnvironmentName) -> String {
    var filled = ""
    var rest = Substring(pattern)
    while let brace = rest.utf8.firstIndex(of: 0x7B) {
      filled += rest[..<brace]
      rest = rest[brace...]
      if rest.utf8.starts(with: "{service}".utf8) {
        filled += service.text
        rest = rest[rest.utf8.index(brace, offsetBy: 9)...]
      } else if rest.utf8.starts(with: "{environment}".utf8) {
        filled += environment.text
        rest = rest[rest.utf8.index(brace, offsetBy: 13)...]
      } else {
        filled += "{"
        rest = rest[rest.utf8.index(after: brace)...]
      }
    }
    return filled + rest
  }
}

/// What a promotion brings from one environment's file to the next's.
public enum CopyRule: Sendable, Hashable, Codable {
  /// The tag alone.
  case tag
  /// The tag and the scalars at these paths.
  case paths([String])
  /// The whole file, as the guide's automation does, with `set` applied.
  case file
}

public struct ArgoCDSettings: Sendable, Hashable {
  public var namespace: String
  /// `{service}-{environment}`.
  public var applicationPattern: String
  /// The context of the cluster that Argo CD runs in, where it is not the environment's own.
  public var context: String?

  public init(
    namespace: String = "argocd",
    applicationPattern: String = "{service}-{environment}",
    context: String? = nil
  ) {
    (self.namespace, self.applicationPattern, self.context) = (namespace, applicationPattern, context)
  }

  public func application(of service: ServiceName, in environment: EnvironmentName) -> String {
    RepositorySettings.fill(applicationPattern, service: service, environment: environment)
  }
}

public struct PullRequestSettings: Sendable, Hashable {
  /// `owner/name` on the forge.
  public var repository: String
  public var labels: [String]
  public var mergeMethod: MergeMethod
  /// How often an open pull request is looked at.
  public var pollInterval: Duration

  public init(
    repository: String,
    labels: [String] = ["requires-review"],
    mergeMethod: MergeMethod = .merge,
    pollInterval: Duration = .seconds(15)
  ) {
    (self.repository, self.labels) = (repository, labels)
    (self.mergeMethod, self.pollInterval) = (mergeMethod, pollInterval)
  }
}

public enum MergeMethod: String, Sendable, Hashable, CaseIterable, Codable { case merge, squash, rebase }

/// Limits that hold unless a statement says otherwise.
public struct Policy: Sendable, Hashable {
  /// A `monitor` under this draws a warning of the checker (the guide: at least 30 minutes).
  public var minimumMonitor: Duration
  /// How long what `validate` saw may be relied on (rule 9).
  public var sealLifetime: Duration
  /// How long a version must have run in the environment that it comes from before it is promoted; none: no time.
  public var soak = Duration.zero
  /// Error lines in the recent logs that `validate` lets pass, per service.
  public var allowedErrors: Int
  /// How many recent lines of each container `validate` reads.
  public var logTail: Int
  /// Words that make a log line an error line; case does not count.
  public var errorWords: [String]
  /// What makes a log line an error line besides.
  public var errorPatterns: [LinePattern] = []
  /// Lines that are no error lines, whatever words they have.
  public var toleratedErrors: [LinePattern] = []
  /// Error lines that are let pass as long as they are few.
  public var errorAllowances: [LineAllowance] = []
  /// How often a health endpoint must fail running before it is a bad sign.
  public var healthFailures: Int
  /// How often health endpoints and logs are looked at, unless `every` says so.
  public var probeInterval: Duration
  public var deadlines: Deadlines
  /// What `require window` without a window of its own asks for, and whose zone `wait until` takes.
  public var window: PolicyWindow?
  /// How long a lock is good without being renewed.
  public var lockLifetime: Duration
  /// Who is in which team: `ada`, or a whole identity such as `ada@laptop`.
  public var teams: [String: [String]] = [:]
  /// What a person answers for before a promotion: asked by `confirm checklist`, and shown in pull requests.
  public var checklist: [String] = []
  /// Whether a promotion to a protected environment must say why.
  public var requiresReason = false
  /// Whether a promotion to a protected environment must have been announced by the same run.
  public var requiresAnnouncement = false
  /// More windows: any of them, or ``window``, lets a run go on.
  public var moreWindows: [PolicyWindow] = []
  public var blackouts: [Blackout] = []
  /// Files with more of them, from the configuration's folder; who reads the configuration reads them too.
  public var calendars: [String] = []

  /// What a promotion does about versions between that never ran where it comes from.
  public var skip = SkipRule.warn
  /// Services that must have the same version in an environment, each list by itself.
  public var matching: [[ServiceName]] = []
  /// What a promotion to a protected environment needs, by the largest step that a version makes.
  public var approvals: [VersionStep: ApprovalRule] = [:]

  public enum SkipRule: String, CaseIterable, Sendable { case refuse, warn, allow }

  /// Who must have approved.
  public enum ApprovalRule: Sendable, Hashable {
    /// So many people, whoever they are.
    case anyone(Int)
    /// Each of these; of a team, one of its members.
    case these([String])
  }

  public var windows: [PolicyWindow] { (window.map { [$0] } ?? []) + moreWindows }

  /// What a person types at the prompt before something protected is written.
  public var promptKey = PromptKey.name

  public enum PromptKey: String, CaseIterable, Sendable {
    /// The environment's name.
    case name
    /// One key, `y`.
    case key
  }

  public init(
    minimumMonitor: Duration = .seconds(1800),
    sealLifetime: Duration = .seconds(86_400),
    allowedErrors: Int = 0,
    logTail: Int = 200,
    errorWords: [String] = ["error"],
    healthFailures: Int = 3,
    probeInterval: Duration = .seconds(10),
    deadlines: Deadlines = Deadlines(),
    window: PolicyWindow? = nil,
    lockLifetime: Duration = .seconds(600)
  ) {
    (self.minimumMonitor, self.sealLifetime, self.allowedErrors) = (minimumMonitor, sealLifetime, allowedErrors)
    (self.logTail, self.errorWords, self.healthFailures) = (logTail, errorWords, healthFailures)
    (self.probeInterval, self.deadlines) = (probeInterval, deadlines)
    (self.window, self.lockLifetime) = (window, lockLifetime)
  }

  /// - Parameter identity: `person@host`, or a job's name.
  public func isMember(_ identity: String, of team: String) -> Bool {
    let person = identity.split(separator: "@", omittingEmptySubsequences: false).first.map(String.init) ?? identity
    return teams[team]?.contains { $0 == identity || $0 == person } ?? false
  }
}

/// The default deadline of each verb that waits.
public struct Deadlines: Sendable, Hashable {
  public var validate: Duration
  public var promote: Duration
  public var merge: Duration
  public var sync: Duration
  public var rollout: Duration
  public var rollback: Duration
  /// A program of the runbook.
  public var run: Duration
  /// How long a person may think.
  public var confirm: Duration
  /// `show`, and every fact.
  public var show: Duration
  /// `show logs … follow`.
  public var follow: Duration
  /// How long one announcement is tried.
  public var announce: Duration

  public init(
    validate: Duration = .seconds(120),
    promote: Duration = .seconds(300),
    merge: Duration = .seconds(4 * 3600),
    sync: Duration = .seconds(900),
    rollout: Duration = .seconds(1800),
    rollback: Duration = .seconds(1800),
    run: Duration = .seconds(600),
    confirm: Duration = .seconds(3600),
    show: Duration = .seconds(120),
    follow: Duration = .seconds(3600),
    announce: Duration = .seconds(60)
  ) {
    (self.validate, self.promote, self.merge) = (validate, promote, merge)
    (self.sync, self.rollout, self.rollback) = (sync, rollout, rollback)
    (self.run, self.confirm, self.show, self.follow) = (run, confirm, show, follow)
    self.announce = announce
  }
}

/// The times of the week at which promotions are allowed.
public struct PolicyWindow: Sendable, Hashable {
  /// 1 is Monday, 7 Sunday: the days on which a window opens.
  public var days: Set<Int>
  /// Minutes since midnight.
  public var from: Int
  /// Minutes since midnight; not after ``from``: it closes on the next day.
  public var to: Int
  /// An IANA name.
  public var zone: String

  public init(days: Set<Int>, from: Int, to: Int, zone: String) {
    (self.days, self.from, self.to, self.zone) = (days, from, to, zone)
  }
}
