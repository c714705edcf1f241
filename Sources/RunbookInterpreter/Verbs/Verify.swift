import PromotionModel
import RunLog
import RunbookCheck

/// `verify [ENV] [TARGETS]`: step 4 of the guide, one look at what runs now. Every ready pod runs the version that this
/// run wrote last (for what it did not write: the one that git declares), all replicas are ready, health answers 200, and
/// the logs have no more errors than before the promotion.
///
/// What this run changed and nothing has seen arrive is waited for first, as `wait rollout` does and as long (rule 2): right behind
/// a `promote`, pods of the version before prove nothing against the new one.
///
/// Ends *failed* on anything that is definitely not so, *timed out* when it did not arrive in time, else *undetermined* when
/// something could not be told (rule 5). What ends well was looked at (rule 4).
struct Verify {
  /// How far back error lines are counted, as long as the time before the promotion that they are compared with.
  static let span = Duration.seconds(600)

  let action: VerifyTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment)
    try await step.identify(environment.name)
    let services = try await step.services(action.targets, in: environment.name)
    guard !services.isEmpty else { return try step.nothing(to: "verify", action.targets, in: environment.name) }
    let arrivals = Arrivals(step: step)
    let targets = try await arrivals.targets(services, in: environment.name)
    let (snapshot, standings, late) = try await look(targets, in: environment)
    try Arrivals.haltIfSuperseded(standings, step, environment.name)
    let watched = WatchedMetrics(step, services, in: environment.name)
    var reader = ProbeReader(
      reading: step.reading,
      environment: environment.name,
      targets: targets,
      start: step.clock.now() - Self.span,
      scans: LogScans(step.fleet),
      metrics: watched.requests,
      looksAtAlerts: step.looksAtAlerts(in: environment.name)
    )
    let reading = try await reader.read(snapshot)

    let alerts = AlertFindings(reading.alerts, AlertJudge(step, services, in: environment.name), services)
    var looks: [(target: ArrivalTarget, findings: [Finding])] = []
    for target in targets {
      let look = VerifiedService(
        target: target,
        snapshot: snapshot.services[target.service.name],
        standing: standings[target.service.name],
        reading: reading,
        baseline: step.memory.promotion(of: target.service.name, in: environment.name)?.baseline[target.service.name],
        policy: step.fleet.policy,
        time: snapshot.time,
        metrics: watched,
        alerts: alerts.findings[target.service.name]
      )
      looks.append((target, look.findings))
    }
    let tested = try await SmokeTests(step: step, environment: environment.name).run(
      looks.map { ($0.target.service, $0.target.tag, $0.findings) }
    )
    var findings: [Finding] = []
    for (target, seen) in looks {
      let name = target.service.name
      let all = seen + (tested[name] ?? [])
      for finding in all { step.emit(.finding(finding), environment: environment.name, service: name) }
      findings += all
    }
    // Why it did not arrive says more than what the last look found of it on its way.
    if let late { throw late }
    try requireGood(findings)
    try arrivals.markSeen(services, in: environment.name, needsRollout: true)
    return targets.map { "\($0.service.name) \($0.tag)" }.joined(separator: ", ") + " verified"
  }

  /// One look, which waits first for what has not arrived and has nothing against it.
  /// - Returns: with `late`, why something did not arrive; nil where all did, and where waiting would tell nothing.
  private func look(_ targets: [ArrivalTarget], in environment: Environment) async throws
    -> (snapshot: EnvironmentSnapshot, standings: [ServiceName: Standing], late: Halt?)
  {
    let cluster = step.reading.cluster
    var judge = ArrivalJudge(reading: step.reading, environment: environment, targets: targets)
    let first = try await cluster.snapshot(of: environment.name)
    let standings = try await judge.judge(first)
    guard targets.contains(where: { isComing($0, standings, in: environment) }),
      !standings.values.contains(where: \.isWrong)
    else { return (first, standings, nil) }
    var late: Halt?
    do {
      try await Arrivals(step: step).wait(
        for: targets,
        in: environment,
        until: step.begun + step.fleet.policy.deadlines.rollout,
        needsRollout: true
      )
    } catch let halt as Halt where halt.ending == .failed || halt.ending == .timedOut {
      late = halt
    }
    do {
      let second = try await cluster.snapshot(of: environment.name)
      return (second, try await judge.judge(second), late)
    } catch let error as WorldError {
      throw late ?? error
    }
  }

  /// Whether this run changed it and nothing has seen it arrive since. What was seen, and what others wrote, is as it is: there
  /// *on the way* means that it has left.
  private func isComing(
    _ target: ArrivalTarget,
    _ standings: [ServiceName: Standing],
    in environment: Environment
  ) -> Bool {
    guard target.commit != nil, standings[target.service.name]?.isOnTheWay == true else { return false }
    let unseen = step.memory.current.unseen[environment.name] ?? []
    return !environment.isProtected || unseen.contains(target.service.name)
  }

  private func requireGood(_ findings: [Finding]) throws {
    for (result, ending) in [(Finding.Result.bad, Ending.failed), (.unknown, .undetermined)] {
      let found = findings.filter { $0.result == result }
      guard !found.isEmpty else { continue }
      // The same trouble is told once, however many checks met it.
      var messages: [String] = []
      var services: [ServiceName] = []
      for finding in found {
        guard let service = finding.service else { continue }
        if !services.contains(service) { services.append(service) }
        let message = "\(service): \(finding.message)"
        if !messages.contains(message) { messages.append(message) }
      }
      throw Halt(ending, messages.joined(separator: "; "), services: services)
    }
  }
}

/// What one look says of one service.
private struct VerifiedService {
  let target: ArrivalTarget
  let snapshot: ServiceSnapshot?
  let standing: Standing?
  let reading: ProbeReading
  /// Error lines a minute from before the promotion; nil where this run did not promote it.
  let baseline: Double?
  let policy: Policy
  let time: Timestamp
  let metrics: WatchedMetrics
  /// nil: nobody looks at alerts.
  let alerts: Finding?

  var name: ServiceName { target.service.name }

  var findings: [Finding] {
    // What the run wrote is compared, not what stands in git by now.
    let expected = DeclaredService(
      file: "",
      tag: target.tag,
      version: target.service.tag.version(ofTag: target.tag)
    )
    let checks = ServiceFindings(
      service: target.service,
      declared: expected,
      snapshot: snapshot,
      declaredAtRevision: nil,
      logs: [],
      probe: reading.probes.first { $0.target.service == name },
      policy: policy
    )
    return [arrival, checks.pods, checks.image.finding, checks.migrations, errors, checks.health] + measurements
      + (alerts.map { [$0] } ?? [])
  }

  private var measurements: [Finding] {
    reading.measured.filter { $0.request.service == name }.map { request, answer in
      switch metrics.judge(request, answer) {
      case .good:
        guard case .value(let value) = answer else { return finding("metrics", .unknown, "there was no answer") }
        return finding("metrics", .good, "\(WatchedMetrics.name(request)) is \(metrics.text(request, value))")
      case .outside(let why): return finding("metrics", .bad, why)
      case .unknown(let why): return finding("metrics", .unknown, why)
      }
    }
  }

  private func finding(_ check: String, _ result: Finding.Result, _ message: String) -> Finding {
    Finding(check: check, service: name, result: result, message: message)
  }

  private var arrival: Finding {
    switch standing {
    case .arrived:
      finding("version", .good, "\(target.tag), as " + (target.commit == nil ? "git declares" : "this run wrote"))
    case .onTheWay(let message), .wrong(let message): finding("version", .bad, message)
    case .unknown(let message): finding("version", .unknown, message)
    case .superseded(let superseded): finding("version", .unknown, superseded.message)
    case nil: finding("version", .unknown, "it was not seen")
    }
  }

  /// Error lines of the pods of this version, as a rate over the time that they ran, ten minutes at most.
  private var errors: Finding {
    let pods = (snapshot?.pods ?? []).filter {
      !$0.isTerminating && $0.container(of: target.service, atTag: target.tag) != nil
    }
    guard let oldest = pods.map(\.createdAt).min(), pods.contains(where: { $0.containers.contains(where: \.hasLog) })
    else {
      return finding("logs", .unknown, "no log of \(target.tag) could be read")
    }
    let found = reading.errors[name]
    let count = found?.times.count ?? 0
    // Of a pod that has just started too little was seen for a rate: a minute is the least that counts.
    let span = max(.seconds(60), min(Verify.span, time - oldest))
    let minutes = Double(span.wholeNanoseconds) / 60e9
    let allowance = target.service.allowedErrors ?? policy.allowedErrors
    let allowed = max(Double(allowance), baseline ?? 0) * minutes
    let lines = "\(count) error lines in \(Duration.seconds(span.components.seconds).runbookText)"
    guard Double(count) > allowed else { return finding("logs", .good, lines) }
    let than = baseline == nil ? "\(allowance) a minute allowed" : "more than before the promotion"
    return finding("logs", .bad, "\(lines), \(than)" + (found.map { ": \($0.lines.summary)" } ?? ""))
  }
}

/// What alerts say of each service.
private struct AlertFindings {
  private(set) var findings: [ServiceName: Finding] = [:]

  init(_ reading: AlertReading, _ judge: AlertJudge, _ services: [ServiceName]) {
    func add(_ service: ServiceName, _ result: Finding.Result, _ message: String) {
      findings[service] = Finding(check: "alerts", service: service, result: result, message: message)
    }
    var judge = judge
    switch reading {
    case .notAsked: break
    case .unknown(let why): for service in services { add(service, .unknown, "alerts cannot be told: \(why)") }
    case .firing(let alerts):
      let (new, doubtful) = judge.judge(alerts)
      for service in services {
        if let alert = new.first(where: { $0.service == service }) {
          add(service, .bad, alert.words)
        } else if let alert = doubtful.first(where: { $0.service == service }) {
          add(service, .unknown, "\(alert.words), and whether it did before is not known")
        } else {
          let former = alerts.count { $0.service == service }
          add(service, .good, former == 0 ? "no alert fires" : "\(former) alerts fire, as before")
        }
      }
    }
  }
}
