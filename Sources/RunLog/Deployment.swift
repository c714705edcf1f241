public import PromotionModel

/// One promotion that reached a protected environment, and what became of it: what measures of delivery are made of.
public struct Deployment: Hashable, Sendable {
  public enum Fate: Hashable, Sendable {
    /// The run that brought it ended well, and nothing took it back later.
    case good
    /// It was found bad; `restored` is when the environment was seen to be well again, nil while it is not.
    case failed(at: Timestamp, restored: Timestamp?)
    /// The run ended without knowing.
    case unknown
  }

  public var run: RunID
  public var environment: EnvironmentName
  /// The tag of each service that it brought.
  public var tags: [ServiceName: String]
  /// When the change stood on the environment's branch.
  public var reached: Timestamp
  /// For each service whose history tells: from the commit that brought the version to the environment it came from, until
  /// ``reached``.
  public var leadTimes: [Duration]
  public var fate: Fate

  public init(
    run: RunID,
    environment: EnvironmentName,
    tags: [ServiceName: String],
    reached: Timestamp,
    leadTimes: [Duration],
    fate: Fate
  ) {
    (self.run, self.environment, self.tags, self.reached) = (run, environment, tags, reached)
    (self.leadTimes, self.fate) = (leadTimes, fate)
  }
}
