import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

/// `FACT of SERVICE in ENVIRONMENT`: read once, stored before it is used, told as an event.
///
/// A fact that cannot be had ends its statement *undetermined*; nothing is made up in its place (rule 5).
struct FactReading {
  /// The note of a fact, under the path `fact-N` of its statement.
  static let noteKey = "value"

  let kind: CheckedFact.Kind
  let service: ServiceName
  let environment: EnvironmentName
  /// Of `errors` and `metric`.
  let window: Duration?
  let step: StepContext

  /// As a runbook writes it.
  var text: String {
    let word =
      switch kind {
      case .version: "version"
      case .previousVersion: "previous version"
      case .health: "health"
      case .sync: "sync"
      case .image: "image"
      case .ready: "ready"
      case .replicas: "replicas"
      case .restarts: "restarts"
      case .age: "age"
      case .errors: "errors"
      case .metric(let name, _): "metric \"\(name)\""
      }
    let text = "\(word) of \(service) in \(environment)"
    guard let window else { return text }
    if case .errors = kind { return "\(text) since \(window.runbookText)" }
    return "\(text) over \(window.runbookText)"
  }

  func value(ordinal: Int) async throws -> Value {
    let path = step.place.path.appending(.fact(ordinal))
    if let known = try step.storedNotes(at: path)[Self.noteKey] {
      return try JSONDecoder().decode(Value.self, from: Data(known.utf8))
    }
    guard step.fleet.service(service) != nil else { throw Halt(.refused, "unknown service \(service)") }
    let value = try await read()
    try step.note(Self.noteKey, value, under: path)
    step.emit(
      .value(name: text, type: value.typeName, text: value.text),
      at: path,
      environment: environment,
      service: service
    )
    return value
  }

  private func read() async throws -> Value {
    do {
      switch kind {
      case .version: return .version(try await declaredVersion())
      case .previousVersion: return .version(try await previousVersion())
      case .health: return .health(try await application().health.word)
      case .sync: return .sync(try await application().sync.word)
      case .image: return .string(try await image())
      case .ready: return .integer(try await workloads().reduce(0) { $0 + $1.ready })
      case .replicas: return .integer(try await workloads().reduce(0) { $0 + $1.desired })
      case .restarts: return .integer(try await pods().reduce(0) { $0 + $1.restarts })
      case .age: return .duration(try await age())
      case .errors: return .integer(try await errors())
      case .metric(let name, _): return .decimal(try await metric(name))
      }
    } catch let error as WorldError {
      throw EvaluationMessages.cannotBeHad(text, "\(error)")
    }
  }

  private func cannotBeHad(_ why: String) -> Halt { EvaluationMessages.cannotBeHad(text, why) }

  // MARK: The repository

  private func declared() async throws -> DeclaredService {
    let head = try await step.reading.repository.head()
    let environment = try await step.reading.repository.declared(environment, at: head.id)
    guard let declared = environment.services[service], declared.exists else {
      throw cannotBeHad("the repository has no file for it")
    }
    return declared
  }

  private func declaredVersion() async throws -> Version {
    let declared = try await declared()
    if let version = declared.version { return version }
    throw cannotBeHad(
      declared.problem ?? declared.tag.map { "`\($0)` is no semantic version" } ?? "\(declared.file) has no tag"
    )
  }

  /// What stood before the last promotion that is still live; where none is recorded, what the history names before.
  private func previousVersion() async throws -> Version {
    guard let known = step.fleet.service(service) else { throw cannotBeHad("unknown service") }
    let past = PromotionHistory(environment: environment, step: step)
    var tag = step.memory.promotion(of: service, in: environment)?.change(of: service)?.fromTag
    if tag == nil, let now = try await declared().tag {
      let changes = try await step.reading.repository.history(of: [service], in: environment, limit: 200)[service] ?? []
      let bad = past.rolledBackFrom(service, changes)
      tag = try past.live(service, at: now, excluding: bad)?.change(of: service)?.fromTag
      tag = tag ?? past.promotedOver(service, to: now, changes)
      tag = tag ?? changes.compactMap(\.tag).first { $0 != now && !bad.contains($0) }
    }
    guard let tag else { throw cannotBeHad("no version before the present one is known") }
    guard let version = known.tag.version(ofTag: tag) else { throw cannotBeHad("`\(tag)` is no semantic version") }
    return version
  }

  // MARK: The cluster

  private func snapshot() async throws -> (service: ServiceSnapshot, time: Timestamp) {
    // Another cluster that answers under the same name tells nothing (rule 6).
    _ = try await step.reading.cluster.identify(environment)
    let snapshot = try await step.reading.cluster.snapshot(of: environment)
    guard let service = snapshot.services[service] else { throw cannotBeHad("the cluster knows nothing of it") }
    return (service, snapshot.time)
  }

  private func application() async throws -> ApplicationSnapshot {
    guard let application = try await snapshot().service.application else {
      throw cannotBeHad("there is no Application for it")
    }
    return application
  }

  private func workloads() async throws -> [WorkloadSnapshot] {
    let service = try await snapshot().service
    if let kind = service.unknownKinds.first { throw cannotBeHad("it runs by a \(kind), which is not understood") }
    if let missing = service.missingWords { throw cannotBeHad(missing) }
    guard !service.workloads.isEmpty else { throw cannotBeHad("its Application owns no workload") }
    return service.workloads
  }

  private func pods() async throws -> [PodSnapshot] {
    let pods = try await workloads().flatMap(\.pods).filter { !$0.isTerminating }
    guard !pods.isEmpty else { throw cannotBeHad("no pod of it runs") }
    return pods
  }

  private func image() async throws -> String {
    guard let known = step.fleet.service(service) else { throw cannotBeHad("unknown service") }
    let containers = try await pods().flatMap(\.containers).filter { !$0.isInit && known.tag(ofImage: $0.image) != nil }
    let images = Set(containers.map(\.image)).sorted()
    guard let image = images.first else { throw cannotBeHad("no container of it runs an image of that service") }
    guard images.count == 1 else { throw cannotBeHad("its pods run \(images.joined(separator: " and "))") }
    return image
  }

  /// How long the youngest pod has been there, by the server's clock.
  private func age() async throws -> Duration {
    let (service, time) = try await snapshot()
    let created = service.pods.filter { !$0.isTerminating }.map(\.createdAt)
    guard let youngest = created.max() else { throw cannotBeHad("no pod of it runs") }
    return max(.zero, time - youngest)
  }

  /// Error lines in the logs of all containers: since a time, else in their newest lines, as `validate` counts them.
  private func errors() async throws -> Int {
    let (service, time) = try await snapshot()
    var requests: [LogRequest] = []
    for pod in service.pods where !pod.isTerminating {
      for container in pod.containers where !container.isInit && container.hasLog {
        var request = LogRequest(service: self.service, pod: pod.name, container: container.name)
        if let window { request.since = time - window } else { request.tailLines = step.fleet.policy.logTail }
        requests.append(request)
      }
    }
    guard !requests.isEmpty else { throw cannotBeHad("no container of it has a log") }
    let logs = try await step.reading.cluster.logs(requests, in: environment)
    return LogScans(step.fleet).scan(logs).values.reduce(0) { $0 + $1.count }
  }

  private func metric(_ name: String) async throws -> Double {
    guard let metrics = step.reading.surroundings.metrics else {
      throw Halt(.undetermined, EvaluationMessages.noMetrics(name))
    }
    switch try await metrics.read([MetricRequest(name, of: service, in: environment, over: window)]).first {
    case .value(let value) where value.isFinite: return value
    case .value: throw cannotBeHad("it is no number")
    case .unknown(let why): throw cannotBeHad(why)
    case nil: throw cannotBeHad("there was no answer")
    }
  }
}

extension ApplicationSnapshot.Health {
  /// As a runbook writes it.
  var word: String { rawValue.lowercased() }
}

extension ApplicationSnapshot.Sync {
  /// As a runbook writes it.
  var word: String {
    switch self {
    case .synced: "synced"
    case .outOfSync: "out-of-sync"
    case .unknown: "unknown"
    }
  }
}
