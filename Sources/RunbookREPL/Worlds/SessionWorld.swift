public import PromotionModel
public import RunLog

/// Where a statement at the prompt acts.
public enum WorldKind: String, CaseIterable, Sendable {
  /// The simulated world: nothing is at stake.
  case rehearsal
  /// The simulated world as the real one was when it was read: what would happen.
  case dryRun = "dry-run"
  case live
}

/// A world that a session stands in, with the run that it is there.
public protocol SessionWorld: Sendable {
  var kind: WorldKind { get }
  var run: RunID { get }
  var world: World { get }
  var journal: any Journal { get }
  /// Who acts, for locks and commit messages.
  var identity: String { get }

  /// Has `body` done in the time of this world, on other threads than the caller's, and then calls `done`.
  func start(_ body: @escaping @Sendable () async -> Void, done: @escaping @Sendable () -> Void) -> any Stopping
  /// What happens meanwhile is played at so many times the speed of a clock; nil: in no time. Only a simulated world has
  /// a pace.
  func setPace(_ speed: Double?)
  /// Whether what happens takes time.
  var hasPace: Bool { get }
  /// In a dry run, tells what a real run would write outside.
  func tellWrites(_ tell: @escaping @Sendable (PlannedWrite) -> Void)
  /// Ends what was started for the session.
  func close() async
}

/// What can be asked to come to an early end.
public protocol Stopping: Sendable {
  func stop()
}

/// Opens the worlds of a session: handed in by whoever knows the live one.
public protocol WorldFactory: Sendable {
  /// Why there is no live world here; nil when there is one.
  var absence: String? { get }
  /// - Parameters:
  ///   - people: who answers questions of the live world.
  ///   - tell: given a line for people while something takes its time.
  func open(_ kind: WorldKind, people: any PersonAsking, tell: @escaping @Sendable (String) -> Void) async throws
    -> any SessionWorld
}

/// Why a world cannot be had.
public struct NoSuchWorld: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
