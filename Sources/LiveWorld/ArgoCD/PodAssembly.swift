import PromotionModel

extension SnapshotAssembly {
  static func pod(_ pod: Pod, isCurrent: Bool) -> PodSnapshot {
    let ready = (pod.status?.conditions ?? []).contains { $0.type == "Ready" && $0.status == "True" }
    return PodSnapshot(
      name: pod.metadata.name,
      uid: pod.metadata.uid ?? "",
      createdAt: pod.metadata.creationTimestamp.flatMap { Timestamp($0) } ?? Timestamp(secondsSinceEpoch: 0),
      isTerminating: pod.metadata.deletionTimestamp != nil,
      isReady: ready,
      isCurrent: isCurrent,
      containers: containers(pod.spec?.initContainers, pod.status?.initContainerStatuses, isInit: true)
        + containers(pod.spec?.containers, pod.status?.containerStatuses, isInit: false)
    )
  }

  /// What the specification lists, with what the kubelet says of each; it says nothing before a pod is scheduled.
  private static func containers(
    _ listed: [PodTemplate.Container]?,
    _ statuses: [Pod.ContainerStatus]?,
    isInit: Bool
  ) -> [ContainerSnapshot] {
    (listed ?? []).map { container in
      let status = statuses?.first { $0.name == container.name }
      return ContainerSnapshot(
        name: container.name,
        isInit: isInit,
        image: LocalPrograms.sanitize(line: container.image ?? "", limit: 500),
        digest: status?.imageID.flatMap { ImageDigest(imageID: $0) },
        isReady: status?.ready ?? false,
        restarts: status?.restartCount ?? 0,
        state: state(status?.state)
      )
    }
  }

  private static func state(_ state: Pod.State?) -> ContainerSnapshot.State {
    if let running = state?.running { return .running(since: running.startedAt.flatMap { Timestamp($0) }) }
    if let waiting = state?.waiting {
      return .waiting(
        reason: LocalPrograms.sanitize(line: waiting.reason ?? "Waiting", limit: 80),
        message: LocalPrograms.sanitize(line: waiting.message ?? "", limit: 300)
      )
    }
    if let terminated = state?.terminated {
      return .terminated(
        reason: LocalPrograms.sanitize(line: terminated.reason ?? "Terminated", limit: 80),
        exitCode: terminated.exitCode ?? -1
      )
    }
    return .unknown
  }
}
