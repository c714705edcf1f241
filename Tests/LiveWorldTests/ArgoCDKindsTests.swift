import PromotionModel
import Testing

@testable import LiveWorld

@Suite struct ArgoCDKindsTests {
  func service(
    _ resources: [String],
    status: String = "",
    migrations: MigrationJobs? = nil,
    _ fill: (inout ClusterObjects) throws -> Void
  ) throws -> ServiceSnapshot {
    var objects = ClusterObjects()
    let application = try Fixture.decode(
      Fixture.application(resources: resources, status: status),
      as: Application.self
    )
    objects.applications = ClusterObjects.byName([application])
    try fill(&objects)
    return try Fixture.api(objects, migrations: migrations)
  }

  @Test func aStatefulSetsPodsAreCurrentByTheirRevision() throws {
    let set = #"""
      {"metadata":{"name":"db","uid":"s-db","generation":2},"spec":{"replicas":2,
        "template":{"spec":{"containers":[{"name":"api","image":"r/api:1.3.0"}]}}},
       "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"updateRevision":"db-7"}}
      """#
    let owner = Fixture.owner("StatefulSet", "db", uid: "s-db")
    func pod(_ name: String, _ hash: String) throws -> Pod {
      let json = Fixture.pod(name, owner: owner).split(separator: #""app":"api""#)
        .joined(separator: #""controller-revision-hash":"\#(hash)""#)
      return try Fixture.decode(json)
    }
    let service = try service([Fixture.resource("apps", "StatefulSet", "db")]) { objects in
      objects.statefulSets["db"] = try Fixture.decode(set)
      objects.pods = ClusterObjects.byName([try pod("db-0", "db-6"), try pod("db-1", "db-7")])
    }
    let workload = try #require(service.workloads.first)
    #expect(workload.pods.map(\.isCurrent) == [false, true])
    // Servers before 1.22 do not count the available ones.
    #expect(workload.available == 2 && workload.isRolledOut)
  }

  @Test func aDaemonSetsPodsAreCurrentByTheirImages() throws {
    let set = #"""
      {"metadata":{"name":"agent","uid":"ds","generation":1},"spec":{
        "template":{"spec":{"containers":[{"name":"api","image":"r/api:1.3.0"}]}}},
       "status":{"observedGeneration":1,"desiredNumberScheduled":2,"currentNumberScheduled":2,
         "updatedNumberScheduled":1,"numberReady":2,"numberAvailable":2}}
      """#
    let owner = Fixture.owner("DaemonSet", "agent", uid: "ds")
    let service = try service([Fixture.resource("apps", "DaemonSet", "agent")]) { objects in
      objects.daemonSets["agent"] = try Fixture.decode(set)
      objects.pods = ClusterObjects.byName([
        try Fixture.decode(Fixture.pod("a", owner: owner)),
        try Fixture.decode(Fixture.pod("b", owner: owner, image: "r/api:1.2.0")),
      ])
    }
    let workload = try #require(service.workloads.first)
    #expect(workload.pods.map(\.isCurrent) == [true, false])
    #expect((workload.desired, workload.updated) == (2, 1))
    #expect(!workload.isRolledOut)
  }

  @Test func jobsAndHooksShowWhetherTheyAreComplete() throws {
    func job(_ name: String, _ condition: String) throws -> Job {
      try Fixture.decode(
        #"{"metadata":{"name":"\#(name)","uid":"j-\#(name)"},"status":{"conditions":[\#(condition)]}}"#
      )
    }
    let hooks = ["migrate:PreSync:Succeeded", "gone:PreSync:Failed", "now:Sync:Running", "cleanup:SyncFail:Succeeded"]
      .map { $0.split(separator: ":") }
      .map { #"{"kind":"Job","namespace":"prod","name":"\#($0[0])","hookType":"\#($0[1])","hookPhase":"\#($0[2])"}"# }
    let status =
      #","operationState":{"phase":"Succeeded","syncResult":{"resources":[\#(hooks.joined(separator: ","))]}}"#
    let resources = ["done", "bad", "busy", "expired"].map { Fixture.resource("batch", "Job", $0) }
    let service = try service(resources + [Fixture.resource("batch", "CronJob", "nightly")], status: status) {
      objects in
      objects.jobs = ClusterObjects.byName([
        try job("done", #"{"type":"Complete","status":"True"}"#), try job("bad", #"{"type":"Failed","status":"True"}"#),
        try job("busy", #"{"type":"Complete","status":"False"}"#),
        try job("other", #"{"type":"Failed","status":"True"}"#),
        try job("migrate", ""),
      ])
    }
    let states = Dictionary(service.jobs.map { ($0.name, $0.state) }, uniquingKeysWith: { $1 })
    #expect(
      states == [
        "done": .complete, "bad": .failed, "busy": .active, "migrate": .active, "gone": .failed, "now": .active,
      ]
    )
    #expect(service.unknownKinds.isEmpty)
  }

  @Test func migrationsThatTheConfigurationNamesAreReadWhoeverOwnsThem() throws {
    func job(_ name: String, labels: String = "") throws -> Job {
      try Fixture.decode(
        #"{"metadata":{"name":"\#(name)","creationTimestamp":"2026-01-05T18:00:00Z","labels":{\#(labels)}}"#
          + #","spec":{"template":{"spec":{"containers":[{"name":"m","image":"acme/api:1.3.0"}]}}}"#
          + #","status":{"conditions":[{"type":"Complete","status":"True"}]}}"#
      )
    }
    let hooks = ["api-migrate-2:PreSync:Succeeded", "api-migrate-gone:PreSync:Failed", "other:PreSync:Failed"]
      .map { $0.split(separator: ":") }
      .map { #"{"kind":"Job","namespace":"prod","name":"\#($0[0])","hookType":"\#($0[1])","hookPhase":"\#($0[2])"}"# }
    let status =
      #","operationState":{"phase":"Succeeded","syncResult":{"resources":[\#(hooks.joined(separator: ","))]}}"#
    func found(_ migrations: MigrationJobs) throws -> [JobSnapshot] {
      try service([Fixture.resource("batch", "Job", "unrelated")], status: status, migrations: migrations) { objects in
        objects.jobs = ClusterObjects.byName([
          try job("api-migrate-1"), try job("api-migrate-2", labels: #""part":"migrations""#), try job("unrelated"),
        ])
      }.jobs
    }
    let named = try found(MigrationJobs(name: "api-migrate-*"))
    #expect(named.map(\.name) == ["api-migrate-1", "api-migrate-2", "api-migrate-gone"])
    #expect(named.map(\.state) == [.complete, .complete, .failed])
    #expect(named.map { $0.isOfLastSync ?? false } == [false, true, true])
    #expect(named[0].images == ["acme/api:1.3.0"] && named[0].createdAt == Timestamp("2026-01-05T18:00:00Z"))
    // What a hook that is gone was labelled with, nobody knows.
    #expect(try found(MigrationJobs(labels: ["part": "migrations"])).map(\.name) == ["api-migrate-2"])
  }

  // MARK: Applications

  func application(spec: String = "", status: String = "", extra: String = "") throws -> ApplicationSnapshot {
    try Fixture.decode(Fixture.application(spec: spec, status: status, extra: extra), as: Application.self).snapshot
  }

  @Test func anApplicationIsReadAsArgoCDWritesIt() throws {
    let found = try application()
    #expect((found.sync, found.health) == (.synced, .healthy))
    #expect(found.revision == CommitID(Fixture.commit))
    #expect(found.reconciledAt == Timestamp("2026-11-23T22:00:00Z"))
    #expect(found.destinationNamespace == "prod")
    #expect(found.operation == nil && !found.hasAutoSync)
    #expect(try application(spec: #","syncPolicy":{"automated":{"prune":true}}"#).hasAutoSync)
    #expect(!(try application(spec: #","syncPolicy":{"automated":{"enabled":false}}"#).hasAutoSync))
    #expect(try application(spec: #","syncPolicy":{"automated":{"selfHeal":true}}"#).healsItself == true)
    #expect(try application(spec: #","syncPolicy":{"automated":{}}"#).healsItself == false)
  }

  @Test func severalSourcesHaveNoOneRevision() throws {
    #expect(try application(spec: #","sources":[{"repoURL":"x"},{"repoURL":"y"}]"#).revision == nil)
  }

  @Test func wordsThatAreNotKnownAreUnknown() throws {
    let bare: Application = try Fixture.decode(
      #"{"metadata":{"name":"a"},"status":{"sync":{"status":"Odd"},"health":{}}}"#
    )
    #expect((bare.snapshot.sync, bare.snapshot.health, bare.snapshot.revision) == (.unknown, .unknown, nil))
  }

  @Test func operationsAreReadInEveryState() throws {
    let other = String(repeating: "2b", count: 20)
    let done = #","operationState":{"phase":"Succeeded","message":"ok","finishedAt":"2026-11-23T22:01:00Z","#
    let finished = done + #""syncResult":{"revision":"\#(Fixture.commit)"}}"#
    let over = try #require(try application(status: finished).operation)
    #expect(!over.isRunning && over.revision == CommitID(Fixture.commit))
    #expect(over.finishedAt == Timestamp("2026-11-23T22:01:00Z"))

    let asked = #","operation":{"sync":{"revision":"\#(other)"}}"#
    let waiting = try #require(try application(status: finished, extra: asked).operation)
    #expect(waiting.isRunning && waiting.revision == CommitID(other) && waiting.finishedAt == nil)

    let begun = #","operationState":{"phase":"Running","operation":{"sync":{"revision":"\#(other)"}},"#
    let running = try #require(try application(status: begun + #""message":"a\nb"}"#, extra: asked).operation)
    #expect(running.isRunning && running.revision == CommitID(other) && running.message == "a; b")

    let ending = try #require(try application(status: #","operationState":{"phase":"Terminating"}"#).operation)
    #expect(ending.phase == "Terminating" && ending.isRunning && ending.revision == nil)
  }

  @Test func complaintsReachNoTerminalUnchecked() throws {
    let complaint = #","conditions":[{"type":"ComparisonError","message":"https://u:secret@host \u001b]0;x\u0007bad"}]"#
    #expect(try application(status: complaint).conditions == ["ComparisonError: https://***@host bad"])
  }
}
