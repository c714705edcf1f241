/// Something that is asked of a cluster, by the words of the Kubernetes API: the one list of which roles are made
/// (``ClusterAccess``) and that the doctor goes through (``ClusterCheck``).
///
/// What stands here is what ``KubectlCluster`` and ``ArgoDelivery`` ask for: a request that they learn needs its line.
struct ClusterRule: Hashable, Sendable {
  enum Place: Hashable, Sendable { case environment, argocd, cluster }

  var place: Place
  /// What a runbook must want for it; nil: every run looks.
  var need: ClusterAccess.Need?
  var group: String
  /// With their subresources: `pods/log`.
  var resources: [String]
  /// Of these alone; empty: of all.
  var names: [String] = []
  var verbs: [String]
  /// What a run cannot do without it.
  var loss = ""

  private static let look = ["list", "watch"]

  static let all = [
    // The cluster is known by the UID of this one namespace (rule 6 of the language).
    ClusterRule(
      place: .cluster,
      group: "",
      resources: ["namespaces"],
      names: ["kube-system"],
      verbs: ["get"],
      loss: "no cluster is known by its UID"
    ),
    ClusterRule(
      place: .environment,
      group: "apps",
      resources: ["deployments", "replicasets", "statefulsets", "daemonsets"],
      verbs: look,
      loss: "no rollout is seen"
    ),
    ClusterRule(
      place: .environment,
      group: "batch",
      resources: ["jobs"],
      verbs: look,
      loss: "no migration is seen"
    ),
    ClusterRule(place: .environment, group: "", resources: ["pods"], verbs: look, loss: "no pod is seen"),
    ClusterRule(place: .environment, group: "", resources: ["pods/log"], verbs: ["get"], loss: "no log is read"),
    ClusterRule(
      place: .environment,
      need: .workloads,
      group: "apps",
      resources: ["deployments", "statefulsets", "daemonsets"],
      verbs: ["get", "patch"],
      loss: "nothing is restarted, and no rollout is undone"
    ),
    ClusterRule(
      place: .argocd,
      group: "argoproj.io",
      resources: ["applications"],
      verbs: look,
      loss: "no sync is seen"
    ),
    ClusterRule(
      place: .argocd,
      need: .delivery,
      group: "argoproj.io",
      resources: ["applications"],
      verbs: ["get", "patch"],
      loss: "Argo CD cannot be asked to look, and no operation can be ended"
    ),
    ClusterRule(
      place: .environment,
      need: .diagnosis,
      group: "",
      resources: ["events", "endpoints"],
      verbs: ["list"]
    ),
    ClusterRule(place: .environment, need: .diagnosis, group: "", resources: ["pods/proxy"], verbs: ["get"]),
    ClusterRule(
      place: .environment,
      need: .diagnosis,
      group: "metrics.k8s.io",
      resources: ["pods"],
      verbs: ["list"]
    ),
    ClusterRule(place: .cluster, need: .diagnosis, group: "", resources: ["nodes"], verbs: ["list"]),
  ]
}
