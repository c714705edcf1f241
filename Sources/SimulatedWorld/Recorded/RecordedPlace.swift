import PromotionModel

/// A service in an environment as a description has it, good for as long as nothing of it changed in the simulation.
struct RecordedPlace: Sendable {
  var seen: ServiceSnapshot
  var answer: ProbeResult.Answer?
  var logs: [FleetDescription.Log]
  /// What the simulation made of it at first.
  var deployment: DeploymentState?
  var application: ApplicationState?
}

/// What is known of the world before the simulation began.
struct RecordedPast: Sendable {
  var history: [EnvironmentName: [ServiceName: [DeclaredChange]]]
  var commits: [CommitID: FleetDescription.KnownCommit]
  var clusters: [EnvironmentName: String]
}

extension Outside {
  /// The place as it was described; nil once the simulation changed it, or where nothing was described.
  func described(_ place: Place) -> RecordedPlace? {
    guard var known = recorded[place], deployments[place] == known.deployment else { return nil }
    let application = applications[place]
    guard application?.operations == known.application?.operations, application?.sync == known.application?.sync,
      application?.operation?.phase == known.application?.operation?.phase
    else { return nil }
    if let application {
      known.seen.application?.hasAutoSync = application.hasAutoSync
      known.seen.application?.suspendedBy = application.suspendedBy
      if application.healsItself { known.seen.application?.healsItself = true }
    }
    if let application, application.revision != known.application?.revision {
      // Argo CD has compared it with a newer commit since, and found nothing to do.
      known.seen.application?.revision = application.revision
      known.seen.application?.reconciledAt = application.reconciledAt
    }
    return known
  }

  /// A described container's log; nil when the simulation is asked for one of its own pods.
  func describedLog(_ request: LogRequest, at place: Place) -> ContainerLog? {
    guard let known = recorded[place], known.seen.pods.contains(where: { $0.name == request.pod }),
      let log = known.logs.first(where: {
        $0.pod == request.pod && $0.container == request.container && $0.isPrevious == request.isPrevious
      })
    else { return nil }
    var lines = log.lines
    if let since = request.since {
      // A line that does not say when it was written may be of any time.
      lines.removeAll { line in
        line.split(separator: " ").first.flatMap { Timestamp(String($0)) }.map { $0 < since } ?? false
      }
    }
    if let tail = request.tailLines { lines = lines.suffix(max(0, tail)) }
    return ContainerLog(
      service: request.service,
      pod: request.pod,
      container: request.container,
      isPrevious: request.isPrevious,
      bytes: Array(lines.map { $0 + "\n" }.joined().utf8)
    )
  }

  /// What runs under an image's name: the digest that was described, else one made from the name.
  func digest(ofImage image: String) -> ImageDigest? { digests[image] ?? StableHash.digest(ofImage: image) }

  /// Whether an older commit that was described is an ancestor of one that is known.
  func isDescribedAncestor(_ ancestor: CommitID, of descendant: CommitID) -> Bool? {
    guard let past, past.commits[ancestor] != nil || past.commits[descendant] != nil else { return nil }
    guard let older = past.commits[ancestor] else { return false }
    if ancestor == descendant { return true }
    // Of two that are both old it is not known which came first.
    return past.commits[descendant] == nil && older.isInHead
  }
}
