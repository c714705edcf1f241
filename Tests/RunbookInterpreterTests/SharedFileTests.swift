import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter
@testable import SimulatedWorld

/// One file for all services of an environment: each has its own values in there, and a promotion of several is one commit.
@Suite struct SharedFileTests {
  private static let path = "values-production.yaml"

  private func future(_ text: String) throws -> Future {
    var future = Future(text)
    let lines = future.configuration.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let indent = String(line.prefix { $0 == " " })
      if line.hasPrefix(indent + "file:"), indent.count == 2 { return indent + "file: values-{environment}.yaml" }
      if line.hasPrefix(indent + "tag: service") { return indent + "tag: \"{service}.image.tag\"" }
      if line.hasPrefix(indent + "set:") { return indent + "set: { \"{service}.environment\": \"{environment}\" }" }
      return String(line)
    }
    future.configuration = lines.joined(separator: "\n")
    return future
  }

  private func file(_ stage: Stage) -> String {
    String(decoding: stage.simulated.repository.file(Self.path) ?? [], as: UTF8.self)
  }

  private static let release = "validate staging api, web\npromote api, web by commit\nmonitor 30m"

  @Test func twoServicesArePromotedInOneFileAndOneCommitAndTakenBackOneByOne() throws {
    let stage = try future(Self.release).stage()
    let before = file(stage)
    let told = try stage.run(Self.release, as: "run-0")
    #expect(told.ending == .ok, "\(told.story)")
    #expect(stage.commitsOfRuns.count == 1)
    #expect(stage.tag(api) == "api-v1.3.0" && stage.tag(web) == "web-v5.0.1")
    #expect(stage.running(api) == "1.3.0" && stage.running(web) == "5.0.1")
    // Everything else in the file is as it was, to the byte.
    let expected = before.replacing("api-v1.2.2", with: "api-v1.3.0").replacing("web-v5.0.0", with: "web-v5.0.1")
    #expect(file(stage) == expected, "\(file(stage))")
    let back = try stage.run("rollback production api because \"login fails\"")
    #expect(back.ending == .ok, "\(back.story)")
    #expect(stage.tag(api) == "api-v1.2.2" && stage.tag(web) == "web-v5.0.1")
    #expect(stage.running(api) == "1.2.2" && stage.running(web) == "5.0.1")
  }

  @Test func failedReleaseIsTakenBackWhole() throws {
    let told = try future(Self.release + "\non failure { rollback promoted }").with(web, .crashes(after: .seconds(300)))
      .run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.stage.tag(api) == "api-v1.2.2" && told.stage.tag(web) == "web-v5.0.0")
  }

  @Test func byPullRequestWithWhatOthersChangeInTheSameFile() throws {
    let text = "validate staging api\npromote api by pr\nwait merge\nmonitor 30m"
    let stage = try future(text).stage()
    let told = try stage.run(text)
    #expect(told.ending == .ok, "\(told.story)")
    try stage.commit("web-v5.0.1", of: web, in: production)
    // The other service's value is no change of this one.
    let verified = try stage.run("verify production api\nrollback production api because \"x\"", as: "run-2")
    #expect(verified.ending == .ok, "\(verified.story)")
    #expect(stage.tag(api) == "api-v1.2.2" && stage.tag(web) == "web-v5.0.1")
  }

  @Test func somebodysNewerValueOfTheServiceIsSuperseded() throws {
    let stage = try future(Self.release).stage()
    _ = try stage.run(Self.release, as: "run-0")
    try stage.commit("api-v1.3.1", of: api, in: production)
    let told = try stage.run("rollback production api, web because \"x\"")
    #expect(stage.tag(api) == "api-v1.3.1", "\(told.story)")
  }

  @Test func serviceWithoutItsKeyIsMadeByHandFirst() throws {
    let told = try future("validate staging web\npromote web by commit\nmonitor 30m")
      .containing { $0.versions[production]?[web] = nil }.run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("new keys are made by hand"), "\(told.message)")
    told.expectUntouched()
  }

  @Test func byRevertIsRefusedAndSaysWhy() throws {
    let stage = try future(Self.release).stage()
    _ = try stage.run(Self.release, as: "run-0")
    let told = try stage.run("rollback production api by revert because \"x\"")
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("the file of all services"), "\(told.message)")
    #expect(stage.tag(api) == "api-v1.3.0")
  }
}
