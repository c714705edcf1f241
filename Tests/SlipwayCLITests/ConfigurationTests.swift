import FleetConfiguration
import FoundationEssentials
import PromotionModel
import RunbookDiagnostics
import Testing

@testable import SlipwayCLI

@Suite("The configuration: exit status 66")
struct ConfigurationTests {
  @Test("none: says how to name one, and what needs none")
  func none() async throws {
    try await Slipway("run").runbook("validate staging api\n").expecting(
      stdout: .nothing,
      stderr: .containing("there is no slipway.yaml here or above", "--config", "SLIPWAY_CONFIG", "slipway rehearse"),
      exit: 66
    )
  }

  @Test("every mistake with file, line and key", arguments: ["check", "run", "rehearse"])
  func wrong(command: String) async throws {
    let text = Fleets.files.replacing("  tag: service.chartTag", with: "  tga: service.chartTag")
      .replacing("promotes-from: staging", with: "promotes-from: stagin")
    try await Slipway(command).runbook("validate staging api\n").fleet(text).expecting(
      stdout: .nothing,
      stderr: .containing("slipway.yaml:4:3: error:", "`tga`", "`tag`", "slipway.yaml:8:", "`stagin`"),
      exit: 66
    )
  }

  @Test("as JSON too")
  func json() async throws {
    struct Finding: Decodable {
      var file: String
      var line: Int
    }
    let text = Fleets.files.replacing("  tag: service.chartTag", with: "  tga: service.chartTag")
    let outcome = try await Slipway("check", "--json").runbook("validate staging api\n").fleet(text)
      .expecting(stderr: .nothing, exit: 66)
    let findings = try outcome.objects(Finding.self)
    #expect(findings.contains { $0.file.hasSuffix("slipway.yaml") && $0.line == 4 })
  }

  @Test("found upward, by option, and by variable, the option first")
  func places() async throws {
    let folder = try PrivateFolder()
    try await Slipway("check", "-c", "validate staging apo", in: folder).fleet(Fleets.files)
      .file("other.yaml", Array(Fleets.files.replacing("  api:", with: "  apo:").utf8))
      .expecting(stderr: .containing("unknown service `apo`"), exit: 65)
    try await Slipway("check", "-c", "validate staging apo", in: folder).below("deep/down")
      .expecting(stderr: .containing("unknown service `apo`"), exit: 65)
    try await Slipway("check", "-c", "validate staging apo", "--config", "other.yaml", in: folder)
      .variable("SLIPWAY_CONFIG", "slipway.yaml").expecting(stderr: .containing("nothing wrong found"), exit: 0)
    try await Slipway("check", "-c", "validate staging apo", in: folder)
      .variable("SLIPWAY_CONFIG", "other.yaml").expecting(stderr: .containing("nothing wrong found"), exit: 0)
    try await Slipway("check", "-c", "validate staging api", "--config", "none.yaml", in: folder)
      .expecting(stderr: .containing("none.yaml cannot be read: No such file"), exit: 66)
  }

  @Test("one that is there but cannot be read is not passed over")
  func unreadable() async throws {
    try await Slipway("check", "-c", "validate staging api").file("slipway.yaml/x", [])
      .expecting(stdout: .nothing, stderr: .containing("slipway.yaml cannot be read: Is a directory"), exit: 66)
  }

  @Test("its relative paths are from its folder, wherever the command is typed")
  func relativePaths() throws {
    let text =
      Fleets.files + """
        announce: { places: { page: { command: [./announce.sh, --page] }, mail: { command: [sendmail] } } }
        """
    let (fleet, _) = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: text))
    var known = try #require(fleet)
    known.repository.url = "../gitops.git"
    known.services[0].smokeTests = [SmokeTest(["./smoke.sh"]), SmokeTest(["bin/smoke"], directory: "tests")]
    let anchored = ConfigurationFolder(path: "/srv/release").anchored(known)
    #expect(anchored.repository.url == "/srv/release/../gitops.git")
    let roads = anchored.announcements.places.map(\.road)
    #expect(Set(roads) == [.command(["/srv/release/./announce.sh", "--page"]), .command(["sendmail"])])
    #expect(
      anchored.services[0].smokeTests.map(\.words) == [["/srv/release/./smoke.sh"], ["/srv/release/tests/bin/smoke"]]
    )
    for url in ["https://git.example/a.git", "git@git.example:a.git", "/srv/a.git"] {
      known.repository.url = url
      #expect(ConfigurationFolder(path: "/srv").anchored(known).repository.url == url)
    }
  }

  @Test("a run is gone on with in another folder with the days on which nothing may be promoted")
  func calendarsOfARun() async throws {
    let folder = try PrivateFolder()
    let text =
      Fleets.files + """
        policy:
          window: { days: daily, from: "00:00", to: "23:59", zone: UTC }
          calendars: [holidays.txt]

        """
    try await Slipway("run", "--suspend", "--run-id", "waits", in: folder).fleet(text)
      .file("holidays.txt", Array("01-01 to 12-31 a holiday\n".utf8))
      .runbook("confirm \"Go?\"\nrequire window\n").expecting(exit: 0)
    try await Slipway("resume", "waits", "--yes", in: folder).below("other")
      .expecting(stderr: .containing("a holiday"), exit: 2)
  }
}
