import PromotionModel

// What Argo CD does about a cluster that somebody changed past git
// (https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automatic-self-healing).

extension Outside {
  /// The least time from the end of an operation until the same revision is synced again (`--self-heal-timeout-seconds`).
  private static let patience = Duration.seconds(5)
  /// How much longer each further time takes (`--self-heal-backoff-factor`, `--self-heal-backoff-cap-seconds`).
  private static let factor = 3
  private static let longestPatience = Duration.seconds(300)
  /// After so long without one, the times before are forgotten (`--self-heal-backoff-cooldown-seconds`).
  private static let coolDown = Duration.seconds(330)

  /// Whether a Deployment is otherwise than git has it. Of its specification git says the image, and mostly the replicas.
  func isDrifted(_ place: Place, from image: String, _ replicas: Int?) -> Bool {
    guard let deployment = deployments[place] else { return true }
    return deployment.image != image || replicas.map { $0 != deployment.desired } ?? false
  }

  /// The revision was synced already, and the cluster is otherwise again.
  mutating func heal(_ place: Place, _ application: inout ApplicationState, revision: CommitID, tag: String) {
    // What could not be synced once is not tried again by itself.
    guard application.healsItself, let last = application.operation, last.phase == "Succeeded" else { return }
    let since = last.finishedAt.map { now - $0 } ?? .zero
    if since >= Self.coolDown { application.heals = 0 }
    var patience = Self.patience
    for _ in 0..<application.heals where patience < Self.longestPatience { patience = patience * Self.factor }
    patience = min(patience, Self.longestPatience)
    guard since >= patience else {
      schedule(.argoCompares(place), after: patience - since)
      return
    }
    application.heals += 1
    begin(place, &application, revision: revision, tag: tag, mark: nil, runsHooks: false)
  }

  mutating func beginHealing(_ place: Place) {
    guard applications[place] != nil else { return }
    applications[place]?.healsItself = true
    changed.insert(place.environment)
    noticeDrift(place)
  }

  /// An Application that is made only now, with the policy that a fault gave it before.
  func newApplication(at place: Place) -> ApplicationState {
    var application = ApplicationState(sync: .outOfSync)
    for (effect, _) in faults.active {
      switch effect {
      case .selfHeal(place.environment, let services) where services.isEmpty || services.contains(place.service):
        application.healsItself = true
      case .migration(place.service, place.environment, let migration): application.migration = migration
      case _: continue
      }
    }
    return application
  }
}
