import PromotionModel
import RunLog
import RunbookCheck

/// `show …`: looks, and changes nothing. What is shown is the run's output.
struct Show {
  let action: ShowAction
  let step: StepContext

  private var deadlines: Deadlines { step.fleet.policy.deadlines }

  func run() async throws -> String {
    let (environments, services) = try await place()
    if action.subject == .logs, action.follows { return try await follow(environments, services) }
    return try await step.limited(to: deadlines.show) {
      switch action.subject {
      case .status: try await status(environments, services)
      case .versions: try await versions(environments, services)
      case .history: try await history(environments, services)
      case .pods: try await pods(environments, services)
      case .logs: try await logs(environments, services)
      case .diff: try await diff(environments, services)
      case .pullRequests: try await pullRequests()
      }
    }
  }

  /// The environments, and the services in each.
  private func place() async throws -> ([EnvironmentName], [EnvironmentName: [Service]]) {
    let environments = action.environment.map { [$0] } ?? step.fleet.environments.map(\.name)
    var services: [EnvironmentName: [Service]] = [:]
    for environment in environments {
      guard let targets = action.targets else {
        services[environment] = step.fleet.services
        continue
      }
      services[environment] = try await step.services(step.resolve(targets), in: environment)
        .compactMap(step.fleet.service)
    }
    return (environments, services)
  }

  private func show(_ title: String, _ columns: [String], _ rows: [[String]]) -> String {
    step.emit(.shown(Table(title: title, columns: columns, rows: rows)))
    return "\(rows.count) \(rows.count == 1 ? "line" : "lines")"
  }

  // MARK: Tables

  private func status(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws
    -> String
  {
    let head = try await step.reading.repository.head()
    var rows: [[String]] = []
    for environment in environments {
      _ = try await step.reading.cluster.identify(environment)
      let declared = try await step.reading.repository.declared(environment, at: head.id)
      let snapshot = try await step.reading.cluster.snapshot(of: environment)
      for service in services[environment] ?? [] {
        let seen = snapshot.services[service.name]
        let workloads = seen?.workloads ?? []
        rows.append([
          environment.text, service.name.text, Self.tag(declared.services[service.name]), Self.running(service, seen),
          Self.sync(seen?.application), seen?.application?.health.word ?? "-",
          workloads.isEmpty
            ? "-" : "\(workloads.reduce(0) { $0 + $1.ready })/\(workloads.reduce(0) { $0 + $1.desired })",
        ])
      }
    }
    return show("status", ["ENVIRONMENT", "SERVICE", "DECLARED", "RUNNING", "SYNC", "HEALTH", "READY"], rows)
  }

  /// `synced`, and whether Argo CD would act by itself: who suspended it, where that is told.
  private static func sync(_ application: ApplicationSnapshot?) -> String {
    guard let application else { return "no Application" }
    if let holder = application.suspendedBy { return "\(application.sync.word), auto-sync suspended by \(holder)" }
    return application.hasAutoSync ? application.sync.word : "\(application.sync.word), no auto-sync"
  }

  private func versions(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws
    -> String
  {
    let head = try await step.reading.repository.head()
    var declared: [EnvironmentName: DeclaredEnvironment] = [:]
    for environment in environments {
      declared[environment] = try await step.reading.repository.declared(environment, at: head.id)
    }
    let named = environments.flatMap { services[$0] ?? [] }.map(\.name)
    let rows = step.fleet.services.filter { named.contains($0.name) }.map { service in
      [service.name.text] + environments.map { Self.tag(declared[$0]?.services[service.name]) }
    }
    return show("versions", ["SERVICE"] + environments.map { $0.text.uppercased() }, rows)
  }

  private func history(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws
    -> String
  {
    _ = try await step.reading.repository.head()
    var rows: [[String]] = []
    for environment in environments {
      let names = (services[environment] ?? []).map(\.name)
      let history = try await step.reading.repository.history(of: names, in: environment, limit: 20)
      for name in names {
        rows += (history[name] ?? []).map { change in
          [
            environment.text, name.text, change.tag ?? "absent", "\(change.commit.time.wholeSecond)",
            change.commit.author,
            change.commit.id.short, change.commit.subject,
          ]
        }
      }
    }
    return show("history", ["ENVIRONMENT", "SERVICE", "TAG", "SINCE", "BY", "COMMIT", "SUBJECT"], rows)
  }

  /// The open ones of the configured labels, and those of runs whatever their labels.
  private func pullRequests() async throws -> String {
    guard let forge = step.reading.forge, let settings = step.fleet.pullRequest else {
      throw Halt(.refused, "no forge is configured (`pull-request` in slipway.yaml)")
    }
    let prefixes = step.fleet.environments.flatMap { ["\($0.name)-promotion-", "\($0.name)-rollback-"] }
    let found = try await forge.openPullRequests(labels: settings.labels, branchPrefixes: prefixes)
    let rows = found.map { pull -> [String] in
      let marks = (pull.hasAutoMerge ? ["merges by itself"] : []) + (pull.isQueued ? ["queued"] : [])
      return [
        "#\(pull.number)", pull.title, pull.branch, pull.labels.joined(separator: ", "),
        ([pull.state.rawValue] + marks).joined(separator: ", "), pull.url,
      ]
    }
    return show("pull requests", ["NUMBER", "TITLE", "BRANCH", "LABELS", "STATE", "URL"], rows)
  }

  private func pods(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws -> String
  {
    var rows: [[String]] = []
    for environment in environments {
      _ = try await step.reading.cluster.identify(environment)
      let snapshot = try await step.reading.cluster.snapshot(of: environment)
      for service in services[environment] ?? [] {
        for pod in snapshot.services[service.name]?.pods ?? [] {
          let containers = pod.containers.filter { !$0.isInit }
          rows.append([
            environment.text, service.name.text, pod.name, pod.isTerminating ? "terminating" : pod.trouble ?? pod.state,
            "\(containers.count(where: \.isReady))/\(containers.count)", "\(pod.restarts)",
            max(.seconds(0), Duration.seconds((snapshot.time - pod.createdAt).components.seconds)).runbookText,
            containers.map(\.image).joined(separator: " "),
          ])
        }
      }
    }
    return show("pods", ["ENVIRONMENT", "SERVICE", "POD", "STATE", "READY", "RESTARTS", "AGE", "IMAGES"], rows)
  }

  private func diff(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws -> String
  {
    let targets = environments.filter { step.fleet.environment($0)?.promotesFrom != nil }
    guard !targets.isEmpty else {
      throw Halt(.refused, "nothing is promoted to \(environments.map(\.text).joined(separator: ", "))")
    }
    var areNamed = action.targets != nil
    if case .all = action.targets { areNamed = false }
    let shown = ShowDiff(step: step, environments: targets, services: services, areNamed: areNamed)
    let tables = try await shown.tables()
    for table in tables { step.emit(.shown(table)) }
    let files = tables.count - targets.count
    return files == 0 ? "nothing would change" : "\(files) \(files == 1 ? "file" : "files") would change"
  }

  private static func tag(_ declared: DeclaredService?) -> String {
    guard let declared, declared.exists else { return "-" }
    return (declared.tag ?? "no tag") + (declared.isEnabled ? "" : " (disabled)")
  }

  private static func running(_ service: Service, _ seen: ServiceSnapshot?) -> String {
    let pods = (seen?.pods ?? []).filter { !$0.isTerminating }
    let tags = Set(pods.flatMap(\.containers).filter { !$0.isInit }.compactMap { service.tag(ofImage: $0.image) })
    return tags.isEmpty ? "-" : tags.sorted().joined(separator: " ")
  }

  // MARK: Logs

  private func logs(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws -> String
  {
    var reader = LogLines(step: step)
    for environment in environments {
      try await reader.read(services[environment] ?? [], in: environment, isFirst: true)
    }
    return "\(reader.count) \(reader.count == 1 ? "line" : "lines")"
  }

  /// Until it is interrupted or its time is over: to have looked so long is what was asked for, and ends well.
  private func follow(_ environments: [EnvironmentName], _ services: [EnvironmentName: [Service]]) async throws
    -> String
  {
    let end = step.clock.now() + deadlines.follow
    var reader = LogLines(step: step)
    var lost: WorldError?
    var isFirst = true
    while step.clock.now() < end {
      do {
        for environment in environments {
          try await reader.read(services[environment] ?? [], in: environment, isFirst: isFirst)
        }
        if lost != nil { step.emit(.sight(isLost: false, message: "seen again")) }
        (lost, isFirst) = (nil, false)
      } catch let error as WorldError where error.isTransient {
        if lost == nil { step.emit(.sight(isLost: true, message: "\(error)")) }
        lost = error
      }
      try await step.clock.sleep(until: min(end, step.clock.now() + step.fleet.policy.probeInterval))
    }
    return "\(reader.count) lines in \(deadlines.follow.runbookText)"
  }
}

/// Reads logs round after round; each line is shown once.
private struct LogLines {
  let step: StepContext
  private(set) var count = 0
  private var newest: [String: Timestamp] = [:]

  init(step: StepContext) { self.step = step }

  mutating func read(_ services: [Service], in environment: EnvironmentName, isFirst: Bool) async throws {
    if isFirst { _ = try await step.reading.cluster.identify(environment) }
    let snapshot = try await step.reading.cluster.snapshot(of: environment)
    var requests: [LogRequest] = []
    for service in services {
      for pod in snapshot.services[service.name]?.pods ?? [] {
        for container in pod.containers where container.hasLog {
          var request = LogRequest(service: service.name, pod: pod.name, container: container.name)
          request.since = newest[Self.key(environment, pod.name, container.name)]
          if request.since == nil { request.tailLines = step.fleet.policy.logTail }
          requests.append(request)
        }
      }
    }
    guard !requests.isEmpty else { return }
    for log in try await step.reading.cluster.logs(requests, in: environment) { show(log, in: environment) }
  }

  private mutating func show(_ log: ContainerLog, in environment: EnvironmentName) {
    let key = Self.key(environment, log.pod, log.container)
    let known = newest[key]
    for bytes in log.bytes.split(separator: 0x0A) {
      let line = String(decoding: bytes, as: UTF8.self)
      let stamp = line.prefix { $0 != " " }
      let time = Timestamp(String(stamp))
      if let time {
        if let known, time <= known { continue }
        newest[key] = max(newest[key] ?? time, time)
      }
      count += 1
      step.emit(
        .logLine(pod: log.pod, container: log.container, line: line),
        environment: environment,
        service: log.service
      )
    }
  }

  private static func key(_ environment: EnvironmentName, _ pod: String, _ container: String) -> String {
    "\(environment)/\(pod)/\(container)"
  }
}

extension PodSnapshot {
  /// In a word, where nothing is known to be wrong.
  fileprivate var state: String {
    for container in containers {
      switch container.state {
      case .running: continue
      case .waiting(let reason, _): return reason
      case .terminated(let reason, let code): if !container.isInit { return "\(reason) (\(code))" }
      case .unknown: return "unknown"
      }
    }
    return isReady ? "running" : "not ready"
  }
}
