import PromotionModel

/// A Deployment as the API server has it, with the pods of all its ReplicaSets.
struct DeploymentState: Hashable, Sendable {
  var uid: String
  var generation: Int64 = 1
  var observedGeneration: Int64 = 1
  var desired = Self.usualReplicas
  /// The image that the specification asks for.
  var image: String
  /// The moment that `kubectl rollout restart` writes into the template; empty for never.
  var restartedAt = ""
  /// What the kept ReplicaSets run, the newest revision last.
  var revisions: [TemplateState]
  var pods: [PodState] = []
  var podsMade = 0
  /// Pods that were evicted: they stay as objects, and nobody counts them any more.
  var evicted: [PodState] = []
  var hasExceededProgressDeadline = false
  /// Whether the newest ReplicaSet was all there once: from then on there is no deadline for it
  /// (the condition's reason is `NewReplicaSetAvailable`).
  var hasRolledOut = false
  /// Counts what happened, so that a progress deadline knows whether it is still about the last progress.
  var progress = 0
  /// The images that a node has pulled already.
  var pulled: Set<String> = []

  /// How many old ReplicaSets are kept (Kubernetes' default `revisionHistoryLimit`).
  static let keptRevisions = 10
  /// Kubernetes' default `progressDeadlineSeconds`.
  static let progressDeadline = Duration.seconds(600)
  static let maxSurge = 1
  static let usualReplicas = 2

  /// What the specification asks for.
  var template: TemplateState { TemplateState(image: image, restartedAt: restartedAt) }
  /// What the newest ReplicaSet runs; behind ``template`` until the controller has seen the change.
  var currentTemplate: TemplateState { revisions.last ?? template }
  var living: [PodState] { pods.filter { !$0.isTerminating } }
  var current: [PodState] { living.filter { $0.template == currentTemplate } }
  var former: [PodState] { living.filter { $0.template != currentTemplate } }
  // Counted in place: a copy of a pod costs more than the look at it, and they are looked at at every turn.
  var livingCount: Int { pods.indices.count { !pods[$0].isTerminating } }
  var currentCount: Int {
    let template = currentTemplate
    return pods.indices.count { !pods[$0].isTerminating && pods[$0].template == template }
  }
  var available: Int { pods.indices.count { !pods[$0].isTerminating && pods[$0].isReady } }

  var isComplete: Bool {
    observedGeneration == generation && livingCount == desired && currentCount == desired && available == desired
  }
}

/// What tells the ReplicaSets of a Deployment apart.
struct TemplateState: Hashable, Sendable {
  var image: String
  var restartedAt = ""
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
  var restartedAt = ""
  var phase = Phase.waiting(reason: "ContainerCreating", message: "")
  var isReady = false
  var isTerminating = false
  var digest: ImageDigest?
  var restarts = 0
  /// The present life of its container, or the last one.
  var startedAt: Timestamp?
  var endedAt: Timestamp?
  var previousLife: ContainerLife?

  var template: TemplateState { TemplateState(image: image, restartedAt: restartedAt) }
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
