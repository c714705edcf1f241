import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// Must show: each way back ends with git, Argo CD and cluster agreeing, also with the git server down or refusing pushes. Argo
/// CD heals itself in all of them. What goes well is in ``OnTheRig/eachWayBackEndsWithAllAgreeing(way:)`` and
/// ``OnTheRig/byUndoEndsWithGitArgoCDAndClusterAgreeing()``.
extension OnTheRig {
  /// A way back, and whether the cluster is undone where git cannot be written.
  private struct Way: Sendable {
    var words: String
    var undoes: Bool

    static let all = [
      Way(words: "by commit", undoes: false), Way(words: "by pr", undoes: false),
      Way(words: "by revert", undoes: false),
      Way(words: "by pr otherwise undo", undoes: true), Way(words: "by revert otherwise undo", undoes: true),
      Way(words: "by undo", undoes: true),
    ]

    var name: String { words.split(separator: " ").map { String($0.prefix(1)) }.joined() + String(words.count) }
  }

  /// All at once, each on a fleet of its own: nearly all of it is waiting.
  @Test func eachWayBackWithoutGitEndsWithAllAgreeingOnceItIsBack() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for trouble in ["down", "refusing"] {
        for way in Way.all { group.addTask { try await goBack(way, trouble) } }
      }
      try await group.waitForAll()
    }
  }

  private func goBack(_ way: Way, _ trouble: String) async throws {
    let fleet = try await RigFleet.create("no-git-\(trouble)-\(way.name)") {
      $0.replacing("policy: {", with: "policy: { deadlines: { rollback: 40s, merge: 15s },")
    }
    try fleet.script { $0.reviewer.action = "merge" }
    func setTrouble(_ isOn: Bool) async throws {
      if trouble == "down" { try fleet.isDown(isOn) } else { try await fleet.refusePushes(isOn) }
    }
    let told = "\(way.words), git \(trouble)"
    #expect(try await fleet.application("api").heals)
    let promoted = try await SlipwayRun(fleet).runbook(
      "validate staging api\npromote api by commit\nwait rollout within 1m"
    )
    #expect(promoted.status == 0, "\(told): \(promoted.standardError)")

    try await setTrouble(true)
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook("rollback production api \(way.words) because \"a rehearsal\"")
    let story = Comment(rawValue: "\(told): \(outcome.standardError)\n\(run.raw.suffix(12).joined(separator: "\n"))")
    #expect(outcome.status == 4, story)
    let message = outcome.events.last { $0.event == "step.ended" && $0.verb == "rollback" }?.message ?? ""
    #expect(message.contains("git is behind") == way.undoes, story)
    let tag = way.undoes ? "api-v1.2.2" : "api-v1.3.0"
    #expect(try await fleet.image("api") == "registry.example/api:\(tag)", story)
    #expect((try await fleet.application("api").suspension != nil) == way.undoes, story)

    try await setTrouble(false)
    let id = try #require(outcome.events.first?.run)
    // What was undone is reconciled by whoever comes; the rest is gone on with.
    let after = SlipwayRun(fleet)
    let ended =
      way.undoes
      ? try await after.runbook("reconcile production api\n") : try await after.slipway(["resume", id, "--json"])
    #expect(ended.status == 0, "\(told): \(ended.standardError)\n\(after.raw.suffix(12).joined(separator: "\n"))")
    try await fleet.expectWhole("api", at: "api-v1.2.2")
    #expect(try await fleet.pulls().allSatisfy { $0.state == "closed" }, story)
  }
}
