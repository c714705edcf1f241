public import PromotionModel

/// Metrics by PromQL, asked of Prometheus (or what speaks its HTTP API: Thanos, Mimir, VictoriaMetrics): instant queries
/// to `/api/v1/query`, by `curl` or through the API server of a cluster.
///
/// What is not one finite number is *unknown*: no data, several series, NaN, an error, no answer, part of the data.
public struct PrometheusMetrics: MetricReading {
  let fleet: Fleet
  let variables: any VariableReading
  let programs: any ProgramRunner
  let proxies: KubectlProxies

  /// - Parameter proxies: read-only ones suffice.
  public init(fleet: Fleet, variables: any VariableReading, programs: any ProgramRunner, proxies: KubectlProxies) {
    (self.fleet, self.variables, self.programs, self.proxies) = (fleet, variables, programs, proxies)
  }

  /// nil where the configuration names no Prometheus.
  static func configured(
    fleet: Fleet,
    variables: any VariableReading,
    programs: any ProgramRunner,
    proxies: KubectlProxies
  ) -> PrometheusMetrics? {
    fleet.metrics.sources.isEmpty
      ? nil : PrometheusMetrics(fleet: fleet, variables: variables, programs: programs, proxies: proxies)
  }

  /// One question, as far as it can be asked.
  private struct Question {
    var index: Int
    var environment: EnvironmentName
    var source: MetricSource
    var query: String
  }

  public func read(_ requests: [MetricRequest]) async throws -> [MetricAnswer] {
    var answers = [MetricAnswer](repeating: .unknown("it was not asked for"), count: requests.count)
    // An environment's own: the same name of a Service means another one in another cluster.
    var questions: [EnvironmentName: [Question]] = [:]
    for (index, request) in requests.enumerated() {
      switch question(request, index) {
      case .success(let question): questions[question.environment, default: []].append(question)
      case .failure(let error): answers[index] = .unknown(error.message)
      }
    }
    let road = PrometheusRoad(self)
    let found = try await withThrowingTaskGroup(of: [(Int, MetricAnswer)].self) { group in
      for (environment, questions) in questions {
        guard let source = questions.first?.source else { continue }
        group.addTask {
          let answers = try await road.ask(
            questions.map { road.query($0.query) },
            of: source,
            in: environment
          )
          return zip(questions, answers).map { question, answer in
            switch answer {
            case .whole(let status, let body):
              (question.index, PrometheusAnswer.read(status: status, body: body, hiding: road.token))
            case .missing(let why): (question.index, .unknown(why))
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    for (index, answer) in found { answers[index] = answer }
    return answers
  }

  public func alerts(of services: [ServiceName], in environment: EnvironmentName) async throws -> [FiringAlert] {
    guard let settings = fleet.metrics.alerts, let place = fleet.environment(environment),
      let source = fleet.metrics.sources[environment]
    else {
      throw WorldError(tool: "metrics", reason: .notFound, message: "slipway.yaml has no alerts for \(environment)")
    }
    let road = PrometheusRoad(self)
    guard let answer = try await road.ask(["api/v1/alerts"], of: source, in: environment).first else { return [] }
    switch answer {
    case .missing(let why): throw WorldError(tool: "Prometheus", reason: .unreachable, message: why)
    case .whole(let status, let body):
      return try PrometheusAlerts.read(status: status, body: body, hiding: road.token).flatMap { alert in
        services.filter { settings.isAbout($0, in: place, alert.labels) }.map(alert.firing)
      }
    }
  }

  private func question(_ request: MetricRequest, _ index: Int) -> Result<Question, WorldError> {
    func missing(_ message: String) -> Result<Question, WorldError> {
      .failure(WorldError(tool: "metrics", reason: .notFound, message: message))
    }
    guard let environment = fleet.environment(request.environment) else {
      return missing("there is no environment \(request.environment)")
    }
    guard let metric = fleet.metric(request.metric, of: request.service) else {
      return missing("slipway.yaml has no metric \"\(request.metric)\" for \(request.service)")
    }
    guard let source = fleet.metrics.sources[request.environment] else {
      return missing("slipway.yaml names no Prometheus for \(request.environment)")
    }
    guard let query = metric.query(service: request.service, in: environment, over: request.window) else {
      return missing("slipway.yaml has no query of \"\(request.metric)\" for \(request.environment)")
    }
    return .success(Question(index: index, environment: request.environment, source: source, query: query))
  }
}

/// Bodies and what curl says of each, one after the other: `BODY\nNUMBER EXIT STATUS LENGTH\n`, read from the end.
struct CurlBodies {
  struct Answer: Hashable {
    var exit: Int
    var status: Int
    var body: ArraySlice<UInt8>
  }

  private(set) var answers: [Int: Answer] = [:]

  init(_ output: [UInt8]) {
    var rest = output[...]
    while rest.last == 0x0A {
      rest.removeLast()
      guard let start = rest.lastIndex(of: 0x0A) else { return }
      let words = rest[(start + 1)...].split(separator: 0x20).map { Int(String(decoding: $0, as: UTF8.self)) }
      guard words.count == 4, let number = words[0], let exit = words[1], let status = words[2], let length = words[3],
        length >= 0, start - length >= rest.startIndex
      else { return }
      answers[number] = Answer(exit: exit, status: status, body: rest[(start - length)..<start])
      rest = rest[..<(start - length)]
    }
  }
}
