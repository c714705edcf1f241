import Testing

@Suite("Usage: exit status 64")
struct UsageTests {
  @Test("a runbook is needed, whether there is a configuration or not", arguments: ["check", "run", "rehearse"])
  func noRunbook(command: String) async throws {
    try await Slipway(command).expecting(stdout: .nothing, stderr: .containing("give a runbook"), exit: 64)
    try await Slipway(command).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("give a runbook"), exit: 64)
  }

  @Test("a file and -c are one too many", arguments: ["check", "run", "rehearse"])
  func fileAndLine(command: String) async throws {
    try await Slipway(command, "-c", "validate staging api").runbook("validate staging api\n").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("not both"), exit: 64)
  }

  @Test(
    "an unknown word names the nearest right one",
    arguments: [
      (["check", "--jsno"], "--json"), (["rehearse", "--sead", "3"], "--seed"), (["run", "--confg", "x"], "--config"),
      (["frobnicate"], "frobnicate"),
    ]
  )
  func unknownWord(arguments: [String], said: String) async throws {
    var command = try Slipway()
    for argument in arguments { command = command.argument(argument) }
    try await command.expecting(stdout: .nothing, stderr: .containing(said), exit: 64)
  }

  @Test("numbers that are none", arguments: [["rehearse", "x", "--seed", "-1"], ["runs", "--limit", "0"]])
  func numbers(arguments: [String]) async throws {
    var command = try Slipway()
    for argument in arguments { command = command.argument(argument) }
    try await command.expecting(stdout: .nothing, exit: 64)
  }

  @Test(
    "every subcommand explains itself",
    arguments: [
      "check", "fmt", "run", "rehearse", "repl", "status", "runs", "report", "resume", "abort", "locks", "unlock",
      "doctor", "init", "completions", "manual",
    ]
  )
  func help(command: String) async throws {
    let page = try await Slipway(command, "--help").expecting(stdout: .containing("USAGE: slipway"), exit: 0)
    #expect(page.stdout.split(separator: "\n").allSatisfy { $0.count <= 90 })
    try await Slipway("--help").expecting(stdout: .containing(command), exit: 0)
  }

  @Test("its version is a semantic one")
  func version() async throws {
    let said = try await Slipway("--version").expecting(exit: 0)
    #expect(said.stdout.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
  }
}
