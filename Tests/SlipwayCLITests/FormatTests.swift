import FoundationEssentials
import Testing

@Suite("slipway fmt")
struct FormatTests {
  private static let untidy = "validate  staging api;promote api\non failure{rollback promoted}"
  private static let tidy = """
    validate staging api
    promote api
    on failure {
      rollback promoted
    }

    """

  @Test("a file is laid out in place; another time nothing changes")
  func inPlace() async throws {
    let folder = try PrivateFolder()
    let path = "\(folder.work)/release.runbook"
    try await Slipway("fmt", in: folder).runbook(Self.untidy)
      .expecting(stdout: .nothing, stderr: "release.runbook: laid out\n", exit: 0)
    #expect(FileManager.default.contents(atPath: path) == Data(Self.tidy.utf8))
    try await Slipway("fmt", "release.runbook", in: folder).expecting(stdout: .nothing, stderr: .nothing, exit: 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.work) == ["release.runbook"],
      "nothing is left over"
    )
  }

  @Test("permissions and links stay; a file that needs no change is not written")
  func permissions() async throws {
    let folder = try PrivateFolder()
    try folder.write(Self.untidy.utf8, to: "real.runbook")
    try folder.write(Self.tidy.utf8, to: "tidy.runbook")
    let (real, tidy) = ("\(folder.work)/real.runbook", "\(folder.work)/tidy.runbook")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: real)
    let before = try FileManager.default.attributesOfItem(atPath: tidy)[.systemFileNumber] as? UInt
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.work)/link.runbook",
      withDestinationPath: "real.runbook"
    )
    try await Slipway("fmt", "link.runbook", "tidy.runbook", in: folder)
      .expecting(stdout: .nothing, stderr: "link.runbook: laid out\n", exit: 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: real)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(FileManager.default.contents(atPath: real) == Data(Self.tidy.utf8))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.work)/link.runbook") == "real.runbook")
    #expect(try FileManager.default.attributesOfItem(atPath: tidy)[.systemFileNumber] as? UInt == before)
  }

  @Test("--check prints a diff, changes nothing and exits with 1")
  func check() async throws {
    let folder = try PrivateFolder()
    try await Slipway("fmt", "--check", in: folder).runbook("wait  5m\nwait 1h\n").expecting(
      stdout: .containing("--- a/release.runbook\n+++ b/release.runbook\n", "-wait  5m\n+wait 5m\n wait 1h\n"),
      stderr: .nothing,
      exit: 1
    )
    #expect(FileManager.default.contents(atPath: "\(folder.work)/release.runbook") == Data("wait  5m\nwait 1h\n".utf8))
    try await Slipway("fmt", "--check").runbook(Self.tidy).expecting(stdout: .nothing, stderr: .nothing, exit: 0)
  }

  @Test("standard input goes to standard output")
  func standardInput() async throws {
    try await Slipway("fmt", "-").standardInput(Self.untidy).expecting(
      stdout: .exactly(Self.tidy),
      stderr: .nothing,
      exit: 0
    )
    try await Slipway("fmt", "--check", "-").standardInput(Self.untidy).expecting(
      stdout: .containing("+++ b/-"),
      exit: 1
    )
  }

  @Test("a runbook with errors is left as it is; the others are laid out all the same")
  func errors() async throws {
    let folder = try PrivateFolder()
    let wrong = "promte  api\n"
    try await Slipway("fmt", "wrong.runbook", "release.runbook", in: folder).file("wrong.runbook", Array(wrong.utf8))
      .file("release.runbook", Array(Self.untidy.utf8)).expecting(
        stdout: .nothing,
        stderr: .containing("wrong.runbook:1:1: error:", "wrong.runbook: left as it is", "release.runbook: laid out"),
        exit: 65
      )
    #expect(FileManager.default.contents(atPath: "\(folder.work)/wrong.runbook") == Data(wrong.utf8))
    try await Slipway("fmt", "-").standardInput(wrong).expecting(stdout: .nothing, exit: 65)
    try await Slipway("fmt", "none.runbook").expecting(
      stdout: .nothing,
      stderr: .containing("cannot be read"),
      exit: 65
    )
  }

  @Test("of a folder, every runbook below it")
  func folders() async throws {
    let folder = try PrivateFolder()
    try await Slipway("fmt", ".", in: folder).file("a.runbook", Array("wait  1s".utf8))
      .file("below/b.runbook", Array("wait  2s".utf8)).file(".git/c.runbook", Array("wait  3s".utf8))
      .file("d.txt", Array("wait  4s".utf8))
      .expecting(stdout: .nothing, stderr: "./a.runbook: laid out\n./below/b.runbook: laid out\n", exit: 0)
    #expect(FileManager.default.contents(atPath: "\(folder.work)/.git/c.runbook") == Data("wait  3s".utf8))
    try await Slipway("fmt", "empty").file("empty/x", []).expecting(stderr: .containing("no .runbook file"), exit: 64)
  }

  @Test("without files, and with - among others, it says what to give")
  func usage() async throws {
    try await Slipway("fmt").expecting(stdout: .nothing, stderr: .containing("give runbooks or folders"), exit: 64)
    try await Slipway("fmt", "-", "x.runbook").expecting(
      stdout: .nothing,
      stderr: .containing("stands alone"),
      exit: 64
    )
  }

  @Test("as JSON, a line a file")
  func json() async throws {
    try await Slipway("fmt", "--check", "--json").runbook(Self.untidy)
      .expecting(stdout: "{\"changes\":true,\"file\":\"release.runbook\"}\n", stderr: .nothing, exit: 1)
  }
}
