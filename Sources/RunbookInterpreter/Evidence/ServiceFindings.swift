import LogSearch
import PromotionModel

/// The checks of the guide's first step for one service, over what was read of it.
struct ServiceFindings {
  let service: Service
  let declared: DeclaredService?
  let snapshot: ServiceSnapshot?
  /// What the service's file said at the commit that Argo CD synced; nil where that could not be told.
  let declaredAtRevision: DeclaredService?
  let logs: [ContainerLog]
  let probe: ProbeResult?
  let policy: Policy

  var all: [Finding] { [version, pods, image.finding, sync, migrations, logFinding, health] }

  private func finding(_ check: String, _ result: Finding.Result, _ message: String) -> Finding {
    Finding(check: check, service: service.name, result: result, message: message)
  }

  var version: Finding {
    guard let declared, declared.exists else { return finding("version", .bad, "no file for it at this commit") }
    if let problem = declared.problem { return finding("version", .unknown, problem) }
    guard let tag = declared.tag else { return finding("version", .bad, "no tag in \(declared.file)") }
    guard let version = declared.version else {
      return finding(
        "version",
        .bad,
        "`\(tag)` is no semantic version (due: \(service.tag.prefix)1.2.3\(service.tag.suffix))"
      )
    }
    return finding("version", .good, "\(version) (\(tag)) in \(declared.file)")
  }

  var pods: Finding {
    guard let snapshot else { return finding("pods", .unknown, "nothing is known of its workloads") }
    if let kind = snapshot.unknownKinds.first {
      return finding("pods", .unknown, "it runs by a \(kind), which is not understood")
    }
    if let missing = snapshot.missingWords { return finding("pods", .bad, missing) }
    guard !snapshot.workloads.isEmpty else { return finding("pods", .bad, "its Application owns no workload") }
    for workload in snapshot.workloads {
      guard workload.desired > 0 else {
        return finding("pods", .bad, "\(workload.kind) \(workload.name) is scaled to none")
      }
      if let trouble = workload.pods.lazy.compactMap(\.trouble).first { return finding("pods", .bad, trouble) }
      guard workload.isRolledOut else {
        return finding(
          "pods",
          .bad,
          "\(workload.name): \(workload.ready) of \(workload.desired) ready, \(workload.updated) up to date"
        )
      }
    }
    let pods = snapshot.pods.filter { !$0.isTerminating }
    guard !pods.isEmpty, pods.allSatisfy(\.isReady) else { return finding("pods", .bad, "not every pod is ready") }
    let restarts = pods.reduce(0) { $0 + $1.restarts }
    return finding("pods", .good, "\(pods.count) ready" + (restarts == 0 ? "" : ", \(restarts) restarts so far"))
  }

  /// Whether the cluster runs the declared tag, and by which digest.
  var image: (finding: Finding, digest: ImageDigest?) {
    guard let tag = declared?.tag else { return (finding("image", .unknown, "no tag to compare with"), nil) }
    let pods = (snapshot?.pods ?? []).filter { !$0.isTerminating }
    var digests: Set<ImageDigest> = []
    var runningPods = 0
    for pod in pods {
      guard let container = pod.container(of: service, atTag: tag) else { continue }
      guard let digest = container.digest else {
        return (finding("image", .unknown, "\(pod.name) does not say which digest it runs"), nil)
      }
      digests.insert(digest)
      runningPods += 1
    }
    guard let digest = digests.first else {
      let images = Set(pods.flatMap(\.containers).map(\.image)).sorted().joined(separator: ", ")
      return (finding("image", .bad, "no pod runs \(tag)" + (images.isEmpty ? "" : "; they run \(images)")), nil)
    }
    guard digests.count == 1 else { return (finding("image", .bad, "its pods run different digests of \(tag)"), nil) }
    let others = pods.filter { pod in
      pod.container(of: service, atTag: tag) == nil && pod.containers.contains { service.tag(ofImage: $0.image) != nil }
    }
    if let other = others.first { return (finding("image", .bad, "\(other.name) does not run \(tag)"), nil) }
    return (finding("image", .good, "\(runningPods) pods run \(digest.short)"), digest)
  }

  var sync: Finding {
    guard let application = snapshot?.application else {
      return finding("sync", .bad, "there is no Application for it")
    }
    if let operation = application.operation, operation.isRunning {
      return finding("sync", .bad, "\(application.name) is being synced")
    }
    guard application.sync == .synced, application.health == .healthy else {
      let why = application.conditions.first.map { ": \($0)" } ?? ""
      return finding(
        "sync",
        application.sync == .unknown || application.health == .unknown ? .unknown : .bad,
        "\(application.name) is \(application.sync.rawValue) and \(application.health.rawValue)\(why)"
      )
    }
    guard let revision = application.revision, let then = declaredAtRevision else {
      return finding("sync", .unknown, "\(application.name) does not say at which commit it is synced")
    }
    guard then.tag == declared?.tag else {
      return finding(
        "sync",
        .bad,
        "\(application.name) is synced at \(revision.short), where the tag is \(then.tag ?? "absent")"
      )
    }
    return finding("sync", .good, "Synced and Healthy at \(revision.short)")
  }

  var migrations: Finding {
    if let jobs = service.migrations {
      let checked = MigrationFindings(service: service, jobs: jobs, tag: declared?.tag, snapshot: snapshot).verdict
      return finding("migrations", checked.result, checked.message)
    }
    guard let jobs = snapshot?.jobs, !jobs.isEmpty else {
      return finding("migrations", .notChecked, "its Application has no jobs")
    }
    if let failed = jobs.first(where: { $0.state == .failed }) {
      return finding("migrations", .bad, "job \(failed.name) failed")
    }
    if let active = jobs.first(where: { $0.state == .active }) {
      return finding("migrations", .bad, "job \(active.name) is not complete")
    }
    return finding("migrations", .good, "\(jobs.count) jobs complete")
  }

  var logFinding: Finding {
    guard !logs.isEmpty else { return finding("logs", .unknown, "no log could be read") }
    let found = LogScan(policy, of: service).scan(logs)
    let allowed = service.allowedErrors ?? policy.allowedErrors
    let passed = found.tolerated == 0 ? "" : ", and \(found.tolerated) that are let pass"
    guard found.count > allowed else {
      return finding(
        "logs",
        .good,
        "\(found.count) error lines in the last \(policy.logTail) of \(logs.count) containers\(passed)"
      )
    }
    return finding("logs", .bad, "\(found.count) error lines, \(allowed) allowed\(passed): \(found.summary)")
  }

  var health: Finding {
    guard let probe else { return finding("health", .notChecked, "no health endpoint configured") }
    switch probe.answer {
    case .status(200): return finding("health", .good, "200 OK from \(probe.target.url)")
    case .status(let status): return finding("health", .bad, "\(status) from \(probe.target.url)")
    case .unreachable(let why): return finding("health", .bad, "no answer from \(probe.target.url): \(why)")
    }
  }
}

extension PodSnapshot {
  /// The container that runs the service's image at `tag`, if any.
  func container(of service: Service, atTag tag: String) -> ContainerSnapshot? {
    containers.first { !$0.isInit && service.isImage($0.image, atTag: tag) }
  }

  /// What is definitely wrong with the pod, in words; nil when nothing is known to be.
  var trouble: String? {
    for container in containers {
      guard case .waiting(let reason, let message) = container.state, Self.badReasons.contains(reason) else { continue }
      return "\(name): \(container.name) is in \(reason)" + (message.isEmpty ? "" : " (\(message))")
    }
    return nil
  }

  /// Reasons that a kubelet gives for a container that will not run without somebody doing something.
  static let badReasons: Set<String> = [
    "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName",
    "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
  ]
}
