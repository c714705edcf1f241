import PromotionModel
import RunLog
import RunbookCheck

/// `sync [ENV] TARGETS [replacing resources because "…"]`: Argo CD compares afresh and syncs; done when its operation went
/// well and what git says has been rolled out.
struct Sync {
  let environment: EnvironmentName
  let targets: TargetList
  /// Why what cannot be patched may be deleted and made anew; nil: it may not.
  let replacing: String?
  let step: StepContext

  /// How long between two looks at an operation.
  private static let pace = Duration.seconds(2)

  init(_ action: SyncAction, _ step: StepContext) async throws {
    (environment, self.step) = (action.environment, step)
    targets = try await step.resolve(action.targets)
    replacing = try await step.told(action.replacingResources)
  }

  private var deadline: Timestamp { step.begun + step.fleet.policy.deadlines.sync }

  func run() async throws -> String {
    let environment = try step.environment(environment)
    try await step.identify(environment.name)
    let services = try await step.services(targets, in: environment.name)
    guard !services.isEmpty else { return "nothing to sync" }
    try Touching(environment: environment.name, services: services).begin(step, isProtected: environment.isProtected)
    if let replacing {
      step.emit(
        .warning("what cannot be patched is deleted and made anew: \(Subjects.line(replacing))"),
        environment: environment.name
      )
    }
    try await withThrowingTaskGroup(of: String?.self) { group in
      for service in services { group.addTask { try await sync(service, in: environment) } }
      var problems: [String] = []
      for try await problem in group { if let problem { problems.append(problem) } }
      // Every one is waited for, so that all that went wrong is said.
      if !problems.isEmpty { throw Halt(.failed, problems.sorted().joined(separator: "; "), services: services) }
    }
    let targets = try await declared(services, environment.name)
    try await Arrivals(step: step).wait(
      for: targets,
      in: environment,
      until: deadline + step.fleet.policy.deadlines.rollout,
      needsRollout: true
    )
    return targets.map { "\($0.service.name) \($0.tag)" }.joined(separator: ", ") + " synced and rolled out"
  }

  private var mark: String { "\(step.run) \(step.place.path)" }

  /// - Returns: what went wrong; nil when it went well.
  private func sync(_ service: ServiceName, in environment: Environment) async throws -> String? {
    let order = DeliveryOrder.sync(mark: mark, replacing: replacing != nil)
    var shown: String?
    var isAsked = false
    while true {
      if !isAsked {
        let answer: DeliveryAnswer
        do {
          answer = try await step.insist {
            try await step.writing.delivery.carryOut(order, for: service, in: environment.name)
          }
        } catch let error as WorldError where !error.isTransient {
          return "\(service) was not synced: \(error)"
        }
        switch answer {
        case .accepted:
          isAsked = true
          step.emit(.progress("Argo CD is asked to sync"), environment: environment.name, service: service)
        case .busy(let why):
          if shown != why {
            step.emit(.progress("waiting: \(why)"), environment: environment.name, service: service)
          }
          shown = why
        }
      }
      if isAsked {
        let snapshot = try await step.insist { try await step.reading.cluster.snapshot(of: environment.name) }
        let operation = snapshot.services[service]?.application?.operation
        // One that came after ours says that ours is over; whether git's version runs is looked at in any case.
        guard let operation, operation.mark == mark else { return nil }
        if !operation.isRunning {
          return operation.phase == "Succeeded" ? nil : "\(service): \(operation.phase): \(operation.message)"
        }
        if shown != operation.message, !operation.message.isEmpty {
          step.emit(.progress(operation.message), environment: environment.name, service: service)
        }
        shown = operation.message
      }
      guard step.clock.now() + Self.pace < deadline else {
        throw Halt(
          .timedOut,
          isAsked
            ? "the sync of \(service) is not over: \(shown ?? "")"
            : "\(service) was not synced: \(shown ?? "Argo CD is busy")",
          services: [service]
        )
      }
      try await step.clock.sleep(for: Self.pace)
    }
  }

  /// What git says now: that is what a sync brings, whatever this run promoted.
  private func declared(_ services: [ServiceName], _ environment: EnvironmentName) async throws -> [ArrivalTarget] {
    let head = try await step.insist { try await step.reading.repository.head() }
    let declared = try await step.insist { try await step.reading.repository.declared(environment, at: head.id) }
    return try services.compactMap { name in
      guard let service = step.fleet.service(name) else { return nil }
      guard let tag = declared.services[name]?.tag else {
        throw Halt(.undetermined, "the repository does not say which version of \(name) \(environment) is to run")
      }
      return ArrivalTarget(service: service, tag: tag, digest: nil, commit: nil)
    }
  }
}
