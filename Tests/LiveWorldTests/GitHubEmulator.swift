import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The real gh before the rig's emulator of GitHub's API, which works on a real bare repository. Each has folders, a
/// home and a server of its own, gone afterwards.
final class GitHubEmulator: Sendable {
  let folder: String
  let clock = SteppingClock()
  let counter = ProgramCounter()
  private let gh: String

  // MARK: What must be there

  /// What is missing on this machine, for people; nil when nothing is.
  static let obstacle: String? = {
    if gh == nil { return "gh is neither in PATH nor in the rig's cache (run `Tests/Rig/install.sh`)" }
    for program in ["python3", "git", "timeout"] where found(program, in: path) == nil {
      return "there is no \(program) in PATH"
    }
    return nil
  }()

  private static let gh: String? = {
    let cache = variable("XDG_CACHE_HOME") ?? "\(variable("HOME") ?? "")/.cache"
    return variable("SLIPWAY_GH") ?? found("gh", in: ["\(cache)/slipway-rig/bin"] + path)
  }()

  private static let path = (variable("PATH") ?? "").split(separator: ":").map(String.init)

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func found(_ program: String, in folders: [String]) -> String? {
    folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  // MARK: Its life

  static func with(_ body: (GitHubEmulator) async throws -> Void) async throws {
    var template = Array("/tmp/slipway-gh-XXXXXX\0".utf8CString)
    guard let made = mkdtemp(&template), let gh else { throw CancellationError() }
    let emulator = GitHubEmulator(folder: String(cString: made), gh: gh)
    do {
      try await emulator.prepare()
      try await emulator.serving { try await body(emulator) }
    } catch {
      try await emulator.remove()
      throw error
    }
    try await emulator.remove()
  }

  private init(folder: String, gh: String) { (self.folder, self.gh) = (folder, gh) }

  private func prepare() async throws {
    for name in ["home", "state/fleets"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    _ = try await git(["init", "--quiet", "--bare", "--initial-branch=main", "\(folder)/shop.git"])
    try await commit("tag: v1\n", to: "main", from: nil)
    try control()
    try write(
      #"{"name":"shop","repo":"\#(folder)/shop.git","github":"acme/shop","namespaces":{},"#
        + #""control":"\#(folder)/control.json"}"#,
      to: "state/fleets/shop.json"
    )
  }

  private func remove() async throws {
    _ = try await tools.run("rm", ["-rf", "--", folder], timeout: .seconds(60), tool: "rm")
  }

  /// Runs `body` while the server answers. It is ended by its id, and by `timeout` should this process die before.
  private func serving(_ body: () async throws -> Void) async throws {
    let (ready, announce) = AsyncStream.makeStream(of: Void.self)
    let server = Task { [self] in
      defer { announce.finish() }
      return try await tools.run(
        ProgramCall(
          "timeout",
          ["180", "python3", "-m", "rig.github", "--state", "\(folder)/state"],
          workingDirectory: Self.rig,
          timeout: nil,
          tool: "the rig's GitHub",
          onOutput: { _ in announce.yield() }
        )
      )
    }
    do {
      var announced = false
      for await _ in ready {
        announced = true
        break
      }
      if !announced {
        let ended = try await server.value
        Issue.record("the emulator ended: \(String(decoding: ended.stderr, as: UTF8.self))")
        throw CancellationError()
      }
      try await body()
    } catch {
      server.cancel()
      _ = await server.result
      throw error
    }
    server.cancel()
    _ = await server.result
  }

  private static let rig =
    String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex)) + "/../Rig"

  /// The environment that gh, git and the server get: nothing of the user's.
  private var environment: [String: String?] {
    [
      "HOME": "\(folder)/home", "XDG_CONFIG_HOME": "\(folder)/home/config", "XDG_CACHE_HOME": "\(folder)/home/cache",
      "XDG_STATE_HOME": "\(folder)/home/state", "XDG_DATA_HOME": "\(folder)/home/data",
      "GH_CONFIG_DIR": "\(folder)/state/gh/config", "GH_TOKEN": "rig-slipway", "GITHUB_TOKEN": nil, "GH_HOST": nil,
      "GH_REPO": nil, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "\(folder)/home/gitconfig", "GIT_DIR": nil,
      "PYTHONPATH": nil, "PYTHONDONTWRITEBYTECODE": "1", "http_proxy": nil, "https_proxy": nil,
    ]
  }
  private var tools: LocalPrograms { LocalPrograms(counter: counter, environment: environment) }

  // MARK: What a test does with it

  private static let settings = PullRequestSettings(repository: "acme/shop")
  var reader: GitHubForge { GitHubForge(settings: Self.settings, programs: programs, clock: clock) }
  var writer: GitHubForgeWriter { GitHubForgeWriter(settings: Self.settings, programs: programs, clock: clock) }
  /// One whose gh has another environment.
  func reader(_ environment: [String: String?]) -> GitHubForge {
    let tools = LocalPrograms(environment: self.environment.merging(environment) { $1 })
    return GitHubForge(settings: Self.settings, programs: Located(programs: tools, gh: gh), clock: clock)
  }
  var ghProcesses: Int { counter.byProgram[gh] ?? 0 }
  private var programs: any ProgramRunner { Located(programs: tools, gh: gh) }

  /// gh where it was found, which need not be in `PATH`.
  private struct Located: ProgramRunner {
    var programs: LocalPrograms
    var gh: String

    func run(_ call: ProgramCall) async throws -> ProgramResult {
      var call = call
      if call.program == "gh" { call.program = gh }
      return try await programs.run(call)
    }
  }

  /// - Parameters:
  ///   - reviewer: what the scripted reviewer does, in JSON.
  ///   - github: faults and rules, in JSON.
  func control(reviewer: String = #"{"action":"none"}"#, github: String = "{}") throws {
    try write(#"{"reviewer":\#(reviewer),"github":\#(github)}"#, to: "control.json")
  }

  func fault(_ match: String, status: Int, afterEffect: Bool = false, times: Int = 1) throws {
    try control(
      github: #"{"fail":[{"match":"\#(match)","status":\#(status),"after_effect":\#(afterEffect),"times":\#(times)}]}"#
    )
  }

  /// Commits `text` to a branch, which begins at another when it is new.
  @discardableResult
  func commit(_ text: String, to branch: String, from start: String? = "main") async throws -> CommitID {
    let message = "Change \(branch)\n"
    let from = start.map { "from refs/heads/\($0)^0\n" } ?? ""
    let stream = """
      commit refs/heads/\(branch)
      committer Dora <dora@example.org> 1795000000 +0000
      data \(message.utf8.count)
      \(message)\(from)M 100644 inline values.yaml
      data \(text.utf8.count)
      \(text)

      """
    _ = try await git(["--git-dir", "\(folder)/shop.git", "fast-import", "--quiet"], input: stream)
    return try await tip(branch)
  }

  func tip(_ branch: String) async throws -> CommitID {
    let text = try await git(["--git-dir", "\(folder)/shop.git", "rev-parse", "--verify", "refs/heads/\(branch)"])
    return try #require(CommitID(text))
  }

  /// A pull request as the emulator knows it.
  struct Shown: Decodable {
    struct Comment: Decodable { var body: String }
    struct Status: Decodable { var context, state, description: String }
    var number: Int
    var state: String
    var title: String
    var body: String
    var labels: [String]
    var comments: [Comment]
    var statuses: [Status]
  }

  func pulls() async throws -> [Shown] {
    struct Answer: Decodable { var pulls: [Shown] }
    let ended = try await tools.run(
      "python3",
      ["-m", "rig.github_query", "--state", "\(folder)/state", "acme/shop"],
      workingDirectory: Self.rig,
      timeout: .seconds(30),
      tool: "the rig's GitHub"
    )
    return try JSONDecoder().decode(Answer.self, from: Data(ended.stdout)).pulls
  }

  /// Reads a pull request until it is in a state, at most 15 s.
  func until(_ state: PullRequest.State, _ number: Int) async throws -> PullRequest {
    let end = ContinuousClock.now + .seconds(15)
    while true {
      let pull = try await reader.pullRequest(number)
      if pull.state == state || ContinuousClock.now > end { return pull }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// What somebody else does with gh.
  func byHand(_ arguments: [String]) async throws {
    let ended = try await tools.run(gh, arguments + ["--repo", "acme/shop"], timeout: .seconds(60), tool: "gh")
    try #require(ended.isSuccess, "\(String(decoding: ended.stderr, as: UTF8.self))")
  }

  private func git(_ arguments: [String], input: String = "") async throws -> String {
    let ended = try await tools.run("git", arguments, input: Array(input.utf8), timeout: .seconds(60), tool: "git")
    try #require(ended.isSuccess, "\(String(decoding: ended.stderr, as: UTF8.self))")
    return String(String(decoding: ended.stdout, as: UTF8.self).prefix { !$0.isNewline })
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
  }
}
