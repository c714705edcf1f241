import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// What the journal of a real release tells afterwards.
extension OnTheRig {
  @Test func reportAndMeasuresOfARelease() async throws {
    let fleet = try await RigFleet.create("report")
    let run = SlipwayRun(fleet)
    let job = ["GITHUB_SERVER_URL": "https://forge.example", "GITHUB_REPOSITORY": "acme/report", "GITHUB_RUN_ID": "7"]
    let outcome = try await run.runbook(try Self.release(), environment: job)
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let name = try #require(outcome.events.first?.run)
    func slipway(_ arguments: String...) async throws -> String {
      let call = ProgramCall(
        Rig.binary,
        arguments,
        environment: ["XDG_STATE_HOME": .some(run.home)],
        workingDirectory: fleet.folder,
        timeout: .seconds(60),
        tool: "slipway"
      )
      let result = try await Rig.programs.run(call)
      #expect(result.status == 0, "\(String(decoding: result.stderr, as: UTF8.self))")
      return String(decoding: result.stdout, as: UTF8.self)
    }

    // Everything that was told is there again, but for what soon was out of date.
    let stored = try await slipway("report", name, "--json").split(separator: "\n").map {
      try JSONDecoder().decode(Stored.self, from: Data($0.utf8)).event
    }
    let passing = ["progress", "evidence"]
    let told = outcome.events.map(\.event).filter { !passing.contains($0) }
    #expect(stored.filter { !passing.contains($0) && $0 != "process" }.sorted() == told.sorted())
    #expect(stored.first == "process" && stored.last == "run.ended")

    let page = try await slipway("report", name, "--html")
    let pull = try #require(try await fleet.pulls().first)
    for text in [
      "badge good\">ok", "line added\">", "api-v1.3.0", "pull request #\(pull.number), merged",
      "https://forge.example/acme/report/actions/runs/7", "<svg class=\"timeline\"",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(pull.body?.contains("followed at <https://forge.example/acme/report/actions/runs/7>") == true)

    let measures = try JSONDecoder().decode(
      Measures.self,
      from: Data(try await slipway("runs", "--stats", "--json").utf8)
    )
    #expect(measures.environment == "production")
    #expect(measures.deployments == 1 && measures.changeFailures == 0 && measures.undetermined == 0)
    // The rig's staging was promoted to before the test began.
    #expect(try #require(measures.leadTimeSeconds) > 0)
  }

  private struct Stored: Decodable { var event: String }

  private struct Measures: Decodable {
    var environment: String
    var deployments: Int
    var changeFailures: Int
    var undetermined: Int
    var leadTimeSeconds: Double?
  }
}
