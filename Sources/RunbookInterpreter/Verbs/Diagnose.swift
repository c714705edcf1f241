import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

/// `diagnose [ENV] TARGETS`: one page of what is wrong, and what helps. Looks, and changes nothing.
///
/// What cannot be read is a finding too (*unknown*), and the rest is told all the same. Ends *ok* when it could look, however
/// much is wrong: it is no evidence that anything is well (rule 4), and a handler goes on behind it. Ends *undetermined* when
/// nothing could be told at all.
struct Diagnose {
  /// Lines of each log that tells why.
  static let lines = 5
  /// Logs of each service.
  static let logs = 3

  let action: VerifyTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment).name
    try await requirePlace(environment)
    let declared = try await ask("git") {
      try await step.reading.repository.declared(environment, at: step.reading.repository.head().id)
    }
    let services = try await services(in: environment, isGitKnown: declared.value != nil)
    guard !services.isEmpty else { return "nothing to diagnose" }
    step.touched.add(services.map(\.name))

    async let examining = ask("kubectl") {
      try await step.reading.cluster.examine(services.map(\.name), in: environment)
    }
    async let probing = probes(services, in: environment)
    let (examined, probes) = try await (examining, probing)
    let examination: Examination
    switch examined {
    case .known(let known): examination = known
    case .unknown(let error):
      examination = Examination(snapshot: .unknown(error), usage: .unknown(error), nodes: .unknown(error))
    }
    var found = unread(declared, examination, probes, in: environment)
    guard let snapshot = examination.snapshot.value else {
      found += services.map { outsideAlone($0, declared.value, probes) }
      for finding in found { emit(finding, environment) }
      guard declared.value != nil || !(probes.value ?? []).isEmpty else {
        throw Halt(.undetermined, "nothing could be told: \(examination.snapshot.error.map { "\($0)" } ?? "")")
      }
      return summary(found)
    }
    for service in services {
      found +=
        Diagnosis(
          service: service,
          environment: environment,
          declared: declared.value.map { known in
            known.services[service.name]
              ?? DeclaredService(
                file: step.fleet.repository.file(of: service.name, in: environment),
                tag: nil,
                version: nil,
                exists: false
              )
          },
          seen: snapshot.services[service.name] ?? ServiceSnapshot(application: nil),
          close: examination.services[service.name] ?? ServiceExamination(),
          isComplete: examination.unread.isEmpty,
          usage: examination.usage,
          nodes: examination.nodes,
          probe: probes.value?.first { $0.target.service == service.name },
          policy: step.fleet.policy,
          time: snapshot.time
        ).findings
    }
    for finding in found { emit(finding, environment) }
    try await showLastWords(services, snapshot)
    return summary(found)
  }

  private func emit(_ finding: Finding, _ environment: EnvironmentName) {
    var finding = finding
    if let advice = finding.advice, !Self.canBeRun(advice, in: step.fleet) { finding.advice = nil }
    step.emit(.finding(finding), environment: environment, service: finding.service)
  }

  /// Whether a statement can be run for this fleet: nothing else is advised to somebody in a hurry.
  static func canBeRun(_ statement: String, in fleet: Fleet) -> Bool {
    let source = SourceText(name: "advice", text: statement + "\n")
    let (file, mistakes) = parse(source)
    return mistakes.isEmpty && check(file, source: source, fleet: fleet).runbook != nil
  }

  private func ask<Value: Sendable>(
    _ tool: String,
    _ body: @Sendable () async throws -> Value
  ) async throws -> Known<Value> {
    try await Known.ask(tool, body)
  }

  /// Rule 6: what another cluster shows is no diagnosis of this one. That it could not be told which one it is, is said.
  private func requirePlace(_ environment: EnvironmentName) async throws {
    do {
      try await step.identify(environment)
    } catch let error as WorldError where error.reason != .wrongPlace {
      emit(
        Finding(check: "cluster", service: nil, result: .unknown, message: "which cluster it is: \(error)"),
        environment
      )
    }
  }

  /// `all` when git cannot be read: all there are.
  private func services(in environment: EnvironmentName, isGitKnown: Bool) async throws -> [Service] {
    if case .all(let except) = action.targets, !isGitKnown {
      return step.fleet.services.filter { !except.contains($0.name) }
    }
    return try await step.services(action.targets, in: environment).compactMap(step.fleet.service)
  }

  private func probes(_ services: [Service], in environment: EnvironmentName) async throws -> Known<[ProbeResult]> {
    let targets = services.compactMap { service in
      service.health[environment].map { ProbeTarget(service: service.name, url: $0) }
    }
    guard !targets.isEmpty else { return .known([]) }
    return try await ask("curl") { try await step.reading.probes.probe(targets) }
  }

  // MARK: What could not be told

  private func unread(
    _ declared: Known<DeclaredEnvironment>,
    _ examination: Examination,
    _ probes: Known<[ProbeResult]>,
    in environment: EnvironmentName
  ) -> [Finding] {
    let errors: [(String, WorldError?)] =
      [("git", declared.error), ("cluster", examination.snapshot.error), ("health", probes.error)]
      + examination.unread.map { ("cluster", $0) }
    return errors.compactMap { check, error in
      error.map { Finding(check: check, service: nil, result: .unknown, message: "\($0)") }
    }
  }

  /// Of a service whose cluster cannot be seen: its health endpoint.
  private func outsideAlone(
    _ service: Service,
    _ declared: DeclaredEnvironment?,
    _ probes: Known<[ProbeResult]>
  ) -> Finding {
    ServiceFindings(
      service: service,
      declared: declared?.services[service.name],
      snapshot: nil,
      declaredAtRevision: nil,
      logs: [],
      probe: probes.value?.first { $0.target.service == service.name },
      policy: step.fleet.policy
    ).health
  }

  // MARK: The end of it

  private func showLastWords(_ services: [Service], _ snapshot: EnvironmentSnapshot) async throws {
    let requests = services.flatMap { service in
      snapshot.services[service.name].map {
        Diagnosis.lastWords(of: service.name, $0, lines: Self.lines, most: Self.logs)
      } ?? []
    }
    guard !requests.isEmpty else { return }
    let environment = snapshot.environment
    switch try await ask("kubectl", { try await step.reading.cluster.logs(requests, in: environment) }) {
    case .unknown(let error):
      emit(Finding(check: "logs", service: nil, result: .unknown, message: "\(error)"), environment)
    case .known(let logs):
      for log in logs {
        for line in log.bytes.split(separator: 0x0A).suffix(Self.lines) {
          step.emit(
            .logLine(pod: log.pod, container: log.container, line: LogScan.shown(line, most: 400)),
            environment: environment,
            service: log.service
          )
        }
      }
    }
  }

  private func summary(_ findings: [Finding]) -> String {
    func count(_ result: Finding.Result, _ words: String) -> String? {
      let checks = findings.filter { $0.result == result }
      guard !checks.isEmpty else { return nil }
      var names: [String] = []
      for finding in checks {
        let name = (finding.service.map { "\($0) " } ?? "") + finding.check
        if !names.contains(name) { names.append(name) }
      }
      return "\(checks.count) \(words) (\(names.joined(separator: ", ")))"
    }
    let parts = [
      count(.bad, "wrong"), count(.warning, "worth knowing"), count(.unknown, "could not be told"),
    ].compactMap { $0 }
    return parts.isEmpty ? "nothing is found to be wrong" : parts.joined(separator: "; ")
  }
}
