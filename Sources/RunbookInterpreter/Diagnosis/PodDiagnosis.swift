import PromotionModel

extension Diagnosis {
  /// One sign, of however many pods.
  private struct Sign: Hashable {
    var result: Finding.Result
    var message: String
    var remedy: Remedy?
  }

  /// The pods' states. Pods that show the same sign are told together.
  var podFindings: [Finding] {
    guard seen.application != nil else { return [] }
    var signs: [(sign: Sign, pods: [String])] = []
    func note(_ sign: Sign, _ pod: String) {
      if let place = signs.firstIndex(where: { $0.sign == sign }) {
        signs[place].pods.append(pod)
      } else {
        signs.append((sign, [pod]))
      }
    }
    let details = Dictionary(close.pods.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let living = seen.pods
    for pod in living {
      for sign in self.signs(of: pod, details[pod.name]) { note(sign, pod.name) }
    }
    let names = Set(living.map(\.name))
    for pod in close.pods where !names.contains(pod.name) && pod.phase == "Failed" {
      note(Sign(result: .warning, message: "is over: \(pod.reason ?? "it failed")", remedy: nil), pod.name)
    }
    var found = signs.prefix(2 * Self.shown).map { entry in
      finding("pods", entry.sign.result, "\(Self.list(entry.pods)) \(entry.sign.message)", entry.sign.remedy)
    }
    let there = living.filter { !$0.isTerminating }
    if there.isEmpty {
      if !seen.workloads.isEmpty {
        found.append(finding("pods", isComplete ? .bad : .unknown, "none of it is there"))
      }
    } else if there.allSatisfy(\.isReady), found.allSatisfy({ $0.result != .bad }) {
      found.append(finding("pods", .good, "\(there.count) ready"))
    }
    return found
  }

  private static func list(_ pods: [String]) -> String {
    let shown = pods.prefix(3).joined(separator: ", ")
    return pods.count > 3 ? "\(shown) and \(pods.count - 3) more" : shown
  }

  private func signs(of pod: PodSnapshot, _ details: PodExamination?) -> [Sign] {
    if pod.isTerminating { return [Sign(result: .warning, message: "is being ended", remedy: nil)] }
    if let reason = details?.unschedulable {
      return [Sign(result: .bad, message: "finds no node: \(reason)", remedy: nil)]
    }
    var signs: [Sign] = []
    var isExplained = false
    for container in pod.containers {
      let closer = details?.containers.first { $0.name == container.name }
      guard let sign = sign(of: container, closer, isReady: pod.isReady) else { continue }
      signs.append(sign)
      isExplained = isExplained || sign.result == .bad
    }
    guard !pod.isReady, !isExplained else { return signs }
    let isNew = time - pod.createdAt < .seconds(60)
    let message = isNew ? "is not ready, and is younger than a minute" : "is not ready"
    signs.append(
      Sign(result: isNew ? .warning : .bad, message: message, remedy: isNew || !pod.isCurrent ? nil : .rollback)
    )
    return signs
  }

  private func sign(of container: ContainerSnapshot, _ closer: ContainerExamination?, isReady: Bool) -> Sign? {
    let end = closer?.lastEnd
    let wasKilled = end?.reason == "OOMKilled"
    let limit = closer?.memoryLimit.map { " (its limit is \(Self.bytes($0)))" } ?? ""
    // How it ended is the same for all pods of a kind; when, is not, and would tell them apart.
    let ended = end.map { end in
      wasKilled
        ? "; it was killed for its use of memory\(limit)" : "; it ended with exit code \(end.exitCode) (\(end.reason))"
    }
    switch container.state {
    case .waiting(let reason, let message) where PodSnapshot.badReasons.contains(reason):
      let said = message.isEmpty ? "" : " (\(message))"
      let isCrash = reason == "CrashLoopBackOff"
      let detail = isCrash ? ended ?? said : said
      return Sign(result: .bad, message: "\(container.name) is in \(reason)\(detail)", remedy: .rollback)
    case .waiting(let reason, _):
      return Sign(result: .warning, message: "\(container.name) waits: \(reason)", remedy: nil)
    case .terminated(let reason, let exitCode) where !container.isInit || exitCode != 0:
      let detail = wasKilled ? ended ?? "" : ""
      let message = "\(container.name) ended with exit code \(exitCode) (\(reason))\(detail)"
      return Sign(result: .bad, message: message, remedy: .rollback)
    case .terminated, .unknown: return nil
    case .running:
      guard container.restarts > 0, !container.isInit else { return nil }
      let times = "\(container.name) was restarted" + (end == nil ? "" : (ended ?? ""))
      return Sign(result: wasKilled ? .bad : .warning, message: times, remedy: wasKilled ? .rollback : .logs)
    }
  }

  static func bytes(_ count: Double) -> String {
    for (unit, size) in [("GiB", 0x1p30), ("MiB", 0x1p20), ("KiB", 0x1p10)] where count >= size {
      let tenths = Int64((count / size * 10).rounded())
      return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
    return "\(Int64(count)) bytes"
  }

  // MARK: What they use, and where they run

  /// From what part of a limit on use is told as a trouble.
  private static let tight = 0.9

  var resources: [Finding] {
    guard !close.pods.isEmpty else { return [] }
    switch usage {
    case .known(let usage): return [use(usage)]
    case .unknown(let error) where error.reason == .notFound:
      return [finding("resources", .notChecked, "the cluster has no metrics.k8s.io; " + limits)]
    case .unknown(let error): return [finding("resources", .unknown, "\(error); \(limits)")]
    }
  }

  private var limits: String {
    var shown: [String] = []
    for container in close.pods.last?.containers ?? [] {
      let cpu = container.cpuLimit.map { "\(Int64($0.rounded()))m" } ?? "none"
      let memory = container.memoryLimit.map(Self.bytes) ?? "none"
      shown.append("\(container.name): cpu \(cpu), memory \(memory)")
    }
    return "limits of " + shown.joined(separator: "; ")
  }

  private func use(_ usage: [ContainerUsage]) -> Finding {
    var worst: (part: Double, message: String)?
    var (cpu, memory, count) = (0.0, 0.0, 0)
    for pod in close.pods {
      for container in pod.containers {
        guard let used = usage.first(where: { $0.pod == pod.name && $0.container == container.name }) else { continue }
        (cpu, memory, count) = (cpu + used.cpu, memory + used.memory, count + 1)
        let parts: [(Double?, Double, String, (Double) -> String)] = [
          (container.memoryLimit, used.memory, "memory", Self.bytes),
          (container.cpuLimit, used.cpu, "cpu", { "\(Int64($0.rounded()))m" }),
        ]
        for (limit, use, what, text) in parts {
          guard let limit, limit > 0, use / limit >= Self.tight, use / limit > worst?.part ?? 0 else { continue }
          worst = (use / limit, "\(container.name) of \(pod.name) uses \(text(use)) of \(text(limit)) \(what)")
        }
      }
    }
    guard count > 0 else {
      let isRunning = seen.pods.contains { $0.containers.contains(where: \.isRunning) }
      return isRunning
        ? finding("resources", .unknown, "no use of its containers is known; " + limits)
        : finding("resources", .notChecked, "none of its containers runs; " + limits)
    }
    if let worst { return finding("resources", .warning, worst.message) }
    let total = "\(count) containers use cpu \(Int64(cpu.rounded()))m, memory \(Self.bytes(memory))"
    return finding("resources", .good, total)
  }

  var nodeFindings: [Finding] {
    guard !close.pods.isEmpty else { return [] }
    switch nodes {
    case .unknown(let error): return [finding("nodes", .unknown, "\(error)")]
    case .known(let nodes):
      let own = Set(close.pods.compactMap(\.node))
      // A pod without a node may go to any.
      let isWaiting = close.pods.contains { $0.unschedulable != nil }
      let looked = nodes.filter { isWaiting || own.contains($0.name) }
      var found: [Finding] = []
      for node in looked.filter({ !$0.troubles.isEmpty }).prefix(Self.shown) {
        found.append(finding("nodes", .bad, "\(node.name): " + node.troubles.joined(separator: "; ")))
      }
      let cordoned = looked.filter(\.isCordoned).map(\.name)
      if !cordoned.isEmpty {
        found.append(finding("nodes", .warning, "nothing new is put on \(Self.list(cordoned))"))
      }
      guard found.isEmpty else { return found }
      let missing = own.subtracting(nodes.map(\.name)).sorted()
      guard missing.isEmpty else { return [finding("nodes", .bad, "\(Self.list(missing)) is no longer there")] }
      guard !looked.isEmpty else { return [finding("nodes", .notChecked, "its pods are on no node")] }
      return [finding("nodes", .good, "\(looked.count == 1 ? looked[0].name + " is" : "\(looked.count) are") ready")]
    }
  }

  var probes: [Finding] {
    guard let pod = close.pods.last(where: \.isCurrent) ?? close.pods.last else { return [] }
    var found: [Finding] = []
    for container in pod.containers {
      let words = container.probes.map { "\($0.kind.rawValue) \($0.what)" }.joined(separator: "; ")
      let failing = seen.pods.filter { pod in
        pod.containers.contains { $0.name == container.name && !$0.isReady && !$0.isInit && $0.isRunning }
      }
      if words.isEmpty {
        let isMain = seen.pods.first { $0.name == pod.name }?.containers.first { $0.name == container.name }?.isInit
        guard isMain == false else { continue }
        let message = "\(container.name) has none: traffic comes to it before it is ready"
        found.append(finding("probes", .warning, message))
      } else if failing.isEmpty {
        found.append(finding("probes", .good, "\(container.name): \(words)"))
      } else {
        let message = "\(container.name): \(words); does not pass in \(Self.list(failing.map(\.name)))"
        found.append(finding("probes", .bad, message, .logs))
      }
    }
    return found
  }

  // MARK: Last words

  /// The logs that tell why: of the lives before of what crashes, and of what runs and does not get ready.
  static func lastWords(of service: ServiceName, _ seen: ServiceSnapshot, lines: Int, most: Int) -> [LogRequest] {
    var requests: [LogRequest] = []
    for pod in seen.pods where !pod.isTerminating {
      for container in pod.containers where container.hasLog {
        let isWell = container.isReady || (container.isInit && container.isRunning)
        if case .terminated(_, 0) = container.state { continue }
        guard !isWell else { continue }
        let isPrevious = container.restarts > 0 && !container.hasEnded
        requests.append(
          LogRequest(
            service: service,
            pod: pod.name,
            container: container.name,
            isPrevious: isPrevious,
            tailLines: lines
          )
        )
      }
    }
    return Array(requests.prefix(most))
  }
}

extension ContainerSnapshot {
  fileprivate var isRunning: Bool { if case .running = state { true } else { false } }
  fileprivate var hasEnded: Bool { if case .terminated = state { true } else { false } }
}
