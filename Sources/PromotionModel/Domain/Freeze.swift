/// That an environment is to be left alone until a time; kept in the GitOps repository, so that every run sees it.
public struct Freeze: Hashable, Sendable, Codable {
  public var environment: EnvironmentName
  public var until: Timestamp
  /// The team that may change it all the same, as the configuration names it.
  public var except: String?
  public var reason: String
  /// Who froze it: `person@host` or a job's name.
  public var holder: String
  public var run: RunID
  /// The step of the run.
  public var step: String

  public init(
    environment: EnvironmentName,
    until: Timestamp,
    except: String?,
    reason: String,
    holder: String,
    run: RunID,
    step: String
  ) {
    (self.environment, self.until, self.except, self.reason) = (environment, until, except, reason)
    (self.holder, self.run, self.step) = (holder, run, step)
  }

  public func holds(at time: Timestamp) -> Bool { time < until }

  /// `production is frozen until 2026-12-28T08:00:00Z by ada@laptop, but for on-call: Christmas`
  public var message: String {
    "\(environment) is frozen until \(until.wholeSecond) by \(holder)" + (except.map { ", but for \($0)" } ?? "")
      + ": \(reason)"
  }
}

/// What came of writing a freeze.
public enum FreezeOutcome: Hashable, Sendable {
  /// It stands on the server, by this call or an earlier one of the same step.
  case done
  /// Another stands there than was seen; nothing was written.
  case changed(Freeze?)
}
