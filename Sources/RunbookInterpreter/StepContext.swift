import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

/// How a statement ends other than ok; the message says why, in one line.
struct Halt: Error {
  var ending: Ending
  var message: String

  init(_ ending: Ending, _ message: String) { (self.ending, self.message) = (ending, message) }
}

/// What a verb works with: its run, its place in it, and the failure it answers, if any.
struct StepContext: Sendable {
  let setup: RunSetup
  let memory: RunMemory
  let place: RunEvent.Step
  /// When the step was first begun, by an earlier process perhaps: deadlines count from here.
  let begun: Timestamp
  /// Notes that an earlier process left for this step.
  let stored: [String: String]
  /// In a handler, how the statement that it answers ended.
  let answering: Ending?

  var fleet: Fleet { setup.runbook.fleet }
  var reading: WorldReading { setup.world.reading }
  var writing: WorldWriting { setup.world.writing }
  var clock: any WorldClock { setup.world.reading.clock }
  var run: RunID { setup.run }

  func emit(_ body: RunEvent.Body, environment: EnvironmentName? = nil, service: ServiceName? = nil) {
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
  func note(_ key: String, _ value: some Encodable, under step: StepPath? = nil) throws {
    guard SafetyRule.truthOutlivesTheProcess.holds else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(value), as: UTF8.self)
    try setup.journal.note(
      StepNote(run: run, step: step ?? place.path, key: key, value: json, time: clock.now())
    )
  }

  func stored<Value: Decodable>(_ key: String, as type: Value.Type) throws -> Value? {
    guard let json = stored[key] else { return nil }
    return try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  /// Remembers a promotion in the run and in the journal.
  func store(_ promotion: Promotion) throws {
    try note(Promotion.noteKey, promotion, under: promotion.step)
    memory.store(promotion)
  }

  /// The services that `targets` means now.
  /// - Parameter head: the newest commit, where the caller knows it already.
  func services(_ targets: Targets, in environment: EnvironmentName, at head: CommitID? = nil) async throws
    -> [ServiceName]
  {
    switch targets {
    case .services(let services): return services
    case .promoted: return memory.promoted(to: environment)
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

  /// - Throws: ``Halt`` when the configuration no longer knows the environment.
  func environment(_ name: EnvironmentName) throws -> Environment {
    guard let environment = fleet.environment(name) else { throw Halt(.refused, "unknown environment \(name)") }
    return environment
  }
}
