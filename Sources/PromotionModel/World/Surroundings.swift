/// What stands around a run besides fleet and servers: variables, time zones, and the person who watches.
///
/// Reading, all of it: nothing of this changes anything outside.
public struct Surroundings: Sendable {
  public var variables: any VariableReading
  public var zones: any TimeZoneReading
  public var people: any PersonAsking
  /// nil: no source of metrics is known, and a fact that asks for one cannot be had.
  public var metrics: (any MetricReading)?

  public init(
    variables: any VariableReading = NoVariables(),
    zones: any TimeZoneReading = UniversalTimeOnly(),
    people: any PersonAsking = Nobody(),
    metrics: (any MetricReading)? = nil
  ) {
    (self.variables, self.zones, self.people, self.metrics) = (variables, zones, people, metrics)
  }
}

/// The environment variables that `env("NAME")` reads.
public protocol VariableReading: Sendable {
  /// nil for a variable that is not set, or empty.
  func variable(_ name: String) -> String?
}

public struct NoVariables: VariableReading {
  public init() {}
  public func variable(_ name: String) -> String? { nil }
}

/// The rules of the world's time zones.
public protocol TimeZoneReading: Sendable {
  /// How many seconds local time is ahead of UTC in an IANA zone at a moment.
  /// - Throws: ``WorldError`` with ``WorldError/Reason/notFound`` for a zone that is not known.
  func secondsAheadOfUTC(in zone: String, at time: Timestamp) throws -> Int
}

/// Knows UTC under its usual names, and no other zone.
public struct UniversalTimeOnly: TimeZoneReading {
  public static let names: Set<String> = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"]

  public init() {}

  public func secondsAheadOfUTC(in zone: String, at time: Timestamp) throws -> Int {
    if Self.names.contains(zone) { return 0 }
    throw WorldError(
      tool: "time zones",
      reason: .notFound,
      message: "the rules of \(zone) are not at hand here, only those of UTC",
      advice: "Write \"UTC\", or run it where the system's zone files are"
    )
  }
}

/// Asking the person who runs a runbook.
public protocol PersonAsking: Sendable {
  /// Why nobody can be asked here, for people; nil when somebody can.
  var absence: String? { get }

  /// Asks and waits for the answer; ends at once when nobody can be asked.
  /// - Throws: `CancellationError` when the task is cancelled while the person thinks.
  func ask(_ question: String) async throws -> PersonAnswer
}

public enum PersonAnswer: Hashable, Sendable, Codable {
  /// `by`: `ada@laptop`, or `--yes`.
  case yes(by: String)
  case no(by: String)
  /// Nobody can be asked, and why.
  case nobody(String)
}

/// Says yes to everything: somebody said so beforehand (`--yes`).
public struct Assent: PersonAsking {
  private let by: String

  public init(by: String) { self.by = by }
  public var absence: String? { nil }
  public func ask(_ question: String) async throws -> PersonAnswer { .yes(by: by) }
}

public struct Nobody: PersonAsking {
  public let absence: String?

  public init(_ why: String = "there is nobody to ask here") { absence = why }
  public func ask(_ question: String) async throws -> PersonAnswer { .nobody(absence ?? "") }
}

/// Measurements that a service reports elsewhere.
public protocol MetricReading: Sendable {
  /// The values of metrics now, one answer a request, in their order.
  /// - Throws: ``WorldError`` when the round as a whole could not be made.
  func read(_ requests: [MetricRequest]) async throws -> [MetricAnswer]

  /// The alerts that fire now about services of an environment; those that are only pending are none.
  /// - Throws: ``WorldError`` when it could not be told.
  func alerts(of services: [ServiceName], in environment: EnvironmentName) async throws -> [FiringAlert]
}

/// An alert that fires.
public struct FiringAlert: Hashable, Sendable {
  public var service: ServiceName
  public var name: String
  /// What it says of itself, sanitised; empty for nothing.
  public var summary: String
  /// The same for the same alert whenever it is seen: its labels.
  public var id: String

  public init(_ name: String, of service: ServiceName, summary: String = "", id: String) {
    (self.name, self.service, self.summary, self.id) = (name, service, summary, id)
  }
}

/// A metric, to be asked for.
public struct MetricRequest: Hashable, Sendable {
  public var metric: String
  public var service: ServiceName
  public var environment: EnvironmentName
  /// Over how much of the time up to now; nil: its usual one.
  public var window: Duration?

  public init(_ metric: String, of service: ServiceName, in environment: EnvironmentName, over window: Duration? = nil)
  {
    (self.metric, self.service, self.environment, self.window) = (metric, service, environment, window)
  }
}

public enum MetricAnswer: Hashable, Sendable {
  /// A finite number.
  case value(Double)
  /// It could not be told, and why: no data, no number, several of them, no answer (rule 5).
  case unknown(String)
}
