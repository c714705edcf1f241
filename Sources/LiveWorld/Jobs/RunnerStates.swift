import PromotionModel

/// A Job as far as it tells why it ended.
struct RunnerJobObject: KubernetesObject {
  struct Status: Decodable, Sendable {
    struct Condition: Decodable, Sendable {
      var type: String
      var status: String
      var reason: String?
      var message: String?
    }
    var conditions: [Condition]?
  }
  var metadata: ObjectMetadata
  var status: Status?

  /// Why it failed, in Kubernetes' words.
  var failure: String? {
    guard let failed = status?.conditions?.first(where: { $0.type == "Failed" && $0.status == "True" }) else {
      return nil
    }
    let text = [failed.reason, failed.message].compactMap(\.self).joined(separator: ": ")
    return LocalPrograms.sanitize(line: text.isEmpty ? "Failed" : text)
  }
}

/// What is known of a submitted run before its container has begun.
actor RunnerStates {
  enum State: Sendable {
    case waiting(String)
    case began(pod: String)
    case ended(RunnerAttachment.End)
    case refused(WorldError)
  }

  private let continuation: AsyncStream<State>.Continuation
  private var seenJob = false

  init(_ continuation: AsyncStream<State>.Continuation) { self.continuation = continuation }

  func jobs(_ jobs: [RunnerJobObject]) {
    guard let job = jobs.first else {
      if seenJob { continuation.yield(.ended(.gone)) }
      return
    }
    seenJob = true
    if let failure = job.failure { continuation.yield(.ended(.failed(reason: failure))) }
  }

  func pods(_ pods: [Pod]) { continuation.yield(Self.state(of: pods.first)) }

  private static func state(of pod: Pod?) -> State {
    guard let pod else { return .waiting("waiting for the Job's pod") }
    let container = pod.status?.containerStatuses?.first { $0.name == JobManifest.Container.name }
    if container?.state?.running != nil || container?.state?.terminated != nil { return .began(pod: pod.metadata.name) }
    if let end = end(of: pod) { return .ended(end) }
    let waiting = container?.state?.waiting
    let why = [waiting?.reason, waiting?.message].compactMap(\.self).joined(separator: ": ")
    let scheduling = pod.status?.conditions?.first { $0.type == "PodScheduled" && $0.status == "False" }
    let text = why.isEmpty ? scheduling?.reason ?? pod.status?.phase ?? "Pending" : why
    return .waiting("waiting for \(pod.metadata.name): \(LocalPrograms.sanitize(line: text))")
  }

  /// A loss is tried again by itself; what is not allowed will not be allowed by waiting.
  func lost(_ error: WorldError) { if error.reason == .unauthorized { continuation.yield(.refused(error)) } }

  /// nil while it goes on.
  static func end(of pod: Pod) -> RunnerAttachment.End? {
    let container = pod.status?.containerStatuses?.first { $0.name == JobManifest.Container.name }
    if let code = container?.state?.terminated?.exitCode { return .exited(Int32(clamping: code)) }
    return pod.isOver ? .failed(reason: "its pod was ended: \(pod.status?.phase ?? "")") : nil
  }
}

/// Hands on all objects of a kind whenever one of them changed.
actor RunnerSink<Object: KubernetesObject>: WatchSink {
  private var objects: [String: Object] = [:]
  private let changed: @Sendable ([Object]) async -> Void
  private let isLost: @Sendable (WorldError) async -> Void

  init(
    changed: @escaping @Sendable ([Object]) async -> Void,
    lost: @escaping @Sendable (WorldError) async -> Void
  ) {
    (self.changed, isLost) = (changed, lost)
  }

  func replace(_ objects: [Object]) async {
    self.objects = ClusterObjects.byName(objects)
    await tell()
  }

  func apply(_ event: WatchEvent<Object>) async {
    switch event {
    case .put(let object): objects[object.metadata.name] = object
    case .deleted(let object): objects[object.metadata.name] = nil
    case .bookmark, .error, .other: return
    }
    await tell()
  }

  private func tell() async { await changed(objects.values.sorted { $0.metadata.name < $1.metadata.name }) }

  func watching() {}
  func lost(_ error: WorldError) async { await isLost(error) }
}
