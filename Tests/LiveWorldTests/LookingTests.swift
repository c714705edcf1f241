import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

@Suite struct LookingTests {
  /// Notes what reaches it.
  private final class Notes: ProgramRunner {
    private let calls = Mutex<[String]>([])
    var count: Int { calls.withLock { $0.count } }
    func run(_ call: ProgramCall) async throws -> ProgramResult {
      calls.withLock { $0.append(([call.program] + call.arguments).joined(separator: " ")) }
      return ProgramResult(status: 0)
    }
  }

  private static func call(_ program: String, _ arguments: [String], _ input: String = "") -> ProgramCall {
    ProgramCall(program, arguments, input: Array(input.utf8), timeout: .seconds(1), tool: program)
  }

  private static let git = ["--git-dir=/x", "--no-pager", "--literal-pathspecs", "-c", "gc.auto=0"]

  @Test(arguments: [
    call("git", git + ["ls-remote", "slipway", "refs/heads/main"]),
    call("git", git + ["-c", "push=1", "fetch", "--quiet", "slipway"]),
    call("git", git + ["cat-file", "--batch"]),
    call("git", git + ["config", "--type=bool", "--get", "commit.gpgsign"]),
    call("gh", ["api", "--method", "GET", "repos/acme/x/pulls/1"]),
    call("gh", ["api", "graphql", "--input", "-"], #"{"query":"query Q { viewer { login } }","variables":{}}"#),
    call("curl", ["--disable", "--config", "-"], "silent\nurl = \"https://x/request\"\noutput = \"/dev/null\"\n"),
  ])
  func whatLooksIsRun(call: ProgramCall) async throws {
    let notes = Notes()
    _ = try await LookingPrograms(notes).run(call)
    #expect(notes.count == 1)
  }

  @Test(arguments: [
    call("git", git + ["push", "--porcelain", "slipway"]),
    call("git", git + ["-c", "fetch", "push"]),
    call("git", git + ["send-pack", "x"]),
    call("git", git + ["config", "user.name", "x"]),
    call("git", git),
    call("git", ["-c"]),
    call("gh", ["api", "--method", "PUT", "repos/acme/x/pulls/1/merge"]),
    call("gh", ["api", "--method", "POST", "repos/acme/x/pulls", "--input", "-"], "{}"),
    call("gh", ["api", "graphql", "--input", "-"], #"{"query":"mutation M { closePullRequest }","variables":{}}"#),
    call("gh", ["api", "graphql", "--input", "-"], "not json"),
    call("gh", ["pr", "merge", "1"]),
    call("curl", ["--disable", "--config", "-"], "url = \"https://x\"\nrequest = POST\n"),
    call("curl", ["--disable", "--config", "-"], "url = \"https://x\"\n-X POST\n"),
    call("curl", ["--disable", "--config", "-"], "url = \"https://x\"\n  --data = \"a\"\n"),
    call("curl", ["-X", "POST", "https://x"]),
    call("sh", ["-c", "kubectl", "kubectl", "proxy", "--unix-socket=/x"]),
    call("sh", ["-c", "rm -rf /"]),
    call("npm", ["run", "smoke"]),
  ])
  func whatDoesAnythingElseIsRefusedAndNotStarted(call: ProgramCall) async throws {
    let notes = Notes()
    let error = await #expect(throws: WorldError.self) { _ = try await LookingPrograms(notes).run(call) }
    #expect(error?.reason == .refused)
    #expect(notes.count == 0)
  }

  @Test func theProxyOfADryRunIsKnownToLook() throws {
    let directory = try SocketDirectory()
    func arguments(_ isReadOnly: Bool) -> [String] {
      KubectlProxy.arguments(kubectl: "kubectl", context: "a", isReadOnly: isReadOnly, directory: directory)
    }
    #expect(LookingPrograms.looks(Self.call("sh", arguments(true))))
    #expect(!LookingPrograms.looks(Self.call("sh", arguments(false))))
  }
}
