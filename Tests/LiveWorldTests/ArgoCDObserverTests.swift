import PromotionModel
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct ArgoCDObserverTests {
  static let production = EnvironmentName("production")
  static let podsPath = "/api/v1/namespaces/prod/pods"
  static let applicationsPath = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"

  static func page(_ objects: [String]) -> ScriptedServer.Reply {
    .whole(200, #"{"metadata":{"resourceVersion":"10"},"items":[\#(objects.joined(separator: ","))]}"#)
  }

  /// The cluster of the fixtures, with watches that stay open.
  static func cluster(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    if request.isWatch { return .open([]) }
    switch request.path {
    case applicationsPath: return page([Fixture.application(), Fixture.application("other-app", resources: [])])
    case podsPath: return page([Fixture.podOf("api-new", "api-new-1")])
    case "/apis/apps/v1/namespaces/prod/deployments": return page([Fixture.deployment()])
    case "/apis/apps/v1/namespaces/prod/replicasets":
      return page([Fixture.replicaSet("api-new", revision: 2, image: "r/api:1.3.0")])
    case "/api/v1/namespaces/kube-system": return .whole(200, #"{"metadata":{"name":"kube-system","uid":"here"}}"#)
    case "/version": return .whole(200, "{}")
    default: return page([])
    }
  }

  static func event(_ type: String, _ object: String) -> String {
    #"{"type":"\#(type)","object":\#(object.split(separator: "\n").joined())}"# + "\n"
  }

  static func proxies(_ server: ScriptedServer) -> KubectlProxies {
    KubectlProxies(clock: SystemClock()) { _ in server }
  }

  static func pods(_ observation: ClusterObservation) -> [String]? {
    guard case .seen(let snapshot) = observation else { return nil }
    return snapshot.services[ServiceName("api")]?.pods.map(\.name)
  }

  @Test func aSnapshotIsOneListAKind() async throws {
    let server = try await ScriptedServer.start(Self.cluster)
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: Self.proxies(server))
    let snapshot = try await cluster.snapshot(of: Self.production)
    #expect(Self.pods(.seen(snapshot)) == ["api-new-1"])
    #expect(snapshot.services.keys.sorted() == [ServiceName("api"), ServiceName("web")])
    #expect(snapshot.services[ServiceName("web")]?.application == nil)
    #expect(server.requests.count == 7)
    let sent = try #require(Timestamp("2026-11-23T22:30:00Z"))
    #expect(snapshot.time >= sent && snapshot.time - sent < .seconds(30))
    await server.close()
  }

  @Test func aSnapshotThatIsNotWholeIsAnError() async throws {
    let server = try await ScriptedServer.start { request in
      request.path.hasSuffix("daemonsets") ? .whole(403, #"{"message":"no"}"#) : Self.cluster(request)
    }
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: Self.proxies(server))
    await #expect {
      try await cluster.snapshot(of: Self.production)
    } throws: { ($0 as? WorldError)?.reason == .unauthorized }
    await #expect {
      try await cluster.snapshot(of: EnvironmentName("elsewhere"))
    } throws: { ($0 as? WorldError)?.reason == .notFound }
    await server.close()
  }

  @Test func changesAreSeenAndWhatChangesNothingIsNot() async throws {
    let server = try await ScriptedServer.start(Self.cluster)
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: Self.proxies(server))
    var observations = cluster.observe(Self.production).makeAsyncIterator()
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1"])
    await server.until { $0.filter(\.isWatch).count == 7 }
    // Neither the same again nor another team's Application is a change; then two pods come in one burst.
    server.push(Self.event("MODIFIED", Fixture.podOf("api-new", "api-new-1")), to: Self.podsPath)
    server.push(Self.event("ADDED", Fixture.application("new-app")), to: Self.applicationsPath)
    server.push(
      Self.event("ADDED", Fixture.podOf("api-new", "api-new-2"))
        + Self.event("ADDED", Fixture.podOf("api-new", "api-new-3")),
      to: Self.podsPath
    )
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1", "api-new-2", "api-new-3"])
    server.push(Self.event("DELETED", Fixture.podOf("api-new", "api-new-2")), to: Self.podsPath)
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1", "api-new-3"])
    // On a busy machine the server is asked in between whether it is still there.
    #expect(server.requests.count { $0.path != "/version" } == 14)
    await server.close()
  }

  @Test func aLossIsSaidAtOnceAndWhatComesBackIsSeenAgain() async throws {
    let server = try await ScriptedServer.start(Self.cluster)
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: Self.proxies(server))
    var observations = cluster.observe(Self.production).makeAsyncIterator()
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1"])
    await server.until { $0.filter(\.isWatch).count == 7 }
    server.answer { request in
      request.path == Self.podsPath
        ? .whole(502, "dial tcp 10.0.0.1:443: i/o timeout", type: "text/plain") : Self.cluster(request)
    }
    server.breakStreams(of: Self.podsPath)
    guard case .lost(let error) = try #require(await observations.next()) else {
      Issue.record("a lost watch must show")
      return
    }
    #expect(error.reason == .unreachable && error.message.contains("i/o timeout"))
    server.answer(Self.cluster)
    // Nothing changed, and yet it must be said that it can be seen again.
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1"])
    await server.close()
  }

  @Test func aServerThatHangsIsALossByItsHeartbeat() async throws {
    let server = try await ScriptedServer.start(Self.cluster)
    let proxies = Self.proxies(server)
    let place = try ClusterPlace(Self.production, fleet: Fixture.fleet, proxies: proxies)
    let (stream, continuation) = AsyncStream.makeStream(of: ClusterObservation.self)
    let observer = EnvironmentObserver(
      place: place,
      fleet: Fixture.fleet,
      clock: SystemClock(),
      continuation: continuation,
      heartbeat: .milliseconds(200)
    )
    let task = Task { await observer.run() }
    var observations = stream.makeAsyncIterator()
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1"])
    server.answer { request in request.path == "/version" ? .silence : Self.cluster(request) }
    guard case .lost(let error) = try #require(await observations.next()) else {
      Issue.record("a hanging server must show")
      return
    }
    #expect(error.reason == .timedOut)
    server.answer(Self.cluster)
    #expect(Self.pods(try #require(await observations.next())) == ["api-new-1"])
    task.cancel()
    await task.value
    await server.close()
  }

  @Test func theClusterAndTheDestinationsMustBeThose() async throws {
    let server = try await ScriptedServer.start(Self.cluster)
    func identify(_ change: (inout Fleet) -> Void) async throws -> String {
      var fleet = Fixture.fleet
      change(&fleet)
      return try await KubectlCluster(fleet: fleet, proxies: Self.proxies(server)).identify(Self.production)
    }
    #expect(try await identify { _ in } == "here")
    #expect(try await identify { $0.environments[0].clusterUID = "here" } == "here")
    await #expect {
      try await identify { $0.environments[0].clusterUID = "there" }
    } throws: { ($0 as? WorldError)?.reason == .wrongPlace }
    await #expect {
      try await identify { $0.environments[0].namespace = "elsewhere" }
    } throws: { ($0 as? WorldError)?.reason == .wrongPlace && ($0 as? WorldError)?.tool == "Argo CD" }
    await server.close()
  }
}
