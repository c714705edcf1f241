import PromotionModel

extension Outside {
  /// What a watcher of an environment sees now.
  mutating func observation(of environment: EnvironmentName) -> ClusterObservation {
    if isNetworkLost || isAway(.cluster) { return .lost(Self.noNetwork("kubectl")) }
    return .seen(snapshot(of: environment))
  }

  mutating func snapshot(of environment: EnvironmentName) -> EnvironmentSnapshot {
    for place in applications.touched { shown[place.environment]?[place.service] = nil }
    for place in deployments.touched { shown[place.environment]?[place.service] = nil }
    applications.forgetTouched()
    deployments.forgetTouched()
    var services = shown[environment] ?? [:]
    if services.count < fleet.services.count {
      for service in fleet.services.map(\.name) where services[service] == nil {
        let place = Place(environment: environment, service: service)
        services[service] = described(place)?.seen ?? serviceSnapshot(of: place)
      }
      shown[environment] = services
    }
    return EnvironmentSnapshot(environment: environment, time: now, services: services)
  }

  func serviceSnapshot(of place: Place) -> ServiceSnapshot {
    ServiceSnapshot(
      application: applications[place].map { snapshot($0, of: place) },
      workloads: applications[place] == nil ? [] : deployments[place].map { [snapshot($0, of: place)] } ?? [],
      missing: applications[place] != nil && deployments[place] == nil && deleted.contains(place)
        ? ["Deployment \(place.service)"] : [],
      jobs: fleet.service(place.service)?.migrations.map { migrations($0, of: place) } ?? jobs(of: place)
    )
  }

  /// The migration that the configuration speaks of, as the last operation which had one left it; done where none had.
  private func migrations(_ wanted: MigrationJobs, of place: Place) -> [JobSnapshot] {
    guard let service = fleet.service(place.service), let image = deployments[place]?.image,
      let tag = service.tag(ofImage: image)
    else { return [] }
    let version = service.tag.version(ofTag: tag)?.description ?? tag
    let name = (wanted.name ?? "\(place.service)-migrations").replacing("{version}", with: version)
      .replacing("{tag}", with: tag).replacing("*", with: "x")
    return [JobSnapshot(name: name, state: applications[place]?.operation?.job ?? .complete, images: [image])]
  }

  private func snapshot(_ application: ApplicationState, of place: Place) -> ApplicationSnapshot {
    ApplicationSnapshot(
      name: applicationNames[place] ?? fleet.argocd.application(of: place.service, in: place.environment),
      sync: application.sync,
      health: deployments[place].map(health) ?? .missing,
      revision: application.revision,
      reconciledAt: application.reconciledAt,
      operation: application.operation.map {
        ApplicationSnapshot.Operation(
          phase: $0.phase,
          revision: $0.revision,
          message: $0.message,
          finishedAt: $0.finishedAt,
          mark: $0.mark
        )
      },
      destinationNamespace: fleet.environment(place.environment)?.namespace ?? "",
      hasAutoSync: application.hasAutoSync,
      suspendedBy: application.suspendedBy,
      healsItself: application.healsItself
    )
  }

  /// Argo CD's health of a Deployment, by its built-in check.
  private func health(_ deployment: DeploymentState) -> ApplicationSnapshot.Health {
    if deployment.hasExceededProgressDeadline { return .degraded }
    return deployment.isComplete ? .healthy : .progressing
  }

  private func snapshot(_ deployment: DeploymentState, of place: Place) -> WorkloadSnapshot {
    WorkloadSnapshot(
      kind: "Deployment",
      name: place.service.text,
      uid: deployment.uid,
      generation: deployment.generation,
      observedGeneration: deployment.observedGeneration,
      desired: deployment.desired,
      updated: deployment.currentCount,
      ready: deployment.available,
      available: deployment.available,
      replicas: deployment.livingCount,
      hasExceededProgressDeadline: deployment.hasExceededProgressDeadline,
      images: [place.service.text: deployment.image],
      formerImages: formerImages(deployment),
      keptRevisions: DeploymentState.keptRevisions,
      pods: deployment.pods.map { snapshot($0, isCurrent: $0.template == deployment.currentTemplate, of: place) }
    )
  }

  private func formerImages(_ deployment: DeploymentState) -> [String] {
    var images: [String] = []
    for template in deployment.revisions
    where template != deployment.currentTemplate && !images.contains(template.image) {
      images.append(template.image)
    }
    return images
  }

  private func snapshot(_ pod: PodState, isCurrent: Bool, of place: Place) -> PodSnapshot {
    let state: ContainerSnapshot.State =
      switch pod.phase {
      case .waiting(let reason, let message): .waiting(reason: reason, message: message)
      case .running: .running(since: pod.startedAt)
      case .ended(let exitCode): .terminated(reason: "Error", exitCode: exitCode)
      }
    let container = ContainerSnapshot(
      name: place.service.text,
      image: pod.image,
      digest: pod.digest,
      isReady: pod.isReady,
      restarts: pod.restarts,
      state: state
    )
    return PodSnapshot(
      name: pod.name,
      uid: pod.uid,
      createdAt: pod.createdAt,
      isTerminating: pod.isTerminating,
      isReady: pod.isReady,
      isCurrent: isCurrent,
      containers: [container]
    )
  }
}
