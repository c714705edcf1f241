import PromotionModel
import RunbookDiagnostics
import SimulatedWorld
import YAMLEdit

/// What a fleet description says that cannot be, or that would count for nothing.
struct FleetFileChecks {
  private let description: FleetDescription
  private let root: YAMLNode
  private(set) var findings: [Diagnostic] = []

  /// The most pods of a service that are simulated.
  private static let replicas = 0...1000

  init(_ description: FleetDescription, root: YAMLNode, fleet: Fleet?) {
    (self.description, self.root) = (description, root)
    for (environment, described) in description.environments {
      for (name, service) in described.services {
        let path = ["environments", environment.text, "services", name.text]
        checkNumbers(service, at: path)
        checkLogs(service, named: name, at: path)
        if let fleet, let known = fleet.service(name) { checkTag(service, of: known, at: path) }
      }
    }
    if let fleet { checkNames(fleet) }
    findings.sort { $0.subject.start < $1.subject.start }
  }

  private func value(_ path: [String]) -> SourceSpan { FleetFile.node(path, root) }

  /// The key that a path ends in.
  private func key(_ path: [String]) -> SourceSpan {
    var node = root
    for part in path.dropLast() { node = Int(part).flatMap { node.elements?[$0] } ?? node[part] ?? node }
    let pair = node.pairs?.first { $0.key.text == path.last }
    return pair.map { SourceSpan($0.key.span) } ?? SourceSpan(node.span)
  }

  // MARK: Values

  private mutating func checkNumbers(_ service: FleetDescription.Service, at path: [String]) {
    if let replicas = service.replicas, !Self.replicas.contains(replicas) {
      findings.append(
        .fleetValue("a number of replicas from 0 to \(Self.replicas.upperBound) is due", at: value(path + ["replicas"]))
      )
    }
    if let status = service.endpoint, !(100...599).contains(status) {
      findings.append(.fleetValue("an HTTP status from 100 to 599 is due", at: value(path + ["endpoint"])))
    }
  }

  private mutating func checkTag(_ service: FleetDescription.Service, of known: Service, at path: [String]) {
    guard let tag = service.running, known.tag.version(ofTag: tag) == nil else { return }
    findings.append(
      .fleetValue(
        "`\(tag)` is none of the tags of \(known.name): \(known.tag.prefix)1.2.3\(known.tag.suffix) is one",
        at: value(path + ["running"])
      )
    )
  }

  /// A log counts where its pod and its container are there. Pods that are made up take the names that their logs have.
  private mutating func checkLogs(_ service: FleetDescription.Service, named name: ServiceName, at path: [String]) {
    let logs = service.logs ?? []
    var made: [String] = []
    for (index, log) in logs.enumerated() {
      let place = path + ["logs", "\(index)"]
      if let seen = service.seen {
        guard let pod = seen.pods.first(where: { $0.name == log.pod }) else {
          findings.append(.fleetValue("there is no pod `\(log.pod)` in `seen`", at: value(place + ["pod"])))
          continue
        }
        guard !pod.containers.contains(where: { $0.name == log.container }) else { continue }
        findings.append(
          .fleetValue("the pod `\(log.pod)` has no container `\(log.container)`", at: value(place + ["container"]))
        )
      } else {
        if !made.contains(log.pod) { made.append(log.pod) }
        let count = service.replicas ?? 2
        if made.count > count, made.last == log.pod {
          let pods = count == 1 ? "1 pod" : "\(count) pods"
          findings.append(
            .fleetValue("\(name) has \(pods), and this is the log of one more", at: value(place + ["pod"]))
          )
        }
        if log.container != name.text {
          findings.append(
            .fleetValue(
              "the container is named like its service, `\(name)`, where `seen` says nothing else",
              at: value(place + ["container"])
            )
          )
        }
      }
    }
  }

  // MARK: Names

  private mutating func checkNames(_ fleet: Fleet) {
    checkPlaces(
      description.environments.mapValues { Array($0.services.keys) },
      at: ["environments"],
      ["services"],
      fleet
    )
    checkPlaces(
      (description.repository.history ?? [:]).mapValues { Array($0.keys) },
      at: ["repository", "history"],
      [],
      fleet
    )
    let held = (description.repository.locks ?? []).map(\.environment)
    let frozen = (description.repository.freezes ?? []).map(\.environment)
    for (list, environments) in [("locks", held), ("freezes", frozen)] {
      for (index, environment) in environments.enumerated() where fleet.environment(environment) == nil {
        let place = value(["repository", list, "\(index)", "environment"])
        findings.append(
          .fleetUnknownName("environment", environment.text, among: fleet.environments.map(\.name.text), at: place)
        )
      }
    }
    let used = fleet.environments.flatMap { environment -> [String] in
      let record = fleet.repository.records?.sharedFile(in: environment.name)
      return fleet.services.map { fleet.repository.file(of: $0.name, in: environment.name) }
        + [record].compactMap(\.self)
    }
    for path in description.repository.files.keys.sorted() where !used.contains(path) {
      findings.append(.fleetUnusedFile(path, at: key(["repository", "files", path])))
    }
  }

  private mutating func checkPlaces(
    _ places: [EnvironmentName: [ServiceName]],
    at path: [String],
    _ below: [String],
    _ fleet: Fleet
  ) {
    for (environment, services) in places {
      guard fleet.environment(environment) != nil else {
        let known = fleet.environments.map(\.name.text)
        findings.append(
          .fleetUnknownName("environment", environment.text, among: known, at: key(path + [environment.text]))
        )
        continue
      }
      for service in services where fleet.service(service) == nil {
        let place = key(path + [environment.text] + below + [service.text])
        findings.append(
          .fleetUnknownName("service", service.text, among: fleet.services.map(\.name.text), at: place)
        )
      }
    }
  }
}
