/// What only a simulated world can know: that for a while nothing is going to happen. Whoever waits may then pass over
/// looks that would all see what the last one saw. They count as made, and the run is the same to the byte; only the work
/// is saved. A live world has no foresight.
public protocol Foresight: Sendable {
  /// A time before which nothing outside changes, as far as that can be told; in the past when it cannot.
  func quietUntil() -> Timestamp

  /// Passes over rounds of a routine as long as nothing happens.
  /// - Parameters:
  ///   - every: the time between two rounds.
  ///   - last: when the last real round was made: where ``Routine`` says so its beginning, else its end.
  ///   - limit: the most rounds to pass over.
  ///   - deadline: rounds that would begin then or later are not passed over.
  func pass(_ routine: Routine, every: Duration, after last: Timestamp, limit: Int, before deadline: Timestamp)
    -> PassedRounds
}

/// Rounds that were passed over (``Foresight``).
public struct PassedRounds: Hashable, Sendable {
  public var rounds: Int
  /// The time of the last one, or of the real one before.
  public var last: Timestamp
  /// When the last answer of the last one would have come; `last` where none was passed over.
  public var ended: Timestamp

  public init(rounds: Int, last: Timestamp, ended: Timestamp) {
    (self.rounds, self.last, self.ended) = (rounds, last, ended)
  }
}

/// Calls that are made again and again while nothing happens.
public enum Routine: Hashable, Sendable {
  /// Health endpoints, logs and metrics of an environment, all at once; counted from beginning to beginning.
  case lookAround(EnvironmentName, probes: Bool, logs: Bool, metrics: Bool, alerts: Bool)
  /// The state of a pull request; counted from the end of a call to the beginning of the next.
  case pullRequest
  /// What stands between a pull request and its base; counted as ``pullRequest``.
  case mergeReadiness
}
