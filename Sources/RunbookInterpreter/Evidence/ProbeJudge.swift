import LogSearch
import PromotionModel

/// What rounds of probes mean for a monitor: definite bad signs, and services that were not seen to be well.
struct ProbeJudge {
  /// Error lines that are let pass in each window.
  let allowance: (count: Int, window: Duration)
  /// Error lines a minute from before the promotion, by service.
  let baseline: [ServiceName: Double]
  /// How often a health endpoint must fail running to be a bad sign.
  let healthFailures: Int

  /// Allowances of single services.
  let allowances: [ServiceName: Int]

  private var errors: [ServiceName: [Timestamp]] = [:]
  private var lines: [ServiceName: ErrorLines] = [:]
  private var failures: [ServiceName: Int] = [:]
  private var wasHealthy: Set<ServiceName> = []

  init(
    allowance: (count: Int, window: Duration),
    allowances: [ServiceName: Int] = [:],
    baseline: [ServiceName: Double],
    healthFailures: Int
  ) {
    (self.allowance, self.baseline, self.healthFailures) = (allowance, baseline, healthFailures)
    self.allowances = allowances
  }

  struct Verdict {
    /// Definite bad signs.
    var signs: [(ServiceName, String)] = []
    /// Services that were not seen to be healthy in this round, and why.
    var unhealthy: [ServiceName: String] = [:]
  }

  /// - Parameter arrived: services that run what they are to run; a health endpoint that never answered well counts
  ///   against a service only once it has arrived, so that a hotfix for a broken version can be monitored.
  mutating func judge(_ reading: ProbeReading, arrived: Set<ServiceName>) -> Verdict {
    var verdict = Verdict()
    judge(reading.probes, arrived, &verdict)
    judge(reading.errors, &verdict)
    return verdict
  }

  private mutating func judge(_ results: [ProbeResult], _ arrived: Set<ServiceName>, _ verdict: inout Verdict) {
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
      verdict.unhealthy[name] = why
      guard arrived.contains(name) || wasHealthy.contains(name) else { continue }
      failures[name, default: 0] += 1
      if failures[name, default: 0] >= healthFailures {
        verdict.signs.append((name, "\(why), \(failures[name, default: 0]) times running"))
      }
    }
  }

  /// Lines count in the window in which they were written, whenever they are read: after a gap, many come at once.
  private mutating func judge(
    _ found: [ServiceName: (times: [Timestamp], lines: ErrorLines)],
    _ verdict: inout Verdict
  ) {
    for (service, new) in found.sorted(by: { $0.key < $1.key }) {
      lines[service, default: ErrorLines()].merge(new.lines)
      let allowed = allowances[service] ?? allowance.count
      let times = ((errors[service] ?? []) + new.times).sorted()
      var first = 0
      var most = 0
      for (index, time) in times.enumerated() {
        while time - times[first] >= allowance.window { first += 1 }
        most = max(most, index - first + 1)
      }
      errors[service] = Array(times[first...])
      let minutes = Double(allowance.window.wholeNanoseconds) / 60e9
      guard most > allowed, Double(most) > (baseline[service] ?? 0) * minutes else { continue }
      let kinds = lines[service]?.summary ?? ""
      verdict.signs.append(
        (
          service,
          "\(most) error lines in \(allowance.window.runbookText), \(allowed) allowed"
            + (kinds.isEmpty ? "" : ": \(kinds)")
        )
      )
    }
  }
}
