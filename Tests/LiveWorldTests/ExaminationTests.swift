import FoundationEssentials
import PromotionModel
import Testing

@testable import LiveWorld

/// The close look over the API, with a server that answers as the test says.
@Suite(.timeLimit(.minutes(1))) struct ExaminationTests {
  private static let api = ServiceName("api")

  /// Answers by the last part of the path; what is not scripted is an empty list.
  private static func server(
    _ answers: [String: String],
    otherwise: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply? = { _ in nil }
  ) async throws -> ScriptedServer {
    try await ScriptedServer.start { request in
      if let reply = otherwise(request) { return reply }
      let fitting = answers.filter { request.path.hasSuffix($0.key) }
      if let items = fitting.max(by: { $0.key.utf8.count < $1.key.utf8.count })?.value {
        return .whole(200, #"{"metadata":{"resourceVersion":"1"},"items":[\#(items)]}"#)
      }
      return .whole(200, #"{"metadata":{"resourceVersion":"1"},"items":null}"#)
    }
  }

  private static func pod(_ name: String, spec: String = "", status: String = "") -> String {
    #"""
    {"metadata":{"name":"\#(name)","uid":"p-\#(name)","creationTimestamp":"2026-11-23T20:59:00Z",
       \#(Fixture.owner("ReplicaSet", "api-new", uid: "r-api-new"))},
     "spec":{"nodeName":"n1","containers":[{"name":"api","image":"r/api:1.3.0","ports":[{"name":"web","containerPort":8080}],
        "resources":{"limits":{"cpu":"250m","memory":"128Mi"}},
        "readinessProbe":{"httpGet":{"path":"/health","port":"web"},"periodSeconds":5,"failureThreshold":3}}]\#(spec)},
     "status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],
       "containerStatuses":[{"name":"api","ready":false,"restartCount":3,"image":"x","imageID":"",
         "state":{"running":{"startedAt":"2026-11-23T21:00:00Z"}},
         "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2026-11-23T21:00:00Z"}}}]\#(status)}}
    """#
  }

  private static var fleet: [String: String] {
    [
      "/applications": Fixture.application(resources: [
        Fixture.resource("apps", "Deployment", "api"), Fixture.resource("", "Service", "api"),
      ]),
      "/deployments": Fixture.deployment(),
      "/replicasets": Fixture.replicaSet("api-new", revision: 2, image: "r/api:1.3.0"),
      "/namespaces/prod/pods": pod("api-1"),
      "/nodes": #"""
      {"metadata":{"name":"n1"},"spec":{"unschedulable":true},"status":{"conditions":[
        {"type":"Ready","status":"False","message":"no \u001b[31mheartbeat"},{"type":"DiskPressure","status":"True"}]}}
      """#,
      "/prod/endpoints": #"""
      {"metadata":{"name":"api"},"subsets":[{"notReadyAddresses":[{"targetRef":{"uid":"p-api-1"}}]}]},
      {"metadata":{"name":"other"},"subsets":[{"addresses":[{"targetRef":{"uid":"p-elsewhere"}}]}]}
      """#,
    ]
  }

  private func examine(_ server: ScriptedServer) async throws -> Examination {
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: ArgoCDObserverTests.proxies(server))
    return try await cluster.examine([Self.api], in: ArgoCDObserverTests.production)
  }

  @Test func everyPartIsRead() async throws {
    var answers = Self.fleet
    answers["/metrics.k8s.io/v1beta1/namespaces/prod/pods"] = #"""
      {"metadata":{"name":"api-1"},"containers":[{"name":"api","usage":{"cpu":"12345678n","memory":"65536Ki"}}]}
      """#
    answers["/events"] = #"""
      {"metadata":{"name":"e1"},"involvedObject":{"kind":"Pod","name":"api-1","uid":"p-api-1"},"type":"Warning",
       "reason":"BackOff","message":"restarting api of api-1","count":7,"lastTimestamp":"2026-11-23T21:30:00Z"},
      {"metadata":{"name":"e2"},"involvedObject":{"kind":"Pod","name":"else","uid":"p-else"},"type":"Warning",
       "reason":"BackOff","message":"another team's","count":1}
      """#
    let server = try await Self.server(answers) { request in
      request.path.hasSuffix("/proxy/health") ? .whole(503, "not yet", type: "text/plain") : nil
    }
    let found = try await examine(server)
    #expect(found.unread.isEmpty)
    let service = try #require(found.services[Self.api])
    let container = try #require(service.pods.first?.containers.first)
    #expect(container.lastEnd?.reason == "OOMKilled" && container.lastEnd?.exitCode == 137)
    #expect(container.memoryLimit == 128 * 1_048_576 && container.cpuLimit == 250)
    #expect(container.probes == [ContainerProbe(kind: .readiness, what: "GET :web/health every 5s, 3 failures")])
    #expect(service.endpoints == .known([ServiceEndpoints(name: "api", ready: 0, notReady: 1)]))
    #expect(service.events.value?.map(\.message) == ["restarting api of api-1"])
    #expect(service.events.value?.first?.count == 7)
    #expect(service.inside == InsideProbe(pod: "api-1", what: "GET :8080/health", status: .known(503)))
    let usage = try #require(found.usage.value?.first)
    #expect(usage.pod == "api-1" && usage.container == "api" && usage.memory == 67_108_864)
    #expect(abs(usage.cpu - 12.345678) < 1e-9)
    let node = try #require(found.nodes.value?.first)
    #expect(node.isCordoned && node.troubles == ["not ready: no heartbeat", "DiskPressure"])
    #expect(server.requests.contains { $0.uri.hasSuffix("/pods/api-1:8080/proxy/health") && $0.method == "GET" })
    #expect(
      server.requests.contains { $0.path.hasSuffix("/events") && $0.uri.contains("fieldSelector=type%21%3DNormal") }
    )
    await server.close()
  }

  /// A few requests, however many pods there are.
  @Test func costDoesNotGrowWithPods() async throws {
    var counts: [Int] = []
    for pods in [1, 200] {
      var answers = Self.fleet
      answers["/namespaces/prod/pods"] = (1...pods).map { Self.pod("api-\($0)") }.joined(separator: ",")
      let server = try await Self.server(answers)
      #expect(try await examine(server).services[Self.api]?.pods.count == pods)
      counts.append(server.requests.count)
      await server.close()
    }
    #expect(counts == [12, 12])
  }

  @Test func whatMayNotBeReadIsSaidPartByPart() async throws {
    let forbidden =
      #"{"kind":"Status","message":"nodes is forbidden: User \"x\" cannot list","reason":"Forbidden","code":403}"#
    let server = try await Self.server(Self.fleet) { request in
      request.path.hasSuffix("/nodes") || request.path.hasSuffix("/statefulsets") || request.path.contains("/proxy/")
        || request.path.contains("metrics.k8s.io") ? .whole(403, forbidden) : nil
    }
    let found = try await examine(server)
    #expect(found.nodes.error?.reason == .unauthorized)
    #expect(found.usage.error?.reason == .unauthorized)
    #expect(found.unread.map(\.reason) == [.unauthorized])
    #expect(found.services[Self.api]?.pods.map(\.name) == ["api-1"])
    // The API server's refusal is none of the pod.
    #expect(found.services[Self.api]?.inside?.status.error?.reason == .unauthorized)
    #expect(found.snapshot.value?.services[Self.api]?.workloads.count == 1)
    await server.close()
  }

  /// The API server's own words when nothing listens in the pod.
  @Test func nobodyInThePodIsNoAnswerOfIt() async throws {
    let server = try await Self.server(Self.fleet) { request in
      let text = "Error trying to reach service: 'dial tcp 10.1.2.3:8080: connect: connection refused'"
      return request.path.contains("/proxy/") ? .whole(503, text, type: "text/plain") : nil
    }
    let inside = try await examine(server).services[Self.api]?.inside
    #expect(inside?.status.error?.reason == .unreachable)
    #expect(inside?.status.error?.message.contains("connection refused") == true)
    await server.close()
  }

  @Test func withoutApplicationsNothingIsKnownOfServices() async throws {
    let server = try await Self.server(Self.fleet) { request in
      request.path.hasSuffix("/applications")
        ? .whole(404, #"{"kind":"Status","message":"not found","code":404}"#) : nil
    }
    let found = try await examine(server)
    #expect(found.snapshot.error?.reason == .notFound)
    #expect(found.services.isEmpty)
    #expect(found.nodes.value != nil)
    await server.close()
  }

  @Test func podsThatAreOverAreSeenToo() async throws {
    var answers = Self.fleet
    answers["/namespaces/prod/pods"] =
      Self.pod("api-1") + ","
      + Self.pod("api-2", status: #","reason":"Evicted","message":"low on memory""#)
      .replacing(#""phase":"Running""#, with: #""phase":"Failed""#)
    let server = try await Self.server(answers)
    let pods = try await examine(server).services[Self.api]?.pods
    #expect(pods?.map(\.phase) == ["Running", "Failed"])
    #expect(pods?.last?.reason == "Evicted: low on memory")
    await server.close()
  }

  /// A probe's path comes from the cluster, and must not lead to another part of the API.
  @Test(arguments: ["/../../../secrets", "/a/../../b", "/./x", "..", "/%2e%2e/x"])
  func aPathThatLeadsOutIsNotAsked(path: String) async throws {
    var answers = Self.fleet
    answers["/namespaces/prod/pods"] = Self.pod("api-1").replacing(#""path":"/health""#, with: #""path":"\#(path)""#)
    let server = try await Self.server(answers)
    let inside = try await examine(server).services[Self.api]?.inside
    let asked = server.requests.map(\.uri).filter { $0.contains("/proxy") }
    if path.contains("%") {
      // Its percent sign is text like any other.
      #expect(asked.allSatisfy { $0.hasSuffix("/pods/api-1:8080/proxy/%252e%252e/x") } && asked.count == 1)
    } else {
      #expect(inside == nil && asked.isEmpty)
    }
    await server.close()
  }

  @Test(arguments: [
    ("250m", 0.25), ("2", 2), ("12345n", 0.000012345), ("1.5", 1.5), ("128Mi", 134_217_728), ("1k", 1000),
    ("1e3", 1000),
    ("3E", 3e18), ("100u", 0.0001),
  ]) func quantitiesAreReadAsTheAPIWritesThem(text: String, value: Double) throws {
    let found = try #require(Quantity(text).value)
    #expect(abs(found - value) <= value * 1e-9)
  }

  @Test(arguments: ["", "m", "1Zi", "abc", "1e", "1ex"]) func whatIsNoQuantityIsNone(text: String) {
    #expect(Quantity(text).value == nil)
  }
}
