/// Who owns what in a namespace, by owner UIDs: names and labels prove nothing (rule 2 of the language).
struct Ownership {
  /// What an object is, and who manages it.
  private struct Link {
    var kind: ResourceKind
    var name: String
    var controller: OwnerReference?
  }
  private var links: [String: Link] = [:]
  /// Pods that are not over, by the UID of what manages them directly.
  private(set) var pods: [String: [Pod]] = [:]
  private(set) var replicaSets: [String: [ReplicaSet]] = [:]

  init(_ objects: ClusterObjects) {
    note(objects.deployments.values, ResourceKind("apps", "Deployment"))
    note(objects.replicaSets.values, ResourceKind("apps", "ReplicaSet"))
    note(objects.statefulSets.values, ResourceKind("apps", "StatefulSet"))
    note(objects.daemonSets.values, ResourceKind("apps", "DaemonSet"))
    note(objects.jobs.values, ResourceKind("batch", "Job"))
    for pod in objects.pods.values.sorted(by: { $0.metadata.name < $1.metadata.name }) where !pod.isOver {
      if let owner = pod.metadata.controller { pods[owner.uid, default: []].append(pod) }
    }
    for set in objects.replicaSets.values {
      if let owner = set.metadata.controller { replicaSets[owner.uid, default: []].append(set) }
    }
  }

  private mutating func note(_ objects: some Sequence<some KubernetesObject>, _ kind: ResourceKind) {
    for object in objects {
      guard let uid = object.metadata.uid else { continue }
      links[uid] = Link(kind: kind, name: object.metadata.name, controller: object.metadata.controller)
    }
  }

  /// All that stands above the pods of the namespace, as far as references lead, with kind and name.
  func ownersOfPods() -> Set<NamedResource> {
    var found: Set<NamedResource> = []
    var waiting = pods.values.compactMap { $0.first?.metadata.controller }
    var seen: Set<String> = []
    while let owner = waiting.popLast() {
      guard seen.insert(owner.uid).inserted else { continue }
      found.insert(NamedResource(kind: ResourceKind(owner.group, owner.kind), name: owner.name))
      if let above = links[owner.uid]?.controller { waiting.append(above) }
    }
    return found
  }
}

struct ResourceKind: Hashable, Sendable {
  var group: String
  var kind: String

  init(_ group: String, _ kind: String) { (self.group, self.kind) = (group, kind) }
}

struct NamedResource: Hashable, Sendable {
  var kind: ResourceKind
  var name: String
}
