import FoundationEssentials
import Testing

/// What a runbook takes from around it: `--set`, `--yes`, variables, programs; and what it shows.
@Suite("slipway run and rehearse, with what is around them")
struct SurroundingsTests {
  private static let asking = """
    input soak = 30m
    input ticket "change ticket, e.g. OPS-17"
    wait (soak)
    stop "{ticket}"

    """

  @Test("everything that is wrong with --set is said at once, and nothing is begun")
  func wrongInputs() async throws {
    let folder = try PrivateFolder()
    for command in ["run", "rehearse"] {
      try await Slipway(command, "--set", "tiket=OPS-17", "--set", "soak=soon", in: folder).runbook(Self.asking)
        .fleet(Fleets.files).expecting(
          stdout: .nothing,
          stderr: .containing(
            "did you mean `--set ticket=…`",
            "the input `ticket` has no value: give it with `--set ticket=…` (change ticket, e.g. OPS-17)",
            "`--set soak=soon` does not give a duration, as `--set soak=30m` would"
          ),
          exit: 64
        )
    }
    try await Slipway("runs", in: folder).expecting(stdout: .nothing, stderr: "no runs yet\n", exit: 0)
  }

  @Test("inputs are given, typed by their defaults")
  func inputs() async throws {
    try await Slipway("rehearse", "--set", "ticket=OPS-17", "--set", "soak=45m").runbook(Self.asking).expecting(
      stderr: .containing("waited 45m", "stopped: OPS-17"),
      exit: 0
    )
  }

  @Test("a program of the runbook is run with its words as they stand; its failure fails the run")
  func programs() async throws {
    let text = "run \"echo 'two  words' done\"\nrun shell \"echo oops >&2; exit 3\"\n"
    let outcome = try await Slipway("run", "--json").runbook(text).fleet(Fleets.files).expecting(
      stdout: .containing(
        "\"event\":\"program.output\"",
        "\"two  words done\"",
        "\"stream\":\"error\"",
        "\"oops\"",
        "status 3"
      ),
      exit: 1
    )
    #expect(try outcome.objects(EventLine.self).last?.ending == "failed")
  }

  @Test("what others wrote is a value to a shell, and never a part of what it reads")
  func shellValues() async throws {
    let hostile = "$(touch made) `touch made` \"; touch made #'"
    let text = "let words = env(\"WORDS\")\nrun shell \"printf '<%s>' {words} \\\"b {words}\\\" 'c {words}' > out\"\n"
    let folder = try PrivateFolder()
    try await Slipway("run", "--json", in: folder).runbook(text).fleet(Fleets.files)
      .variable("WORDS", hostile).expecting(exit: 0)
    let out = String(decoding: try #require(FileManager.default.contents(atPath: "\(folder.work)/out")), as: UTF8.self)
    #expect(out == "<\(hostile)><b \(hostile)><c \(hostile)>")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.work)/made"))
  }

  @Test("in a rehearsal no program is run")
  func noPrograms() async throws {
    let folder = try PrivateFolder()
    try await Slipway("rehearse", "-c", "run \"touch made\"", in: folder).expecting(
      stderr: .containing("simulated, not run"),
      exit: 0
    )
    #expect(!FileManager.default.fileExists(atPath: "\(folder.work)/made"))
  }

  @Test("without a terminal a question is refused at once, before anything is done; --yes answers it and says so")
  func questions() async throws {
    let text = "run \"echo first\"\nconfirm \"Go on?\"\nrun \"echo last\"\n"
    try await Slipway("run").runbook(text).fleet(Fleets.files).expecting(
      stderr: .containing("there is no terminal to ask on; `--yes` answers yes"),
      exit: 2
    )
    try await Slipway("run", "--yes").runbook(text).fleet(Fleets.files).expecting(
      stderr: .containing("first", "Go on? yes, by --yes", "last"),
      exit: 0
    )
  }

  @Test("a variable of the environment is read, and not shown")
  func variables() async throws {
    let text = "let token = env(\"SLIPWAY_TOKEN\")\nrun \"echo {token}\"\n"
    let folder = try PrivateFolder()
    try await Slipway("run", in: folder).runbook(text).fleet(Fleets.files).expecting(
      stderr: .containing("the environment variable SLIPWAY_TOKEN is not set"),
      exit: 2
    )
    let outcome = try await Slipway("run", in: folder).runbook(text).fleet(Fleets.files)
      .variable("SLIPWAY_TOKEN", "s3cr3t-t0ken").expecting(stderr: .containing("***"), exit: 0)
    #expect(!(outcome.stderr + outcome.stdout).contains("s3cr3t"))
  }

  @Test("what is shown is the output of the run")
  func shown() async throws {
    try await Slipway("rehearse", "-c", "show versions").expecting(
      stdout: .containing("SERVICE", "PRODUCTION", "api-v1.2.2"),
      stderr: .containing("ok: exit 0"),
      exit: 0
    )
  }

  @Test("zones come from this machine")
  func zones() async throws {
    // The simulated clock begins on a Monday at 18:00 UTC.
    try await Slipway("rehearse", "-c", "require window monday 23:00 to 23:59 \"Asia/Kolkata\"").expecting(exit: 0)
    try await Slipway("rehearse", "-c", "require window monday 23:00 to 23:59 \"Asia/Tokyo\"").expecting(
      stderr: .containing("it is Tuesday 03:00 in Asia/Tokyo"),
      exit: 2
    )
  }

  @Test("imported procedures are stored with the run, and what cannot be done is refused first")
  func imports() async throws {
    let folder = try PrivateFolder()
    let common = Array("procedure shout(text) { run \"echo {text}\" }\n".utf8)
    try await Slipway("run", in: folder).file("common.runbook", common)
      .runbook("import \"common.runbook\"\nshout(\"hello\")\n").fleet(Fleets.files)
      .expecting(stderr: .containing("hello"), exit: 0)
    try await Slipway("run", "-c", "run \"echo first\"; announce \"soon\"", in: folder).fleet(Fleets.files).expecting(
      stderr: .containing("line 1: no place to announce to is configured"),
      exit: 2
    )
  }
}
