import FoundationEssentials
import LiveWorld
import PromotionModel
import Synchronization
import Testing

/// Runs whose processes are killed, stopped, and started all at once.
extension OnTheRig {
  /// What is left of a release: git, pull requests and cluster.
  private struct Rest: Equatable {
    var subjects: [String]
    var tags: [String]
    var images: [String]
    var pulls: [String]
    var refs: [String]

    init(_ fleet: RigFleet) async throws {
      subjects = try await fleet.git("log", "--format=%s", "main").split(separator: "\n").map(String.init)
      (tags, images) = ([], [])
      for service in ["api", "web", "project-management"] {
        tags.append(try await fleet.declared(service) ?? "-")
        images.append(try await fleet.image(service))
      }
      pulls = try await fleet.pulls().map { "#\($0.number) \($0.title) \($0.state) \($0.merged ?? false)" }
      refs = try await fleet.git("for-each-ref", "--format=%(refname)").split(separator: "\n").map(String.init)
      // They name the run, which is another in each fleet.
      subjects = subjects.map { $0.hasPrefix("Merge ") ? "Merge" : $0 }
      refs = refs.filter { !$0.hasPrefix("refs/heads/production-promotion-") && !$0.hasPrefix("refs/pull/") }
    }
  }

  /// The process is killed where it first comes to each event, at once and a moment later, and its successor too: some
  /// forty times in one run.
  @Test func aRunThatIsKilledEverywhereEndsAsIfNothingHadBeen() async throws {
    let text = try Self.release(monitor: "3s")
    let calm = try await RigFleet.create("calm")
    let undisturbed = try await SlipwayRun(calm).runbook(text)
    #expect(undisturbed.status == 0, "\(undisturbed.standardError)")

    let fleet = try await RigFleet.create("stormy")
    try fleet.script { $0.reviewer.after = 4 }
    var deaths: [String: Int] = [:]
    var id: String?
    var last: SlipwayRun.Outcome?
    for _ in 0..<80 {
      let run = SlipwayRun(fleet)
      let (known, before) = (id, deaths)
      let isOver = Flag()
      let process = Task {
        defer { isOver.set() }
        guard let known else { return try await run.runbook(text) }
        return try await run.slipway(["resume", known, "--json"])
      }
      let point = try await run.firstPoint(unless: { isOver.isSet }) { (before[$0] ?? 0) < 2 }
      if let point {
        // Twice at each: right there, and while what follows is on its way.
        try await SystemClock().sleep(for: .milliseconds(before[point] == nil ? 0 : 90))
        try await run.kill(resuming: known)
        deaths[point, default: 0] += 1
      }
      let outcome = try await process.value
      id = run.events.first?.run ?? id
      if point == nil {
        last = outcome
        break
      }
    }
    let count = deaths.values.reduce(0, +)
    // Killed between its last write and its last word, it has ended already.
    let said = last?.standardError ?? "it never ended"
    #expect(last?.status == 0 || said.contains("ended ok: there is nothing to go on with"), "\(said) \(deaths)")
    #expect(count >= 20, "\(deaths)")
    #expect(try await Rest(fleet) == Rest(calm))
    try Rig.note(
      "a release was killed \(count) times, at \(deaths.keys.sorted().joined(separator: ", ")), and ended well"
    )
  }

  /// A holder stands still with its push in hand until its lock has expired, and another has had it and freed it.
  @Test func aHolderThatStoodStillPastItsExpiryWritesNothing() async throws {
    let fleet = try await RigFleet.create("still") { $0.replacing("policy: {", with: "policy: { lock: 30s,") }
    // git waits before a push to the branch as long as there is no file `go`.
    let folder = fleet.folder + "/slow"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let git = try await Rig.run("which", ["git"]).trimmingSuffix("\n")
    let script = """
      #!/bin/sh
      case "$*" in
      *" push "*refs/heads/main*) touch "\(folder)/reached"; while ! [ -e "\(folder)/go" ]; do sleep 0.1; done ;;
      esac
      exec "\(git)" "$@"
      """
    try Data(script.utf8).write(to: URL(filePath: folder + "/git"))
    try await Rig.run("chmod", ["+x", folder + "/git"])
    let path = folder + ":" + (Rig.host.variable("PATH") ?? "")
    let (first, second) = (SlipwayRun(fleet), SlipwayRun(fleet, home: "other"))
    func promotion(of service: String) -> String {
      "promote \(service) by commit without validation because \"test\"\nwait rollout within 1m"
    }
    async let stopped = first.runbook(promotion(of: "api"), environment: ["PATH": path])
    let clock = SystemClock()
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: folder + "/reached") {
      try await clock.sleep(for: .milliseconds(50))
    }
    try await first.signal("STOP")
    let before = try await fleet.git("rev-parse", "main")
    #expect(try await fleet.git("for-each-ref", "--format=%(refname)", "refs/slipway/lock") != "")
    let other = try await second.runbook(promotion(of: "web"), options: ["--wait-lock", "1m"])
    #expect(other.status == 0, "\(second.raw.joined(separator: "\n"))")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
    let after = try await fleet.git("rev-parse", "main")
    #expect(after != before)
    try Data().write(to: URL(filePath: folder + "/go"))
    try await first.signal("CONT")
    let outcome = try await stopped
    #expect(outcome.status == 2, "\(first.raw.joined(separator: "\n"))")
    #expect(outcome.events.contains { $0.message?.contains("the lock was lost") == true })
    #expect(try await fleet.git("rev-parse", "main") == after)
    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }

  /// Many runs, each with a plan of its own, are started at once on one environment: they go one after the other. How many:
  /// `SLIPWAY_RIG_RUNS`, by default 4.
  @Test func manyRunsAtOnceGoOneAfterTheOther() async throws {
    let count = Rig.host.variable("SLIPWAY_RIG_RUNS").flatMap(Int.init) ?? 4
    let fleet = try await RigFleet.create("crowd", count: count)
    let before = try await fleet.git("rev-parse", "main")
    let names = try fleet.services()
    #expect(names.count == count)
    let begun = SystemClock().now()
    let outcomes = try await withThrowingTaskGroup(of: SlipwayRun.Outcome.self) { group in
      for name in names {
        group.addTask {
          try await SlipwayRun(fleet, home: "one").runbook(
            "promote \(name) by commit without validation because \"load\"\nwait sync within 5m",
            options: ["--wait-lock", "20m"],
            timeout: .seconds(1800)
          )
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let took = SystemClock().now() - begun
    for outcome in outcomes {
      // Nothing but the sync was waited for, so none of them knows how it went on (rule 4).
      #expect([0, 4].contains(outcome.status), "\(outcome.standardError)")
      #expect(outcome.events.last?.event == "run.ended")
      #expect(outcome.ending(of: "promote") == "ok")
    }
    // One plan at a time: a commit each, of one service, on top of the one before.
    let log = try await fleet.git("log", "--reverse", "--format=%H %P", "\(before)..main").split(separator: "\n")
    #expect(log.count == count)
    var files: Set<String> = []
    var (parent, runs) = (before, Set<String>())
    for line in log {
      let words = line.split(separator: " ").map(String.init)
      #expect(words.count == 2 && words[1] == parent, "\(line)")
      parent = words[0]
      let changed = try await fleet.git("diff-tree", "--no-commit-id", "--name-only", "-r", parent)
      #expect(!changed.contains("\n"))
      files.insert(changed)
      runs.insert(try await fleet.git("log", "-1", "--format=%(trailers:key=Slipway-Run,valueonly)", parent))
    }
    #expect(files.count == count)
    #expect(runs.count == count)
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
    try Rig.note("\(count) runs at once on one environment went one after the other in \(took)")
  }
}

private final class Flag: Sendable {
  private let state = Mutex(false)
  var isSet: Bool { state.withLock { $0 } }
  func set() { state.withLock { $0 = true } }
}
