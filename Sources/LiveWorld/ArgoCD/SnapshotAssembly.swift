import PromotionModel

/// Puts together what Argo CD and the cluster say of an environment.
///
/// A service's workloads are those in its Application's resource list, and their pods those that owner UIDs lead to
/// (rule 2 of the language). Whatever of that list may run pods and is not understood is said so, never passed over.
struct SnapshotAssembly {
  private let environment: PromotionModel.Environment
  private let objects: ClusterObjects
  private let ownership: Ownership
  private let ownersOfPods: Set<NamedResource>

  static func assemble(
    _ environment: PromotionModel.Environment,
    fleet: Fleet,
    objects: ClusterObjects,
    time: Timestamp
  ) -> EnvironmentSnapshot {
    let assembly = SnapshotAssembly(environment, objects)
    let services = fleet.services.map { service in
      (service.name, assembly.service(service, fleet.argocd.application(of: service.name, in: environment.name)))
    }
    return EnvironmentSnapshot(
      environment: environment.name,
      time: time,
      services: Dictionary(services, uniquingKeysWith: { first, _ in first })
    )
  }

  private init(_ environment: PromotionModel.Environment, _ objects: ClusterObjects) {
    (self.environment, self.objects) = (environment, objects)
    ownership = Ownership(objects)
    ownersOfPods = ownership.ownersOfPods()
  }

  /// Kinds that run pods of their own without a Deployment, StatefulSet, DaemonSet or Job that this program would see.
  private static let unsupported: Set<ResourceKind> = [
    ResourceKind("", "Pod"), ResourceKind("", "ReplicationController"), ResourceKind("apps", "ReplicaSet"),
    ResourceKind("argoproj.io", "Rollout"), ResourceKind("argoproj.io", "Workflow"),
    ResourceKind("apps.openshift.io", "DeploymentConfig"), ResourceKind("serving.knative.dev", "Service"),
    ResourceKind("apps.kruise.io", "CloneSet"), ResourceKind("apps.kruise.io", "StatefulSet"),
    ResourceKind("apps.kruise.io", "DaemonSet"), ResourceKind("keda.sh", "ScaledJob"),
    ResourceKind("flagger.app", "Canary"),
  ]

  private func service(_ configured: Service, _ applicationName: String) -> ServiceSnapshot {
    guard let application = objects.applications[applicationName] else { return ServiceSnapshot(application: nil) }
    var service = ServiceSnapshot(application: application.snapshot)
    var unknown: Set<String> = []
    for resource in application.status?.resources ?? [] {
      let kind = ResourceKind(resource.group ?? "", resource.kind)
      switch (kind.group, kind.kind) {
      case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"):
        if let workload = workload(resource) {
          service.workloads.append(workload)
        } else if isHere(resource.namespace) {
          service.missing.append(LocalPrograms.sanitize(line: "\(resource.kind) \(resource.name)"))
        } else {
          unknown.insert("\(resource.kind) \(resource.name) (not in namespace \(environment.namespace))")
        }
      case ("batch", "Job"):
        if isHere(resource.namespace), let job = objects.jobs[resource.name] { service.jobs.append(Self.job(job)) }
      case ("batch", "CronJob"):
        // Understood: it runs when its time comes and has nothing to roll out.
        continue
      default:
        let owns = isHere(resource.namespace) && ownersOfPods.contains(NamedResource(kind: kind, name: resource.name))
        guard owns || Self.unsupported.contains(kind) else { continue }
        unknown.insert(kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)")
      }
    }
    let hooks = hookJobs(application)
    let known = Set(hooks.map(\.name))
    if let migrations = configured.migrations {
      service.jobs = self.migrations(migrations, besides: hooks)
    } else {
      service.jobs = service.jobs.filter { !known.contains($0.name) } + hooks
    }
    service.unknownKinds = unknown.map { LocalPrograms.sanitize(line: $0) }.sorted()
    return service
  }

  private func isHere(_ namespace: String?) -> Bool { namespace == environment.namespace }

  // MARK: Workloads

  private func workload(_ resource: Application.Resource) -> WorkloadSnapshot? {
    guard isHere(resource.namespace) else { return nil }
    switch resource.kind {
    case "Deployment": return objects.deployments[resource.name].map(deployment)
    case "StatefulSet": return objects.statefulSets[resource.name].map(statefulSet)
    case "DaemonSet": return objects.daemonSets[resource.name].map(daemonSet)
    default: return nil
    }
  }

  private func deployment(_ deployment: Deployment) -> WorkloadSnapshot {
    let (metadata, status) = (deployment.metadata, deployment.status)
    let sets = (metadata.uid.flatMap { ownership.replicaSets[$0] } ?? [])
      .sorted { ($0.revision ?? 0, $0.metadata.name) > ($1.revision ?? 0, $1.metadata.name) }
    // Only the controller's own word for it counts: the newest set, and the Deployment names the same revision.
    let revision = metadata.annotations?[Deployment.revision].flatMap { Int64($0) }
    let current = sets.first.flatMap { $0.revision != nil && $0.revision == revision ? $0.metadata.uid : nil }
    var former: [String] = []
    for set in sets where set.metadata.uid != current {
      for image in (set.spec?.template?.images ?? [:]).values.sorted() where !former.contains(image) {
        former.append(image)
      }
    }
    let pods = sets.flatMap { set in
      podsManaged(by: set.metadata.uid).map { Self.pod($0, isCurrent: set.metadata.uid == current) }
    }
    return WorkloadSnapshot(
      kind: "Deployment",
      name: metadata.name,
      uid: metadata.uid ?? "",
      generation: metadata.generation ?? 0,
      observedGeneration: status?.observedGeneration ?? -1,
      desired: deployment.spec?.replicas ?? 1,
      updated: status?.updatedReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? 0,
      replicas: status?.replicas ?? 0,
      hasExceededProgressDeadline: (status?.conditions ?? []).contains {
        $0.type == "Progressing" && $0.status == "False" && $0.reason == "ProgressDeadlineExceeded"
      },
      images: deployment.spec?.template?.images ?? [:],
      formerImages: former,
      keptRevisions: deployment.spec?.revisionHistoryLimit ?? 10,
      pods: pods
    )
  }

  private func statefulSet(_ set: StatefulSet) -> WorkloadSnapshot {
    let (metadata, status) = (set.metadata, set.status)
    let pods = podsManaged(by: metadata.uid).map { pod in
      let hash = pod.metadata.labels?["controller-revision-hash"]
      return Self.pod(pod, isCurrent: hash != nil && hash == status?.updateRevision)
    }
    return WorkloadSnapshot(
      kind: "StatefulSet",
      name: metadata.name,
      uid: metadata.uid ?? "",
      generation: metadata.generation ?? 0,
      observedGeneration: status?.observedGeneration ?? -1,
      desired: set.spec?.replicas ?? 1,
      updated: status?.updatedReplicas ?? 0,
      ready: status?.readyReplicas ?? 0,
      available: status?.availableReplicas ?? status?.readyReplicas ?? 0,
      replicas: status?.replicas ?? 0,
      images: set.spec?.template?.images ?? [:],
      pods: pods
    )
  }

  private func daemonSet(_ set: DaemonSet) -> WorkloadSnapshot {
    let (metadata, status, template) = (set.metadata, set.status, set.spec?.template)
    let pods = podsManaged(by: metadata.uid).map { pod in
      Self.pod(pod, isCurrent: Self.runs(template, pod))
    }
    return WorkloadSnapshot(
      kind: "DaemonSet",
      name: metadata.name,
      uid: metadata.uid ?? "",
      generation: metadata.generation ?? 0,
      observedGeneration: status?.observedGeneration ?? -1,
      desired: status?.desiredNumberScheduled ?? 0,
      updated: status?.updatedNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0,
      available: status?.numberAvailable ?? 0,
      replicas: status?.currentNumberScheduled ?? 0,
      images: template?.images ?? [:],
      pods: pods
    )
  }

  /// Whether a pod has every image of the template; containers that something else put into the pod do not count.
  private static func runs(_ template: PodTemplate?, _ pod: Pod) -> Bool {
    guard let template, !template.images.isEmpty else { return false }
    let (own, initial) = (PodTemplate.images(pod.spec?.containers), PodTemplate.images(pod.spec?.initContainers))
    return template.images.allSatisfy { own[$0.key] == $0.value }
      && PodTemplate.images(template.spec?.initContainers).allSatisfy { initial[$0.key] == $0.value }
  }

  private func podsManaged(by uid: String?) -> [Pod] { uid.flatMap { ownership.pods[$0] } ?? [] }

  // MARK: Jobs

  private static func job(_ job: Job) -> JobSnapshot {
    let holds = Set((job.status?.conditions ?? []).filter { $0.status == "True" }.map(\.type))
    let state: JobSnapshot.State =
      holds.contains("Failed") ? .failed : holds.contains("Complete") ? .complete : .active
    return JobSnapshot(
      name: LocalPrograms.sanitize(line: job.metadata.name),
      state: state,
      createdAt: job.metadata.creationTimestamp.flatMap { Timestamp($0) },
      images: job.spec?.template?.images.values.sorted()
    )
  }

  /// The Jobs of the namespace that the configuration names, whoever owns them; hooks that are gone are known by their names alone.
  private func migrations(_ wanted: MigrationJobs, besides hooks: [JobSnapshot]) -> [JobSnapshot] {
    let ofLastSync = Set(hooks.map(\.name))
    let here = objects.jobs.values.filter { wanted.covers(name: $0.metadata.name, labels: $0.metadata.labels ?? [:]) }
    var found = here.sorted { $0.metadata.name < $1.metadata.name }.map { job in
      var found = Self.job(job)
      found.isOfLastSync = ofLastSync.contains(found.name)
      return found
    }
    let known = Set(objects.jobs.keys)
    if wanted.labels.isEmpty {
      found += hooks.filter { !known.contains($0.name) && wanted.covers(name: $0.name, labels: [:]) }
    }
    return found
  }

  /// Jobs that the last sync ran as hooks; Argo CD may have deleted them since, and then its word for them counts.
  private func hookJobs(_ application: Application) -> [JobSnapshot] {
    (application.status?.operationState?.syncResult?.resources ?? []).compactMap { resource in
      guard resource.kind == "Job", let hook = resource.hookType, !hook.isEmpty, hook != "SyncFail",
        let name = resource.name
      else { return nil }
      if isHere(resource.namespace), let job = objects.jobs[name] {
        var found = Self.job(job)
        found.isOfLastSync = true
        return found
      }
      let state: JobSnapshot.State =
        switch resource.hookPhase {
        case "Succeeded": .complete
        case "Failed", "Error": .failed
        default: .active
        }
      return JobSnapshot(name: LocalPrograms.sanitize(line: name), state: state, isOfLastSync: true)
    }
  }
}
