import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

extension RigFleet {
  /// What of an Application the tests look at.
  struct ArgoApplication: Decodable {
    struct Metadata: Decodable { var annotations: [String: String]? }
    struct Automated: Decodable { var selfHeal: Bool? }
    struct Policy: Decodable { var automated: Automated? }
    struct Spec: Decodable { var syncPolicy: Policy? }
    struct Sync: Decodable {
      var status: String
      var revision: String?
    }
    struct Health: Decodable { var status: String }
    struct Status: Decodable {
      var sync: Sync
      var health: Health
    }
    var metadata: Metadata
    var spec: Spec
    var status: Status

    /// Who suspended its auto-sync.
    var suspension: String? { metadata.annotations?["slipway/suspended-auto-sync"] }
    var heals: Bool { spec.syncPolicy?.automated?.selfHeal ?? false }
  }

  func application(_ service: String) async throws -> ArgoApplication {
    let text = try await kubectl("get", "application", "\(service)-production", "-n", "\(name)-argocd", "-o", "json")
    return try JSONDecoder().decode(ArgoApplication.self, from: Data(text.utf8))
  }

  func podNames(_ service: String) async throws -> Set<String> {
    let text = try await kubectl("get", "pods", "-n", "\(name)-production", "-l", "app=\(service)", "-o", "name")
    return Set(text.split(separator: "\n").map(String.init))
  }

  /// A server that takes no push any more, as one with a broken hook or a protected branch.
  func refusePushes(_ refuses: Bool) async throws {
    let hook = "\(repository)/hooks/pre-receive"
    guard refuses else { return try FileManager.default.removeItem(atPath: hook) }
    try FileManager.default.createDirectory(atPath: "\(repository)/hooks", withIntermediateDirectories: true)
    try Data("#!/bin/sh\necho 'closed for repairs' >&2\nexit 1\n".utf8).write(to: URL(filePath: hook))
    try await Rig.run("chmod", ["+x", hook])
  }

  /// A server that cannot be reached, neither by us nor by Argo CD.
  func isDown(_ isDown: Bool) throws {
    let away = repository + ".away"
    try FileManager.default.moveItem(atPath: isDown ? repository : away, toPath: isDown ? away : repository)
  }

  /// Git, Argo CD and cluster say the same, and go on saying it although Argo CD heals.
  func expectWhole(_ service: String, at tag: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for look in 0..<2 {
      if look > 0 { try await SystemClock().sleep(for: .milliseconds(1500)) }
      #expect(try await declared(service) == tag, sourceLocation: sourceLocation)
      #expect(try await image(service) == "registry.example/\(service):\(tag)", sourceLocation: sourceLocation)
      let application = try await application(service)
      #expect(application.status.sync.status == "Synced", sourceLocation: sourceLocation)
      #expect(
        application.status.sync.revision == (try await git("rev-parse", "main")),
        sourceLocation: sourceLocation
      )
      #expect(application.status.health.status == "Healthy", sourceLocation: sourceLocation)
      #expect(application.heals && application.suspension == nil, sourceLocation: sourceLocation)
    }
    #expect(try await git("for-each-ref", "refs/slipway/lock") == "", sourceLocation: sourceLocation)
  }
}

/// Rollbacks in the cluster; Argo CD heals itself in all of them.
extension OnTheRig {
  private static let promoted = """
    validate staging api
    promote api by commit
    wait rollout within 1m
    """

  private static func fleet(_ name: String) async throws -> RigFleet {
    let fleet = try await RigFleet.create(name) {
      $0.replacing("policy: {", with: "policy: { deadlines: { rollback: 26s },")
    }
    #expect(try await fleet.application("api").heals)
    return fleet
  }

  @Test func byUndoEndsWithGitArgoCDAndClusterAgreeing() async throws {
    let fleet = try await Self.fleet("undo")
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(Self.promoted + "\nrollback production api by undo because \"OPS-1\"\n")
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    try await fleet.expectWhole("api", at: "api-v1.2.2")
    let subject = try await fleet.git("log", "-1", "--format=%s", "main")
    #expect(subject == "rollback(api): revert production to v1.2.2 due to OPS-1")
    // The cluster came first.
    let undone = try #require(outcome.events.first { $0.message == "brought back to api-v1.2.2 in the cluster" })
    let committed = try #require(outcome.events.last { $0.event == "committed" })
    #expect(undone.time < committed.time)
  }

  @Test func aRunThatIsKilledInAnUndoIsResumed() async throws {
    let fleet = try await Self.fleet("undo-killed")
    let run = SlipwayRun(fleet)
    #expect(try await run.runbook(Self.promoted).status == 0)
    let second = SlipwayRun(fleet)
    async let outcome = second.runbook("rollback production api by undo\n")
    let undone = try await second.wait { $0.message == "brought back to api-v1.2.2 in the cluster" }
    try await second.kill()
    _ = try await outcome
    #expect(try await fleet.application("api").suspension?.contains(undone.run) == true)
    let resumed = try await SlipwayRun(fleet).slipway(["resume", undone.run, "--json"])
    #expect(resumed.status == 0, "\(resumed.standardError)")
    try await fleet.expectWhole("api", at: "api-v1.2.2")
  }

  @Test func whereGitRefusesTheClusterIsUndoneAndReconciledLater() async throws {
    let fleet = try await Self.fleet("undo-refused")
    try fleet.script { $0.behaviours["production/api-v1.3.0"] = .init(ready: 0.2, crashAfter: 6) }
    let run = SlipwayRun(fleet)
    async let ended = run.runbook(
      """
      validate staging api
      promote api by commit
      monitor 60s
      on failure { rollback promoted otherwise undo }
      """
    )
    _ = try await run.wait { $0.event == "committed" }
    try await fleet.refusePushes(true)
    let outcome = try await ended
    #expect(outcome.status == 1, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "rollback") == "undetermined")
    let message = try #require(outcome.events.last { $0.event == "step.ended" && $0.verb == "rollback" }?.message)
    #expect(message.contains("git is behind") && message.contains("`reconcile production api`"), "\(message)")
    // The cluster stays where it was brought back to, although Argo CD would heal.
    try await SystemClock().sleep(for: .seconds(2))
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
    #expect(try await fleet.declared("api") == "api-v1.3.0")
    #expect(try await fleet.application("api").suspension != nil)

    try await fleet.refusePushes(false)
    let reconciled = SlipwayRun(fleet, home: "elsewhere")
    let after = try await reconciled.runbook("reconcile production api\n")
    #expect(after.status == 0, "\(after.standardError)\n\(reconciled.raw.joined(separator: "\n"))")
    #expect(
      try await fleet.git("log", "-1", "--format=%s", "main") == "chore(api): sync git with v1.2.2 in production"
    )
    try await fleet.expectWhole("api", at: "api-v1.2.2")
  }

  @Test func whereGitIsDownTheClusterIsUndoneAndReconciledLater() async throws {
    let fleet = try await Self.fleet("undo-down")
    try fleet.script { $0.behaviours["production/api-v1.3.0"] = .init(ready: 0.2, crashAfter: 6) }
    let run = SlipwayRun(fleet)
    async let ended = run.runbook(
      """
      validate staging api
      promote api by commit
      monitor 60s
      on failure { rollback promoted otherwise undo }
      """
    )
    _ = try await run.wait { $0.event == "committed" }
    // Argo CD has it, and then nobody reaches the server any more.
    for _ in 0..<100 {
      if try await fleet.image("api") == "registry.example/api:api-v1.3.0" { break }
      try await SystemClock().sleep(for: .milliseconds(100))
    }
    try fleet.isDown(true)
    let outcome = try await ended
    #expect(outcome.status == 1, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "rollback") == "undetermined")
    #expect(try await fleet.image("api") == "registry.example/api:api-v1.2.2")
    #expect(try await fleet.application("api").suspension != nil)

    try fleet.isDown(false)
    // The lock of the run that could not let it go keeps nobody out who finishes what it began.
    let reconciled = SlipwayRun(fleet)
    let after = try await reconciled.runbook("reconcile production api\n")
    #expect(after.status == 0, "\(after.standardError)\n\(reconciled.raw.joined(separator: "\n"))")
    try await fleet.expectWhole("api", at: "api-v1.2.2")
  }

  // MARK: What is stuck

  @Test func restartAndSyncOnTheRig() async throws {
    let fleet = try await RigFleet.create("restart")
    let before = (try await fleet.podNames("api"), try await fleet.podNames("web"))
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook("restart production api, web\nsync production api\n")
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    let after = (try await fleet.podNames("api"), try await fleet.podNames("web"))
    #expect(after.0.count == 2 && after.0.isDisjoint(with: before.0))
    #expect(after.1.count == 2 && after.1.isDisjoint(with: before.1))
    try await fleet.expectWhole("api", at: "api-v1.2.2")
    let annotations = try await fleet.kubectl(
      "get",
      "deployment",
      "api",
      "-n",
      "\(fleet.name)-production",
      "-o",
      "jsonpath={.spec.template.metadata.annotations}"
    )
    #expect(annotations.contains("kubectl.kubernetes.io/restartedAt"))
  }
}
