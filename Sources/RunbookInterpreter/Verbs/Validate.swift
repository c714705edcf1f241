import PromotionModel
import RunLog
import RunbookCheck

/// `validate ENV TARGETS`: step 1 of the guide and its checklist. Shows every finding; what passed is sealed.
///
/// Ends *failed* on a definite bad finding, else *undetermined* when something could not be told (rule 5).
struct Validate {
  static let noteKey = "validation"

  /// What a resumed run needs of a finished validation.
  struct Stored: Codable {
    var seals: [Seal]
    var findings: [Finding]
    /// What it looked at, and where: of these no earlier seal counts any more.
    var services: [ServiceName]?
    var environment: EnvironmentName?
  }

  let action: ValidateTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment)
    try await step.identify(environment.name)
    let head = try await step.reading.repository.head()
    let names = try await step.services(action.targets, in: environment.name, at: head.id)
    guard !names.isEmpty else { throw Halt(.refused, "there is no service to validate in \(environment.name)") }
    let services = names.compactMap(step.fleet.service)
    // Whoever looks again doubts what was seen before: an earlier seal stands for nothing from here on (rule 5).
    step.memory.update { state in for name in names { state.seals[environment.name]?[name] = nil } }
    let declared = try await step.reading.repository.declared(environment.name, at: head.id)
    let snapshot = try await step.reading.cluster.snapshot(of: environment.name)

    async let probed = probes(services, in: environment.name)
    async let read = logs(services, snapshot, in: environment.name)
    let atRevision = try await declaredAtRevisions(services, snapshot, declared, head: head.id)
    let (probes, logs) = try await (probed, read)

    var looks: [(service: Service, findings: ServiceFindings)] = []
    for service in services {
      let findings = ServiceFindings(
        service: service,
        declared: declared.services[service.name],
        snapshot: snapshot.services[service.name],
        declaredAtRevision: atRevision[service.name],
        logs: logs.filter { $0.service == service.name },
        probe: probes[service.name],
        policy: step.fleet.policy
      )
      looks.append((service, findings))
    }
    let tested = try await SmokeTests(step: step, environment: environment.name).run(
      looks.map { ($0.service, declared.services[$0.service.name]?.tag, $0.findings.all) }
    )
    let soaked = try await soakFindings(declared, names, snapshot)
    var stored = Stored(seals: [], findings: [], services: names, environment: environment.name)
    for (service, findings) in looks {
      let all = findings.all + (soaked[service.name].map { [$0] } ?? []) + (tested[service.name] ?? [])
      for finding in all { step.emit(.finding(finding), environment: environment.name, service: service.name) }
      stored.findings += all
      guard !all.contains(where: { $0.result == .bad || $0.result == .unknown }), let digest = findings.image.digest,
        let tag = declared.services[service.name]?.tag, let version = declared.services[service.name]?.version
      else { continue }
      stored.seals.append(
        Seal(
          service: service.name,
          environment: environment.name,
          tag: tag,
          version: version,
          commit: head.id,
          digest: digest,
          time: snapshot.time
        )
      )
    }
    try step.note(Self.noteKey, stored)
    let result = stored
    step.memory.update { state in
      for seal in result.seals { state.seals[environment.name, default: [:]][seal.service] = seal }
      state.findings += result.findings
    }
    for seal in stored.seals { step.emit(.sealed(seal), environment: environment.name, service: seal.service) }
    return try verdict(stored.findings, sealed: stored.seals.count, of: services.count)
  }

  private func verdict(_ findings: [Finding], sealed: Int, of count: Int) throws -> String {
    func list(_ result: Finding.Result) -> String {
      findings.filter { $0.result == result }.map { "\($0.service?.text ?? ""): \($0.message)" }.joined(separator: "; ")
    }
    if findings.contains(where: { $0.result == .bad }) { throw Halt(.failed, list(.bad)) }
    if findings.contains(where: { $0.result == .unknown }) { throw Halt(.undetermined, list(.unknown)) }
    return "\(sealed) of \(count) services sealed"
  }

  /// How long versions have run here, where they are promoted from here after a time. Too short is no fault of the version, and
  /// will be long enough by itself: it is told, and `promote` decides.
  private func soakFindings(
    _ declared: DeclaredEnvironment,
    _ names: [ServiceName],
    _ snapshot: EnvironmentSnapshot
  ) async throws -> [ServiceName: Finding] {
    let here = action.environment
    guard step.fleet.environments.contains(where: { $0.promotesFrom == here }) else { return [:] }
    let tags = names.compactMap { name in declared.services[name]?.tag.map { (name, $0) } }
    let times = try await step.soakTimes(
      of: Dictionary(tags, uniquingKeysWith: { first, _ in first }),
      in: here,
      snapshot
    )
    let findings = times.map { time -> (ServiceName, Finding) in
      let result: (Finding.Result, String)
      if case .enough(let ran) = time.verdict {
        result = (.good, "\(time.tag) has run for \(SoakTime.text(ran)), \(time.needed.runbookText) are asked for")
      } else {
        result = (.warning, time.obstacle(in: here) ?? "")
      }
      return (
        time.service.name,
        Finding(check: "soak", service: time.service.name, result: result.0, message: result.1)
      )
    }
    return Dictionary(findings, uniquingKeysWith: { first, _ in first })
  }

  private func probes(_ services: [Service], in environment: EnvironmentName) async throws -> [ServiceName: ProbeResult]
  {
    let targets = services.compactMap { service in
      service.health[environment].map { ProbeTarget(service: service.name, url: $0) }
    }
    guard !targets.isEmpty else { return [:] }
    let results = try await step.reading.probes.probe(targets)
    return Dictionary(results.map { ($0.target.service, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func logs(_ services: [Service], _ snapshot: EnvironmentSnapshot, in environment: EnvironmentName)
    async throws
    -> [ContainerLog]
  {
    var requests: [LogRequest] = []
    for service in services {
      for pod in snapshot.services[service.name]?.pods ?? [] where !pod.isTerminating {
        for container in pod.containers {
          let request = LogRequest(
            service: service.name,
            pod: pod.name,
            container: container.name,
            tailLines: step.fleet.policy.logTail
          )
          requests.append(request)
          if container.restarts > 0 {
            var previous = request
            previous.isPrevious = true
            requests.append(previous)
          }
        }
      }
    }
    guard !requests.isEmpty else { return [] }
    return try await step.reading.cluster.logs(requests, in: environment)
  }

  /// What each service's file said at the commit that its Application is synced at; one read a commit.
  private func declaredAtRevisions(
    _ services: [Service],
    _ snapshot: EnvironmentSnapshot,
    _ declared: DeclaredEnvironment,
    head: CommitID
  ) async throws -> [ServiceName: DeclaredService] {
    var found: [ServiceName: DeclaredService] = [:]
    var read: [CommitID: DeclaredEnvironment] = [head: declared]
    for service in services {
      guard let revision = snapshot.services[service.name]?.application?.revision else { continue }
      if read[revision] == nil {
        // A commit that is not on the branch proves nothing of the branch.
        guard try await step.reading.repository.contains(revision, in: head) else { continue }
        read[revision] = try await step.reading.repository.declared(declared.environment, at: revision)
      }
      found[service.name] = read[revision]?.services[service.name]
    }
    return found
  }
}
