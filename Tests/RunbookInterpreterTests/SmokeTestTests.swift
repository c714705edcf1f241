import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct SmokeTestTests {
  private func future(_ text: String, _ programs: StandIns.Program...) throws -> Future {
    try Future(text)
      .replacing(
        "tag: \"api-v{version}\"\n",
        "tag: \"api-v{version}\"\n    run: [[./smoke, '{environment}', '{version}'], { command: [./deep, '{tag}'], environments: [production] }]\n"
      )
      .standingIn { $0.programs = programs }
  }

  private static let whole = "validate staging api; promote api by commit; wait rollout; verify production api"

  @Test func smokeTestsRunInStagingAndAfterThePromotion() throws {
    let told = try future(Self.whole).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(
      told.stage.simulated.commands.lines
        == ["./smoke staging 1.3.0", "./smoke production 1.3.0", "./deep api-v1.3.0"]
    )
  }

  @Test func whatFailsInStagingIsNotSealed() throws {
    let output = [CommandOutput(.error, "login answers 500")]
    let told = try future(Self.whole, .init("./smoke staging", status: 3, output: output)).run()
    #expect(told.ending(of: "validate") == .failed, "\(told.story)")
    #expect(told.message.contains("./smoke staging 1.3.0: it ended with status 3; its last lines: login answers 500"))
    told.expectUntouched()
  }

  @Test func whatFailsInProductionIsNotVerified() throws {
    let told = try future(Self.whole, .init("./smoke production", status: 1)).run()
    #expect(told.ending(of: "verify") == .failed, "\(told.story)")
    // What comes after it may rely on it.
    #expect(!told.stage.simulated.commands.lines.contains("./deep api-v1.3.0"))
  }

  @Test func oneThatNeverEndsCouldNotTell() throws {
    let told = try future(Self.whole, .init("./smoke production", duration: .seconds(86_400))).run()
    #expect(told.ending(of: "verify") == .undetermined, "\(told.story)")
    #expect(told.message.contains("it had not ended after 10m"))
  }

  @Test func whatIsNotWellIsNotTested() throws {
    let told = try future("validate staging api").with(
      .image(ImageFault(api, in: staging, versions: .any, .neverReady))
    ).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.stage.simulated.commands.lines.isEmpty)
  }

  @Test func whatIsFilledInIsNeitherSplitNorFilledInAgain() {
    let service = Service(name: ServiceName("team.api"), tag: TagPattern(prefix: "a v"))
    let test = SmokeTest(["{service}{", "--tag={tag}", "{{version}}", "{other}"])
    #expect(
      test.words(of: service, in: production, at: "a v1.0.0 {service}")
        == ["team.api{", "--tag=a v1.0.0 {service}", "{a v1.0.0 {service}}", "{other}"]
    )
  }

  @Test func whatWasNotRunProvesNothing() throws {
    let stage = try future(Self.whole).stage()
    let told = try stage.run(Self.whole, in: "rehearsal")
    #expect(told.ending == .ok, "\(told.story)")
    let findings = told.events.compactMap { event in
      if case .finding(let finding) = event.body, finding.check == "smoke" { finding } else { nil }
    }
    #expect(findings.map(\.result) == [.notChecked, .notChecked, .notChecked])
    #expect(findings.map(\.message).allSatisfy { $0.hasSuffix(": simulated: not run, and taken to end with status 0") })
    #expect(stage.simulated.commands.lines.count == 3)
    let failed = try future(Self.whole, .init("./smoke production", status: 1)).stage()
    #expect(try failed.run(Self.whole, in: "rehearsal").ending(of: "verify") == .failed)
  }
}
