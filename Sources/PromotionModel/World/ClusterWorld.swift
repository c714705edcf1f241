/// Looking at clusters and at Argo CD. Every call throws ``WorldError`` when it could not tell.
public protocol ClusterReading: Sendable {
  /// Checks that the environment is the cluster that the configuration pins (rule 6).
  /// - Returns: the UID of the cluster's `kube-system` namespace.
  /// - Throws: ``WorldError`` with ``WorldError/Reason/wrongPlace`` when it is another one.
  func identify(_ environment: EnvironmentName) async throws -> String

  /// Everything about the services of the environment now, by one list a kind, not one a service.
  func snapshot(of environment: EnvironmentName) async throws -> EnvironmentSnapshot

  /// Looks closely, for a diagnosis: one list a kind, whatever the number of pods, and one question to each named service's
  /// health endpoint within the cluster. What cannot be read is said part by part.
  /// - Throws: ``WorldError`` when there is no such environment, and `CancellationError`; nothing else.
  func examine(_ services: [ServiceName], in environment: EnvironmentName) async throws -> Examination

  /// The environment as it is and then whenever it changes, until the consumer stops. A lost connection shows as
  /// ``ClusterObservation/lost(_:)`` and is taken up again by itself.
  func observe(_ environment: EnvironmentName) -> AsyncStream<ClusterObservation>

  /// Reads logs. A container that has no (previous) log yet, or is gone, is left out of the answer.
  func logs(_ requests: [LogRequest], in environment: EnvironmentName) async throws -> [ContainerLog]
}

public enum ClusterObservation: Hashable, Sendable {
  case seen(EnvironmentSnapshot)
  /// The servers cannot be seen now; from here no time counts as evidence (rule 8).
  case lost(WorldError)
}

/// Changing what Argo CD does, and what the cluster runs past git.
public protocol DeliveryWriting: Sendable {
  /// Asks Argo CD to look at the repository now rather than at its next poll.
  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws

  /// Ends a running sync operation of the services that have one, so that it cannot go on with a value taken back.
  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws

  /// - Throws: ``WorldError``: `notFound` when there is nothing that it could be done to, `refused` when it cannot be done.
  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
}
