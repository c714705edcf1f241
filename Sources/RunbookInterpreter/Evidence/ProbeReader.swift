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
}

/// Reads health endpoints, logs and metrics, all at once. Log lines are counted once: each round goes on behind the newest line
/// of the round before.
struct ProbeReader: Sendable {
  let reading: WorldReading
  let environment: EnvironmentName
  let targets: [ArrivalTarget]
  /// Log lines from before are not looked at.
  let start: Timestamp
  let scans: LogScans
  /// The metrics that each round asks for.
  let metrics: [MetricRequest]
  let looksAtAlerts: Bool
  /// The newest line counted, by pod and container.
  private var cursors: [String: Timestamp] = [:]
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
    let (reading, place, metrics) = (reading, environment, metrics)
    async let probed = probes.isEmpty ? [] : reading.probes.probe(probes)
    async let read = requests.isEmpty ? [] : reading.cluster.logs(requests, in: place)
    async let measured = reading.surroundings.metrics?.answers(metrics) ?? []
    let (services, asks) = (targets.map(\.service.name), looksAtAlerts)
    async let alerts = asks ? reading.alertReading(of: services, in: place) : .notAsked
    var result = ProbeReading(probes: try await probed)
    var lines: [ServiceName: ErrorLines] = [:]
    for log in try await read {
      let key = "\(log.pod)/\(log.container)"
      let found = scans[log.service].scan(log.bytes, after: cursors[key] ?? start)
      if let newest = found.newest { cursors[key] = max(cursors[key] ?? newest, newest) }
      if found.count > 0 || found.isOpen { lines[log.service, default: ErrorLines()].merge(found) }
    }
    for (service, found) in lines {
      var found = found
      scans[service].settle(&found, &budgets[service, default: LineBudget()])
      guard found.count > 0 else { continue }
      // A line that does not say when it was written was written now.
      let timeless = found.count - found.times.count
      result.errors[service] = (found.times + Array(repeating: reading.clock.now(), count: timeless), found)
    }
    result.measured = await measured
    result.alerts = await alerts
    return result
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
              since: cursors["\(pod.name)/\(container.name)"] ?? start
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
