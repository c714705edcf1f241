import PromotionModel

// What others do to a Deployment and its pods, past git.

extension Outside {
  /// Somebody, or an autoscaler, asks for more or fewer replicas.
  mutating func scale(_ place: Place, to replicas: Int) {
    guard let deployment = deployments[place] else { return }
    setTemplate(place, to: deployment.template, replicas: replicas)
  }

  /// Where an autoscaler decides, git says nothing of the number: that it is another one is no drift.
  mutating func autoscale(_ place: Place, to replicas: Int) {
    applications[place]?.replicas = nil
    scale(place, to: replicas)
  }

  /// As the ReplicaSet controller chooses: first those that are not ready, and of the others the newest.
  mutating func removeSurplus(_ place: Place) {
    guard let deployment = deployments[place] else { return }
    let pods = deployment.current.reversed()
    let order = pods.filter { !$0.isReady } + pods.filter(\.isReady)
    for pod in order.prefix(deployment.currentCount - deployment.desired) { terminate(pod.name, at: place) }
  }

  /// Its pods and its revisions go with it.
  mutating func deleteDeployment(_ place: Place) {
    guard deployments[place] != nil else { return }
    deployments[place] = nil
    deletions += 1
    deleted.insert(place)
    changed.insert(place.environment)
    noticeDrift(place)
  }

  /// The oldest pod that is ready goes; its ReplicaSet makes another one at once.
  mutating func losePod(_ place: Place, _ loss: PodLoss) {
    guard let living = deployments[place]?.living, var pod = living.first(where: \.isReady) ?? living.first else {
      return
    }
    switch loss {
    case .evicted:
      deployments[place]?.pods.removeAll { $0.name == pod.name }
      (pod.isReady, pod.phase, pod.endedAt) = (false, .ended(exitCode: 137), now)
      deployments[place]?.evicted.append(pod)
      changed.insert(place.environment)
    case .drained: terminate(pod.name, at: place)
    }
    rollOut(place)
  }
}
