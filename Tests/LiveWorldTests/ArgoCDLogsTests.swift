import PromotionModel
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct ArgoCDLogsTests {
  let service = ServiceName("api")

  @Test func logsComeInOrderAndAbsentOnesAreLeftOut() async throws {
    let line = "2026-11-23T22:30:00.000000000Z hello\n"
    let server = try await ScriptedServer.start { request in
      if request.uri.contains("previous=true") {
        return .whole(400, #"{"message":"previous terminated container \"api\" in pod \"p0\" not found","code":400}"#)
      }
      if request.path.contains("/gone/") { return .whole(404, #"{"message":"pods \"gone\" not found"}"#) }
      if request.path.contains("/new/") {
        return .whole(400, #"{"message":"container \"api\" in pod \"new\" is waiting to start: ContainerCreating"}"#)
      }
      return .whole(200, request.path + "\n" + line, type: "text/plain")
    }
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: ArgoCDObserverTests.proxies(server))
    var requests = (0..<20).map { LogRequest(service: service, pod: "p\($0)", container: "api", tailLines: 5) }
    requests.insert(LogRequest(service: service, pod: "p0", container: "api", isPrevious: true), at: 3)
    requests.insert(LogRequest(service: service, pod: "gone", container: "api"), at: 0)
    requests.append(
      LogRequest(service: service, pod: "new", container: "a&b", since: Timestamp("2026-11-23T22:00:00Z"))
    )
    let logs = try await cluster.logs(requests, in: ArgoCDObserverTests.production)
    #expect(logs.map(\.pod) == (0..<20).map { "p\($0)" })
    #expect(logs.allSatisfy { $0.service == service && !$0.isPrevious && $0.container == "api" })
    #expect(logs[7].bytes == Array("/api/v1/namespaces/prod/pods/p7/log\n\(line)".utf8))
    #expect(server.requests.contains { $0.uri.hasSuffix("/p4/log?container=api&timestamps=true&tailLines=5") })
    #expect(
      server.requests.contains {
        $0.uri.hasSuffix("/new/log?container=a%26b&timestamps=true&sinceTime=2026-11-23T22%3A00%3A00Z")
      }
    )
    #expect(server.connections <= 9)
    await server.close()
  }

  @Test func aLogThatCannotBeHadIsAnErrorAndNotAnEmptyOne() async throws {
    let server = try await ScriptedServer.start { _ in
      .whole(500, #"{"message":"Get https://10.0.0.9:10250/containerLogs: dial tcp: i/o timeout","code":500}"#)
    }
    let cluster = KubectlCluster(fleet: Fixture.fleet, proxies: ArgoCDObserverTests.proxies(server))
    await #expect(throws: WorldError.self) {
      try await cluster.logs(
        [LogRequest(service: service, pod: "p", container: "api")],
        in: ArgoCDObserverTests.production
      )
    }
    #expect(!KubectlCluster.isAbsent(status: 400, message: "container api must be specified"))
    await server.close()
  }
}
