public import PromotionModel

/// Metrics by PromQL, asked of Prometheus (or what speaks its HTTP API: Thanos, Mimir, VictoriaMetrics): instant queries
/// to `/api/v1/query`, by `curl` or through the API server of a cluster.
///
/// What is not one finite number is *unknown*: no data, several series, NaN, an error, no answer, part of the data.
public struct PrometheusMetrics: MetricReading {
  private let fleet: Fleet
  private let variables: any VariableReading
  private let programs: any ProgramRunner
  private let proxies: KubectlProxies

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
    var questions: [MetricSource: [Question]] = [:]
    for (index, request) in requests.enumerated() {
      switch question(request, index) {
      case .success(let question): questions[question.source, default: []].append(question)
      case .failure(let error): answers[index] = .unknown(error.message)
      }
    }
    let found = try await withThrowingTaskGroup(of: [(Int, MetricAnswer)].self) { group in
      for (source, questions) in questions {
        group.addTask {
          switch source {
          case .address(let address): try await ask(address, questions)
          case .service(let namespace, let name, let port):
            try await ask(
              questions,
              "\(namespace)/services/\(name):\(port)",
              namespace: namespace,
              name: "\(name):\(port)"
            )
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    for (index, answer) in found { answers[index] = answer }
    return answers
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

  /// Unreserved characters alone stay as they are.
  private static func path(_ query: String, timeout: Duration) -> String {
    "api/v1/query?query=\(URLText.segment(query))&timeout=\(max(1, timeout.wholeNanoseconds / 1_000_000))ms"
  }

  // MARK: By address

  /// One curl for all questions to one server, one after the other over one connection. When the server does not answer one,
  /// the rest is not asked: a round ends in time.
  private func ask(_ address: String, _ questions: [Question]) async throws -> [(Int, MetricAnswer)] {
    let timeout = fleet.metrics.timeout
    var token: String?
    if let name = fleet.metrics.tokenVariable {
      token = variables.variable(name)
      guard let token else {
        return questions.map {
          ($0.index, .unknown("the environment variable \(name), which holds the token, is not set"))
        }
      }
      guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        return questions.map { ($0.index, .unknown("what the environment variable \(name) holds is no token")) }
      }
    }
    guard CurlConfiguration.isAskable(address) else {
      return questions.map { ($0.index, .unknown("its address is not an http or https URL")) }
    }
    let base = address.hasSuffix("/") ? address : address + "/"
    let seconds = CurlConfiguration.seconds(timeout)
    var lines = [
      "silent", "globoff", "fail-early", "proto = \"=http,https\"", "max-time = \(seconds)",
      "connect-timeout = \(seconds)", "max-filesize = \(Self.largestAnswer)",
      // Behind each body: how long it is, so that nothing in it can be taken for this line.
      #"write-out = "\n%{urlnum} %{exitcode} %{response_code} %{size_download}\n""#,
    ]
    if let token { lines.append("header = \"Authorization: Bearer \(CurlConfiguration.quoted(token))\"") }
    for question in questions {
      lines.append("url = \"\(CurlConfiguration.quoted(base + Self.path(question.query, timeout: timeout)))\"")
    }
    let result = try await programs.run(
      "curl",
      ["--disable", "--config", "-"],
      input: Array((lines.joined(separator: "\n") + "\n").utf8),
      timeout: timeout * questions.count + .seconds(5),
      outputLimit: Self.largestAnswer * 4,
      tool: "curl"
    )
    let bodies = CurlBodies(result.stdout)
    // The first that got no answer says why the others were not asked.
    let broken = bodies.answers.values.first { $0.exit != 0 }.map { CurlConfiguration.reason($0.exit) }
    return questions.enumerated().map { number, question in
      guard let answer = bodies.answers[number] else {
        return (question.index, .unknown("Prometheus does not answer" + (broken.map { ": \($0)" } ?? "")))
      }
      guard answer.exit == 0 else {
        return (question.index, .unknown("Prometheus does not answer: \(CurlConfiguration.reason(answer.exit))"))
      }
      return (question.index, PrometheusAnswer.read(status: answer.status, body: answer.body, hiding: token))
    }
  }

  /// Bytes; an answer of one number has a few hundred.
  private static let largestAnswer = 1 << 20

  // MARK: Through the API server

  private func ask(
    _ questions: [Question],
    _ what: String,
    namespace: String,
    name: String
  ) async throws -> [(Int, MetricAnswer)] {
    var answers: [(Int, MetricAnswer)] = []
    for question in questions {
      let client = proxies.client(context: fleet.environment(question.environment)?.context)
      let uri =
        "/api/v1/namespaces/\(URLText.segment(namespace))/services/\(name)/proxy/"
        + Self.path(question.query, timeout: fleet.metrics.timeout)
      do {
        let (status, body) = try await client.raw(uri, within: fleet.metrics.timeout + .seconds(1))
        answers.append((question.index, PrometheusAnswer.read(status: status, body: body, hiding: nil)))
      } catch let error as WorldError {
        answers.append((question.index, .unknown("Prometheus does not answer at \(what): \(error.message)")))
        // One that hangs would make the round as long as all of them.
        if error.reason == .timedOut { break }
      }
    }
    let asked = Set(answers.map(\.0))
    return answers
      + questions.filter { !asked.contains($0.index) }.map { ($0.index, .unknown("Prometheus does not answer")) }
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
