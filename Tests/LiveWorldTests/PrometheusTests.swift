import NIOCore
import NIOHTTP1
import NIOPosix
import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct PrometheusTests {
  private func read(_ text: String, status: Int = 200, secret: String? = nil) -> MetricAnswer {
    PrometheusAnswer.read(status: status, body: Array(text.utf8), hiding: secret)
  }

  private func vector(_ values: String...) -> String {
    let series = values.map { #"{"metric":{"a":"b"},"value":[1700000000.5,"\#($0)"]}"# }.joined(separator: ",")
    return #"{"status":"success","data":{"resultType":"vector","result":[\#(series)]}}"#
  }

  @Test func oneFiniteNumberIsAValue() {
    #expect(read(vector("0.25")) == .value(0.25))
    #expect(read(vector("1.5e-05")) == .value(0.000015))
    #expect(read(#"{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}"#) == .value(7))
  }

  @Test(arguments: ["NaN", "+Inf", "-Inf", "1e999", "0x10", "", "nan", "inf", " 1", "１"])
  func whatIsNoFiniteNumberIsUnknown(text: String) {
    guard case .unknown = read(vector(text)) else {
      Issue.record("\(text) was taken for a number")
      return
    }
  }

  @Test func everythingElseIsUnknownAndSaysWhy() {
    #expect(read(vector()) == .unknown("it has no data"))
    #expect(read(vector("1", "2")) == .unknown("its query gives 2 series, not one: put `sum(…)` or the like around it"))
    #expect(
      read(#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
        == .unknown("its query gives no number but a matrix")
    )
    #expect(
      read(#"{"status":"error","errorType":"bad_data","error":"parse error \u001b[31m at char 3"}"#, status: 400)
        == .unknown("Prometheus answers 400: parse error  at char 3")
    )
    #expect(read("<html>", status: 502) == .unknown("Prometheus answers 502"))
    #expect(read("<html>") == .unknown("what Prometheus answers is not understood"))
    // Part of the data is no data.
    let partial = vector("1").replacing(#""data""#, with: #""warnings":["a store did not answer"],"data""#)
    #expect(read(partial) == .unknown("Prometheus warns: a store did not answer"))
    let echoed = read(#"{"status":"error","error":"who is s3cr3t?"}"#, status: 401, secret: "s3cr3t")
    #expect(echoed == .unknown("Prometheus answers 401: who is …?"))
  }

  @Test func alertsThatFireAreTold() throws {
    func alerts(_ text: String, status: Int = 200) throws -> [FiringAlert] {
      try PrometheusAlerts.read(status: status, body: Array(text.utf8), hiding: nil).map {
        $0.firing(ServiceName("api"))
      }
    }
    let found = try alerts(
      #"""
      {"status":"success","data":{"alerts":[
        {"labels":{"alertname":"Slow\u001b[31m","app":"api"},"annotations":{"summary":"p99 is \u202e2s"},"state":"firing","activeAt":"2026-01-05T18:00:00Z","value":"2e+00"},
        {"labels":{"alertname":"Later"},"annotations":{},"state":"pending"}]}}
      """#
    )
    #expect(found.map(\.name) == ["Slow"])
    #expect(found.first?.summary == "p99 is 2s")
    #expect(found.first?.id == "alertname=Slow\u{1B}[31m,app=api")
    #expect(try alerts(#"{"status":"success","data":{"alerts":[]}}"#).isEmpty)
    for (text, status) in [
      ("{}", 200), ("", 200), (#"{"status":"success","data":{}}"#, 200),
      (#"{"status":"success","data":{"alerts":[]}}"#, 503),
    ] {
      #expect(throws: WorldError.self) { try alerts(text, status: status) }
    }
    let settings = AlertSettings(
      labels: ["app": "{service}", "env": "{environment}-{namespace}"],
      ignored: ["Watchdog"]
    )
    let place = Environment(name: EnvironmentName("production"), namespace: "prod")
    let labels = ["app": "api", "env": "production-prod", "alertname": "Slow"]
    #expect(settings.isAbout(ServiceName("api"), in: place, labels))
    #expect(!settings.isAbout(ServiceName("web"), in: place, labels))
    #expect(!settings.isAbout(ServiceName("api"), in: place, ["app": "api"]))
    #expect(!settings.isAbout(ServiceName("api"), in: place, labels.merging(["alertname": "Watchdog"]) { $1 }))
  }

  @Test func noBodyCanStandForAnAnswerOfCurls() {
    let hostile = "x\n1 0 200 3\n"
    let output = "\(hostile)\n0 0 200 \(hostile.utf8.count)\nabc\n1 0 503 3\n\n2 7 0 0\n"
    let bodies = CurlBodies(Array(output.utf8))
    #expect(bodies.answers.count == 3)
    #expect(bodies.answers[0].map { Array($0.body) } == Array(hostile.utf8))
    #expect(bodies.answers[1]?.status == 503)
    #expect(bodies.answers[2]?.exit == 7)
    for length in 0..<output.utf8.count { _ = CurlBodies(Array(output.utf8.prefix(length))) }
    #expect(CurlBodies(Array("\n0 0 200 99999\n".utf8)).answers.isEmpty)
  }

  /// Answers by what the query has in it, and keeps what it was asked.
  final class Site: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    let seen = Mutex<[(uri: String, authorization: String?)]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let head) = unwrapInboundIn(data) else { return }
      seen.withLock { $0.append((head.uri, head.headers.first(name: "Authorization"))) }
      if head.uri.contains("silent") { return }
      let value = head.uri.contains("web") ? "0.5" : "0.25"
      let body =
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"\#(value)"]}]}}"#
      let headers = HTTPHeaders([("Content-Length", "\(body.utf8.count)")])
      context.channel.write(
        HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)),
        promise: nil
      )
      context.channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
      context.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }
  }

  private func fleet(_ source: MetricSource, token: String? = nil) -> Fleet {
    var fleet = Fixture.fleet
    let query = #"sum(rate(errors_total{app="{service}"}[{window}])) / 2"#
    let names = fleet.environments.map(\.name)
    func metric(_ name: String, _ query: String) -> Metric {
      Metric(name, queries: Dictionary(uniqueKeysWithValues: names.map { ($0, query) }))
    }
    fleet.metrics = MetricSettings(
      sources: Dictionary(uniqueKeysWithValues: names.map { ($0, source) }),
      tokenVariable: token,
      timeout: .milliseconds(700),
      metrics: [metric("rate", query), metric("slow", "silent")]
    )
    return fleet
  }

  private func request(_ name: String, of service: String = "api") -> MetricRequest {
    MetricRequest(name, of: ServiceName(service), in: ArgoCDObserverTests.production, over: .seconds(60))
  }

  @Test func aRoundIsOneProgramAndTheTokenIsInAHeaderAlone() async throws {
    let site = Site()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(site)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    let counter = ProgramCounter()
    let fleet = fleet(.address("http://127.0.0.1:\(port)/prometheus/"), token: "PROMETHEUS_TOKEN")
    func metrics(_ variables: [String: String]) -> PrometheusMetrics {
      PrometheusMetrics(
        fleet: fleet,
        variables: Host(variables: variables),
        programs: LookingPrograms(LocalPrograms(counter: counter)),
        proxies: KubectlProxies(readOnly: true, programs: LocalPrograms())
      )
    }
    let known = metrics(["PROMETHEUS_TOKEN": #"t"o\ken"#])
    let answers = try await known.read([request("rate"), request("rate", of: "web"), request("none")])
    #expect(Array(answers.prefix(2)) == [.value(0.25), .value(0.5)])
    #expect(answers[2] == .unknown("slipway.yaml has no metric \"none\" for api"))
    #expect(counter.total == 1)
    let seen = site.seen.withLock { $0 }
    #expect(seen.map(\.authorization) == [#"Bearer t"o\ken"#, #"Bearer t"o\ken"#])
    #expect(
      seen.first?.uri
        == "/prometheus/api/v1/query?query=sum%28rate%28errors_total%7Bapp%3D%22api%22%7D%5B60s%5D%29%29%20%2F%202&timeout=700ms"
    )
    // One that does not answer ends the round: the rest is unknown, in time.
    let dark = try await known.read([request("slow"), request("rate")])
    #expect(dark[0] == .unknown("Prometheus does not answer: timed out"))
    #expect(dark[1] == .unknown("Prometheus does not answer: timed out"))
    let unset = try await metrics([:]).read([request("rate")])
    #expect(unset == [.unknown("the environment variable PROMETHEUS_TOKEN, which holds the token, is not set")])
    let split = try await metrics(["PROMETHEUS_TOKEN": "a\nurl = \"file:///etc/passwd\""]).read([request("rate")])
    #expect(split == [.unknown("what the environment variable PROMETHEUS_TOKEN holds is no token")])
    try await channel.close().get()
    let gone = try await known.read([request("rate")])
    #expect(gone == [.unknown("Prometheus does not answer: connection refused")])
  }

  @Test func throughTheServerOfTheCluster() async throws {
    let server = try await ScriptedServer.start { request in
      guard request.path == "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query" else {
        return .whole(404, #"{"message":"services \"x\" not found"}"#)
      }
      return .whole(
        200,
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0.125"]}]}}"#
      )
    }
    func metrics(_ name: String) -> PrometheusMetrics {
      PrometheusMetrics(
        fleet: fleet(.service(namespace: "monitoring", name: name, port: "9090")),
        variables: Host(variables: [:]),
        programs: LocalPrograms(),
        proxies: ArgoCDObserverTests.proxies(server)
      )
    }
    #expect(try await metrics("prometheus").read([request("rate")]) == [.value(0.125)])
    #expect(server.requests.contains { $0.uri.contains("?query=sum%28rate") })
    #expect(try await metrics("x").read([request("rate")]) == [.unknown("Prometheus answers 404")])
    await server.close()
  }
}
