import PromotionModel
import RunLog
import RunbookCheck

/// What a statement changes in an environment past git, stored before it does (rules 4 and 10).
struct Touching: Codable {
  static let noteKey = "touching"

  var environment: EnvironmentName
  var services: [ServiceName]

  /// Nothing may end well now before somebody has looked.
  func begin(_ step: StepContext, isProtected: Bool) throws {
    try step.note(Self.noteKey, self)
    step.memory.markChanged(services, in: environment, isProtected: isProtected)
  }
}

/// `restart [ENV] TARGETS`: new pods for what runs, one service after the other, each rolled out before the next begins.
struct Restart {
  let action: VerifyTerms
  let step: StepContext

  func run() async throws -> String {
    let environment = try step.environment(action.environment)
    try await step.identify(environment.name)
    let services = try await step.services(action.targets, in: environment.name)
    guard !services.isEmpty else { return "nothing to restart" }
    var done: [ServiceName] = []
    for service in services {
      do {
        try await restart(service, in: environment, all: services)
      } catch var halt as Halt {
        // It is known what was restarted, and that the rest was not begun.
        let rest = services.filter { $0 != service && !done.contains($0) }
        if !done.isEmpty { halt.message += "; restarted before: " + done.map(\.text).joined(separator: ", ") }
        if !rest.isEmpty { halt.message += "; not begun: " + rest.map(\.text).joined(separator: ", ") }
        throw halt
      }
      done.append(service)
    }
    try Arrivals(step: step).markSeen(services, in: environment.name, needsRollout: true)
    return services.map(\.text).joined(separator: ", ") + " restarted, and every pod is new and ready"
  }

  private func restart(_ service: ServiceName, in environment: Environment, all: [ServiceName]) async throws {
    // All of them, whichever comes next: a run that is resumed knows that none was looked at since.
    try Touching(environment: environment.name, services: all).begin(step, isProtected: environment.isProtected)
    let answer: DeliveryAnswer
    do {
      // The moment is that of the step: a resumed run restarts nothing a second time.
      answer = try await step.insist {
        try await step.writing.delivery.carryOut(.restart(at: step.begun), for: service, in: environment.name)
      }
    } catch let error as WorldError where !error.isTransient {
      throw Halt(.refused, "\(service) was not restarted: \(error)", services: [service])
    }
    guard case .accepted(let workloads) = answer else {
      throw Halt(.undetermined, "\(service) was not restarted", services: [service])
    }
    step.emit(.progress("restarting"), environment: environment.name, service: service)
    try await RolloutWait(step: step, environment: environment).wait(
      for: [service: workloads],
      until: step.clock.now() + step.fleet.policy.deadlines.rollout
    )
  }
}
