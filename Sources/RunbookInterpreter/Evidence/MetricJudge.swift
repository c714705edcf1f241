import PromotionModel

/// Which metrics of the services are looked at, and what they were before the promotion.
struct WatchedMetrics: Sendable {
  /// What is asked for each round; none where there is nothing to ask.
  let requests: [MetricRequest]
  private let limits: [MetricRequest: MetricLimits]
  private let before: [MetricRequest: Double]
  /// Those that have to be compared with a time before of which nothing is known.
  private let incomparable: Set<MetricRequest>

  init(_ step: StepContext, _ services: [ServiceName], in environment: EnvironmentName) {
    self.init(
      fleet: step.reading.surroundings.metrics == nil ? nil : step.fleet,
      services: services,
      environment: environment,
      promotion: { step.memory.promotion(of: $0, in: environment) }
    )
  }

  private init(
    fleet: Fleet?,
    services: [ServiceName],
    environment: EnvironmentName,
    promotion: (ServiceName) -> Promotion?
  ) {
    var requests: [MetricRequest] = []
    var limits: [MetricRequest: MetricLimits] = [:]
    var before: [MetricRequest: Double] = [:]
    var incomparable: Set<MetricRequest> = []
    for service in services {
      let promotion = promotion(service)
      for metric in fleet?.watchedMetrics(of: service, in: environment) ?? [] {
        let request = MetricRequest(metric.name, of: service, in: environment)
        requests.append(request)
        limits[request] = metric.limits
        before[request] = promotion?.metricsBefore?[service]?[metric.name]
        // What this run did not promote has no time before.
        if let promotion, metric.limits?.comparesWithBefore == true, before[request] == nil,
          promotion.change(of: service)?.fromTag != nil
        {
          incomparable.insert(request)
        }
      }
    }
    (self.requests, self.limits, self.before, self.incomparable) = (requests, limits, before, incomparable)
  }

  /// How a measurement is.
  enum Judgement: Hashable, Sendable {
    case good
    case outside(String)
    case unknown(String)
  }

  func judge(_ request: MetricRequest, _ answer: MetricAnswer) -> Judgement {
    switch answer {
    case .unknown(let why): return .unknown("\(Self.name(request)) cannot be told: \(why)")
    case .value(let value):
      guard let limits = limits[request] else { return .good }
      if let problem = limits.problem(of: value, before: before[request]) {
        return .outside("\(Self.name(request)) is \(problem)")
      }
      guard incomparable.contains(request) else { return .good }
      return .unknown("\(Self.name(request)) is \(MetricLimits.text(value)), and what it was before is not known")
    }
  }

  /// `0.012 (0.01 before)`
  func text(_ request: MetricRequest, _ value: Double) -> String {
    MetricLimits.text(value) + (before[request].map { " (\(MetricLimits.text($0)) before)" } ?? "")
  }

  static func name(_ request: MetricRequest) -> String { "metric \"\(request.metric)\"" }

  /// As a runbook writes it.
  static func fact(_ request: MetricRequest) -> String {
    "\(name(request)) of \(request.service) in \(request.environment)"
  }
}

/// Rounds of measurements as a monitor sees them: outside of their limits several times running they are a bad sign; once,
/// or without an answer, they stop the clock (rule 8).
struct MetricJudge {
  let watched: WatchedMetrics
  /// How often running a measurement must be outside of its limits to be a bad sign.
  let failures: Int
  private var running: [MetricRequest: Int] = [:]

  init(_ watched: WatchedMetrics, failures: Int) { (self.watched, self.failures) = (watched, failures) }

  /// - Parameter arrived: services that run what they are to run; of the others nothing is measured that counts.
  mutating func judge(
    _ measured: [(request: MetricRequest, answer: MetricAnswer)],
    arrived: Set<ServiceName>,
    _ verdict: inout ProbeJudge.Verdict
  ) {
    for (request, answer) in measured where arrived.contains(request.service) {
      switch watched.judge(request, answer) {
      case .good: running[request] = 0
      case .outside(let why):
        verdict.unhealthy[request.service] = verdict.unhealthy[request.service] ?? why
        running[request, default: 0] += 1
        if running[request, default: 0] >= failures {
          verdict.signs.append((request.service, "\(why), \(running[request, default: 0]) times running"))
        }
      case .unknown(let why):
        verdict.unhealthy[request.service] = verdict.unhealthy[request.service] ?? why
        // It may have been well in between.
        running[request] = 0
      }
    }
  }
}

extension StepContext {
  /// What the metrics of services are before a promotion changes them; what cannot be told is said, and left out.
  func metricsBefore(_ services: [ServiceName], in environment: EnvironmentName) async -> [ServiceName: [String:
    Double]]?
  {
    guard let metrics = reading.surroundings.metrics else { return nil }
    let requests = WatchedMetrics(self, services, in: environment).requests
    guard !requests.isEmpty else { return nil }
    var found: [ServiceName: [String: Double]] = [:]
    for (request, answer) in await metrics.answers(requests) {
      switch answer {
      case .value(let value):
        found[request.service, default: [:]][request.metric] = value
        emit(
          .value(name: WatchedMetrics.fact(request), type: "decimal", text: MetricLimits.text(value)),
          environment: environment,
          service: request.service
        )
      case .unknown(let why):
        guard fleet.metric(request.metric, of: request.service)?.limits?.comparesWithBefore == true else { continue }
        emit(
          .warning("\(WatchedMetrics.name(request)) has no value to compare with later: \(why)"),
          environment: environment,
          service: request.service
        )
      }
    }
    return found
  }
}

extension MetricReading {
  /// Never throws: that nothing could be asked is an answer to each request.
  func answers(_ requests: [MetricRequest]) async -> [(request: MetricRequest, answer: MetricAnswer)] {
    guard !requests.isEmpty else { return [] }
    do {
      let answers = try await read(requests)
      return requests.enumerated().map { index, request in
        (request, answers.indices.contains(index) ? answers[index] : .unknown("there was no answer"))
      }
    } catch {
      return requests.map { ($0, .unknown("\(error)")) }
    }
  }
}
