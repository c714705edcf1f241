import PromotionModel

/// A Deployment as the API server has it, with the pods of all its ReplicaSets.
struct DeploymentState: Hashable, Sendable {
  var uid: String
  var generation: Int64 = 1
  var observedGeneration: Int64 = 1
  var desired = 2
  /// The image that the specification asks for.
  var image: String
  /// The images of the kept ReplicaSets, the newest revision last.
  var revisions: [String]
  var pods: [PodState] = []
  var podsMade = 0
  var hasExceededProgressDeadline = false
  /// Counts what happened, so that a progress deadline knows whether it is still about the last progress.
  var progress = 0
  /// The images that a node has pulled already.
  var pulled: Set<String> = []

  /// How many old ReplicaSets are kept (Kubernetes' default `revisionHistoryLimit`).
  static let keptRevisions = 10
  /// Kubernetes' default `progressDeadlineSeconds`.
  static let progressDeadline = Duration.seconds(600)
  static let maxSurge = 1

  /// The image of the newest ReplicaSet; behind ``image`` until the controller has seen the change.
  var currentImage: String { revisions.last ?? image }
  var living: [PodState] { pods.filter { !$0.isTerminating } }
  var current: [PodState] { living.filter { $0.image == currentImage } }
  var former: [PodState] { living.filter { $0.image != currentImage } }
  // Counted in place: a copy of a pod costs more than the look at it, and they are looked at at every turn.
  var livingCount: Int { pods.indices.count { !pods[$0].isTerminating } }
  var currentCount: Int {
    let image = currentImage
    return pods.indices.count { !pods[$0].isTerminating && pods[$0].image == image }
  }
  var available: Int { pods.indices.count { !pods[$0].isTerminating && pods[$0].isReady } }

  var isComplete: Bool {
    observedGeneration == generation && livingCount == desired && currentCount == desired && available == desired
  }
}

struct PodState: Hashable, Sendable {
  enum Phase: Hashable, Sendable {
    case waiting(reason: String, message: String)
    case running
    case ended(exitCode: Int)
  }

  var name: String
  var uid: String
  var createdAt: Timestamp
  var image: String
  var phase = Phase.waiting(reason: "ContainerCreating", message: "")
  var isReady = false
  var isTerminating = false
  var digest: ImageDigest?
  var restarts = 0
  /// The present life of its container, or the last one.
  var startedAt: Timestamp?
  var endedAt: Timestamp?
  var previousLife: ContainerLife?
}

/// From the start of a container to its end.
struct ContainerLife: Hashable, Sendable {
  var start: Timestamp
  var end: Timestamp?
}

/// What happens to a pod. Steps of a container carry the number of its life, so that they are nothing to a later one.
enum PodStep: Hashable, Sendable {
  case pulled
  case pullBacksOff
  case starts(life: Int)
  case becomesReady(life: Int)
  case crashes(life: Int)
  case gone
}
