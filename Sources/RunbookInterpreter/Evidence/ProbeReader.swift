import LogSearch
import PromotionModel
import RunLog

/// What one round of probes saw.
struct ProbeReading: Sendable {
  var probes: [ProbeResult] = []
  /// New error lines, by service: when each was written, as far as that is known, and what they are.
  var errors: [ServiceName: (times: [Timestamp], lines: ErrorLines)] = [:]
  var measured: [(request: MetricRequest, answer: MetricAnswer)] = []
  var alerts = AlertReading.notAsked

  /// What the next round sees when nothing has happened since: the same, and no line that was not counted.
  var repeated: ProbeReading {
    var next = self
    next.errors = [:]
    return next
  }
}

/// Reads health endpoints, logs and metrics, all at once. Log lines are counted once: each round goes on behind the newest line
/// of the round before.
struct ProbeReader: Sendable {
  var reading: WorldReading
  let environment: EnvironmentName
  let targets: [ArrivalTarget]
  /// Log lines from before are not looked at.
  let start: Timestamp
  let scans: LogScans
  /// The metrics that each round asks for.
  let metrics: [MetricRequest]
  let looksAtAlerts: Bool
  /// The newest line counted.
  private var cursors: [Container: Timestamp] = [:]
  private struct Container: Hashable {
    var pod: String
    var name: String
  }

  /// What allowances have let pass, by service.
  private var budgets: [ServiceName: LineBudget] = [:]
  /// What the last round asked for.
  private(set) var routine: Routine

  init(
    reading: WorldReading,
    environment: EnvironmentName,
    targets: [ArrivalTarget],
    start: Timestamp,
    scans: LogScans,
    metrics: [MetricRequest] = [],
    looksAtAlerts: Bool = false
  ) {
    (self.reading, self.environment, self.targets, self.start) = (reading, environment, targets, start)
    self.scans = scans
    (self.metrics, self.looksAtAlerts) = (metrics, looksAtAlerts)
    routine = .lookAround(environment, probes: false, logs: false, metrics: false, alerts: false)
  }

  mutating func read(_ snapshot: EnvironmentSnapshot) async throws -> ProbeReading {
    let probes = targets.compactMap { target in
      target.service.health[environment].map { ProbeTarget(service: target.service.name, url: $0) }
    }
    let requests = logRequests(snapshot)
    routine = .lookAround(
      environment,
      probes: !probes.isEmpty,
      logs: !requests.isEmpty,
      metrics: !metrics.isEmpty,
      alerts: looksAtAlerts
    )
    var result = ProbeReading()
    let logs: [ContainerLog]
    let readAt: Timestamp
    if metrics.isEmpty, !looksAtAlerts {
      (result.probes, logs) = try await look(probes, requests)
      readAt = reading.clock.now()
    } else {
      let (reading, place, metrics) = (reading, environment, metrics)
      let (services, asks) = (targets.map(\.service.name), looksAtAlerts)
      async let measured = reading.surroundings.metrics?.answers(metrics) ?? []
      async let alerts = asks ? reading.alertReading(of: services, in: place) : .notAsked
      (result.probes, logs) = try await look(probes, requests)
      readAt = reading.clock.now()
      result.measured = await measured
      result.alerts = await alerts
    }
    var lines: [ServiceName: ErrorLines] = [:]
    for log in logs {
      let key = Container(pod: log.pod, name: log.container)
      let found = scans[log.service].scan(log.bytes, after: cursors[key] ?? start)
      if let newest = found.newest { cursors[key] = max(cursors[key] ?? newest, newest) }
      if found.count > 0 || found.isOpen { lines[log.service, default: ErrorLines()].merge(found) }
    }
    for (service, found) in lines {
      var found = found
      scans[service].settle(&found, &budgets[service, default: LineBudget()])
      guard found.count > 0 else { continue }
      // A line that does not say when it was written was written when it was read.
      let timeless = found.count - found.times.count
      result.errors[service] = (found.times + Array(repeating: readAt, count: timeless), found)
    }
    return result
  }

  /// Health endpoints and logs, at once where there are both.
  private func look(_ probes: [ProbeTarget], _ requests: [LogRequest]) async throws -> ([ProbeResult], [ContainerLog]) {
    guard !probes.isEmpty else {
      return ([], requests.isEmpty ? [] : try await reading.cluster.logs(requests, in: environment))
    }
    guard !requests.isEmpty else { return (try await reading.probes.probe(probes), []) }
    let (cluster, place) = (reading.cluster, environment)
    async let logs = cluster.logs(requests, in: place)
    let answers = try await reading.probes.probe(probes)
    return (answers, try await logs)
  }

  private func logRequests(_ snapshot: EnvironmentSnapshot) -> [LogRequest] {
    var requests: [LogRequest] = []
    for target in targets {
      for pod in snapshot.services[target.service.name]?.pods ?? []
      where !pod.isTerminating && pod.container(of: target.service, atTag: target.tag) != nil {
        for container in pod.containers where !container.isInit && container.hasLog {
          requests.append(
            LogRequest(
              service: target.service.name,
              pod: pod.name,
              container: container.name,
              since: cursors[Container(pod: pod.name, name: container.name)] ?? start
            )
          )
        }
      }
    }
    return requests
  }
}

extension ContainerSnapshot {
  /// Whether the container has run, so that there can be a log.
  var hasLog: Bool {
    switch state {
    case .running, .terminated: true
    case .waiting, .unknown: restarts > 0
    }
  }
}
