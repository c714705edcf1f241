import PromotionModel

extension Outside {
  /// Somebody, mostly Argo CD, sets the image that a Deployment asks for; without one, it is made.
  ///
  /// - Parameter replicas: how many it is to have; nil: as many as it has.
  mutating func setImage(_ place: Place, to image: String, replicas: Int? = nil) {
    changed.insert(place.environment)
    if deployments[place] == nil {
      // One that was deleted is another object, and no deadline of the former one is about it.
      let name = deletions > 0 ? "\(place.service) after \(deletions)" : place.service.text
      deployments[place] = DeploymentState(
        uid: StableHash.uid("deployment", place.environment.text, name),
        generation: 0,
        observedGeneration: 0,
        image: image,
        revisions: [],
        progress: deletions * 100_000
      )
    }
    let restartedAt = deployments[place]?.restartedAt ?? ""
    setTemplate(place, to: TemplateState(image: image, restartedAt: restartedAt), replicas: replicas)
  }

  /// A Deployment that is there is to run something else, or (with another `restartedAt`) the same with new pods, or more
  /// or fewer of them.
  mutating func setTemplate(_ place: Place, to template: TemplateState, replicas: Int? = nil) {
    guard let deployment = deployments[place] else { return }
    let replicas = replicas ?? deployment.desired
    guard deployment.generation == 0 || deployment.template != template || deployment.desired != replicas else {
      return
    }
    changed.insert(place.environment)
    deployments[place]?.image = template.image
    deployments[place]?.restartedAt = template.restartedAt
    deployments[place]?.desired = replicas
    deployments[place]?.generation += 1
    schedule(.controllerSees(place), after: chance.milliseconds(50...500, for: "controller"))
  }

  /// The Deployment controller sees a new generation: the ReplicaSet of that image is made, or taken up again.
  mutating func controllerSees(_ place: Place) {
    guard var deployment = deployments[place], deployment.observedGeneration < deployment.generation else { return }
    deployment.observedGeneration = deployment.generation
    let template = deployment.template
    if deployment.revisions.last != template {
      deployment.revisions.removeAll { $0 == template }
      deployment.revisions.append(template)
      deployment.revisions = deployment.revisions.suffix(DeploymentState.keptRevisions + 1)
      deployment.hasExceededProgressDeadline = false
      deployment.hasRolledOut = false
    }
    deployments[place] = deployment
    changed.insert(place.environment)
    noteProgress(place)
    rollOut(place)
  }

  /// One round of the Deployment controller (maxSurge 1, maxUnavailable 0): pods are added up to the surge, and old
  /// ones go, first those that are not ready, while as many as desired stay available. New ones go only when fewer are
  /// desired.
  mutating func rollOut(_ place: Place) {
    guard let deployment = deployments[place], deployment.observedGeneration == deployment.generation else { return }
    let room = min(
      deployment.desired + DeploymentState.maxSurge - deployment.livingCount,
      deployment.desired - deployment.currentCount
    )
    for _ in 0..<max(0, room) { addPod(place) }
    if deployment.currentCount > deployment.desired { removeSurplus(place) }
    guard let deployment = deployments[place] else { return }
    // As in the controller: new pods that are not available yet hold back the cleaning up of old ones.
    let newUnavailable = deployment.current.count { !$0.isReady }
    var spare = deployment.livingCount - deployment.desired - newUnavailable
    var ready = deployment.available - deployment.desired
    var went = false
    for pod in deployment.former.sorted(by: { !$0.isReady && $1.isReady }) where spare > 0 {
      if pod.isReady {
        guard ready > 0 else { continue }
        ready -= 1
      }
      spare -= 1
      terminate(pod.name, at: place)
      went = true
    }
    if went {
      noteProgress(place)
      rollOut(place)
    }
  }

  /// The rollout came on: its deadline begins anew.
  mutating func noteProgress(_ place: Place) {
    guard let deployment = deployments[place] else { return }
    deployments[place]?.progress += 1
    guard !deployment.isComplete else {
      deployments[place]?.hasExceededProgressDeadline = false
      deployments[place]?.hasRolledOut = true
      return
    }
    guard !deployment.hasRolledOut else { return }
    schedule(.progressDeadline(place, deployment.progress + 1), after: DeploymentState.progressDeadline)
  }

  mutating func progressDeadline(_ place: Place, _ serial: Int) {
    guard let deployment = deployments[place], deployment.progress == serial, !deployment.isComplete,
      !deployment.hasRolledOut
    else { return }
    deployments[place]?.hasExceededProgressDeadline = true
    changed.insert(place.environment)
  }

  mutating func terminate(_ name: String, at place: Place) {
    changePod(place, name) { pod in
      pod.isTerminating = true
      pod.isReady = false
    }
    schedule(.pod(place, name: name, .gone), after: chance.milliseconds(1000...5000, for: "terminate pod"))
  }

  // MARK: Pods

  mutating func changePod(_ place: Place, _ name: String, _ body: (inout PodState) -> Void) {
    guard let index = deployments[place]?.pods.firstIndex(where: { $0.name == name }) else { return }
    changed.insert(place.environment)
    guard var pod = deployments[place]?.pods[index] else { return }
    body(&pod)
    deployments[place]?.pods[index] = pod
  }

  private mutating func addPod(_ place: Place) {
    guard let deployment = deployments[place] else { return }
    let pod = newPod(of: deployment, at: place, createdAt: now)
    deployments[place]?.podsMade += 1
    deployments[place]?.pods.append(pod)
    changed.insert(place.environment)
    let isKnown = deployment.pulled.contains(pod.image)
    let delay = chance.milliseconds(
      isKnown ? 300...1500 : 1500...9000,
      for: "pull \(place.environment)/\(place.service)"
    )
    schedule(.pod(place, name: pod.name, .pulled), after: delay)
  }

  func newPod(of deployment: DeploymentState, at place: Place, createdAt: Timestamp) -> PodState {
    let template = deployment.currentTemplate
    let set = StableHash.hexadecimal(
      StableHash.of("set", deployment.uid, template.image + template.restartedAt),
      digits: 10
    )
    let number = String(deployment.podsMade)
    let suffix = StableHash.hexadecimal(StableHash.of("pod", deployment.uid, number), digits: 5)
    return PodState(
      name: "\(place.service)-\(set)-\(suffix)",
      uid: StableHash.uid("pod", deployment.uid, number),
      createdAt: createdAt,
      image: template.image,
      restartedAt: template.restartedAt
    )
  }
}
