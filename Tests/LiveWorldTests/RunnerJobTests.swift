import FoundationEssentials
import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct RunnerJobTests {
  static let name = "slipway-20261126-120000-00ff"
  static let jobURI = "/apis/batch/v1/namespaces/release/jobs/\(name)"
  static let podURI = "/api/v1/namespaces/release/pods/runner"

  static func job(_ files: [String: String] = ["runbooks/a.runbook": "promote all\n", "fleet/slipway.yaml": "x: 1\n"])
    -> RunnerJob
  {
    RunnerJob(
      name: name,
      namespace: "release",
      image: "registry.example/slipway:1",
      serviceAccount: "slipway",
      arguments: ["run", "/slipway/runbooks/a.runbook"],
      files: files,
      secrets: ["tokens"],
      kubeconfigSecret: nil,
      limit: .seconds(3600),
      usesGitHubLogin: true
    )
  }

  /// What comes of a body with a scripted cluster, and the requests that changed something.
  func with<Result: Sendable>(
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply,
    _ body: (RunnerJobs) async throws -> Result
  ) async throws -> (Swift.Result<Result, any Error>, [ScriptedServer.Request]) {
    let server = try await ScriptedServer.start(reply)
    let proxies = KubectlProxies(clock: SystemClock()) { _ in server }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(RunnerJobs(context: nil, proxies: proxies)))
    } catch {
      result = .failure(error)
    }
    let requests = server.requests
    await server.close()
    return (result, requests)
  }

  // MARK: Submitting

  @Test func theFilesAreMadeBeforeTheJobAndGoWithIt() async throws {
    let (result, requests) = try await with({ request in
      request.method == "GET"
        ? .whole(200, #"{"metadata":{"name":"\#(Self.name)","uid":"job-uid"}}"#) : .whole(201, "{}")
    }) { try await $0.submit(Self.job()) }
    try result.get()
    let changes = requests.filter { $0.method != "GET" }
    #expect(changes.map(\.method) == ["POST", "POST", "PATCH"])
    #expect(
      changes.map(\.uri) == [
        "/api/v1/namespaces/release/configmaps", "/apis/batch/v1/namespaces/release/jobs",
        "/api/v1/namespaces/release/configmaps/\(Self.name)",
      ]
    )
    #expect(changes[0].body.contains(#""promote all\n""#))
    #expect(changes[1].body.contains(#""backoffLimit":0"#))
    #expect(changes[1].body.contains(#""restartPolicy":"Never""#))
    #expect(changes[1].body.contains(#""path":"runbooks/a.runbook""#))
    #expect(changes[1].body.contains(#""envFrom":[{"secretRef":{"name":"tokens"}}]"#))
    #expect(changes[2].body.contains("job-uid"))
  }

  @Test func aLostAnswerIsLookedUpAndTheJobIsNotMadeTwice() async throws {
    let (result, requests) = try await with({ request in
      if request.method == "POST", request.uri.hasSuffix("/jobs") { return .broken([]) }
      return .whole(200, #"{"metadata":{"name":"\#(Self.name)","uid":"job-uid"}}"#)
    }) { try await $0.submit(Self.job()) }
    try result.get()
    #expect(requests.filter { $0.method == "POST" && $0.uri.hasSuffix("/jobs") }.count == 1)
  }

  @Test func whatCannotBeToldIsSaid() async throws {
    let (result, requests) = try await with({ request in
      if request.uri.hasSuffix("/jobs") || request.uri.contains("/jobs/") { return .broken([]) }
      return .whole(201, "{}")
    }) { try await $0.submit(Self.job()) }
    let error = try #require(throws: WorldError.self) { try result.get() }
    #expect(error.message.contains("could not be told whether it was made"))
    #expect(!requests.contains { $0.method == "DELETE" })
  }

  @Test func aRefusedJobLeavesNoFilesBehind() async throws {
    let (result, requests) = try await with({ request in
      request.uri.hasSuffix("/jobs")
        ? .whole(403, #"{"message":"jobs.batch is forbidden"}"#) : .whole(200, "{}")
    }) { try await $0.submit(Self.job()) }
    let error = try #require(throws: WorldError.self) { try result.get() }
    #expect(error.reason == .unauthorized)
    let last = try #require(requests.last)
    #expect(last.method == "DELETE" && last.uri == "/api/v1/namespaces/release/configmaps/\(Self.name)")
  }

  @Test func filesThatFitNoConfigMapAreRefusedBeforeAnythingIsMade() async throws {
    let large = String(repeating: "# a comment\n", count: 100_000)
    let (result, requests) = try await with({ _ in .whole(201, "{}") }) {
      try await $0.submit(Self.job(["runbooks/a.runbook": large]))
    }
    let error = try #require(throws: WorldError.self) { try result.get() }
    #expect(error.reason == .refused)
    #expect(requests.isEmpty)
  }

  // MARK: Following

  static func pod(_ state: String, phase: String = "Running") -> String {
    #"{"metadata":{"name":"runner","resourceVersion":"3"},"status":{"phase":"\#(phase)","#
      + #""containerStatuses":[{"name":"slipway","state":{\#(state)}}]}}"#
  }
  static let ended = pod(#""terminated":{"exitCode":3}"#, phase: "Failed")

  struct Followed {
    var end: RunnerAttachment.End
    var lines: [String]
    var said: [String]
  }

  func follow(_ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply) async throws -> Followed {
    let told = Mutex<(lines: [String], said: [String])>(([], []))
    let (result, _) = try await with(reply) { jobs in
      try await RunnerAttachment(jobs, to: Self.name, in: "release") { line in
        told.withLock { $0.lines.append(line) }
      } say: { text in
        told.withLock { $0.said.append(text) }
      }.follow()
    }
    let all = told.withLock { $0 }
    return Followed(end: try result.get(), lines: all.lines, said: all.said)
  }

  static func list(_ items: String) -> ScriptedServer.Reply {
    .whole(200, #"{"metadata":{"resourceVersion":"2"},"items":[\#(items)]}"#)
  }
  static let bareJob = #"{"metadata":{"name":"\#(name)","resourceVersion":"1"}}"#

  @Test func everyLineComesOnceWhateverBreaks() async throws {
    let logs = Mutex(0)
    let followed = try await follow { request in
      if request.uri.contains("/log?") {
        let call = logs.withLock { count in
          count += 1
          return count
        }
        let first = "2026-11-26T12:00:01.1Z one\n2026-11-26T12:00:01.1Z  two\n"
        return call == 1
          ? .broken([first]) : .stream([first + "2026-11-26T12:00:01.12Z three\n2026-11-26T12:00:02Z four\n"])
      }
      if request.isWatch { return .open([]) }
      if request.path == Self.podURI {
        return .whole(200, logs.withLock { $0 } > 1 ? Self.ended : Self.pod(#""running":{}"#))
      }
      return request.path.hasSuffix("/pods")
        ? Self.list(Self.pod(#""running":{}"#))
        : request.path == Self.jobURI
          ? .whole(200, Self.bareJob) : Self.list(Self.bareJob)
    }
    #expect(followed.end == .exited(3))
    #expect(followed.lines == ["one", " two", "three", "four"])
  }

  @Test func whatIsWaitedForIsSaidOnce() async throws {
    let waiting = Self.pod(#""waiting":{"reason":"ImagePullBackOff","message":"no \u001b[31mred\u001b[0m image"}"#)
    let followed = try await follow { request in
      if request.uri.contains("/log?") { return .stream([]) }
      if request.isWatch, request.path.hasSuffix("/pods") {
        let event = #"{"type":"MODIFIED","object":\#(waiting)}"#
        return .open([event + "\n" + event + "\n" + #"{"type":"MODIFIED","object":\#(Self.ended)}"# + "\n"])
      }
      if request.isWatch { return .open([]) }
      if request.path == Self.podURI { return .whole(200, Self.ended) }
      return request.path.hasSuffix("/pods")
        ? Self.list(waiting)
        : request.path == Self.jobURI
          ? .whole(200, Self.bareJob) : Self.list(Self.bareJob)
    }
    #expect(followed.end == .exited(3))
    #expect(followed.said == ["waiting for runner: ImagePullBackOff: no red image"])
  }

  @Test func aJobThatIsNotThereIsSaidToBeGone() async throws {
    let followed = try await follow { _ in .whole(404, #"{"message":"not found"}"#) }
    #expect(followed.end == .gone)
  }

  @Test func aJobThatRanIntoItsDeadlineIsAFailure() async throws {
    let failed =
      #"{"metadata":{"name":"\#(Self.name)","resourceVersion":"1"},"status":{"conditions":"#
      + #"[{"type":"Failed","status":"True","reason":"DeadlineExceeded","message":"Job was active too long"}]}}"#
    let followed = try await follow { request in
      if request.isWatch { return .open([]) }
      if request.path.hasSuffix("/pods") { return Self.list("") }
      return request.path == Self.jobURI ? .whole(200, failed) : Self.list(failed)
    }
    #expect(followed.end == .failed(reason: "DeadlineExceeded: Job was active too long"))
  }

  // MARK: Cancelling

  @Test func cancellingWaitsUntilTheJobIsGone() async throws {
    let (result, requests) = try await with({ request in
      if request.isWatch {
        return .open([#"{"type":"DELETED","object":\#(Self.bareJob)}"# + "\n"])
      }
      return request.method == "DELETE" ? .whole(200, "{}") : Self.list(Self.bareJob)
    }) { try await $0.cancel(Self.name, in: "release", within: .seconds(20)) }
    #expect(try result.get())
    let first = try #require(requests.first)
    #expect(first.method == "DELETE" && first.uri == Self.jobURI)
    #expect(first.body.contains("Foreground"))
    #expect(requests.allSatisfy { $0.method == "DELETE" || $0.uri.contains("labelSelector=") })
  }

  @Test func thereMayBeNothingToCancel() async throws {
    let (result, _) = try await with({ _ in .whole(404, #"{"message":"not found"}"#) }) {
      try await $0.cancel(Self.name, in: "release", within: .seconds(20))
    }
    #expect(try result.get() == false)
  }
}
