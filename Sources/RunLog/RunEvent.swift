public import PromotionModel

/// Something that happened in a run. Whatever is shown of a run is a renderer over these.
public struct RunEvent: Hashable, Sendable {
  public var run: RunID
  public var time: Timestamp
  /// nil for what concerns the run as a whole.
  public var step: Step?
  public var environment: EnvironmentName?
  public var service: ServiceName?
  public var body: Body

  /// The statement that an event belongs to.
  public struct Step: Hashable, Sendable {
    public var path: StepPath
    public var verb: String
    /// The statement's line in the runbook, from 1.
    public var line: Int

    public init(path: StepPath, verb: String, line: Int) { (self.path, self.verb, self.line) = (path, verb, line) }
  }

  public enum Body: Hashable, Sendable {
    case runStarted(source: String, world: String, isResumed: Bool)
    case stepStarted(statement: String)
    /// A finished step of the run that is being resumed; not done again.
    case stepSkipped(Ending)
    case finding(Finding)
    case sealed(Seal)
    /// What will be changed, before it is.
    case planned(ChangeSet, [FileDiff])
    /// The statement that would take back what is about to be done (rule 3).
    case wayBack(statement: String)
    case lockTaken(LockHolder, from: LockHolder?)
    case pullRequestOpened(PullRequest)
    case pullRequestChanged(PullRequest)
    case committed(Commit)
    /// Something is waited for, or goes on; `message` says what is seen.
    case progress(String)
    /// Evidence gathered so far by a monitor.
    case evidence(gathered: Duration, needed: Duration)
    /// A definite bad sign.
    case badSign(String)
    case superseded(Superseded)
    /// The servers cannot be seen, or can be seen again: the monitor's clock stands or goes on.
    case sight(isLost: Bool, message: String)
    case warning(String)
    /// In a dry run, how much of the statement that begins is as it would really be.
    case previewed(Preview)
    /// In a rehearsal, what a real run would write outside.
    case wouldWrite(PlannedWrite)
    /// A variable was bound or a fact was read: `name` is what was asked, `text` the value. A value from the environment is
    /// not told.
    case value(name: String, type: String, text: String)
    /// A person, or `--yes`, answered.
    case confirmed(question: String, answer: Bool, by: String)
    /// A line that a program of the runbook wrote.
    case programOutput(CommandOutput)
    /// Data that `show` was asked for.
    case shown(Table)
    /// A line of a log that `show logs` was asked for.
    case logLine(pod: String, container: String, line: String)
    /// A message reached a place, named as in the configuration; `text` is what was sent.
    case announced(place: String, text: String)
    case stepEnded(Ending, message: String)
    case runEnded(Ending, exit: Int32, message: String)
  }

  public init(
    run: RunID,
    time: Timestamp,
    step: Step? = nil,
    environment: EnvironmentName? = nil,
    service: ServiceName? = nil,
    body: Body
  ) {
    (self.run, self.time, self.step) = (run, time, step)
    (self.environment, self.service, self.body) = (environment, service, body)
  }
}

/// Rows of text under headings.
public struct Table: Hashable, Sendable {
  /// What it shows: `status`, `pods`, ….
  public var title: String
  public var columns: [String]
  /// Each as long as ``columns``.
  public var rows: [[String]]

  public init(title: String, columns: [String], rows: [[String]]) {
    (self.title, self.columns, self.rows) = (title, columns, rows)
  }
}

/// Where the events of a run go. Called from any task, in order of time.
public protocol RunLogSink: Sendable {
  func emit(_ event: RunEvent)
}
