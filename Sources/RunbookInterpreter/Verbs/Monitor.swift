import PromotionModel
import RunLog
import RunbookCheck

/// `monitor D`: first arrival, then D of *evidence*: only time counts in which every service was observed and healthy
/// (rule 8). Ends *failed* at once on a definite bad sign, *undetermined* when not enough evidence came together within
/// twice D after arrival, or when somebody else changed what is watched (rule 1).
struct Monitor {
  /// The evidence that a resumed monitor keeps.
  static let noteKey = "evidence"

  struct Stored: Codable {
    var gatheredNanoseconds: Int64
    var arrivedAt: Timestamp?
    /// Of the containers that were there when the monitor began, by pod and container.
    var restarts: [String: Int]?
    /// What was measured last, as it is shown.
    var measured: [String: String]?
  }

  let action: MonitorTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment)
    try await step.identify(environment.name)
    let services = try await step.services(action.targets, in: environment.name)
    guard !services.isEmpty else { return try step.nothing(to: "monitor", action.targets, in: environment.name) }
    let arrivals = Arrivals(step: step)
    let targets = try await arrivals.targets(services, in: environment.name)
    let vigil = Vigil(
      step: step,
      environment: environment,
      action: action,
      targets: targets,
      stored: try step.stored(Self.noteKey, as: Stored.self)
    )
    return try await keep(vigil, over: services)
  }

  /// Goes on with a monitor of another run that has come as far.
  func goOn(from stand: MonitorStand) async throws -> String {
    try await keep(stand.vigil.goingOn(with: step), over: stand.services, from: stand.watch)
  }

  private func keep(_ begun: Vigil, over services: [ServiceName], from stand: Watch.Stand? = nil) async throws -> String
  {
    var vigil = begun
    let environment = vigil.environment.name
    let watch = Watch(
      step: step,
      environment: environment,
      rounds: (vigil.every, vigil.reader),
      tick: vigil.every,
      deadline: nil
    )
    if stand != nil { vigil.rest(watch.pace) }
    _ = try await watch.run(from: stand) { event in
      let isEnough = try await vigil.take(event, watch.pace)
      if step.setup.milestone != nil, !isEnough, case .round = event, vigil.spareRounds != nil, let stand = watch.stand
      {
        step.passMilestone(in: MonitorStand(vigil: vigil, watch: stand, services: services, begun: step.begun))
      }
      return isEnough
    }
    try Arrivals(step: step).markSeen(services, in: environment, needsRollout: true)
    return "\(action.duration.runbookText) of evidence: "
      + vigil.targets.map { "\($0.service.name) \($0.tag)" }.joined(separator: ", ")
      + " healthy" + vigil.measurements
      + (vigil.unprobed.isEmpty ? "" : " (no health endpoint: \(vigil.unprobed.joined(separator: ", ")))")
  }
}

/// The state of one monitor.
struct Vigil: Sendable {
  private var step: StepContext
  let environment: Environment
  let action: MonitorTerms
  let targets: [ArrivalTarget]
  let every: Duration
  let unprobed: [String]

  private var judge: ArrivalJudge
  /// What the rounds read with; the watch runs them.
  private(set) var reader: ProbeReader
  private var probes: ProbeJudge
  private var metrics: MetricJudge
  private var alerts: AlertJudge
  /// What was measured in the last round.
  private var measured: [(request: MetricRequest, answer: MetricAnswer)] = []
  private var progress: ProgressReport
  private var signs: BadSigns?
  private let formerRestarts: [String: Int]?
  private var snapshot: EnvironmentSnapshot?
  private var standings: [ServiceName: Standing] = [:] {
    didSet { hasArrived = targets.indices.allSatisfy { standings[targets[$0].service.name] == .arrived } }
  }
  /// Whether every target has; asked for in each round.
  private var hasArrived = false
  private var arrivedAt: Timestamp?
  private var gathered: Duration
  /// The last round that was good and after which nothing bad was seen: evidence runs from here.
  private var goodSince: Timestamp?
  /// When something was last not well: a round that began before proves nothing of the time since.
  private var stoodStillAt: Timestamp
  private var shownEvidence: Duration = .zero
  private var obstacle = "nothing was seen yet"
  private let start: Timestamp

  init(
    step: StepContext,
    environment: Environment,
    action: MonitorTerms,
    targets: [ArrivalTarget],
    stored: Monitor.Stored?
  ) {
    (self.step, self.environment, self.action, self.targets) = (step, environment, action, targets)
    let policy = step.fleet.policy
    // At least three looks, however short the time.
    every = min(action.every ?? policy.probeInterval, action.duration / 3)
    unprobed = targets.filter { $0.service.health[environment.name] == nil }.map(\.service.name.text)
    judge = ArrivalJudge(reading: step.reading, environment: environment, targets: targets)
    start = step.clock.now()
    stoodStillAt = start
    let baselines = targets.compactMap { target in
      step.memory.promotion(of: target.service.name, in: environment.name)?.baseline[target.service.name]
        .map { (target.service.name, $0) }
    }
    let watched = WatchedMetrics(step, targets.map(\.service.name), in: environment.name)
    reader = ProbeReader(
      reading: step.reading,
      environment: environment.name,
      targets: targets,
      start: step.begun,
      scans: LogScans(step.fleet),
      metrics: watched.requests,
      looksAtAlerts: step.looksAtAlerts(in: environment.name)
    )
    alerts = AlertJudge(step, targets.map(\.service.name), in: environment.name)
    metrics = MetricJudge(watched, failures: policy.healthFailures)
    probes = ProbeJudge(
      allowance: action.allowedErrors.map { ($0.count, $0.window) } ?? (policy.allowedErrors, .seconds(60)),
      // What the statement says holds for all of them.
      allowances: action.allowedErrors == nil ? step.fleet.allowedErrors : [:],
      baseline: Dictionary(baselines, uniquingKeysWith: { first, _ in first }),
      healthFailures: policy.healthFailures
    )
    progress = ProgressReport(step: step, environment: environment.name)
    gathered = .nanoseconds(stored?.gatheredNanoseconds ?? 0)
    arrivedAt = stored?.arrivedAt
    formerRestarts = stored?.restarts
  }

  /// The same for a run that has come as far in a world of its own.
  func goingOn(with step: StepContext) -> Vigil {
    var vigil = self
    (vigil.step, vigil.progress.step) = (step, step)
    (vigil.judge.reading, vigil.reader.reading) = (step.reading, step.reading)
    return vigil
  }

  /// - Returns: whether the evidence is enough.
  mutating func take(_ event: Watch.Event, _ pace: WatchPace) async throws -> Bool {
    let isEnough = try await take(event)
    rest(pace)
    return isEnough
  }

  /// Says what it can do without until the next event. In place, as all that changes it is: it is large to copy.
  mutating func rest(_ pace: WatchPace) { pace.rest(until: restsUntil, spareRounds: spareRounds) }

  private mutating func take(_ event: Watch.Event) async throws -> Bool {
    switch event {
    case .seen(let snapshot):
      progress.regained()
      try await see(snapshot)
      return false
    case .lost(let error):
      progress.lost(error)
      standStill("the cluster cannot be seen: \(error)")
      snapshot = nil
      try checkDeadline()
      return false
    case .round(let reading, let began): return try round(reading, began)
    case .passed(let rounds, let last):
      guard let goodSince, last - goodSince == every * rounds else { return false }
      gathered += every * rounds
      self.goodSince = last
      return false
    case .tick:
      // Nothing may change any more, so what could not be told is asked again.
      if let snapshot, standings.values.contains(where: \.isUnknown) { try await see(snapshot) }
      try checkDeadline()
      return false
    }
  }

  private mutating func see(_ snapshot: EnvironmentSnapshot) async throws {
    self.snapshot = snapshot
    var signs =
      self.signs
      ?? BadSigns(
        environment: environment.name,
        targets: targets,
        allowedRestarts: action.allowedRestarts,
        first: snapshot,
        known: formerRestarts
      )
    standings = try await judge.judge(snapshot)
    progress.report(standings)
    try Arrivals.haltIfSuperseded(standings, step, environment.name)
    try fail(on: signs.look(snapshot, standings))
    self.signs = signs
    guard hasArrived else {
      standStill(Arrivals.describe(standings, targets))
      return
    }
    if arrivedAt == nil {
      arrivedAt = step.clock.now()
      try store()
    }
  }

  private mutating func round(_ reading: Result<ProbeReading, WorldError>?, _ began: Timestamp) throws -> Bool {
    switch reading {
    case nil: break
    case .failure(let error):
      standStill("\(error)")
      step.emit(.warning("a round of probes could not be made: \(error)"), environment: environment.name)
    case .success(let reading):
      var verdict = probes.judge(reading, arrived: judge.hasArrived)
      metrics.judge(reading.measured, arrived: judge.hasArrived, &verdict)
      alerts.judge(reading.alerts, of: targets.map(\.service.name), &verdict)
      measured = reading.measured
      try fail(on: verdict.signs)
      if let (service, why) = verdict.unhealthy.min(by: { $0.key < $1.key }) {
        standStill("\(service): \(why)")
        step.emit(.progress(why), environment: environment.name, service: service)
      } else if hasArrived, snapshot != nil, began >= stoodStillAt {
        if let goodSince { count(began - goodSince) }
        goodSince = began
        try show()
      }
    }
    if gathered >= action.duration { return true }
    try checkDeadline()
    return false
  }

  /// The time between two good looks counts, unless it is so long that nobody looked in between: a process that was
  /// stopped, a computer that slept, probes that did not come back (rule 8).
  private mutating func count(_ time: Duration) {
    guard time <= every + max(every * 2, .seconds(30)) || !SafetyRule.seenTimeOnly.holds else {
      obstacle = "nothing was looked at for \(time.runbookText)"
      step.emit(.warning("\(obstacle), which does not count"), environment: environment.name)
      return
    }
    gathered += time
  }

  private mutating func standStill(_ why: String) {
    obstacle = why
    guard SafetyRule.seenTimeOnly.holds else { return }
    goodSince = nil
    stoodStillAt = step.clock.now()
  }

  private func fail(on signs: [(ServiceName, String)]) throws {
    guard !signs.isEmpty else { return }
    for (service, sign) in signs { step.emit(.badSign(sign), environment: environment.name, service: service) }
    throw Halt(.failed, signs.map { "\($0): \($1)" }.joined(separator: "; "), services: signs.map(\.0))
  }

  /// Evidence is shown and stored about twenty times in a monitor, not at every round.
  private mutating func show() throws {
    guard gathered - shownEvidence >= action.duration / 20 || gathered >= action.duration else { return }
    shownEvidence = gathered
    step.emit(
      .evidence(gathered: min(gathered, action.duration), needed: action.duration),
      environment: environment.name
    )
    for (request, answer) in measured {
      guard case .value(let value) = answer else { continue }
      step.emit(
        .value(
          name: WatchedMetrics.fact(request),
          type: "decimal",
          text: metrics.watched.text(request, value)
        ),
        environment: environment.name,
        service: request.service
      )
    }
    try store()
  }

  /// What was measured last, for the end of a sentence.
  var measurements: String {
    let values = measured.compactMap { request, answer -> String? in
      guard case .value(let value) = answer else { return nil }
      return "\(request.metric) of \(request.service) \(metrics.watched.text(request, value))"
    }
    return values.isEmpty ? "" : "; " + values.joined(separator: ", ")
  }

  private func store() throws {
    try step.note(
      Monitor.noteKey,
      Monitor.Stored(
        gatheredNanoseconds: gathered.wholeNanoseconds,
        arrivedAt: arrivedAt,
        restarts: signs?.formerRestarts,
        measured: storedMeasurements
      )
    )
  }

  private var storedMeasurements: [String: String]? {
    let values = measured.compactMap { request, answer -> (String, String)? in
      guard case .value(let value) = answer else { return nil }
      return (WatchedMetrics.fact(request), metrics.watched.text(request, value))
    }
    return values.isEmpty ? nil : Dictionary(values, uniquingKeysWith: { first, _ in first })
  }

  /// No tick is needed before that; nil while each one is.
  var restsUntil: Timestamp? {
    snapshot != nil && standings.values.contains(where: \.isUnknown) ? nil : deadline
  }

  /// So many rounds like the last one, which was good, would change nothing that is shown or stored.
  var spareRounds: Int? {
    guard goodSince != nil, hasArrived, snapshot != nil, every > .zero else { return nil }
    let next = min(shownEvidence + action.duration / 20, action.duration)
    let (missing, step) = ((next - gathered).wholeNanoseconds, every.wholeNanoseconds)
    return max(0, Int((missing + step - 1) / step) - 1)
  }

  private var deadline: Timestamp {
    // A monitor that was resumed has the time again that nobody watched.
    if let arrivedAt { return max(arrivedAt, start) + action.duration * 2 }
    return start + step.fleet.policy.deadlines.rollout
  }

  private func checkDeadline() throws {
    guard step.clock.now() >= deadline else { return }
    if arrivedAt != nil {
      throw Halt(
        .undetermined,
        "only \(gathered.runbookText) of \(action.duration.runbookText) of evidence within twice the time: \(obstacle)"
      )
    }
    throw Halt(.timedOut, Arrivals.describe(standings, targets))
  }
}
