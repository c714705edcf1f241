public import PromotionModel

/// A scenario with its names known: what is supposed, and what must hold when the run has ended.
public struct CheckedScenario: Hashable, Sendable {
  public var title: String
  /// Its line in the runbook, from 1.
  public var line: Int
  /// In the order of the text.
  public var events: [CheckedEvent]
  /// In the order of the text, at least one.
  public var expectations: [CheckedExpectation]
}

/// A service in an environment, as a scenario names it.
public struct ScenarioPlace: Hashable, Sendable {
  public var environment: EnvironmentName
  public var service: ServiceName

  public init(environment: EnvironmentName, service: ServiceName) {
    (self.environment, self.service) = (environment, service)
  }
}

/// `given …`
public struct CheckedEvent: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case crashes(ScenarioPlace)
    case cannotBePulled(ScenarioPlace)
    case neverReady(ScenarioPlace)
    /// The health endpoint answers with this HTTP status.
    case answers(ScenarioPlace, status: Int)
    case logsErrors(ScenarioPlace, count: Int, per: Duration)
    /// Somebody else commits this version.
    case movesTo(ScenarioPlace, Version)
    case syncsSlowly(ScenarioPlace, by: Duration)
    /// Somebody changes the cluster past git.
    case setByHand(ScenarioPlace, Version)
    case scaledByHand(ScenarioPlace, Int)
    case deletedByHand(ScenarioPlace)
    /// Argo CD puts back what is changed past git.
    case healsItself(ScenarioPlace)
    /// An autoscaler asks for so many replicas.
    case scalesTo(ScenarioPlace, Int)
    case isEvicted(ScenarioPlace)
    case isDrained(ScenarioPlace)
    /// A Job runs so long before each sync.
    case migrates(ScenarioPlace, Duration)
    case cannotBeMigrated(ScenarioPlace)
    /// The health endpoint does not answer at all.
    case doesNotAnswer(ScenarioPlace)
    /// The registry serves another image under the same tag.
    case isPushedAgain(ScenarioPlace)
    /// Another run takes the lock over.
    case isLocked(EnvironmentName, for: Duration)
    /// Somebody else freezes it.
    case isFrozen(EnvironmentName, for: Duration)
    /// The context leads to another cluster than the one that is meant.
    case leadsElsewhere(EnvironmentName)
    /// nil: the configured way of merging.
    case reviewerMerges(MergeMethod?)
    case reviewerCloses
    case reviewerNeverComes
    /// The reviewer commits another version to the branch, and merges.
    case reviewerEdits(ServiceName, Version)
    case networkLost(Duration)
    case pushesRejected(Int)
    case foreignCommits(every: Duration)
    /// 0.005 for `0.5%`.
    case metric(String, ScenarioPlace, Double)
    /// Nobody measures it.
    case noMetric(String, ScenarioPlace)
    /// An alert that Prometheus tells of begins to fire.
    case alert(String, ScenarioPlace)
    /// Each program of a `run` whose line begins so ends with status 1.
    case programFails(String)
    case programNeverEnds(String)
    /// To each `confirm`.
    case personSaysNo
    case personNeverAnswers
  }

  public var kind: Kind
  /// nil: from the beginning. Of programs and persons: how long they take.
  public var after: Duration?
  public var line: Int
  /// As it stands in the runbook.
  public var text: String
}

/// `expect …`
public struct CheckedExpectation: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// `verb` is that of the first statement that ended so, as ``Action/verb`` has it; nil: any.
    case ending(Ending, verb: String?)
    case version(ScenarioPlace, Version)
    /// `merged`, `closed` or `open`; nil: no pull request was opened.
    case pullRequest(String?)
    case announced(Announcement)
    /// The exit status of the process.
    case exit(Int)
    /// The longest that the run may have taken, in simulated time.
    case within(Duration)
    /// Nothing is broken that an exploration holds against a run.
    case safe
  }

  public enum Announcement: String, Hashable, Sendable, CaseIterable {
    case planned, complete
    case rolledBack = "rolled-back"
  }

  public var kind: Kind
  public var line: Int
  /// As it stands in the runbook.
  public var text: String
}
