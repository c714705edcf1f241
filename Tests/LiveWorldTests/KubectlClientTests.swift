import PromotionModel
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct KubectlClientTests {
  static func object(_ name: String) -> String { #"{"metadata":{"name":"\#(name)","uid":"u-\#(name)"}}"# }

  static func list(_ names: [String], version: String, next: String? = nil) -> String {
    let rest = next.map { #","continue":"\#($0)""# } ?? ""
    return
      #"{"metadata":{"resourceVersion":"\#(version)"\#(rest)},"items":[\#(names.map(object).joined(separator: ","))]}"#
  }

  func client(_ server: ScriptedServer, timeout: Duration = .seconds(10)) -> KubernetesClient {
    KubernetesClient(endpoint: server, clock: SystemClock(), timeout: timeout)
  }

  func failure(_ status: Int, _ body: String, type: String = "application/json") async throws -> WorldError {
    let server = try await ScriptedServer.start { _ in .whole(status, body, type: type) }
    let client = client(server)
    var found: WorldError?
    do {
      _ = try await client.list(.pods, of: BareObject.self, in: "production")
    } catch {
      found = error as? WorldError
    }
    await server.close()
    return try #require(found)
  }

  @Test func listsByPagesOverOneConnectionAsALocalHost() async throws {
    let server = try await ScriptedServer.start { request in
      request.uri.contains("continue=")
        ? .whole(200, Self.list(["c"], version: "7")) : .whole(200, Self.list(["a", "b"], version: "7", next: "x/y=="))
    }
    let client = client(server)
    let list = try await client.list(.pods, of: BareObject.self, in: "production")
    #expect(list.items.map(\.metadata.name) == ["a", "b", "c"])
    #expect(list.version == "7")
    #expect(
      server.requests.map(\.uri) == [
        "/api/v1/namespaces/production/pods?limit=500",
        "/api/v1/namespaces/production/pods?limit=500&continue=x%2Fy%3D%3D",
      ]
    )
    #expect(server.requests.allSatisfy { $0.headers["host"] == "localhost" && $0.method == "GET" })
    #expect(server.connections == 1)
    await server.close()
  }

  @Test func aListWhoseStateWasForgottenBeginsAgain() async throws {
    let server = try await ScriptedServer.start { _ in .whole(500, "") }
    server.answer { [weak server] request in
      if request.uri.contains("continue=") { return .whole(410, #"{"kind":"Status","message":"expired","code":410}"#) }
      let isFirst = server?.requests.count == 0 || server?.requests.count == 1
      return isFirst
        ? .whole(200, Self.list(["a"], version: "1", next: "n")) : .whole(200, Self.list(["z"], version: "9"))
    }
    _ = server
    let list = try await client(server).list(.pods, of: BareObject.self, in: "production")
    #expect(list.items.map(\.metadata.name) == ["z"])
    await server.close()
  }

  @Test func nullItemsAreNone() async throws {
    let server = try await ScriptedServer.start { _ in
      .whole(200, #"{"metadata":{"resourceVersion":"3"},"items":null}"#)
    }
    #expect(try await client(server).list(.jobs, of: Job.self, in: "production").items.isEmpty)
    await server.close()
  }

  @Test func refusalsAreToldApart() async throws {
    func status(_ message: String) -> String { #"{"kind":"Status","status":"Failure","message":"\#(message)"}"# }
    let unauthorized = try await failure(401, status("Unauthorized"))
    #expect(unauthorized.reason == .unauthorized)
    let forbidden = try await failure(403, status("pods is forbidden: User \\u001b[31mx\\u0007 cannot list"))
    #expect(forbidden.reason == .unauthorized)
    #expect(forbidden.message == "pods in production: pods is forbidden: User x cannot list")
    let byProxy = try await failure(403, "Forbidden", type: "text/plain")
    #expect(byProxy.reason == .refused)
    #expect(try await failure(404, status("no such thing")).reason == .notFound)
    #expect(try await failure(409, status("conflict")).reason == .refused)
    #expect(try await failure(503, status("shutting down")).reason == .unreachable)
    #expect(try await failure(200, "<html>").reason == .nonsense)
    #expect(try await failure(500, status("etcdserver: no leader")).reason == .nonsense)
  }

  @Test func whatTheProxyItselfSaysIsUnderstood() async throws {
    let down = try await failure(500, "dial tcp 127.0.0.1:8080: connect: connection refused", type: "text/plain")
    #expect(down.reason == .unreachable)
    #expect(down.advice?.contains("kubeconfig") == true)
    let login = try await failure(502, "getting credentials: exec: executable aws failed", type: "text/plain")
    #expect(login.reason == .unauthorized)
  }

  @Test func silenceEndsWithTheTimeout() async throws {
    let server = try await ScriptedServer.start { _ in .silence }
    let client = client(server, timeout: .milliseconds(100))
    await #expect {
      try await client.checkConnection(within: .milliseconds(100))
    } throws: { ($0 as? WorldError)?.reason == .timedOut }
    await server.close()
  }

  @Test func cancellationEndsARequest() async throws {
    let server = try await ScriptedServer.start { _ in .silence }
    let client = client(server)
    let task = Task { try await client.checkConnection(within: .seconds(60)) }
    await server.until { $0.count == 1 }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await server.close()
  }

  @Test func aKeptConnectionThatDiedIsReplaced() async throws {
    let server = try await ScriptedServer.start { request in
      request.path == "/version" ? .whole(200, "{}") : .broken([])
    }
    let client = client(server)
    try await client.checkConnection(within: .seconds(5))
    await #expect(throws: WorldError.self) { try await client.list(.pods, of: BareObject.self, in: "production") }
    // Over the kept one, then over a new one.
    #expect(server.requests.count == 3)
    #expect(server.connections == 2)
    try await client.checkConnection(within: .seconds(5))
    await server.close()
  }

  @Test func aChangeIsNeverSentTwice() async throws {
    let server = try await ScriptedServer.start { $0.method == "PATCH" ? .broken([]) : .whole(200, "{}") }
    let client = client(server)
    try await client.checkConnection(within: .seconds(5))
    await #expect(throws: WorldError.self) { try await client.mergePatch("/x", ["a": "b"], what: "x") }
    let patches = server.requests.filter { $0.method == "PATCH" }
    #expect(patches.map(\.body) == [#"{"a":"b"}"#])
    #expect(patches.first?.headers["content-type"] == "application/merge-patch+json")
    await server.close()
  }

  @Test func theServersTimeIsTakenAndMovedOn() async throws {
    let server = try await ScriptedServer.start { _ in .whole(200, "{}") }
    let client = client(server)
    try await client.checkConnection(within: .seconds(5))
    let (sent, now) = (try #require(Timestamp("2026-11-23T22:30:00Z")), client.now)
    #expect(now >= sent && now - sent < .seconds(30))
    await server.close()
  }

  @Test func serverTimeKeepsTheNearestReading() throws {
    let (time, start) = (ServerTime(), ContinuousClock.now)
    #expect(time.now() == nil)
    time.note("nonsense", at: start)
    #expect(time.now() == nil)
    time.note("Mon, 23 Nov 2026 22:30:00 GMT", at: start)
    time.note("Mon, 23 Nov 2026 22:30:01 GMT", at: start + .milliseconds(100))
    let base = try #require(Timestamp("2026-11-23T22:30:01Z"))
    #expect(time.now(at: start + .milliseconds(600)) == base + .milliseconds(500))
    // Cut to the second, this one says less than is known.
    time.note("Mon, 23 Nov 2026 22:30:01 GMT", at: start + .milliseconds(600))
    #expect(time.now(at: start + .milliseconds(600)) == base + .milliseconds(500))
    // The server's clock was set back.
    time.note("Mon, 23 Nov 2026 22:00:00 GMT", at: start + .seconds(1))
    #expect(time.now(at: start + .seconds(1)) == Timestamp("2026-11-23T22:00:00Z"))
  }

  @Test func namesStayNamesInURLs() {
    #expect(URLText.segment("a/b?c#d%e") == "a%2Fb%3Fc%23d%25e")
    #expect(URLText.segment("..") == "%2E%2E")
    #expect(URLText.segment("api.v1") == "api.v1")
    #expect(KubernetesResource.pods.object("é\r\n", "n") == "/api/v1/namespaces/n/pods/%C3%A9%0D%0A")
  }
}
