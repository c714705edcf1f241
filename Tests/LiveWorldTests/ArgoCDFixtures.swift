import FoundationEssentials
import PromotionModel

@testable import LiveWorld

/// Objects as servers send them, in JSON, with fields that nothing reads besides.
enum Fixture {
  static let digest = "sha256:" + String(repeating: "ab", count: 32)
  static let commit = String(repeating: "1a", count: 20)

  static func decode<Object: Decodable>(_ json: String, as type: Object.Type = Object.self) throws -> Object {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  static let fleet = Fleet(
    repository: RepositorySettings(url: "file:///nowhere", filePattern: "{environment}/{service}.yaml", tagPath: "tag"),
    environments: [PromotionModel.Environment(name: EnvironmentName("production"), namespace: "prod")],
    services: ["api", "web"].map { Service(name: ServiceName($0), tag: TagPattern(prefix: "\($0)-v")) },
    argocd: ArgoCDSettings(),
    pullRequest: nil,
    policy: Policy()
  )

  static func resource(_ group: String, _ kind: String, _ name: String, namespace: String = "prod") -> String {
    #"{"group":"\#(group)","kind":"\#(kind)","namespace":"\#(namespace)","name":"\#(name)","version":"v1"}"#
  }

  static func application(
    _ name: String = "api-production",
    resources: [String] = [resource("apps", "Deployment", "api")],
    destination: String = #"{"server":"https://kubernetes.default.svc","namespace":"prod"}"#,
    spec: String = "",
    status: String = "",
    extra: String = ""
  ) -> String {
    #"""
    {"metadata":{"name":"\#(name)","uid":"app-\#(name)","resourceVersion":"5","managedFields":[{"manager":"x"}]},
     "spec":{"project":"default","destination":\#(destination)\#(spec)},
     "status":{"sync":{"status":"Synced","revision":"\#(commit)"},"health":{"status":"Healthy"},
       "reconciledAt":"2026-11-23T22:00:00Z","resources":[\#(resources.joined(separator: ","))]\#(status)}\#(extra)}
    """#
  }

  static func owner(_ kind: String, _ name: String, uid: String, apiVersion: String = "apps/v1") -> String {
    #""ownerReferences":[{"apiVersion":"\#(apiVersion)","kind":"\#(kind)","name":"\#(name)","uid":"\#(uid)","controller":true}]"#
  }

  static func deployment(_ name: String = "api", revision: Int = 2, owner: String = "", observed: Int = 4) -> String {
    #"""
    {"metadata":{"name":"\#(name)","uid":"d-\#(name)","generation":4,\#(owner.isEmpty ? "" : owner + ",")
       "annotations":{"deployment.kubernetes.io/revision":"\#(revision)"}},
     "spec":{"replicas":2,"template":{"spec":{"initContainers":[{"name":"migrate","image":"r/api:1.3.0"}],
       "containers":[{"name":"api","image":"r/api:1.3.0"}]}}},
     "status":{"observedGeneration":\#(observed),"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2,
       "conditions":[{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}
    """#
  }

  static func replicaSet(_ name: String, revision: Int, of deployment: String = "api", image: String) -> String {
    #"""
    {"metadata":{"name":"\#(name)","uid":"r-\#(name)","annotations":{"deployment.kubernetes.io/revision":"\#(revision)"},
       \#(owner("Deployment", deployment, uid: "d-\(deployment)"))},
     "spec":{"template":{"spec":{"containers":[{"name":"api","image":"\#(image)"}]}}}}
    """#
  }

  static func pod(
    _ name: String,
    owner: String,
    metadata: String = "",
    image: String = "r/api:1.3.0",
    ready: Bool = true,
    state: String = #"{"running":{"startedAt":"2026-11-23T21:00:00Z"}}"#,
    phase: String = "Running",
    status: String = ""
  ) -> String {
    #"""
    {"metadata":{"name":"\#(name)","uid":"p-\#(name)","creationTimestamp":"2026-11-23T20:59:00Z","labels":{"app":"api"},
       \#(owner)\#(metadata)},
     "spec":{"containers":[{"name":"api","image":"\#(image)"}]},
     "status":{"phase":"\#(phase)","conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")"}],
       "containerStatuses":[{"name":"api","ready":\#(ready),"restartCount":3,"image":"r/api:other",
         "imageID":"docker-pullable://r/api@\#(digest)","state":\#(state)}]\#(status)}}
    """#
  }

  static func podOf(_ replicaSet: String, _ name: String, metadata: String = "") -> String {
    pod(name, owner: owner("ReplicaSet", replicaSet, uid: "r-\(replicaSet)"), metadata: metadata)
  }

  /// The service `api` with a current and an old ReplicaSet, and a pod of each.
  static func objects(application: String = application(), deployment: String = deployment()) throws -> ClusterObjects {
    var objects = ClusterObjects()
    objects.applications = ClusterObjects.byName([try decode(application, as: Application.self)])
    objects.deployments = ClusterObjects.byName([try decode(deployment, as: Deployment.self)])
    objects.replicaSets = ClusterObjects.byName([
      try decode(replicaSet("api-old", revision: 1, image: "r/api:1.2.0"), as: ReplicaSet.self),
      try decode(replicaSet("api-new", revision: 2, image: "r/api:1.3.0"), as: ReplicaSet.self),
    ])
    objects.pods = ClusterObjects.byName([
      try decode(podOf("api-new", "api-new-1"), as: Pod.self), try decode(podOf("api-old", "api-old-1"), as: Pod.self),
    ])
    return objects
  }

  static func api(_ objects: ClusterObjects, migrations: MigrationJobs? = nil) throws -> ServiceSnapshot {
    var fleet = fleet
    for index in fleet.services.indices { fleet.services[index].migrations = migrations }
    let time = Timestamp(secondsSinceEpoch: 1_800_000_000)
    let snapshot = SnapshotAssembly.assemble(fleet.environments[0], fleet: fleet, objects: objects, time: time)
    guard snapshot.time == time, let service = snapshot.services[ServiceName("api")] else {
      throw WorldError(tool: "test", reason: .nonsense, message: "the snapshot lacks its time or a service")
    }
    return service
  }
}
