import FoundationEssentials
import PromotionModel
import Testing

/// The simulated world is checked against the rig: the same runbook with the same trouble, once with the real tools and
/// once rehearsed on the fleet as it was read from there, and both run logs say the same.
///
/// Times, ids, addresses and names of persons are aside, and so is what depends on when somebody looked: what is being
/// waited for, and how far the evidence has come.
struct Agreement: Sendable, CustomTestStringConvertible {
  var name: String
  /// As `--fail` takes it.
  var fail: [String] = []
  var runbook = Agreement.release(monitor: "60s")
  /// How both end.
  var exit: Int32
  /// Makes the trouble before anything runs.
  var before: @Sendable (RigFleet) async throws -> Void = { _ in }
  /// Makes the trouble while the real run goes on.
  var meanwhile: @Sendable (RigFleet, SlipwayRun) async throws -> Void = { _, _ in }
  /// The environment of the real run.
  var environment: @Sendable (RigFleet) async throws -> [String: String] = { _ in [:] }

  var testDescription: String { name }

  static func release(
    monitor: String,
    merge: String = "within 4h",
    before promotion: String = ""
  ) -> String {
    """
    validate staging all
    \(promotion)
    promote all
    wait merge \(merge)
    monitor \(monitor)
    on failure {
      rollback promoted
    }

    """
  }

  static let quickCommit = """
    validate staging api
    promote api by commit
    monitor 3s
    on failure { rollback promoted }

    """

  static func image(_ behaviour: RigFleet.Script.Behaviour, deadline: Int? = nil)
    -> @Sendable (RigFleet) async throws ->
    Void
  {
    { fleet in
      try fleet.script {
        $0.behaviours["production/api-v1.3.0"] = behaviour
        $0.argocd.progressDeadline = deadline
      }
    }
  }

  static let all: [Agreement] = [
    Agreement(name: "good release", runbook: release(monitor: "3s"), exit: 0),
    Agreement(
      name: "crash loop",
      fail: ["production api crashes after 2s"],
      exit: 3,
      before: image(.init(ready: 0.2, crashAfter: 2))
    ),
    Agreement(
      name: "image pull error",
      fail: ["production api cannot be pulled"],
      exit: 3,
      before: image(.init(cannotBePulled: true))
    ),
    Agreement(
      name: "stuck rollout",
      fail: ["production api never becomes ready"],
      exit: 3,
      before: image(.init(neverReady: true), deadline: 4)
    ),
    Agreement(
      name: "closed pull request",
      fail: ["the reviewer closes after 2s"],
      exit: 2,
      before: { fleet in
        try fleet.script { ($0.reviewer.after, $0.reviewer.action) = (2, "close") }
      }
    ),
    Agreement(
      name: "conflicting pull request",
      fail: ["production api moves to v1.2.9 after 6s", "the reviewer merges after 8s"],
      runbook: release(monitor: "3s", merge: "within 12s"),
      exit: 2,
      before: { fleet in try fleet.script { $0.reviewer.after = 8 } },
      meanwhile: { fleet, run in
        _ = try await run.wait { $0.event == "step.started" && $0.verb == "wait merge" }
        try await fleet.foreignCommit(fleet.file("api")) { $0.replacing("api-v1.2.2", with: "api-v1.2.9") }
      }
    ),
    Agreement(name: "out-of-sync application", exit: 1, before: { try await $0.drift("web") }),
    Agreement(
      name: "health endpoint down",
      fail: ["production api answers 503"],
      exit: 3,
      before: image(.init(status: 503))
    ),
    Agreement(
      name: "staging moved",
      fail: ["staging web moves to v5.0.2 after 2s"],
      runbook: release(monitor: "3s", before: "wait 4s"),
      exit: 2,
      meanwhile: { fleet, run in
        _ = try await run.wait { $0.event == "step.ended" && $0.verb == "validate" }
        try await fleet.foreignCommit(fleet.file("web", in: "staging")) {
          $0.replacing("web-v5.0.1", with: "web-v5.0.2")
        }
      }
    ),
    Agreement(
      name: "lost push race",
      fail: ["production api moves to v1.2.9 after 1300ms"],
      runbook: quickCommit,
      exit: 2,
      environment: { fleet in
        let edit = "sed -i s/api-v1.2.2/api-v1.2.9/ \(fleet.file("api"))"
        return ["PATH": try await fleet.toolsThatLoseARace(edit)]
      }
    ),
    Agreement(
      name: "lost push race over another file",
      fail: ["foreign commits every 1s"],
      runbook: quickCommit,
      exit: 0,
      environment: { fleet in ["PATH": try await fleet.toolsThatLoseARace("echo note > note.txt")] }
    ),
    // Argo CD heals itself on the rig, and so it does in the rehearsal, which was read from there. What happens after 35 s of
    // it happens in the middle of the monitor.
    Agreement(
      name: "undo under self-heal",
      fail: ["production api crashes after 2s"],
      runbook: quickCommit.replacing("rollback promoted", with: "rollback promoted by undo"),
      exit: 3,
      before: image(.init(ready: 0.2, crashAfter: 2))
    ),
    Agreement(
      name: "sync that fails",
      fail: ["production api cannot be migrated"],
      runbook: quickCommit,
      exit: 3,
      before: { fleet in
        try fleet.script { $0.argocd.syncError = "one or more synchronization tasks completed unsuccessfully" }
      }
    ),
    Agreement(
      name: "autoscaler",
      fail: ["production api scales to 4 after 35s"],
      runbook: quickCommit.replacing("monitor 3s", with: "monitor 20s"),
      exit: 0,
      meanwhile: { fleet, run in
        _ = try await run.wait { $0.event == "evidence" }
        _ = try await fleet.kubectl("scale", "deployment/api", "-n", "\(fleet.name)-production", "--replicas=4")
      }
    ),
    Agreement(
      name: "evicted pod",
      fail: ["production api is evicted after 35s"],
      runbook: quickCommit.replacing("monitor 3s", with: "monitor 20s\nverify"),
      exit: 0,
      meanwhile: { fleet, run in
        _ = try await run.wait { $0.event == "evidence" }
        try await fleet.evict("api")
      }
    ),
    Agreement(
      name: "changed by hand under self-heal",
      fail: ["production api is set to v1.2.1 by hand after 35s"],
      runbook: quickCommit.replacing("monitor 3s", with: "monitor 20s"),
      exit: 4,
      // So long that somebody who watches sees it.
      before: { fleet in try fleet.script { $0.argocd.syncTime = 2 } },
      meanwhile: { fleet, run in
        _ = try await run.wait { $0.event == "evidence" }
        let image = "*=registry.example/api:api-v1.2.1"
        _ = try await fleet.kubectl("set", "image", "deployment/api", "-n", "\(fleet.name)-production", image)
      }
    ),
  ]
}

extension RigFleet {
  /// Somebody has set the image of a service in staging by hand, and Argo CD may not put it right.
  fileprivate func drift(_ service: String) async throws {
    _ = try await kubectl(
      "patch",
      "application",
      "\(service)-staging",
      "-n",
      "\(name)-argocd",
      "--type=merge",
      "-p",
      #"{"spec":{"syncPolicy":{"automated":null}}}"#
    )
    let image = "*=registry.example/\(service):\(service)-v5.0.0"
    _ = try await kubectl("set", "image", "deployment/\(service)", "-n", "\(name)-staging", image)
    let deadline = SystemClockSleep.now() + .seconds(30)
    var seen = ""
    while seen != "OutOfSync Healthy 2/2", SystemClockSleep.now() < deadline {
      let application = try await kubectl(
        "get",
        "application",
        "\(service)-staging",
        "-n",
        "\(name)-argocd",
        "-o",
        "jsonpath={.status.sync.status} {.status.health.status}"
      )
      let pods = try await kubectl(
        "get",
        "deployment",
        service,
        "-n",
        "\(name)-staging",
        "-o",
        "jsonpath={.status.updatedReplicas}/{.status.replicas}"
      )
      seen = "\(application) \(pods)"
      try await SystemClockSleep.seconds(1)
    }
    #expect(seen == "OutOfSync Healthy 2/2")
    try await SystemClockSleep.seconds(1)
  }

  /// The node runs low: the kubelet ends a pod, which stays as an object.
  fileprivate func evict(_ service: String) async throws {
    let pod = try #require(try await podNames(service).min())
    let status = #"{"status":{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}}"#
    let namespace = "\(name)-production"
    _ = try await kubectl("patch", pod, "-n", namespace, "--subresource=status", "--type=merge", "-p", status)
    let phase = try await kubectl("get", pod, "-n", namespace, "-o", "jsonpath={.status.phase} {.status.reason}")
    #expect(phase == "Failed Evicted")
  }

  /// A `PATH` whose git lets somebody else push right before the first push of a promotion.
  fileprivate func toolsThatLoseARace(_ edit: String) async throws -> String {
    let tools = "\(folder)/racing-tools"
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    let git = try await Rig.run("sh", ["-c", "command -v git"]).trimmingSuffix("\n")
    let script = """
      #!/bin/sh
      case " $* " in
      *" push "*refs/heads/main*)
        if mkdir '\(folder)/raced' 2>/dev/null; then
          (
            unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
            \(git) clone -q 'file://\(repository)' '\(folder)/racing' && cd '\(folder)/racing' && \(edit) && \(git) add -A &&
              \(git) -c user.name=Mallory -c user.email=m@example.org commit -qm 'by hand' && \(git) push -q origin HEAD:main
          ) >&2
        fi ;;
      esac
      exec \(git) "$@"

      """
    try Data(script.utf8).write(to: URL(filePath: "\(tools)/git"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(tools)/git")
    return "\(tools):\(Rig.host.variable("PATH") ?? "/usr/bin:/bin")"
  }
}

/// What a line of a run log says, whenever and wherever it was said.
private struct Said: Decodable {
  struct Change: Decodable {
    var service: String
    var from: String?
    var to: String
  }
  struct Diff: Decodable { var unified: String }

  var event: String
  var step: String?
  var verb: String?
  var line: Int?
  var environment: String?
  var service: String?
  var ending: String?
  var exit: Int?
  var message: String?
  var statement: String?
  var check: String?
  var result: String?
  var version: String?
  var tag: String?
  var expected: String?
  var found: String?
  var title: String?
  var state: String?
  var labels: [String]?
  var subject: String?
  var changes: [Change]?
  var diffs: [Diff]?

  /// What depends on when somebody looked, and what only a rehearsal says.
  static let left: Set<String> = ["progress", "evidence", "would-write", "sight.lost", "sight.regained"]

  func words(run: String) -> String {
    var parts = [event]
    let places: [(String, String?)] = [
      ("step", step), ("verb", verb), ("line", line.map(String.init)), ("in", environment), ("of", service),
      ("ending", ending), ("exit", exit.map(String.init)), ("statement", statement), ("check", check),
      ("result", result), ("version", version), ("tag", tag), ("expected", expected), ("found", found),
      ("title", title), ("state", state), ("labels", labels?.joined(separator: ",")), ("subject", subject),
      ("changes", changes?.map { "\($0.service) \($0.from ?? "") -> \($0.to)" }.joined(separator: ", ")),
      ("diffs", diffs?.map(\.unified).joined()), ("message", event == "run.started" ? nil : message),
    ]
    for (name, value) in places { if let value { parts.append("\(name) \(Self.plain(value, run))") } }
    return parts.joined(separator: " | ")
  }

  private static func plain(_ text: String, _ run: String) -> String {
    text.replacing(run, with: "RUN")
      .replacing(#/\b(?:[0-9a-f]{40}|[0-9a-f]{8})\b/#, with: "COMMIT")
      .replacing(#/\d{4}-\d\d-\d\dT[0-9:.]+Z/#, with: "TIME")
      .replacing(#/https?:\/\/[^\s,]+/#, with: "ADDRESS")
      .replacing(#/#\d+/#, with: "#N")
      .replacing(#/\b(api|web|project-management)-[0-9a-f]{6,10}-[0-9a-z]{5}\b/#, with: "POD")
      .replacing(#/sha256:\w+/#, with: "DIGEST")
      .replacing(#/in COMMIT \((?:[^()]|\([^()]*\))*\)/#, with: "in COMMIT")
      .replacing(#/by [^:;,]+? (as COMMIT|at TIME|in COMMIT)/#) { "by SOMEBODY \($0.output.1)" }
      // A look sees the one or, some seconds later, the other.
      .replacing(#/is in (?:ErrImagePull|ImagePullBackOff) \([^)]*\)/#, with: "is in ErrImagePull")
  }

  static func log(_ run: SlipwayRun) throws -> [String] {
    let lines = try run.raw.map { try JSONDecoder().decode(Said.self, from: Data($0.utf8)) }
    let name = run.events.first?.run ?? "?"
    return lines.filter { !left.contains($0.event) }.map { $0.words(run: name) }
  }
}

extension OnTheRig {
  @Test(arguments: Agreement.all) func theRehearsalSaysWhatTheRigSays(_ scenario: Agreement) async throws {
    let name = "agree-" + scenario.name.replacing(" ", with: "-")
    let fleet = try await RigFleet.create(name)
    try await scenario.before(fleet)
    let path = "\(fleet.folder)/scenario.runbook"
    try Data(scenario.runbook.utf8).write(to: URL(filePath: path))
    let rehearsed = SlipwayRun(fleet, home: "rehearsed")
    let told = try await rehearsed.slipway(
      ["rehearse", path, "--from", "live", "--json"] + scenario.fail.flatMap { ["--fail", $0] }
    )
    let real = SlipwayRun(fleet, home: "real")
    let environment = try await scenario.environment(fleet)
    async let running = real.slipway(["run", path, "--json"], environment: environment)
    try await scenario.meanwhile(fleet, real)
    let outcome = try await running

    #expect(outcome.status == scenario.exit, "\(outcome.standardError)\n\(real.raw.suffix(8).joined(separator: "\n"))")
    #expect(told.status == scenario.exit, "\(told.standardError)\n\(rehearsed.raw.suffix(8).joined(separator: "\n"))")
    let (onTheRig, simulated) = (try Said.log(real), try Said.log(rehearsed))
    #expect(onTheRig.count > 10)
    let (missing, further) = (onTheRig.filter { !simulated.contains($0) }, simulated.filter { !onTheRig.contains($0) })
    #expect(
      onTheRig == simulated,
      "on the rig alone:\n\(missing.joined(separator: "\n"))\nrehearsed alone:\n\(further.joined(separator: "\n"))"
    )
  }
}
