public import PromotionModel

/// How services stand in an environment, at a glance: what git says, what runs, and how it is.
public struct FleetLook: Sendable {
  /// One service in one environment.
  public struct Entry: Hashable, Sendable {
    public var environment: EnvironmentName
    public var service: ServiceName
    /// The tag that git declares; nil: none, or no file.
    public var declared: String?
    /// Its file says that it is disabled.
    public var isDisabled = false
    /// The tags of the pods that are there, several while a rollout goes on.
    public var running: [String] = []
    public var ready = 0
    public var desired = 0
    public var restarts = 0
    /// Error lines in the recent logs; nil: not looked at.
    public var errors: Int?
    /// The status of the health endpoint, or why it did not answer; nil: none is configured, or not asked.
    public var health: String?
    public var isHealthy: Bool?
    /// Argo CD's words; nil: there is no Application.
    public var sync: ApplicationSnapshot.Sync?
    public var state: ApplicationSnapshot.Health?
    /// Who suspended Argo CD's auto-sync and did not restore it yet.
    public var suspendedBy: String?
    /// A definite bad sign, in a few words.
    public var trouble: String?

    public init(environment: EnvironmentName, service: ServiceName) {
      (self.environment, self.service) = (environment, service)
    }

    /// Whether git and the cluster say different things, as far as both are known.
    public var drifts: Bool {
      guard let declared, !running.isEmpty else { return false }
      return running != [declared]
    }

    /// Whether anything about it needs a look.
    public var isWell: Bool {
      if isDisabled || declared == nil { return trouble == nil }
      return trouble == nil && suspendedBy == nil && !drifts && ready == desired && isHealthy != false
        && (errors ?? 0) == 0 && (sync == nil || sync == .synced) && (state == nil || state == .healthy)
    }
  }

  private let reading: WorldReading
  private let fleet: Fleet

  public init(reading: WorldReading, fleet: Fleet) { (self.reading, self.fleet) = (reading, fleet) }

  /// Looks at services of an environment: one list a kind, one round of probes, and one of logs, all at once.
  /// - Parameter readsLogs: counts error lines, which costs a request a container.
  /// - Throws: ``WorldError`` when the repository or the cluster could not be seen. Probes and logs that could not be had
  ///   leave their columns empty: they say nothing then, neither good nor bad.
  public func look(
    at services: [ServiceName]? = nil,
    in environment: EnvironmentName,
    readsLogs: Bool = true
  ) async throws -> [Entry] {
    let chosen = fleet.services.filter { services?.contains($0.name) ?? true }
    let head = try await reading.repository.head()
    async let declaring = reading.repository.declared(environment, at: head.id)
    async let probing = probes(of: chosen, in: environment)
    _ = try await reading.cluster.identify(environment)
    let snapshot = try await reading.cluster.snapshot(of: environment)
    let errors = readsLogs ? await errorLines(of: chosen, snapshot) : nil
    let declared = try await declaring
    let probed = await probing
    return chosen.map { service in
      entry(service, declared.services[service.name], snapshot, probed[service.name], errors?[service.name])
    }
  }

  private func entry(
    _ service: Service,
    _ declared: DeclaredService?,
    _ snapshot: EnvironmentSnapshot,
    _ probe: ProbeResult?,
    _ errors: Int?
  ) -> Entry {
    let seen = snapshot.services[service.name]
    var entry = Self.glance(service, seen, in: snapshot.environment)
    if let declared, declared.exists { (entry.declared, entry.isDisabled) = (declared.tag, !declared.isEnabled) }
    entry.errors = errors
    switch probe?.answer {
    case .status(let status)?: (entry.health, entry.isHealthy) = ("\(status)", status == 200)
    case .unreachable?: (entry.health, entry.isHealthy) = ("no answer", false)
    case nil: break
    }
    return entry
  }

  /// What Argo CD and the cluster alone say of a service.
  public static func glance(
    _ service: Service,
    _ seen: ServiceSnapshot?,
    in environment: EnvironmentName = EnvironmentName("")
  ) -> Entry {
    var entry = Entry(environment: environment, service: service.name)
    let pods = (seen?.pods ?? []).filter { !$0.isTerminating }
    let images = pods.flatMap(\.containers).filter { !$0.isInit }.compactMap { service.tag(ofImage: $0.image) }
    entry.running = Set(images).sorted()
    entry.ready = (seen?.workloads ?? []).reduce(0) { $0 + $1.ready }
    entry.desired = (seen?.workloads ?? []).reduce(0) { $0 + $1.desired }
    entry.restarts = pods.reduce(0) { $0 + $1.restarts }
    (entry.sync, entry.state) = (seen?.application?.sync, seen?.application?.health)
    entry.suspendedBy = seen?.application?.suspendedBy
    entry.trouble = pods.lazy.compactMap(\.trouble).first
    return entry
  }

  private func probes(of services: [Service], in environment: EnvironmentName) async -> [ServiceName: ProbeResult] {
    let targets = services.compactMap { service in
      service.health[environment].map { ProbeTarget(service: service.name, url: $0) }
    }
    guard !targets.isEmpty, let results = try? await reading.probes.probe(targets) else { return [:] }
    return Dictionary(results.map { ($0.target.service, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Returns: nil when the logs could not be read.
  private func errorLines(of services: [Service], _ snapshot: EnvironmentSnapshot) async -> [ServiceName: Int]? {
    var requests: [LogRequest] = []
    var counts: [ServiceName: Int] = [:]
    for service in services {
      for pod in snapshot.services[service.name]?.pods ?? [] where !pod.isTerminating {
        for container in pod.containers where !container.isInit && container.hasLog {
          counts[service.name] = 0
          requests.append(
            LogRequest(
              service: service.name,
              pod: pod.name,
              container: container.name,
              tailLines: fleet.policy.logTail
            )
          )
        }
      }
    }
    guard !requests.isEmpty else { return counts }
    guard let logs = try? await reading.cluster.logs(requests, in: snapshot.environment) else { return nil }
    for (service, lines) in LogScans(fleet).scan(logs) { counts[service, default: 0] += lines.count }
    return counts
  }
}
