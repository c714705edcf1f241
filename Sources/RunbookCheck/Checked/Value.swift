public import PromotionModel

/// The types of the language.
public indirect enum ValueType: Hashable, Sendable {
  case string
  case duration
  case version
  case integer
  case decimal
  /// `0.5%`: a decimal of its own, compared with decimals and metrics as 0.005.
  case percentage
  case boolean
  /// A time of day.
  case clockTime
  /// A moment.
  case dateTime
  case service
  case environment
  /// Argo CD's words for health or sync; a fact's answer, and a bare word beside one.
  case health
  case sync
  case list(ValueType)
}

/// A value of a running runbook. Values are journaled, so their JSON keeps its form.
public indirect enum Value: Hashable, Sendable, Codable {
  case string(String)
  case duration(Duration)
  case version(Version)
  case integer(Int)
  case decimal(Double)
  /// 0.005 for `0.5%`.
  case percentage(Double)
  case boolean(Bool)
  /// Minutes since midnight.
  case clockTime(Int)
  case dateTime(Timestamp)
  case service(ServiceName)
  case environment(EnvironmentName)
  /// `healthy`, `degraded`, …
  case health(String)
  /// `synced`, `out-of-sync`, `unknown`.
  case sync(String)
  case list([Value])
}

/// An expression whose names are known and whose type is right.
public struct CheckedExpression: Hashable, Sendable {
  public var kind: Kind
  public var type: ValueType

  public init(_ kind: Kind, _ type: ValueType) { (self.kind, self.type) = (kind, type) }

  public indirect enum Kind: Hashable, Sendable {
    case constant(Value)
    case variable(Variable)
    case runValue(RunValue)
    /// `env("NAME")`, a string; unset: the statement ends *refused*, naming it.
    case environmentVariable(String)
    case interpolated([Segment])
    case list([CheckedExpression])
    case not(CheckedExpression)
    case and(CheckedExpression, CheckedExpression)
    case or(CheckedExpression, CheckedExpression)
    case compare(Comparison, CheckedExpression, CheckedExpression)
    /// The right side is a list.
    case contains(CheckedExpression, in: CheckedExpression)
    /// Numbers, durations, a moment and a duration, strings, lists.
    case add(CheckedExpression, CheckedExpression)
    case subtract(CheckedExpression, CheckedExpression)
    case fact(CheckedFact)
  }

  public enum Segment: Hashable, Sendable {
    case text(String)
    case value(CheckedExpression)
  }
}

public enum Comparison: String, Hashable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// What a run knows of itself.
public enum RunValue: String, CaseIterable, Hashable, Sendable {
  case runID = "run.id"
  /// Where the run can be followed; without one, an empty string.
  case runURL = "run.url"
  /// The services that this run promoted last.
  case promoted
  /// Of this run's last promotion; none: the statement ends *refused*.
  case pullRequestURL = "pull-request.url"
  // In `on failure` only.
  case failureMessage = "failure.message"
  /// The ending: `failed`, `timed out`, …
  case failureKind = "failure.kind"
  case failureServices = "failure.services"
  /// The statement that ended so, as it stands in the runbook.
  case failureStatement = "failure.statement"
}

/// `FACT of SERVICE in ENVIRONMENT`. A fact that cannot be had ends its statement *undetermined*.
public struct CheckedFact: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case version, previousVersion, health, sync, image, ready, replicas, restarts, age
    case errors(since: CheckedExpression?)
    case metric(name: String, over: CheckedExpression?)
  }

  public var kind: Kind
  public var service: CheckedExpression
  public var environment: EnvironmentName
  /// Its place among the facts of its statement, from 0, for the step path `fact-N`.
  public var ordinal: Int

  public init(kind: Kind, service: CheckedExpression, environment: EnvironmentName, ordinal: Int) {
    (self.kind, self.service, self.environment, self.ordinal) = (kind, service, environment, ordinal)
  }
}

/// A setting of a statement: known now, or when the statement is run.
public enum Setting<T: Hashable & Sendable>: Hashable, Sendable {
  case constant(T)
  case computed(CheckedExpression)

  /// The value, where the runbook alone tells it.
  public var known: T? { if case .constant(let value) = self { value } else { nil } }
}
