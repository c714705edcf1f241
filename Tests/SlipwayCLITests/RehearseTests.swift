import FoundationEssentials
import Testing

/// One line of `slipway run --json`; other keys are left aside.
struct EventLine: Decodable {
  var event: String
  var run: String
  var time: String
  var step: String?
  var verb: String?
  var ending: String?
  var exit: Int32?
  var message: String?
}

@Suite("slipway rehearse")
struct RehearseTests {
  private static let release = """
    validate staging all
    promote all
    wait merge within 4h
    monitor 30m
    on failure { rollback promoted }

    """

  @Test("with nothing but the binary: the embedded fleet")
  func embedded() async throws {
    try await Slipway("rehearse").runbook(Self.release).ownProgramsOnly().expecting(
      stdout: .nothing,
      stderr: .containing("ok: exit 0", "production  api ", "(before: ", "Nothing real was touched."),
      exit: 0
    )
  }

  @Test("a user's fleet, in both layouts of the guide", arguments: [Fleets.folders, Fleets.files])
  func ownFleet(fleet: String) async throws {
    let outcome = try await Slipway("rehearse").runbook(Self.release).fleet(fleet).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: .containing("project-management  runs pm-v2.3.0"), exit: 0)
    let isFolders = fleet == Fleets.folders
    #expect(outcome.stderr.contains("syrf/environments/production/api/config.yaml") == isFolders)
    #expect(outcome.stderr.contains("environments/production/services/api.yaml") == !isFolders)
  }

  @Test("leaves nothing behind")
  func leavesNothing() async throws {
    let folder = try PrivateFolder()
    try await Slipway("rehearse", in: folder).runbook(Self.release).expecting(exit: 0)
    for place in ["home", "state", "cache", "config"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(place)").isEmpty)
    }
  }

  @Test("as JSON: every line has event, run and time, the last is run.ended with ending and exit")
  func json() async throws {
    let outcome = try await Slipway("rehearse", "--json").runbook(Self.release).expecting(stderr: .nothing, exit: 0)
    let events = try outcome.objects(EventLine.self)
    #expect(events.first?.event == "run.started")
    let last = try #require(events.last)
    #expect(last.event == "run.ended" && last.ending == "ok" && last.exit == 0)
    #expect(Set(events.map(\.run)).count == 1)
    #expect(events.filter { $0.event == "step.ended" }.map(\.verb) == ["validate", "promote", "wait merge", "monitor"])
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time.prefix(19) <= $1.time.prefix(19) })
  }

  @Test("the same seed gives the same bytes in another process, another seed others")
  func seeds() async throws {
    func run(_ seed: String) async throws -> String {
      try await Slipway("rehearse", "--json", "--seed", seed).runbook(Self.release).expecting(exit: 0).stdout
    }
    let first = try await run("7")
    #expect(try await run("7") == first)
    #expect(try await run("8") != first)
  }

  @Test("exploring too: the same futures with the same stories in another process")
  func exploredSeeds() async throws {
    let runbook = "validate staging api\npromote api by commit\nmonitor 30m\n"
    func explore(_ seed: String) async throws -> String {
      try await Slipway("explore", "--json", "--only", "push", "--pairs", "20", "--seed", seed)
        .runbook(runbook, named: "unsafe.runbook").expecting(exit: 1).stdout
    }
    let first = try await explore("7")
    #expect(first.contains(#""event":"unsafe""#))
    #expect(try await explore("7") == first)
    #expect(try await explore("8") != first)
  }

  @Test("what is wrong in --fail stands at its place there, and nowhere in the runbook")
  func wrongEvent() async throws {
    let told = try await Slipway("rehearse", "--no-color", "--fail", "production apo crashes after 3m")
      .runbook(Self.release).expecting(exit: 65).stderr
    #expect(told.contains("--fail:1:12"), "\(told)")
    #expect(!told.contains("given production"), "\(told)")
  }

  @Test(
    "--fail takes one event, and nothing that would follow it",
    arguments: [
      "production api crashes\nexpect ok", "production api crashes; given production web crashes",
      "production api crashes }\nstop \"x\"", "production api crashes } ; stop \"x\" ; scenario \"y\" { expect ok",
    ]
  )
  func injected(event: String) async throws {
    let told = try await Slipway("rehearse", "--no-color", "--fail", event)
      .runbook(Self.release).expecting(stdout: .nothing, exit: 64).stderr
    #expect(told.hasPrefix("slipway: --fail takes one event, such as"), "\(told)")
  }

  @Test("what one --fail opens, another one does not close")
  func openedString() async throws {
    try await Slipway("rehearse", "--fail", "program \"\"\"x", "--fail", "y\"\"\" fails").runbook(Self.release)
      .expecting(stdout: .nothing, exit: 65)
  }

  @Test("two words about the reviewer are a contradiction")
  func twoReviewers() async throws {
    let events = ["--fail", "the reviewer merges after 1h", "--fail", "the reviewer never comes"]
    let command = try events.reduce(Slipway("rehearse", "--no-color")) { $0.argument($1) }
    let told = try await command.runbook(Self.release).expecting(exit: 65).stderr
    #expect(told.contains("what the reviewer does is said twice"), "\(told)")
    #expect(told.contains("--fail:1:1"), "\(told)")
  }

  @Test("a rehearsal has nothing to go on with, and nothing to take back")
  func advice() async throws {
    let blind = try await Slipway("rehearse", "--fail", "the network is lost for 6h after 30m").runbook(Self.release)
      .expecting(exit: 4)
    #expect(blind.stderr.contains("undetermined: exit 4"), "\(blind.stderr)")
    #expect(!blind.stderr.contains("slipway resume") && !blind.stderr.contains("slipway run -c"), "\(blind.stderr)")
  }

  @Test("a program that is not run proves nothing")
  func programs() async throws {
    let fleet = """
      gitops:
        repository: https://forge.example/acme/gitops.git
        file: environments/{environment}/{service}.yaml
        tag: tag
      environments:
        staging: { namespace: staging }
        production: { namespace: production, promotes-from: staging, protected: true }
      services:
        api: { tag: "api-v{version}", run: [[smoke, '{version}'], [deep]] }

      """
    let told = try await Slipway("rehearse", "--no-color").fleet(fleet)
      .runbook("validate staging api\nrun \"./load\"\n").expecting(exit: 0).stderr
    #expect(told.contains("not checked   validate  staging/api  smoke: smoke 1.3.0: simulated: not run"), "\(told)")
    #expect(told.contains("not checked   validate  staging/api  smoke: deep: simulated: not run"), "\(told)")
    #expect(told.contains("simulated: not run, and taken to end with status 0"), "\(told)")
    #expect(!told.contains("ended with status 0\n"), "\(told)")
  }

  @Test("standard input and -c, in the same words")
  func otherSources() async throws {
    try await Slipway("rehearse", "-").standardInput("validate staging api\n").expecting(
      stderr: .containing("1 of 1 services sealed"),
      exit: 0
    )
    try await Slipway("rehearse", "-c", "validate staging api").expecting(
      stderr: .containing("1 of 1 services sealed"),
      exit: 0
    )
  }

  @Test(
    "the endings that a runbook can bring about by itself",
    arguments: [
      ("stop \"enough\"", "ok", 0), ("fail \"by hand\"", "failed", 1), ("promote api", "refused", 2),
      ("validate staging api; promote api at v9.9.9", "refused", 2),
      ("validate staging api; promote api by commit", "undetermined", 4),
      ("validate staging api; promote api; wait merge within 1s", "timed out", 4),
      (
        "validate staging api; promote api by commit; wait rollout; fail \"by hand\"; on failure { rollback promoted }",
        "failed", 3
      ),
    ] as [(String, String, Int32)]
  )
  func endings(statements: String, ending: String, exit: Int32) async throws {
    let outcome = try await Slipway("rehearse", "--json", "-c", statements).expecting(exit: exit)
    let last = try #require(try outcome.objects(EventLine.self).last)
    #expect(last.event == "run.ended")
    #expect(last.ending == ending)
    #expect(last.exit == exit)
  }

  @Test("steps have the paths that docs/steps.md gives them")
  func paths() async throws {
    let text = """
      runbook "Paths"
      validate staging api

      promote api by commit
      wait rollout; fail "by hand"   # two statements on a line
      on failure { rollback promoted }

      """
    let outcome = try await Slipway("rehearse", "--json").runbook(text).expecting(exit: 3)
    let steps = try outcome.objects(EventLine.self).filter { $0.event == "step.started" }
    #expect(steps.map(\.step) == ["1", "2", "3", "4", "5/on-failure/0"])
    #expect(steps.map(\.verb) == ["validate", "promote", "wait rollout", "fail", "rollback"])
  }
}
