/// Everything outside the process, in the words of the domain. The interpreter reaches nothing else, so it is
/// deterministic given its world.
///
/// The two halves are separate values: what holds only a ``WorldReading`` cannot write, by its type.
public struct World: Sendable {
  public var reading: WorldReading
  public var writing: WorldWriting

  public init(reading: WorldReading, writing: WorldWriting) { (self.reading, self.writing) = (reading, writing) }
}

/// What can be looked at.
public struct WorldReading: Sendable {
  public var clock: any WorldClock { didSet { foresight = nil } }
  public var repository: any RepositoryReading { didSet { foresight = nil } }
  public var cluster: any ClusterReading { didSet { foresight = nil } }
  /// nil when the configuration names no forge.
  public var forge: (any ForgeReading)? { didSet { foresight = nil } }
  public var probes: any Probing { didSet { foresight = nil } }
  /// nil in every world but a simulated one, and once a part of it stands in for another: nobody knows what that will do.
  public var foresight: (any Foresight)?
  public var surroundings: Surroundings

  public init(
    clock: any WorldClock,
    repository: any RepositoryReading,
    cluster: any ClusterReading,
    forge: (any ForgeReading)?,
    probes: any Probing,
    surroundings: Surroundings = Surroundings()
  ) {
    (self.clock, self.repository, self.cluster) = (clock, repository, cluster)
    (self.forge, self.probes, self.surroundings) = (forge, probes, surroundings)
  }
}

/// What can be changed.
public struct WorldWriting: Sendable {
  public var repository: any RepositoryWriting
  public var delivery: any DeliveryWriting
  public var forge: (any ForgeWriting)?
  public var commands: any CommandRunning
  public var announcer: any Announcing

  public init(
    repository: any RepositoryWriting,
    delivery: any DeliveryWriting,
    forge: (any ForgeWriting)?,
    commands: any CommandRunning = NoCommands(),
    announcer: any Announcing = NoAnnouncer()
  ) {
    (self.repository, self.delivery, self.forge) = (repository, delivery, forge)
    (self.commands, self.announcer) = (commands, announcer)
  }
}

/// The time, and waiting. The only clock of a run.
public protocol WorldClock: Sendable {
  func now() -> Timestamp
  /// Returns at `deadline` or soon after; throws `CancellationError` when the task is cancelled.
  func sleep(until deadline: Timestamp) async throws
}

extension WorldClock {
  public func sleep(for duration: Duration) async throws { try await sleep(until: now() + duration) }
}

/// Health endpoints over HTTP.
public protocol Probing: Sendable {
  /// Asks all targets at once, one round; a target that does not answer is a result, not an error.
  /// - Throws: ``WorldError`` when the round as a whole could not be made.
  func probe(_ targets: [ProbeTarget]) async throws -> [ProbeResult]
}
