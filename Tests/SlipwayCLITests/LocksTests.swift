import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// Over a real repository.
@Suite("slipway locks and unlock")
struct LocksTests {
  private struct Line: Decodable {
    var environment: String
    var run: String
    var holder: String
    var reason: String
    var expired: Bool
  }

  private func prepared() async throws -> (folder: PrivateFolder, repository: SampleRepository, fleet: String) {
    let folder = try PrivateFolder()
    try RunTests.equip(folder)
    try folder.link("git", to: try RunTests.which("git"))
    let repository = try await SampleRepository(in: folder)
    return (folder, repository, Fleets.fleet(repository: repository.path))
  }

  private func holder(lasting lifetime: Duration) throws -> LockHolder {
    LockHolder(
      environment: EnvironmentName("production"),
      run: try #require(RunID("20260101-000000-abcd")),
      holder: "grace@desk",
      reason: "the friday \u{1B}[31mrelease",
      plan: ["production/web web-v5.0.0 -> web-v5.0.1"],
      expires: SystemClock().now() + lifetime
    )
  }

  @Test("nothing is locked")
  func free() async throws {
    let (folder, _, fleet) = try await prepared()
    try await Slipway("locks", in: folder).fleet(fleet).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: "nothing is locked\n", exit: 0)
    try await Slipway("unlock", "production", "--because", "to be sure", in: folder).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: "production is not locked\n", exit: 0)
  }

  @Test("a lock is listed, taken away with a reason, and then anybody's")
  func unlocked() async throws {
    let (folder, repository, fleet) = try await prepared()
    try await repository.lock(holder(lasting: .seconds(3600)))
    try await Slipway("locks", in: folder).fleet(fleet).ownProgramsOnly().expecting(
      stdout: .containing("production  run 20260101-000000-abcd of grace@desk (the friday ", "until 2"),
      exit: 0
    )
    let before = try await Slipway("locks", "--json", in: folder).ownProgramsOnly().expecting(exit: 0)
    #expect(try before.objects(Line.self).map(\.expired) == [false])
    #expect(!before.stdout.contains("\u{1B}"))
    try await Slipway("run", in: folder)
      .argument("-c", "promote api by commit without validation because \"no cluster\"; monitor 30m")
      .ownProgramsOnly().expecting(stderr: .containing("locked by run 20260101-000000-abcd of grace@desk"), exit: 2)
    try await Slipway("unlock", "production", "--because", "her laptop is gone", in: folder).ownProgramsOnly()
      .expecting(
        stdout: .nothing,
        stderr: .containing("unlocked; it was production  run 20260101-000000-abcd of grace@desk"),
        exit: 0
      )
    let after = try await Slipway("locks", "--json", in: folder).ownProgramsOnly().expecting(exit: 0)
    let lines = try after.objects(Line.self)
    #expect(lines.map(\.expired) == [true])
    #expect(lines.map(\.reason) == ["unlocked: her laptop is gone"])
    #expect(lines.first?.holder.hasPrefix("tester@") == true)
  }

  @Test("a lock is waited for, and no longer than was said")
  func waited() async throws {
    let (folder, repository, fleet) = try await prepared()
    try await repository.lock(holder(lasting: .seconds(3600)))
    let head = try await repository.head()
    try await Slipway("run", "--wait-lock", "1s", in: folder)
      .argument("-c", "promote api by commit without validation because \"no cluster\"; monitor 30m")
      .fleet(fleet).ownProgramsOnly().expecting(
        stdout: .nothing,
        stderr: .containing("waiting for the lock until", "locked by run 20260101-000000-abcd of grace@desk"),
        exit: 2
      )
    #expect(try await repository.head() == head)
  }

  @Test("what is no duration, no environment, no reason")
  func usage() async throws {
    try await Slipway("run", "--wait-lock", "soon", "-c", "stop \"x\"").fleet(Fleets.files)
      .expecting(
        stdout: .nothing,
        stderr: .containing("--wait-lock takes a duration such as 10m, not `soon`"),
        exit: 64
      )
    try await Slipway("unlock", "prodution", "--because", "x").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("did you mean `production`?"), exit: 64)
    try await Slipway("unlock", "production").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("--because"), exit: 64)
    try await Slipway("unlock", "production", "--because", " ").fleet(Fleets.files)
      .expecting(stdout: .nothing, stderr: .containing("--because takes a reason"), exit: 64)
  }
}
