import PromotionModel

/// How questions reach a Prometheus, and what comes back.
struct PrometheusRoad: Sendable {
  private let fleet: Fleet
  private let programs: any ProgramRunner
  private let proxies: KubectlProxies
  /// The bearer token, where one is configured and set.
  let token: String?
  /// Why nothing can be asked by address.
  private let obstacle: String?

  init(_ metrics: PrometheusMetrics) {
    (fleet, programs, proxies) = (metrics.fleet, metrics.programs, metrics.proxies)
    guard let name = fleet.metrics.tokenVariable else {
      (token, obstacle) = (nil, nil)
      return
    }
    let token = metrics.variables.variable(name)
    self.token = token
    if let token {
      let isToken = token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
      obstacle = isToken ? nil : "what the environment variable \(name) holds is no token"
    } else {
      obstacle = "the environment variable \(name), which holds the token, is not set"
    }
  }

  enum Answer: Sendable {
    case whole(status: Int, body: ArraySlice<UInt8>)
    /// There is none, and why.
    case missing(String)
  }

  /// The path of an instant query. Unreserved characters alone stay as they are.
  func query(_ query: String) -> String {
    let timeout = max(1, fleet.metrics.timeout.wholeNanoseconds / 1_000_000)
    return "api/v1/query?query=\(URLText.segment(query))&timeout=\(timeout)ms"
  }

  /// - Returns: one answer a path.
  func ask(_ paths: [String], of source: MetricSource, in environment: EnvironmentName) async throws -> [Answer] {
    switch source {
    case .address(let address): return try await ask(paths, at: address)
    case .service(let namespace, let name, let port):
      let client = proxies.client(context: fleet.environment(environment)?.context)
      return try await ask(paths, over: client, namespace: namespace, service: "\(name):\(port)")
    }
  }

  // MARK: By address

  /// One curl for all questions to one server, one after the other over one connection. When the server does not answer one,
  /// the rest is not asked: a round ends in time.
  private func ask(_ paths: [String], at address: String) async throws -> [Answer] {
    func all(_ why: String) -> [Answer] { paths.map { _ in .missing(why) } }
    if let obstacle { return all(obstacle) }
    guard CurlConfiguration.isAskable(address) else { return all("its address is not an http or https URL") }
    let base = address.hasSuffix("/") ? address : address + "/"
    let timeout = fleet.metrics.timeout
    let seconds = CurlConfiguration.seconds(timeout)
    var lines = [
      "silent", "globoff", "fail-early", "proto = \"=http,https\"", "max-time = \(seconds)",
      "connect-timeout = \(seconds)", "max-filesize = \(Self.largestAnswer)",
      // Behind each body: how long it is, so that nothing in it can be taken for this line.
      #"write-out = "\n%{urlnum} %{exitcode} %{response_code} %{size_download}\n""#,
    ]
    if let token { lines.append("header = \"Authorization: Bearer \(CurlConfiguration.quoted(token))\"") }
    for path in paths { lines.append("url = \"\(CurlConfiguration.quoted(base + path))\"") }
    let result = try await programs.run(
      "curl",
      ["--disable", "--config", "-"],
      input: Array((lines.joined(separator: "\n") + "\n").utf8),
      timeout: timeout * paths.count + .seconds(5),
      outputLimit: Self.largestAnswer * 2,
      tool: "curl"
    )
    let bodies = CurlBodies(result.stdout)
    // The first that got no answer says why the others were not asked.
    let broken = bodies.answers.values.first { $0.exit != 0 }.map { CurlConfiguration.reason($0.exit) }
    return paths.indices.map { number in
      guard let answer = bodies.answers[number] else {
        return .missing("Prometheus does not answer" + (broken.map { ": \($0)" } ?? ""))
      }
      guard answer.exit == 0 else {
        return .missing("Prometheus does not answer: \(CurlConfiguration.reason(answer.exit))")
      }
      return .whole(status: answer.status, body: answer.body)
    }
  }

  /// Bytes; an answer of one number has a few hundred, a thousand alerts a megabyte.
  private static let largestAnswer = 8 << 20

  // MARK: Through the API server

  private func ask(
    _ paths: [String],
    over client: KubernetesClient,
    namespace: String,
    service: String
  ) async throws -> [Answer] {
    var answers: [Answer] = []
    for path in paths {
      let uri = "/api/v1/namespaces/\(URLText.segment(namespace))/services/\(service)/proxy/\(path)"
      do {
        let (status, body) = try await client.raw(uri, within: fleet.metrics.timeout + .seconds(1))
        answers.append(.whole(status: status, body: body[...]))
      } catch let error as WorldError {
        answers.append(.missing("Prometheus does not answer at \(namespace)/\(service): \(error.message)"))
        // One that hangs would make the round as long as all of them.
        if error.reason == .timedOut { break }
      }
    }
    return answers + paths.dropFirst(answers.count).map { _ in .missing("Prometheus does not answer") }
  }
}
