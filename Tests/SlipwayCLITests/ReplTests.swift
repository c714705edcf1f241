import Testing

@Suite("slipway repl, without a terminal")
struct ReplTests {
  @Test("reads statements in a rehearsal: what is asked for goes to standard output, what is told to standard error")
  func statements() async throws {
    try await Slipway("repl").standardInput("validate staging api\nshow versions api\n")
      .expecting(
        stdout: .exactly("SERVICE  STAGING     PRODUCTION\napi      api-v1.3.0  api-v1.2.2\n"),
        stderr: .containing("1 of 1 services sealed"),
        exit: 0
      )
  }

  @Test(
    "stops at the first statement that goes wrong, with the exit status of a run",
    arguments: [("require false", Int32(2)), ("fail \"x\"", 1), ("shw versions", 65), (":hepl", 64)]
  )
  func failures(line: String, status: Int32) async throws {
    try await Slipway("repl").standardInput("\(line)\nshow versions api\n").expecting(stdout: .nothing, exit: status)
  }

  @Test("what is typed without a terminal is never live")
  func neverLive() async throws {
    try await Slipway("repl", "--world", "live").fleet(Fleets.files).standardInput("show versions\n")
      .expecting(stdout: .nothing, stderr: .containing("no live world: there is no terminal to ask on"), exit: 66)
    try await Slipway("repl").fleet(Fleets.files).standardInput(":world\n:world live\n")
      .expecting(stdout: .nothing, stderr: .containing("This is a rehearsal", "No live world"), exit: 64)
  }

  @Test("files are imported from the working directory, and a configuration elsewhere changes nothing of that")
  func imports() async throws {
    try await Slipway("repl", "--config", "../slipway.yaml").file("../slipway.yaml", Array(Fleets.files.utf8))
      .file("look.runbook", Array("procedure look(services) {\n  show versions services\n}\n".utf8))
      .standardInput("import \"look.runbook\"\nlook(api)\n").expecting(stdout: .containing("SERVICE"), exit: 0)
  }

  @Test("a fleet of its own is rehearsed, and a wrong one is said")
  func fleet() async throws {
    try await Slipway("repl").fleet(Fleets.files).standardInput("status\n").expecting(exit: 0)
    try await Slipway("repl").fleet("gitops: {}\n").standardInput("status\n").expecting(stdout: .nothing, exit: 66)
  }
}

@Suite("slipway status")
struct StatusTests {
  @Test("needs a configuration, and knows its names")
  func names() async throws {
    try await Slipway("status").expecting(stdout: .nothing, exit: 66)
    try await Slipway("status", "nowhere").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("`nowhere` is neither an environment nor a service"), exit: 64)
  }

  @Test("what cannot be seen is undetermined")
  func unseen() async throws {
    try await Slipway("status").fleet(Fleets.files).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: .containing("git"), exit: 4)
  }
}
