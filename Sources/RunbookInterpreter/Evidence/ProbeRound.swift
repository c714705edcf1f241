import PromotionModel
import RunLog

/// The rounds of a monitor: health endpoints and logs, looked at together.
struct ProbeRound {
  let step: StepContext
  let environment: EnvironmentName
  let targets: [ArrivalTarget]
  /// Error lines that are let pass in each window.
  let allowance: (count: Int, window: Duration)
  /// Error lines a minute from before the promotion, by service.
  let baseline: [ServiceName: Double]

  private let scan: LogScan
  /// The newest line counted, by pod and container.
  private var cursors: [String: Timestamp] = [:]
  private var errors: [ServiceName: [(time: Timestamp, count: Int)]] = [:]
  private var failures: [ServiceName: Int] = [:]
  private var wasHealthy: Set<ServiceName> = []
  private let start: Timestamp

  init(
    step: StepContext,
    environment: EnvironmentName,
    targets: [ArrivalTarget],
    allowance: (count: Int, window: Duration),
    baseline: [ServiceName: Double],
    start: Timestamp
  ) {
    (self.step, self.environment, self.targets) = (step, environment, targets)
    (self.allowance, self.baseline, self.start) = (allowance, baseline, start)
    scan = LogScan(words: step.fleet.policy.errorWords)
  }

  struct Outcome {
    /// Definite bad signs.
    var signs: [(ServiceName, String)] = []
    /// Services that were not seen to be healthy in this round, and why.
    var unhealthy: [ServiceName: String] = [:]
  }

  /// - Parameter arrived: services that run what they are to run; a health endpoint that never answered well counts
  ///   against a service only once it has arrived, so that a hotfix for a broken version can be monitored.
  mutating func look(_ snapshot: EnvironmentSnapshot, arrived: Set<ServiceName>) async throws -> Outcome {
    var outcome = Outcome()
    let probes = targets.compactMap { target in
      target.service.health[environment].map { ProbeTarget(service: target.service.name, url: $0) }
    }
    let requests = logRequests(snapshot)
    let (reading, place) = (step.reading, environment)
    async let probed = probes.isEmpty ? [] : reading.probes.probe(probes)
    async let read = requests.isEmpty ? [] : reading.cluster.logs(requests, in: place)
    let (results, logs) = try await (probed, read)
    judge(results, arrived, &outcome)
    judge(logs, now: step.clock.now(), &outcome)
    return outcome
  }

  private mutating func judge(_ results: [ProbeResult], _ arrived: Set<ServiceName>, _ outcome: inout Outcome) {
    for result in results {
      let name = result.target.service
      if result.isHealthy {
        failures[name] = 0
        wasHealthy.insert(name)
        continue
      }
      let why =
        switch result.answer {
        case .status(let status): "health answers \(status)"
        case .unreachable(let reason): "health does not answer: \(reason)"
        }
      outcome.unhealthy[name] = why
      guard arrived.contains(name) || wasHealthy.contains(name) else { continue }
      failures[name, default: 0] += 1
      if failures[name, default: 0] >= step.fleet.policy.healthFailures {
        outcome.signs.append((name, "\(why), \(failures[name, default: 0]) times running"))
      }
    }
  }

  private mutating func judge(_ logs: [ContainerLog], now: Timestamp, _ outcome: inout Outcome) {
    var examples: [ServiceName: String] = [:]
    for log in logs {
      let key = "\(log.pod)/\(log.container)"
      let result = scan.scan(log.bytes, after: cursors[key] ?? start)
      if let newest = result.newest { cursors[key] = max(cursors[key] ?? newest, newest) }
      guard result.errorLines > 0 else { continue }
      errors[log.service, default: []].append((now, result.errorLines))
      examples[log.service] = result.example
    }
    for (service, seen) in errors {
      let recent = seen.filter { now - $0.time < allowance.window }
      errors[service] = recent
      let count = recent.reduce(0) { $0 + $1.count }
      let minutes = Double(allowance.window.wholeNanoseconds) / 60e9
      guard count > allowance.count, Double(count) > (baseline[service] ?? 0) * minutes else { continue }
      let example = examples[service].map { ": \($0)" } ?? ""
      outcome.signs.append(
        (service, "\(count) error lines in \(allowance.window.runbookText), \(allowance.count) allowed\(example)")
      )
    }
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
