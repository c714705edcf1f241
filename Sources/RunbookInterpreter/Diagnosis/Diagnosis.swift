import PromotionModel

/// What is wrong with one service, of all that was read of it: the guide's troubleshooting as findings, each with what it
/// was concluded from and, where one helps, the statement to run.
///
/// Good findings are told too: what was looked at and is well need not be looked at again.
struct Diagnosis {
  let service: Service
  let environment: EnvironmentName
  /// What git declares; nil: it could not be told.
  let declared: DeclaredService?
  let seen: ServiceSnapshot
  let close: ServiceExamination
  /// Whether every kind could be read: only then is what was not seen not there.
  let isComplete: Bool
  let usage: Known<[ContainerUsage]>
  let nodes: Known<[NodeExamination]>
  /// The configured health endpoint; nil: none is configured, or it could not be asked.
  let probe: ProbeResult?
  let policy: Policy
  let time: Timestamp

  /// How many of a kind are told one by one.
  static let shown = 5

  var findings: [Finding] {
    [version, syncPolicy] + sync + rollout + podFindings + events + resources + nodeFindings + probes + endpoints
      + health
  }

  /// What helps, as statements.
  enum Remedy: String, CaseIterable { case rollback, sync, restart, reconcile, logs = "show logs" }

  func finding(_ check: String, _ result: Finding.Result, _ message: String, _ remedy: Remedy? = nil) -> Finding {
    Finding(
      check: check,
      service: service.name,
      result: result,
      message: message,
      advice: remedy.map { "\($0.rawValue) \(environment) \(service.name)" }
    )
  }

  private func checks(_ declared: DeclaredService?) -> ServiceFindings {
    ServiceFindings(
      service: service,
      declared: declared,
      snapshot: seen,
      declaredAtRevision: nil,
      logs: [],
      probe: probe,
      policy: policy
    )
  }

  // MARK: Git and Argo CD

  private var version: Finding {
    guard let declared else { return finding("version", .unknown, "what git declares could not be read") }
    let checks = checks(declared)
    guard checks.version.result == .good else { return checks.version }
    let image = checks.image.finding
    guard image.result == .bad else { return checks.version }
    guard isComplete else { return finding("version", .unknown, image.message) }
    // Argo CD brings what git declares; where it says that it has, somebody changed the cluster past it.
    let remedy: Remedy = seen.application?.sync == .synced ? .reconcile : .sync
    let tag = declared.tag ?? ""
    return finding("version", .bad, "git declares \(tag), and " + image.message, seen.pods.isEmpty ? nil : remedy)
  }

  private var syncPolicy: Finding {
    guard let policy = close.policy else {
      return finding("sync policy", .unknown, "how it syncs could not be read")
    }
    let options = policy.options.isEmpty ? "" : "; " + policy.options.joined(separator: ", ")
    guard policy.isAutomated else {
      return finding("sync policy", .warning, "Argo CD does not sync it by itself" + options, .sync)
    }
    let words = [
      "syncs by itself", policy.healsItself ? "heals itself" : "does not heal itself",
      policy.prunes ? "prunes" : "does not prune",
    ]
    return finding("sync policy", .good, words.joined(separator: ", ") + options)
  }

  private var sync: [Finding] {
    guard let application = seen.application else {
      return [finding("sync", .bad, "there is no Application for it")]
    }
    var found: [Finding] = []
    for condition in application.conditions.prefix(Self.shown) {
      // Argo CD names what it complains of as an error or a warning
      // (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml, `status.conditions`).
      let isError = condition.prefix { $0 != ":" }.hasSuffix("Error")
      found.append(finding("sync", isError ? .bad : .warning, condition))
    }
    if let operation = application.operation {
      let at = operation.revision.map { " at \($0.short)" } ?? ""
      let said = operation.message.isEmpty ? "" : ": \(operation.message)"
      if operation.isRunning {
        found.append(finding("sync", .warning, "\(application.name) is being synced\(at)\(said)"))
      } else if operation.phase != "Succeeded" {
        // Argo CD tries no revision twice by itself.
        found.append(finding("sync", .bad, "the last sync\(at) ended \(operation.phase)\(said)", .sync))
      }
    }
    for trouble in close.resources.prefix(Self.shown) {
      found.append(finding("sync", .bad, "\(trouble.resource): \(trouble.message)"))
    }
    if close.resources.count > Self.shown {
      found.append(finding("sync", .bad, "and \(close.resources.count - Self.shown) resources more"))
    }
    let state = "\(application.name) is \(application.sync.rawValue) and \(application.health.rawValue)"
    let at = application.revision.map { " at \($0.short)" } ?? ""
    switch (application.sync, application.health) {
    case (.synced, .healthy): found.append(finding("sync", .good, state + at))
    case (.unknown, _), (_, .unknown): found.append(finding("sync", .unknown, state + at))
    case (.outOfSync, _): found.append(finding("sync", .bad, state + at, .sync))
    case (.synced, .progressing), (.synced, .suspended): found.append(finding("sync", .warning, state + at))
    case (.synced, .degraded), (.synced, .missing): found.append(finding("sync", .bad, state + at))
    }
    return found
  }

  // MARK: The rollout

  private var rollout: [Finding] {
    guard seen.application != nil else { return [] }
    var found = seen.unknownKinds.map { finding("rollout", .unknown, "it runs by a \($0), which is not understood") }
    found += seen.missing.map {
      finding("rollout", .bad, "\($0) does not exist: it was deleted, or is not made yet", .sync)
    }
    found += close.workloads.prefix(Self.shown).map { finding("rollout", .bad, $0) }
    if seen.workloads.isEmpty, seen.unknownKinds.isEmpty, seen.missing.isEmpty {
      let message = "its Application owns no workload"
      found.append(finding("rollout", isComplete ? .bad : .unknown, message))
    }
    for workload in seen.workloads {
      let name = "\(workload.kind) \(workload.name)"
      let counts = "\(workload.ready) of \(workload.desired) ready, \(workload.updated) of the newest revision"
      if workload.observedGeneration < workload.generation {
        found.append(finding("rollout", .warning, "\(name) was changed, and its controller has not seen it yet"))
      }
      if workload.desired == 0 {
        found.append(finding("rollout", .bad, "\(name) is scaled to none"))
      } else if workload.isRolledOut {
        found.append(finding("rollout", .good, "\(name): \(counts)"))
      } else {
        let old = workload.pods.count { !$0.isCurrent }
        let tail = old == 0 ? "" : ", \(old) old \(old == 1 ? "pod is" : "pods are") still there"
        found.append(finding("rollout", .bad, "\(name): \(counts)\(tail)", isStuckWithoutReason ? .restart : nil))
      }
    }
    return found
  }

  /// Whether a rollout has been given up, and no pod says why: only then does beginning again help.
  private var isStuckWithoutReason: Bool {
    seen.workloads.contains(where: \.hasExceededProgressDeadline) && seen.pods.allSatisfy { $0.trouble == nil }
      && close.pods.allSatisfy { $0.unschedulable == nil }
  }

  // MARK: What the cluster noted

  private var events: [Finding] {
    switch close.events {
    case .unknown(let error): return [finding("events", .unknown, "\(error)")]
    case .known(let events) where events.isEmpty: return [finding("events", .good, "no warnings about it")]
    case .known(let events):
      var found = events.prefix(Self.shown).map { event in
        let times = event.count == 1 ? "" : " \(event.count) times"
        let last = event.last.map { ", last \(ago($0))" } ?? ""
        return finding("events", .warning, "\(event.object): \(event.reason)\(times)\(last): \(event.message)")
      }
      if events.count > Self.shown {
        found.append(finding("events", .warning, "and \(events.count - Self.shown) warnings more"))
      }
      return found
    }
  }

  func ago(_ moment: Timestamp) -> String {
    let seconds = max(0, (time - moment).components.seconds)
    return "\(Duration.seconds(seconds).runbookText) ago"
  }

  // MARK: Endpoints

  private var endpoints: [Finding] {
    switch close.endpoints {
    case .unknown(let error): return [finding("endpoints", .unknown, "\(error)")]
    case .known(let endpoints) where endpoints.isEmpty:
      return [finding("endpoints", .notChecked, "no Service leads to its pods")]
    case .known(let endpoints):
      return endpoints.map { endpoint in
        let counts = "\(endpoint.ready) ready, \(endpoint.notReady) not"
        guard endpoint.ready == 0 else { return finding("endpoints", .good, "Service \(endpoint.name): \(counts)") }
        let message = "Service \(endpoint.name) has no ready address (\(counts)): no traffic reaches it"
        return finding("endpoints", isComplete ? .bad : .unknown, message)
      }
    }
  }

  private var health: [Finding] {
    var found: [Finding] = []
    var isHealthyWithin = false
    if let inside = close.inside {
      let place = "\(inside.what) of \(inside.pod)"
      switch inside.status {
      case .known(let status) where (200..<400).contains(status):
        isHealthyWithin = true
        found.append(finding("health within", .good, "\(status) from \(place)"))
      case .known(let status): found.append(finding("health within", .bad, "\(status) from \(place)", .logs))
      case .unknown(let error): found.append(finding("health within", .unknown, "\(error)"))
      }
    } else {
      found.append(finding("health within", .notChecked, "no running pod with a known port to ask"))
    }
    var outside = checks(nil).health
    if outside.result == .bad, isHealthyWithin {
      outside.message += "; a pod is healthy: look at what lies between (Service, Ingress, DNS, certificate)"
    }
    if service.health[environment] != nil, probe == nil {
      outside = finding("health", .unknown, "the health endpoint could not be asked")
    }
    return found + [outside]
  }
}
