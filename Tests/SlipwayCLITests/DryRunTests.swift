import FoundationEssentials
import Testing

/// Dry runs and described fleets, as far as no cluster is needed; the rig has the rest.
@Suite("slipway run --dry-run, and rehearse on a described fleet")
struct DryRunTests {
  private static let release = """
    validate staging api
    promote api
    wait merge within 4h
    monitor 30m
    on failure { rollback promoted }

    """

  /// The fleet of docs/rehearsal.md.
  private static func described() throws -> String {
    let text = try Project.text("docs/rehearsal.md")
    let block = try #require(text.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
    return String(block)
  }

  @Test("a dry run waits for nobody, so it does not suspend")
  func suspending() async throws {
    let told = try await Slipway("run", "--dry-run", "--suspend", "-c", "confirm \"Go?\"").fleet(Fleets.files)
      .expecting(stdout: .nothing, exit: 64).stderr
    #expect(told.contains("--dry-run runs to its end, people included: give it without --suspend"), "\(told)")
  }

  @Test("a fleet that a file describes is rehearsed, with every text that would be written")
  func fleetFile() async throws {
    let outcome = try await Slipway("rehearse", "--fleet", "fleet.yaml").runbook(Self.release).fleet(Fleets.files)
      .file("fleet.yaml", Array(try Self.described().utf8)).ownProgramsOnly()
      .expecting(
        stdout: .nothing,
        stderr: .containing(
          "would write",
          "a pull request from production-promotion-rehearsal-1 to main",
          "Slipway-Promotes: production/api api-v1.2.2 -> api-v1.3.0",
          "+  chartTag: api-v1.3.0 # moved by promotions",
          "Nothing real was touched."
        ),
        exit: 0
      )
    // That is for dry runs: here everything is simulated.
    #expect(!outcome.stderr.contains("previewed"))
  }

  @Test("what is described as bad is found")
  func badFleet() async throws {
    let text = try Self.described().replacing("replicas: 3", with: "replicas: 3, endpoint: 503, health: Degraded")
    try await Slipway("rehearse", "--fleet", "fleet.yaml").runbook(Self.release)
      .fleet(
        Fleets.files.replacing(
          #"api: { tag: "api-v{version}" }"#,
          with: #"api: { tag: "api-v{version}", health: { staging: "https://staging.example/health" } }"#
        )
      )
      .file("fleet.yaml", Array(text.utf8)).ownProgramsOnly()
      .expecting(
        stdout: .nothing,
        stderr: .containing("503 from https://staging.example/health", "api-staging is Synced and Degraded"),
        exit: 1
      )
  }

  @Test("an exploration begins with the fleet that a file describes, and says where the run ends without any trouble")
  func exploredFleet() async throws {
    let text = try Self.described().replacing("replicas: 3", with: "replicas: 3, sync: OutOfSync")
    let command = try Slipway("explore", "--fleet", "fleet.yaml", "--pairs", "0", "--only", "nothing goes wrong")
      .runbook(Self.release).fleet(Fleets.files).file("fleet.yaml", Array(text.utf8)).ownProgramsOnly()
    try await command.expecting(
      stdout: .containing(
        "When nothing goes wrong the run ends *failed*: line 1, `validate`: ",
        "What it does not come to was not explored"
      ),
      stderr: .anything,
      exit: 1
    )
  }

  @Test("a name that no future has is no safe future")
  func noFutureOfThatName() async throws {
    try await Slipway("explore", "--pairs", "0", "--only", "repositroy").runbook("validate staging api").fleet(
      Fleets.files
    )
    .expecting(stdout: .nothing, stderr: .containing("no future's name contains `repositroy`"), exit: 64)
  }

  @Test("a description with a mistake: all is said, and nothing runs")
  func brokenFleet() async throws {
    try await Slipway("rehearse", "--fleet", "fleet.yaml").runbook(Self.release).fleet(Fleets.files)
      .file("fleet.yaml", Array(try Self.described().replacing("replicas:", with: "replica:").utf8))
      .expecting(stdout: .nothing, stderr: .containing("fleet.yaml:", "knows no `replica` here"), exit: 66)
    try await Slipway("rehearse", "--fleet", "nowhere.yaml").runbook(Self.release).fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("nowhere.yaml cannot be read"), exit: 66)
  }

  @Test(
    "options that contradict each other",
    arguments: [
      (["--fleet", "a.yaml", "--from", "live"], "not both"), (["--record", "a.yaml"], "add --from live"),
      (["--from", "dead"], "live"),
    ]
  )
  func contradictions(options: [String], said: String) async throws {
    var command = try Slipway("rehearse").runbook(Self.release).fleet(Fleets.files)
    for option in options { command = command.argument(option) }
    try await command.expecting(stdout: .nothing, stderr: .containing(said), exit: 64)
  }

  @Test("the real world cannot be read: nothing is said about a run there", arguments: ["kubectl", "git"])
  func unreadable(tool: String) async throws {
    let folder = try PrivateFolder()
    if tool == "git" {
      try RunTests.equip(folder)
    } else {
      for name in ["sh", "git"] { try folder.link(name, to: try RunTests.which(name)) }
    }
    let repository = try await SampleRepository(in: folder)
    try await Slipway("run", "--dry-run", in: folder).runbook(Self.release)
      .fleet(Fleets.fleet(repository: repository.path)).ownProgramsOnly().expecting(
        stdout: .nothing,
        stderr: .containing("the real world could not be read", "no program \(tool)"),
        exit: 4
      )
  }

  @Test("an empty cluster and a real repository: marks, findings, and not a byte changed")
  func untouched() async throws {
    let folder = try PrivateFolder()
    try RunTests.equip(folder)
    try folder.link("git", to: try RunTests.which("git"))
    let repository = try await SampleRepository(in: folder)
    let before = try repository.bytes()
    let command = try Slipway("run", "--dry-run", in: folder)
      .argument("-c", "promote api by commit without validation because \"the cluster is empty\"; monitor 30m")
      .fleet(Fleets.fleet(repository: repository.path)).ownProgramsOnly()
    try await command.expecting(
      stdout: .nothing,
      stderr: .containing("as a dry run", "previewed", "would write", "+  chartTag: api-v1.3.0", "simulated"),
      exit: 0
    )
    #expect(try repository.bytes() == before)
    // Nothing is left to be resumed: it was no run.
    try await Slipway("runs", in: folder).expecting(stdout: .nothing, exit: 0)
  }
}

extension SampleRepository {
  /// Every file of the server's repository.
  func bytes() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      if let data = FileManager.default.contents(atPath: "\(path)/\(name)") { found[name] = data }
    }
    return found
  }
}
