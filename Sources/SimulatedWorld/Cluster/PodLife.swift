import PromotionModel

extension Outside {
  /// The longest a container that crashed once lives again.
  private static let laterLife = Duration.seconds(3)
  /// The kubelet's longest pause before it starts a container again.
  private static let longestBackOff = Duration.seconds(300)

  mutating func podSteps(_ place: Place, _ name: String, _ step: PodStep) {
    guard let deployment = deployments[place], let pod = deployment.pods.first(where: { $0.name == name }) else {
      return
    }
    guard !pod.isTerminating || step == .gone else { return }
    switch step {
    case .pulled: pulled(place, pod)
    case .pullBacksOff:
      changePod(place, name) {
        $0.phase = .waiting(reason: "ImagePullBackOff", message: "Back-off pulling image \"\(pod.image)\"")
      }
    case .starts(let life): if pod.restarts == life { start(place, pod) }
    case .becomesReady(let life): if pod.restarts == life, pod.phase == .running { becomeReady(place, pod) }
    case .crashes(let life): if pod.restarts == life, pod.phase == .running { crash(place, pod) }
    case .gone:
      deployments[place]?.pods.removeAll { $0.name == name }
      changed.insert(place.environment)
      rollOut(place)
    }
  }

  private mutating func pulled(_ place: Place, _ pod: PodState) {
    if misbehaviour(of: pod.image, at: place).contains(where: { $0.behaviour == .cannotBePulled }) {
      changePod(place, pod.name) {
        $0.phase = .waiting(reason: "ErrImagePull", message: "failed to pull image \"\(pod.image)\": not found")
      }
      schedule(.pod(place, name: pod.name, .pullBacksOff), after: .seconds(10))
      return
    }
    deployments[place]?.pulled.insert(pod.image)
    let isReplaced = misbehaviour(of: pod.image, at: place).contains { $0.behaviour == .anotherDigest }
    let digest = digest(ofImage: isReplaced ? pod.image + " pushed again" : pod.image)
    changePod(place, pod.name) { $0.digest = digest }
    start(place, pod)
  }

  private mutating func start(_ place: Place, _ pod: PodState) {
    let now = now
    changePod(place, pod.name) { pod in
      if let start = pod.startedAt { pod.previousLife = ContainerLife(start: start, end: pod.endedAt) }
      pod.phase = .running
      (pod.startedAt, pod.endedAt) = (now, nil)
    }
    let purpose = "ready \(place.environment)/\(place.service)"
    schedule(
      .pod(place, name: pod.name, .becomesReady(life: pod.restarts)),
      after: chance.seconds(2...10, for: purpose)
    )
    for (behaviour, since) in misbehaviour(of: pod.image, at: place) {
      guard case .crashes(let delay) = behaviour else { continue }
      let life = pod.restarts == 0 ? delay + max(.zero, since - now) : min(delay, Self.laterLife)
      schedule(.pod(place, name: pod.name, .crashes(life: pod.restarts)), after: life)
    }
  }

  private mutating func becomeReady(_ place: Place, _ pod: PodState) {
    guard !misbehaviour(of: pod.image, at: place).contains(where: { $0.behaviour == .neverReady }) else { return }
    changePod(place, pod.name) { $0.isReady = true }
    noteProgress(place)
    rollOut(place)
  }

  /// The container ends with an error. The kubelet starts it again at once, and then after pauses that double.
  private mutating func crash(_ place: Place, _ pod: PodState) {
    let now = now
    changePod(place, pod.name) { pod in
      pod.isReady = false
      pod.endedAt = now
      if pod.restarts == 0 {
        pod.phase = .ended(exitCode: 1)
      } else {
        pod.phase = .waiting(
          reason: "CrashLoopBackOff",
          message: "back-off restarting failed container \(place.service)"
        )
      }
      pod.restarts += 1
    }
    var pause = Duration.seconds(1)
    if pod.restarts > 0 { pause = .seconds(10) }
    for _ in 1..<max(1, pod.restarts) where pause < Self.longestBackOff { pause = pause * 2 }
    schedule(.pod(place, name: pod.name, .starts(life: pod.restarts + 1)), after: min(pause, Self.longestBackOff))
  }

  /// A fault begins for an image that may run already.
  mutating func imageTurnsBad(_ fault: ImageFault) {
    for place in deployments.places {
      for pod in deployments[place]?.pods ?? [] where pod.phase == .running && applies(fault, to: pod.image, at: place)
      {
        switch fault.behaviour {
        case .crashes(let delay):
          schedule(.pod(place, name: pod.name, .crashes(life: pod.restarts)), after: delay)
        case .neverReady: changePod(place, pod.name) { $0.isReady = false }
        case .cannotBePulled, .health, .logsErrors, .metric, .alert, .anotherDigest: break
        }
      }
    }
  }
}
