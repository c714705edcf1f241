import FoundationEssentials
import Testing

/// A step of GitHub Actions: notes on lines, summary, outputs, and no commands from what is printed.
@Suite("In GitHub Actions")
struct GitHubActionsTests {
  private func job(_ arguments: String..., in folder: PrivateFolder) throws -> Slipway {
    var command = try Slipway(in: folder).fleet(Fleets.files)
    for argument in arguments { command = command.argument(argument) }
    return command.variable("GITHUB_ACTIONS", "true").variable("GITHUB_WORKSPACE", folder.path)
      .variable("GITHUB_STEP_SUMMARY", "\(folder.work)/summary.md").variable("GITHUB_OUTPUT", "\(folder.work)/outputs")
      .variable("GITHUB_SERVER_URL", "https://forge.example").variable("GITHUB_REPOSITORY", "acme/gitops")
      .variable("GITHUB_RUN_ID", "7").variable("GITHUB_ACTOR", "ada")
  }

  @Test("a failed run: a note at its line, the job's summary, the step's outputs")
  func failed() async throws {
    let folder = try PrivateFolder()
    let outcome = try await job("run", "--junit", "results.xml", in: folder).runbook("\n\nfail \"100% wrong\"\n")
      .expecting(stdout: .nothing, exit: 1)
    let lines = outcome.stderr.split(separator: "\n").map(String.init)
    let first = try #require(lines.first { $0.hasPrefix("::stop-commands::") })
    let token = first.dropFirst("::stop-commands::".count)
    #expect(token.count >= 32)
    // Commands are heard again only after everything that was printed.
    let end = try #require(lines.firstIndex(of: "::\(token)::"))
    #expect(!lines[lines.index(after: end)...].contains { !$0.hasPrefix("::") })
    #expect(lines.contains { $0.hasPrefix("::error file=work/release.runbook,line=3,title=fail%3A failed::") })
    #expect(lines.contains { $0.hasPrefix("::notice title=run ") && $0.contains("100%25 wrong") })
    let summary = try folder.text("summary.md")
    #expect(summary.contains("## ❌ failed: release.runbook"))
    #expect(summary.contains("ada in GitHub Actions run 7"))
    let outputs = try folder.text("outputs").split(separator: "\n")
    #expect(outputs.contains("ending=failed") && outputs.contains("exit=1") && outputs.contains("pull-request="))
    #expect(try folder.text("results.xml").contains("line=\"3\""))
  }

  @Test("text that looks like a command is printed while GitHub listens to none")
  func hostile() async throws {
    let folder = try PrivateFolder()
    let outcome = try await job("run", in: folder)
      .runbook("run \"printf '%s\\\\n' '::error::owned' '##[error]owned'\"\nfail \"##[warning]owned\"\n")
      .expecting(exit: 1)
    let lines = outcome.stderr.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("::stop-commands::") })
    let end = try #require(lines.lastIndex { $0.hasPrefix("::slipway-") && $0.hasSuffix("::") })
    let owned = lines.indices.filter { lines[$0].contains("owned") && !lines[$0].hasPrefix("::") }
    #expect(!owned.isEmpty)
    for index in owned { #expect(index > start && index < end, "\(lines[index])") }
  }

  @Test("summaries and outputs are added to, not replaced; one that cannot be written changes no ending")
  func appended() async throws {
    let folder = try PrivateFolder()
    try await job("run", "-c", "stop \"first\"", in: folder).file("summary.md", Array("before\n".utf8)).expecting(
      exit: 0
    )
    try await job("run", "-c", "stop \"second\"", in: folder).expecting(exit: 0)
    let summary = try folder.text("summary.md")
    #expect(summary.hasPrefix("before\n") && summary.contains("first") && summary.contains("second"))
    try await job("run", "-c", "stop \"x\"", in: folder).variable("GITHUB_OUTPUT", "/no/such/file").expecting(
      stderr: .containing("/no/such/file (GITHUB_OUTPUT) cannot be written"),
      exit: 0
    )
  }

  @Test("what check finds has a note at its line and column")
  func check() async throws {
    let folder = try PrivateFolder()
    try await job("check", in: folder).runbook("validate staging apu\n").expecting(
      stderr: .containing("::error file=work/release.runbook,line=1,endLine=1,col=18,"),
      exit: 65
    )
    try await Slipway("check", in: folder).runbook("validate staging apu\n").expecting(exit: 65)
      .stderr.split(separator: "\n").forEach { #expect(!$0.hasPrefix("::")) }
  }

  @Test("a heartbeat that is no duration")
  func heartbeat() async throws {
    try await Slipway("run", "-c", "stop \"x\"", "--heartbeat", "often").fleet(Fleets.files).expecting(
      stderr: .containing("--heartbeat takes a duration"),
      exit: 64
    )
  }
}
