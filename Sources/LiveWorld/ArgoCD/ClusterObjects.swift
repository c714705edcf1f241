/// All that was read of one environment: objects of its namespace by name, and Argo CD's Applications.
struct ClusterObjects: Sendable {
  var applications: [String: Application] = [:]
  var deployments: [String: Deployment] = [:]
  var replicaSets: [String: ReplicaSet] = [:]
  var statefulSets: [String: StatefulSet] = [:]
  var daemonSets: [String: DaemonSet] = [:]
  var jobs: [String: Job] = [:]
  var pods: [String: Pod] = [:]

  static func byName<Object: KubernetesObject>(_ objects: [Object]) -> [String: Object] {
    Dictionary(objects.map { ($0.metadata.name, $0) }, uniquingKeysWith: { $1 })
  }
}
