import PromotionModel
import RunLog

/// The smoke tests of services, as findings: those of one service one after the other, several services at once.
struct SmokeTests {
  let step: StepContext
  let environment: EnvironmentName

  /// How long they may take: what a verb that runs them needs on top of its own time.
  static func longest(_ fleet: Fleet) -> Duration {
    fleet.services.map { service in
      service.smokeTests.reduce(.zero) { $0 + ($1.within ?? fleet.policy.deadlines.run) }
    }.max() ?? .zero
  }

  /// - Parameter findings: what was seen of each service; a service that is not well is not tested.
  func run(_ services: [(service: Service, tag: String?, findings: [Finding])]) async throws -> [ServiceName: [Finding]]
  {
    try await withThrowingTaskGroup(of: (ServiceName, [Finding]).self) { group in
      var results: [ServiceName: [Finding]] = [:]
      for (service, tag, findings) in services {
        let tests = service.smokeTests(in: environment)
        guard !tests.isEmpty else { continue }
        let isWell = !findings.contains { $0.result == .bad || $0.result == .unknown }
        guard let tag, isWell else {
          results[service.name] = [finding(service, .notChecked, "not run, as it is not well")]
          continue
        }
        group.addTask { (service.name, try await run(tests, service, tag)) }
      }
      for try await (name, findings) in group { results[name] = findings }
      return results
    }
  }

  private func finding(_ service: Service, _ result: Finding.Result, _ message: String) -> Finding {
    Finding(check: "smoke", service: service.name, result: result, message: message)
  }

  private func run(_ tests: [SmokeTest], _ service: Service, _ tag: String) async throws -> [Finding] {
    var findings: [Finding] = []
    for test in tests {
      let finding = try await run(test, service, tag)
      findings.append(finding)
      // What comes after may rely on it.
      if finding.result == .bad || finding.result == .unknown { break }
    }
    return findings
  }

  private func run(_ test: SmokeTest, _ service: Service, _ tag: String) async throws -> Finding {
    let words = test.words(of: service, in: environment, at: tag)
    let name = Subjects.line(words.joined(separator: " "))
    let limit = test.within ?? step.fleet.policy.deadlines.run
    let lines = OutputLines(step, environment: environment, service: service.name)
    let commands = step.writing.commands
    defer { lines.close() }
    do {
      let status = try await step.limited(to: limit) {
        try await commands.run(OutsideCommand(.words(words), directory: test.directory)) { lines.take($0) }
      }
      guard status == 0 else {
        return finding(service, .bad, "\(name): \(RunProgramMessages.failed(status, lines.last))")
      }
      // What was not run proves nothing.
      guard !step.setup.record.isSimulated else {
        return finding(service, .notChecked, "\(name): \(RunProgramMessages.simulated)")
      }
      return finding(service, .good, "\(name) ended with status 0")
    } catch let halt as Halt where halt.ending == .timedOut {
      return finding(service, .unknown, "\(name): \(RunProgramMessages.late(limit, lines.last))")
    } catch let error as WorldError {
      return finding(service, .unknown, "\(name): \(error)")
    }
  }
}
