import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck
import Synchronization

/// What a verb works with: its run, its place in it, what its names mean, and the failure it answers, if any.
struct StepContext: Sendable {
  let setup: RunSetup
  let memory: RunMemory
  let place: RunEvent.Step
  /// As it stands in the runbook.
  let statement: String
  /// When the step was first begun, by an earlier process perhaps: deadlines count from here.
  let begun: Timestamp
  /// An earlier process was in the middle of this step when it ended.
  let wasCutOff: Bool
  /// Notes that an earlier process left for this step.
  let stored: [String: String]
  let scope: Scope
  /// The services that the statement works on, as far as it has found out.
  let touched = Touched()

  /// In a handler, how the block that it answers ended.
  var answering: Ending? { scope.answering }
  var fleet: Fleet { setup.runbook.fleet }
  var reading: WorldReading { setup.world.reading }
  var writing: WorldWriting { setup.world.writing }
  var clock: any WorldClock { setup.world.reading.clock }
  var run: RunID { setup.run }

  final class Touched: Sendable {
    private let services = Mutex<[ServiceName]>([])

    var all: [ServiceName] { services.withLock { $0 } }
    func add(_ names: [ServiceName]) {
      services.withLock { known in known += names.filter { !known.contains($0) } }
    }
  }

  /// - Parameter path: nil: the statement's own.
  func emit(
    _ body: RunEvent.Body,
    at path: StepPath? = nil,
    environment: EnvironmentName? = nil,
    service: ServiceName? = nil
  ) {
    var place = place
    if let path { place.path = path }
    setup.log.emit(
      RunEvent(
        run: run,
        time: clock.now(),
        step: place,
        environment: environment,
        service: service,
        body: body
      )
    )
  }

  /// Stores what the step has learnt, durably, before what follows from it is done.
  func note(_ key: String, _ value: some Encodable & Sendable, under step: StepPath? = nil) throws {
    guard SafetyRule.truthOutlivesTheProcess.holds else { return }
    try setup.note(key, value, under: step ?? place.path)
  }

  func stored<Value: Decodable>(_ key: String, as type: Value.Type) throws -> Value? {
    guard let json = stored[key] else { return nil }
    return try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  /// What an earlier process stored below this step.
  func storedNotes(at path: StepPath) throws -> [String: String] { try memory.storedNotes(at: path, setup) }

  /// Remembers a promotion in the run and in the journal.
  func store(_ promotion: Promotion) throws {
    var promotion = promotion
    if promotion.commit != nil {
      // The first time counts, whatever copy of the promotion is stored later.
      promotion.reachedAt =
        memory.current.promotions.first { $0.step == promotion.step }?.reachedAt ?? promotion.reachedAt ?? clock.now()
    }
    try note(Promotion.noteKey, promotion, under: promotion.step)
    memory.store(promotion)
  }

  /// The services that `targets` means now.
  /// - Parameter head: the newest commit, where the caller knows it already.
  func services(_ targets: TargetList, in environment: EnvironmentName, at head: CommitID? = nil) async throws
    -> [ServiceName]
  {
    let found = try await list(targets, in: environment, at: head)
    touched.add(found)
    return found
  }

  private func list(_ targets: TargetList, in environment: EnvironmentName, at head: CommitID?) async throws
    -> [ServiceName]
  {
    switch targets {
    case .services(let services): return services
    // What was taken back is to be looked at as much as what was brought.
    case .promoted: return memory.promoted(to: environment, orTakenBack: true)
    case .all(let except):
      let commit: CommitID
      if let head { commit = head } else { commit = try await reading.repository.head().id }
      let declared = try await reading.repository.declared(environment, at: commit)
      return fleet.services.map(\.name).filter { name in
        guard !except.contains(name), let service = declared.services[name], service.exists else { return false }
        if !service.isEnabled {
          emit(
            .progress("\(name) is disabled in \(service.file) and left out"),
            environment: environment,
            service: name
          )
        }
        return service.isEnabled
      }
    }
  }

  /// Deletes a branch of this run of which nothing will come. That it could not be is a warning: it changes nothing.
  func remove(_ branch: String, at tip: CommitID, of environment: EnvironmentName) async {
    do {
      try await insist { try await writing.repository.deleteBranch(branch, at: tip) }
    } catch {
      emit(.warning("the branch \(branch) could not be deleted: \(error)"), environment: environment)
    }
  }

  /// Ends the statement, and with it the run, as *suspended*, where that was asked for. Not in what answers an ending: its
  /// exit status would speak for that ending too. And not once production was changed: somebody must go on looking at it.
  /// - Throws: ``Halt`` with *suspended*; returns where the statement has to wait after all.
  func suspend(_ message: String) throws {
    guard setup.suspends, setup.abortion == nil, !scope.isAnswer, !memory.current.hasChangedProtected else { return }
    throw Halt(.suspended, message)
  }

  /// - Throws: ``Halt`` when the configuration no longer knows the environment.
  func environment(_ name: EnvironmentName) throws -> Environment {
    guard let environment = fleet.environment(name) else { throw Halt(.refused, "unknown environment \(name)") }
    return environment
  }
}

extension RunSetup {
  /// One durable write.
  func note(_ key: String, _ value: some Encodable & Sendable, under step: StepPath) throws {
    try journal.note(key, of: run, step: step, at: world.reading.clock.now()) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
  }
}
