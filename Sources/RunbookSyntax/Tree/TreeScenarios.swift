public import RunbookDiagnostics

/// `given …`: something that happens in the simulated world of a scenario.
public struct GivenStatement: Hashable, Sendable {
  public enum Event: Hashable, Sendable {
    /// `given ENV SERVICE crashes`
    case crashes(ScenarioSubject)
    /// `given ENV SERVICE cannot be pulled`
    case cannotBePulled(ScenarioSubject)
    /// `given ENV SERVICE never becomes ready`
    case neverReady(ScenarioSubject)
    /// `given ENV SERVICE answers 503`
    case answers(ScenarioSubject, status: Expression)
    /// `given ENV SERVICE logs 20 errors per 1m`
    case logsErrors(ScenarioSubject, count: Expression, per: Expression)
    /// `given ENV SERVICE moves to v1.3.1`: somebody commits another version.
    case movesTo(ScenarioSubject, version: Expression)
    /// `given ENV SERVICE syncs slowly by 5m`
    case syncsSlowly(ScenarioSubject, by: Expression)
    /// `given ENV SERVICE is set to v1.1.1 by hand`: past git, with kubectl.
    case setByHand(ScenarioSubject, version: Expression)
    /// `given ENV SERVICE is scaled to 1 by hand`
    case scaledByHand(ScenarioSubject, count: Expression)
    /// `given ENV SERVICE is deleted by hand`
    case deletedByHand(ScenarioSubject)
    /// `given ENV SERVICE heals itself`: Argo CD puts back what is changed by hand.
    case healsItself(ScenarioSubject)
    /// `given ENV SERVICE scales to 5`: an autoscaler decides.
    case scalesTo(ScenarioSubject, count: Expression)
    /// `given ENV SERVICE is evicted`: a pod of it.
    case isEvicted(ScenarioSubject)
    /// `given ENV SERVICE is drained`: the node of a pod of it.
    case isDrained(ScenarioSubject)
    /// `given ENV SERVICE migrates for 2m`: before each sync.
    case migrates(ScenarioSubject, duration: Expression)
    /// `given ENV SERVICE cannot be migrated`
    case cannotBeMigrated(ScenarioSubject)
    /// `given ENV SERVICE does not answer`: the health endpoint.
    case doesNotAnswer(ScenarioSubject)
    /// `given ENV SERVICE is pushed again`: another image under the same tag.
    case isPushedAgain(ScenarioSubject)
    /// `given ENV is locked for 2h`: by another run.
    case isLocked(NameNode, duration: Expression)
    /// `given ENV is frozen for 2h`: by somebody else.
    case isFrozen(NameNode, duration: Expression)
    /// `given ENV leads to another cluster`: its context.
    case leadsElsewhere(NameNode)
    /// `given the reviewer merges`, `… merges by squash`
    case reviewerMerges(by: NameNode?)
    /// `given the reviewer closes`
    case reviewerCloses
    /// `given the reviewer never comes`
    case reviewerNeverComes
    /// `given the reviewer edits SERVICE to v1.3.1`: commits to the branch, and merges.
    case reviewerEdits(service: NameNode, version: Expression)
    /// `given the network is lost for 2m`
    case networkLost(duration: Expression)
    /// `given 2 pushes are rejected`
    case pushesRejected(count: Expression)
    /// `given foreign commits every 30s`
    case foreignCommits(every: Expression)
    /// `given metric "NAME" of SERVICE in ENV is 0.5`
    case metric(StringLiteral, ScenarioSubject, value: Expression)
    /// `given metric "NAME" of SERVICE in ENV has no data`
    case noMetric(StringLiteral, ScenarioSubject)
    /// `given alert "NAME" of SERVICE in ENV fires`
    case alert(StringLiteral, ScenarioSubject)
    /// `given program "npm run smoke" fails`: each that a `run` starts and whose line begins so.
    case programFails(StringLiteral)
    /// `given program "npm run smoke" never ends`
    case programNeverEnds(StringLiteral)
    /// `given the person says no`: whom a `confirm` asks.
    case personSaysNo
    /// `given the person never answers`
    case personNeverAnswers
  }

  public let event: Event
  /// `after D`: since the scenario's start; for what a promoted image does, since its promotion.
  public let after: Expression?

  public init(event: Event, after: Expression?) { (self.event, self.after) = (event, after) }
}

/// A service in an environment, as a scenario names it: `production api`.
public struct ScenarioSubject: Hashable, Sendable {
  public let environment: NameNode
  public let service: NameNode

  public init(environment: NameNode, service: NameNode) { (self.environment, self.service) = (environment, service) }
}

/// `expect …`: what must hold when the run of a scenario has ended.
public struct ExpectStatement: Hashable, Sendable {
  public enum Expectation: Hashable, Sendable {
    /// `expect failed`, `expect failed at monitor`; the ending's words: `ok`, `suspended`, `undetermined`, `timed out`,
    /// `refused`, `failed`. `verb` has the verb's words: `monitor`, `wait merge`.
    case ending(SourceSpan, verb: SourceSpan?)
    /// `expect api in production is v1.2.2`
    case version(ScenarioSubject, version: Expression)
    /// `expect pull request merged|closed|open`, `expect no pull request`
    case pullRequest(state: NameNode?)
    /// `expect announced planned|complete|rolled-back`
    case announced(NameNode)
    /// `expect exit 3`
    case exit(Expression)
    /// `expect within 2h`: the run's length in simulated time.
    case within(Expression)
    /// `expect safe`: whatever is right where that happens, as an exploration judges it.
    case safe
  }

  public let expectation: Expectation

  public init(_ expectation: Expectation) { self.expectation = expectation }
}
