import FoundationEssentials
import Testing

/// What a person meets whose tools are not in order: which tool, what it said, what to do; never a crash.
@Suite("slipway run, without what it needs")
struct RunTests {
  @Test("kubectl is missing")
  func noKubectl() async throws {
    let folder = try PrivateFolder()
    try folder.link("sh", to: "/bin/sh")
    try await Slipway("run", "-c", "validate staging api", in: folder).fleet(Fleets.files).ownProgramsOnly().expecting(
      stdout: .nothing,
      stderr: .containing("kubectl missing: there is no program kubectl in PATH", "Install it", "slipway resume"),
      exit: 4
    )
  }

  @Test("git is missing")
  func noGit() async throws {
    let folder = try PrivateFolder()
    try Self.equip(folder)
    try await Slipway("run", "-c", "validate staging api", in: folder).fleet(Fleets.files).ownProgramsOnly().expecting(
      stdout: .nothing,
      stderr: .containing("git missing: there is no program git in PATH", "apt install git"),
      exit: 4
    )
  }

  @Test("the repository is nowhere")
  func noRepository() async throws {
    let folder = try PrivateFolder()
    try folder.program("kubectl", StandInCluster.kubectl)
    let path = Self.path(folder)
    try await Slipway("run", "-c", "validate staging api", in: folder)
      .fleet(Fleets.fleet(repository: "file:///nowhere/cluster-gitops.git")).variable("PATH", path).expecting(
        stdout: .nothing,
        stderr: .containing("git not found:", "Look at gitops.repository"),
        exit: 4
      )
  }

  @Test("gh is missing: nothing is left half done in the branch that Argo CD follows")
  func noForge() async throws {
    let folder = try PrivateFolder()
    try Self.equip(folder)
    try folder.link("git", to: try Self.which("git"))
    let repository = try await SampleRepository(in: folder)
    let before = try await repository.head()
    let statement = "promote api by pr without validation because \"the cluster is empty\""
    try await Slipway("run", "-c", statement, in: folder).fleet(Fleets.fleet(repository: repository.path))
      .ownProgramsOnly().expecting(
        stdout: .nothing,
        stderr: .containing("gh missing: there is no program gh in PATH", "https://cli.github.com"),
        exit: 2
      )
    #expect(try await repository.head() == before)
  }

  @Test("the journal cannot be written: nothing is begun")
  func noJournal() async throws {
    let folder = try PrivateFolder()
    try Data().write(to: URL(filePath: "\(folder.path)/file"))
    let state = "\(folder.path)/file/state"
    try await Slipway("run", "-c", "validate staging api", in: folder).fleet(Fleets.files)
      .variable("XDG_STATE_HOME", state).expecting(
        stdout: .nothing,
        stderr: .containing("slipway: the run journal: \(folder.path)/file", "a part of the path is a file"),
        exit: 2
      )
    try await Slipway("runs", in: folder).variable("XDG_STATE_HOME", state)
      .expecting(stdout: .nothing, stderr: .containing("slipway: the run journal:"), exit: 1)
  }

  @Test(
    "Ctrl-C: exit 130, nothing goes on, and resume is named",
    arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)]
  )
  func interrupted(signal: String, status: Int32) async throws {
    let folder = try PrivateFolder()
    try Self.equip(folder)
    // A git that hangs; its parent is slipway.
    try folder.link("sleep", to: try Self.which("sleep"))
    try folder.program("git", "#!/bin/sh\nkill -\(signal) $PPID\nexec sleep 60\n")
    try await Slipway("run", "--json", "-c", "validate staging api", in: folder).fleet(Fleets.files).ownProgramsOnly()
      .expecting(
        stdout: .containing("\"run.ended\"", "\"interrupted\"", "slipway resume", "\"exit\":\(status)"),
        exit: status
      )
    try await Slipway("runs", in: folder).expecting(stdout: .containing("interrupted", "-c"), exit: 0)
    // What is kept of it is what the process ended with.
    try await Slipway("runs", "--json", in: folder).expecting(stdout: .containing("\"exit\":\(status)"), exit: 0)
  }

  /// What every run needs around it, and no git and no gh.
  static func equip(_ folder: PrivateFolder) throws {
    for name in ["sh", "rm", "rmdir"] { try folder.link(name, to: "/bin/\(name)") }
    try folder.program("kubectl", StandInCluster.kubectl)
  }

  /// This machine's programs, with the test's own in front.
  static func path(_ folder: PrivateFolder) -> String { "\(folder.bin):/usr/local/bin:/usr/bin:/bin" }

  static func which(_ name: String) throws -> String {
    let places = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"].map { "\($0)/\(name)" }
    return try #require(places.first { FileManager.default.isExecutableFile(atPath: $0) }, "no \(name) on this machine")
  }
}
