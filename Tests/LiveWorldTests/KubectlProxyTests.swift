import PromotionModel
import Testing

@testable import LiveWorld

/// The proxy with programs of our own in kubectl's place, and with kubectl itself where it is installed.
@Suite(.timeLimit(.minutes(1))) struct KubectlProxyTests {
  let programs = LocalPrograms(environment: ["KUBECONFIG": "/nonexistent/slipway-kubeconfig", "HOME": "/nonexistent"])

  func proxy(_ kubectl: String, context: String? = nil, readOnly: Bool = false) -> KubectlProxy {
    KubectlProxy(
      context: context,
      isReadOnly: readOnly,
      programs: programs,
      clock: SystemClock(),
      kubectl: kubectl
    )
  }

  func failure(_ proxy: KubectlProxy) async throws -> WorldError {
    do {
      _ = try await proxy.socketPath()
    } catch let error as WorldError {
      return error
    }
    throw WorldError(tool: "test", reason: .nonsense, message: "it started")
  }

  static var hasKubectl: Bool {
    get async {
      (try? await LocalPrograms().run("kubectl", ["version", "--client"], timeout: .seconds(30), tool: "kubectl"))
        != nil
    }
  }

  @Test func aMissingProgramIsNamed() async throws {
    let error = try await failure(proxy("/nonexistent/kubectl"))
    #expect(error.reason == .missing && error.advice != nil)
  }

  @Test func whatKubectlSaysIsUnderstood() {
    func reason(_ said: String) -> WorldError.Reason {
      KubectlProxy.failure(ProgramResult(status: 1, stderr: Array(said.utf8)), context: "x").reason
    }
    #expect(reason(#"error: context "x" does not exist"#) == .notFound)
    #expect(reason("error: error loading config file \"/x\": yaml: line 1") == .refused)
    #expect(reason("error: listen unix: no space left on device") == .unreachable)
  }

  @Test func failuresAreNotTriedAgainAtOnce() async throws {
    let counter = ProgramCounter()
    let proxy = KubectlProxy(
      context: nil,
      isReadOnly: false,
      programs: LocalPrograms(counter: counter),
      clock: SystemClock(),
      kubectl: "false"
    )
    for _ in 0..<5 { _ = try await failure(proxy) }
    #expect(counter.total == 1)
  }

  @Test func valuesAreArgumentsAndOnlyGetPassesWhenReadOnly() throws {
    let directory = try SocketDirectory()
    let arguments = KubectlProxy.arguments(
      kubectl: "kubectl",
      context: "$(touch x); --kubeconfig=y",
      isReadOnly: true,
      directory: directory
    )
    #expect(arguments.contains("--context=$(touch x); --kubeconfig=y"))
    #expect(!arguments[1].contains("touch"))
    let reject = try #require(
      arguments.first { $0.hasPrefix("--reject-methods=") }?.dropFirst("--reject-methods=".count)
    )
    #expect(!reject.contains(","))
    let pattern = try Regex(String(reject))
    for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD", "G", "GE", "GETS", "OPTIONS", "get"] {
      #expect(try pattern.wholeMatch(in: method) != nil, "\(method) passes")
    }
    #expect(try pattern.firstMatch(in: "GET") == nil)
  }

  @Test(.enabled("kubectl is not installed") { await hasKubectl })
  func theRealOneServesIsSharedAndEnds() async throws {
    let proxy = proxy("kubectl", readOnly: true)
    async let first = proxy.socketPath()
    async let second = proxy.socketPath()
    let path = try await first
    #expect(try await second == path)
    #expect(await KubernetesConnection.isServed(path, within: .seconds(5)))
    let client = KubernetesClient(endpoint: proxy, clock: SystemClock())
    // Nobody listens where kubectl asks without a kubeconfig.
    await #expect {
      try await client.checkConnection(within: .seconds(5))
    } throws: { ($0 as? WorldError)?.reason == .unreachable }
    await #expect {
      try await client.mergePatch("/api/v1/namespaces/x", ["a": "b"], what: "x")
    } throws: { ($0 as? WorldError)?.message.contains("does not pass") == true }
    await proxy.close()
    #expect(await !KubernetesConnection.isServed(path, within: .seconds(5)))
    await #expect(throws: WorldError.self) { try await proxy.socketPath() }
  }

  @Test(.enabled("kubectl is not installed") { await hasKubectl })
  func itIsStartedAgainWhenItDied() async throws {
    let proxy = proxy("kubectl")
    let path = try await proxy.socketPath()
    // The program is the one whose arguments name the socket; the shell beside it does too.
    let listed = try await programs.run("ps", ["-eo", "pid,args"], timeout: .seconds(10), tool: "ps")
    let lines = String(decoding: listed.stdout, as: UTF8.self).split(separator: "\n")
    let serving = try #require(lines.first { $0.contains("--unix-socket=\(path)") && !$0.contains("read -r") })
    let id = try #require(serving.split(separator: " ").first)
    #expect(try await programs.run("kill", [String(id)], timeout: .seconds(10), tool: "kill").isSuccess)
    // A proxy that died within its first second is not replaced at once.
    var again = path
    while again == path {
      try await SystemClock().sleep(for: .milliseconds(20))
      again = (try? await proxy.socketPath()) ?? path
    }
    #expect(await KubernetesConnection.isServed(again, within: .seconds(5)))
    await proxy.close()
  }

  @Test(.enabled("kubectl is not installed") { await hasKubectl })
  func anUnknownContextIsNamed() async throws {
    #expect(try await failure(proxy("kubectl", context: "no-such-context")).reason == .notFound)
  }

  @Test func theProgramEndsWhenThisProcessIsGone() async throws {
    // The end of this process shows by its end of the lifeline, as when the directory is let go.
    var directory: SocketDirectory? = try SocketDirectory()
    let mark = "8639\(UInt32.random(in: 10_000...99_999))"
    var arguments = KubectlProxy.arguments(
      kubectl: "sleep",
      context: nil,
      isReadOnly: false,
      directory: try #require(directory)
    )
    arguments = Array(arguments.prefix { $0 != "proxy" }) + [mark]
    let call = ProgramCall("sh", arguments, timeout: .seconds(30), tool: "sh")
    let task = Task { try await programs.run(call) }
    var isRunning = false
    while !isRunning {
      try await SystemClock().sleep(for: .milliseconds(20))
      let listed = try await programs.run("ps", ["-eo", "args"], timeout: .seconds(10), tool: "ps")
      isRunning = String(decoding: listed.stdout, as: UTF8.self).contains("sleep \(mark)")
    }
    directory = nil
    #expect(try await task.value.status == -15)
  }
}
