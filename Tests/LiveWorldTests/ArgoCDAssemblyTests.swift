import PromotionModel
import Testing

@testable import LiveWorld

@Suite struct ArgoCDAssemblyTests {
  func add(_ json: String, to objects: inout ClusterObjects) throws {
    let pod: Pod = try Fixture.decode(json)
    objects.pods[pod.metadata.name] = pod
  }

  @Test func podsAreFoundByOwnersAndKnowTheirRevision() throws {
    let service = try Fixture.api(try Fixture.objects())
    #expect(service.unknownKinds.isEmpty)
    let workload = try #require(service.workloads.first)
    #expect(service.workloads.count == 1)
    #expect((workload.kind, workload.name, workload.uid) == ("Deployment", "api", "d-api"))
    #expect(workload.isRolledOut)
    #expect(workload.images == ["api": "r/api:1.3.0"])
    #expect(workload.formerImages == ["r/api:1.2.0"])
    #expect(workload.pods.map(\.name) == ["api-new-1", "api-old-1"])
    #expect(workload.pods.map(\.isCurrent) == [true, false])
    let pod = workload.pods[0]
    #expect(pod.isReady && !pod.isTerminating && pod.restarts == 3)
    #expect(pod.createdAt == Timestamp("2026-11-23T20:59:00Z"))
    #expect(pod.containers.map(\.digest) == [ImageDigest(imageID: Fixture.digest)])
    #expect(pod.containers[0].image == "r/api:1.3.0")
    #expect(pod.containers[0].state == .running(since: Timestamp("2026-11-23T21:00:00Z")))
  }

  @Test func anotherTeamsPodsWithTheSameLabelAreNotOurs() throws {
    var objects = try Fixture.objects()
    try add(
      Fixture.pod("stranger", owner: Fixture.owner("ReplicaSet", "api-new", uid: "r-of-another-team")),
      to: &objects
    )
    try add(Fixture.pod("orphan", owner: #""annotations":{}"#), to: &objects)
    // A reference that does not manage proves nothing either.
    let reference = Fixture.owner("ReplicaSet", "api-new", uid: "r-api-new")
    try add(
      Fixture.pod("guest", owner: String(reference.dropLast(#","controller":true}]"#.utf8.count)) + "}]"),
      to: &objects
    )
    #expect(try Fixture.api(objects).pods.map(\.name) == ["api-new-1", "api-old-1"])
  }

  @Test func aReplicaSetOfADeletedDeploymentWithTheSameNameIsNotOurs() throws {
    let old = Fixture.deployment().split(separator: #""d-api""#).joined(separator: #""d-api-again""#)
    let workload = try #require(try Fixture.api(try Fixture.objects(deployment: old)).workloads.first)
    #expect(workload.pods.isEmpty && workload.formerImages.isEmpty)
  }

  @Test func noApplicationAndAnEmptyListAreTold() throws {
    var objects = try Fixture.objects(application: Fixture.application(resources: []))
    let empty = try Fixture.api(objects)
    #expect(empty.application != nil && empty.workloads.isEmpty && empty.unknownKinds.isEmpty)
    objects.applications = [:]
    let absent = try Fixture.api(objects)
    #expect(absent.application == nil && absent.workloads.isEmpty)
  }

  @Test func anOldObservationShows() throws {
    let objects = try Fixture.objects(deployment: Fixture.deployment(observed: 3))
    let workload = try #require(try Fixture.api(objects).workloads.first)
    #expect((workload.generation, workload.observedGeneration) == (4, 3))
    #expect(!workload.isRolledOut)
    let bare = #"{"metadata":{"name":"api","uid":"d-api","generation":1},"spec":{}}"#
    let fresh = try #require(try Fixture.api(try Fixture.objects(deployment: bare)).workloads.first)
    #expect(fresh.observedGeneration < fresh.generation && fresh.desired == 1 && !fresh.isRolledOut)
  }

  @Test func noPodIsCurrentUntilTheControllersAgree() throws {
    let objects = try Fixture.objects(deployment: Fixture.deployment(revision: 3))
    let workload = try #require(try Fixture.api(objects).workloads.first)
    #expect(workload.pods.allSatisfy { !$0.isCurrent })
    #expect(workload.formerImages == ["r/api:1.3.0", "r/api:1.2.0"])
  }

  @Test func theProgressDeadlineShows() throws {
    let stuck = Fixture.deployment().split(separator: #""status":"True","reason":"NewReplicaSetAvailable""#)
      .joined(separator: #""status":"False","reason":"ProgressDeadlineExceeded""#)
    #expect(
      try Fixture.api(try Fixture.objects(deployment: stuck)).workloads.first?.hasExceededProgressDeadline == true
    )
    #expect(try Fixture.api(try Fixture.objects()).workloads.first?.hasExceededProgressDeadline == false)
  }

  @Test func terminatingWaitingAndInitContainersShow() throws {
    var objects = try Fixture.objects()
    let owner = Fixture.owner("ReplicaSet", "api-new", uid: "r-api-new")
    try add(
      Fixture.pod("a", owner: owner, metadata: #","deletionTimestamp":"2026-11-23T22:00:00Z""#),
      to: &objects
    )
    try add(
      Fixture.pod(
        "b",
        owner: owner,
        ready: false,
        state: #"{"waiting":{"reason":"CrashLoopBackOff","message":"back-off \u001b[31mred\u0007"}}"#
      ),
      to: &objects
    )
    try add(
      Fixture.pod("c", owner: owner, ready: false, state: #"{"terminated":{"reason":"Error","exitCode":137}}"#),
      to: &objects
    )
    try add(
      #"{"metadata":{"name":"d","uid":"p-d",\#(owner)},"spec":{"initContainers":[{"name":"migrate","image":"r/api:1.3.0"}],"#
        + #""containers":[{"name":"api","image":"r/api:1.3.0"}]},"status":{"initContainerStatuses":[{"name":"migrate","#
        + #""ready":true,"restartCount":1,"imageID":"","state":{}}]}}"#,
      to: &objects
    )
    let pods = Dictionary(try Fixture.api(objects).pods.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    #expect(pods["a"]?.isTerminating == true)
    #expect(pods["b"]?.containers[0].state == .waiting(reason: "CrashLoopBackOff", message: "back-off red"))
    #expect(pods["b"]?.isReady == false)
    #expect(pods["c"]?.containers[0].state == .terminated(reason: "Error", exitCode: 137))
    let unscheduled = try #require(pods["d"])
    #expect(unscheduled.containers.map(\.name) == ["migrate", "api"])
    #expect(unscheduled.containers.map(\.isInit) == [true, false])
    #expect(unscheduled.containers.map(\.digest) == [nil, nil])
    #expect(unscheduled.containers.map(\.state) == [.unknown, .unknown])
    #expect(unscheduled.restarts == 1 && !unscheduled.isReady)
  }

  @Test func podsThatCameToTheirEndAreNotCounted() throws {
    var objects = try Fixture.objects()
    let owner = Fixture.owner("ReplicaSet", "api-new", uid: "r-api-new")
    try add(Fixture.pod("evicted", owner: owner, ready: false, phase: "Failed"), to: &objects)
    #expect(!(try Fixture.api(objects).pods.contains { $0.name == "evicted" }))
  }

  @Test(arguments: [
    ("argoproj.io", "Rollout", "Rollout.argoproj.io"), ("", "Pod", "Pod"), ("apps", "ReplicaSet", "ReplicaSet.apps"),
  ])
  func kindsThatAreKnownToRunPodsProveNothing(group: String, kind: String, shown: String) throws {
    let resources = [Fixture.resource("apps", "Deployment", "api"), Fixture.resource(group, kind, "other")]
    let objects = try Fixture.objects(application: Fixture.application(resources: resources))
    #expect(try Fixture.api(objects).unknownKinds == [shown])
  }

  @Test func anyListedKindAboveAPodProvesNothing() throws {
    let resources = [
      Fixture.resource("apps", "Deployment", "api"), Fixture.resource("acme.io", "Fleet", "api"),
      Fixture.resource("", "Service", "api"), Fixture.resource("acme.io", "Certificate", "api"),
    ]
    let owned = Fixture.deployment(owner: Fixture.owner("Fleet", "api", uid: "f", apiVersion: "acme.io/v1"))
    let objects = try Fixture.objects(application: Fixture.application(resources: resources), deployment: owned)
    #expect(try Fixture.api(objects).unknownKinds == ["Fleet.acme.io"])
  }

  @Test func workloadsThatCannotBeSeenProveNothing() throws {
    let elsewhere = [Fixture.resource("apps", "Deployment", "api", namespace: "staging")]
    let away = try Fixture.api(try Fixture.objects(application: Fixture.application(resources: elsewhere)))
    #expect(away.workloads.isEmpty && away.unknownKinds == ["Deployment api (not in namespace prod)"])
  }

  /// A kind that is understood and an object that is not there: it was deleted, and that is a finding of its own.
  @Test func workloadThatWasDeletedIsMissing() throws {
    let resources = [Fixture.resource("apps", "Deployment", "api"), Fixture.resource("apps", "StatefulSet", "db")]
    let gone = try Fixture.api(try Fixture.objects(application: Fixture.application(resources: resources)))
    #expect(gone.unknownKinds.isEmpty && gone.missing == ["StatefulSet db"])
    #expect(gone.workloads.map(\.name) == ["api"])
  }
}
