import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// What is concluded from what was read, for what the simulated world does not do.
@Suite struct DiagnosisTests {
  private let time = Timestamp(secondsSinceEpoch: 1_800_000_000)

  /// A service that is well in every respect, to be made ill in one.
  private struct Patient {
    var declared: DeclaredService?
    var seen: ServiceSnapshot
    var close: ServiceExamination
    var isComplete = true
    var usage: Known<[ContainerUsage]> = .known([])
    var nodes: Known<[NodeExamination]> = .known([NodeExamination(name: "n1")])
    var probe: ProbeResult?
  }

  private func patient() -> Patient {
    let container = ContainerSnapshot(
      name: "api",
      image: "r/api:api-v1.2.2",
      digest: ImageDigest(imageID: "sha256:" + String(repeating: "a", count: 64)),
      isReady: true,
      restarts: 0,
      state: .running(since: time - .seconds(600))
    )
    let pod = PodSnapshot(
      name: "api-1",
      uid: "u1",
      createdAt: time - .seconds(900),
      isTerminating: false,
      isReady: true,
      isCurrent: true,
      containers: [container]
    )
    let workload = WorkloadSnapshot(
      kind: "Deployment",
      name: "api",
      uid: "d",
      generation: 1,
      observedGeneration: 1,
      desired: 1,
      updated: 1,
      ready: 1,
      available: 1,
      replicas: 1,
      images: ["api": container.image],
      pods: [pod]
    )
    let application = ApplicationSnapshot(
      name: "api-production",
      sync: .synced,
      health: .healthy,
      revision: nil,
      reconciledAt: time,
      destinationNamespace: "production"
    )
    return Patient(
      declared: DeclaredService(file: "f.yaml", tag: "api-v1.2.2", version: Version("1.2.2")),
      seen: ServiceSnapshot(application: application, workloads: [workload]),
      close: ServiceExamination(
        policy: SyncPolicy(isAutomated: true),
        pods: [
          PodExamination(
            name: "api-1",
            node: "n1",
            phase: "Running",
            isCurrent: true,
            containers: [
              ContainerExamination(
                name: "api",
                memoryLimit: 256 * 1_048_576,
                probes: [ContainerProbe(kind: .readiness, what: "GET :8080/health")]
              )
            ]
          )
        ],
        endpoints: .known([ServiceEndpoints(name: "api", ready: 1, notReady: 0)])
      ),
      usage: .known([ContainerUsage(pod: "api-1", container: "api", cpu: 10, memory: 1_048_576)])
    )
  }

  private func diagnose(_ change: (inout Patient) -> Void = { _ in }) -> [Finding] {
    var patient = patient()
    change(&patient)
    return Diagnosis(
      service: Service(name: api, tag: TagPattern(prefix: "api-v")),
      environment: production,
      declared: patient.declared,
      seen: patient.seen,
      close: patient.close,
      isComplete: patient.isComplete,
      usage: patient.usage,
      nodes: patient.nodes,
      probe: patient.probe,
      policy: Policy(),
      time: time
    ).findings
  }

  private func bad(_ findings: [Finding], _ check: String) -> [Finding] {
    findings.filter { $0.check == check && $0.result == .bad }
  }

  @Test func aWellServiceHasNothingWrong() {
    let findings = diagnose()
    #expect(findings.allSatisfy { $0.result == .good || $0.result == .notChecked }, "\(findings)")
  }

  @Test func killedForMemoryIsToldWithTheLimit() throws {
    let findings = diagnose { patient in
      patient.seen.workloads[0].pods[0].containers[0].restarts = 2
      patient.close.pods[0].containers[0].lastEnd = .init(reason: "OOMKilled", exitCode: 137, time: time)
    }
    let pods = try #require(bad(findings, "pods").first, "\(findings)")
    #expect(pods.message == "api-1 api was restarted; it was killed for its use of memory (its limit is 256 MiB)")
    #expect(pods.advice == "rollback production api")
  }

  @Test func podWithoutNodeIsToldWithTheSchedulersWordsAndAllNodes() {
    let findings = diagnose { patient in
      patient.seen.workloads[0].pods[0].isReady = false
      patient.seen.workloads[0].pods[0].containers[0].state = .unknown
      patient.close.pods[0].node = nil
      patient.close.pods[0].unschedulable = "Unschedulable: 0/2 nodes are available: 2 Insufficient cpu."
      patient.nodes = .known([
        NodeExamination(name: "n1", troubles: ["MemoryPressure"]), NodeExamination(name: "n2", isCordoned: true),
      ])
    }
    #expect(
      bad(findings, "pods").map(\.message) == [
        "api-1 finds no node: Unschedulable: 0/2 nodes are available: 2 Insufficient cpu."
      ]
    )
    #expect(bad(findings, "nodes").map(\.message) == ["n1: MemoryPressure"])
    #expect(findings.contains { $0.check == "nodes" && $0.message == "nothing new is put on n2" })
  }

  @Test func evictedPodsAreToldOnceForAllOfThem() {
    let findings = diagnose { patient in
      for number in 1...5 {
        patient.close.pods.append(
          PodExamination(
            name: "api-old-\(number)",
            node: "n1",
            phase: "Failed",
            reason: "Evicted: The node was low on resource: memory.",
            isCurrent: false,
            containers: []
          )
        )
      }
    }
    let warnings = findings.filter { $0.check == "pods" && $0.result == .warning }
    #expect(
      warnings.map(\.message) == [
        "api-old-1, api-old-2, api-old-3 and 2 more is over: Evicted: The node was low on resource: memory."
      ]
    )
  }

  @Test func useNearTheLimitIsToldAndNoMetricsAreNotGood() {
    let near = diagnose { $0.usage = .known([ContainerUsage(pod: "api-1", container: "api", cpu: 1, memory: 255e6)]) }
    #expect(
      near.contains { $0.check == "resources" && $0.message == "api of api-1 uses 243.2 MiB of 256 MiB memory" },
      "\(near)"
    )
    let absent = WorldError(tool: "kubectl", reason: .notFound, message: "the server could not find it")
    let none = diagnose { $0.usage = .unknown(absent) }.first { $0.check == "resources" }
    #expect(none?.result == .notChecked)
    #expect(none?.message == "the cluster has no metrics.k8s.io; limits of api: cpu none, memory 256 MiB")
  }

  @Test func nodeThatIsNotReadyOrNotThereIsTold() {
    let unready = diagnose { $0.nodes = .known([NodeExamination(name: "n1", troubles: ["not ready: no heartbeat"])]) }
    #expect(bad(unready, "nodes").map(\.message) == ["n1: not ready: no heartbeat"])
    #expect(bad(diagnose { $0.nodes = .known([]) }, "nodes").map(\.message) == ["n1 is no longer there"])
  }

  @Test func argoCDsOwnComplaintsAreTold() throws {
    let findings = diagnose { patient in
      patient.seen.application?.sync = .outOfSync
      patient.seen.application?.operation = .init(phase: "Failed", revision: nil, message: "one or more objects failed")
      patient.seen.application?.conditions = ["ComparisonError: rpc error", "OrphanedResourceWarning: 1 orphan"]
      patient.close.policy = SyncPolicy(isAutomated: false, options: ["Validate=false"])
      patient.close.resources = [ResourceTrouble(resource: "Job migrate", message: "its sync failed: immutable")]
    }
    let messages = bad(findings, "sync").map(\.message)
    #expect(messages.contains("ComparisonError: rpc error"))
    #expect(messages.contains("the last sync ended Failed: one or more objects failed"))
    #expect(messages.contains("Job migrate: its sync failed: immutable"))
    #expect(messages.contains("api-production is OutOfSync and Healthy"))
    let policy = try #require(findings.first { $0.check == "sync policy" })
    #expect(policy.message == "Argo CD does not sync it by itself; Validate=false" && policy.result == .warning)
    #expect(findings.contains { $0.result == .warning && $0.message.hasPrefix("OrphanedResourceWarning") })
  }

  @Test func stuckRolloutWithoutAReasonIsToBeRestartedAndOneWithAReasonIsNot() {
    func stuck(_ change: (inout Patient) -> Void = { _ in }) -> Finding? {
      bad(
        diagnose { patient in
          patient.seen.workloads[0].updated = 0
          patient.seen.workloads[0].hasExceededProgressDeadline = true
          change(&patient)
        },
        "rollout"
      ).first { $0.message.hasPrefix("Deployment api:") }
    }
    #expect(stuck()?.advice == "restart production api")
    #expect(
      stuck { $0.seen.workloads[0].pods[0].containers[0].state = .waiting(reason: "ImagePullBackOff", message: "") }?
        .advice == nil
    )
  }

  @Test func whatWasNotReadIsNeverSaidNotToBeThere() {
    let findings = diagnose { patient in
      patient.isComplete = false
      patient.seen.workloads = []
      patient.close.pods = []
      patient.close.endpoints = .known([ServiceEndpoints(name: "api", ready: 0, notReady: 0)])
    }
    #expect(findings.allSatisfy { $0.result != .bad }, "\(findings)")
    #expect(findings.contains { $0.check == "rollout" && $0.result == .unknown })
    #expect(findings.contains { $0.check == "endpoints" && $0.result == .unknown })
  }

  @Test func partsThatMayNotBeReadAreUnknown() {
    let error = WorldError(tool: "kubectl", reason: .unauthorized, message: "forbidden")
    let findings = diagnose { patient in
      (patient.nodes, patient.usage) = (.unknown(error), .unknown(error))
      (patient.close.events, patient.close.endpoints) = (.unknown(error), .unknown(error))
      patient.close.inside = InsideProbe(pod: "api-1", what: "GET :8080/health", status: .unknown(error))
    }
    for check in ["nodes", "resources", "events", "endpoints", "health within"] {
      #expect(findings.contains { $0.check == check && $0.result == .unknown }, "\(check)")
    }
    #expect(findings.allSatisfy { $0.result != .bad })
  }

  @Test func healthyWithinAndNotFromWithoutPointsBetween() {
    let findings = diagnose { patient in
      patient.close.inside = InsideProbe(pod: "api-1", what: "GET :8080/health", status: .known(200))
      patient.probe = ProbeResult(target: ProbeTarget(service: api, url: "https://x/health"), answer: .status(502))
    }
    #expect(bad(findings, "health").first?.message.contains("look at what lies between") == true, "\(findings)")
  }

  @Test func eventsAreMergedAndCounted() {
    let events = (1...4).map { number in
      ClusterEvent(
        object: "Pod api-\(number)",
        reason: "BackOff",
        message: "Back-off restarting api of api-\(number)",
        count: number,
        last: time - .seconds(Int64(number))
      )
    }
    let merged = ClusterEvent.merged(events + [ClusterEvent(object: "Pod x", reason: "Old", message: "m")])
    #expect(merged.map(\.count) == [10, 1])
    #expect(merged[0].object == "Pod api-1" && merged[0].last == time - .seconds(1))
    let findings = diagnose { $0.close.events = .known(merged) }
    #expect(findings.contains { $0.message.hasPrefix("Pod api-1: BackOff 10 times, last 1s ago: ") }, "\(findings)")
  }

  /// Every remedy is a statement of the language.
  @Test(arguments: Diagnosis.Remedy.allCases) func remediesAreStatementsThatRun(remedy: Diagnosis.Remedy) throws {
    let stage = try Future("").stage()
    let statement = "\(remedy.rawValue) production api"
    #expect(Diagnose.canBeRun(statement, in: stage.fleet))
    #expect(!Diagnose.canBeRun("\(remedy.rawValue) production nobody", in: stage.fleet))
  }
}
