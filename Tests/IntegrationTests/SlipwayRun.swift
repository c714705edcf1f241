import FoundationEssentials
import LiveWorld
import PromotionModel
import Synchronization
import Testing

/// One line of `slipway … --json`.
struct EventLine: Decodable, Sendable {
  var event: String
  var run: String
  var time: Timestamp
  var step: String?
  var verb: String?
  var line: Int?
  var service: String?
  var ending: String?
  var exit: Int32?
  var message: String?
}

/// The real binary, run in a fleet's folder with a state folder of its own.
final class SlipwayRun: Sendable {
  private let lines = Mutex<(pending: [UInt8], events: [EventLine], raw: [String])>(([], [], []))
  let fleet: RigFleet
  let home: String

  /// - Parameter home: runs that share it share a journal.
  init(_ fleet: RigFleet, home: String = "state") {
    (self.fleet, self.home) = (fleet, fleet.folder + "/" + home)
    path = "\(fleet.folder)/\(UInt32.random(in: 0 ... .max)).runbook"
  }

  struct Outcome {
    var status: Int32
    var events: [EventLine]
    var standardError: String
    var finished: Timestamp

    func ending(of verb: String) -> String? {
      events.last { $0.event == "step.ended" && $0.verb == verb }?.ending
    }
  }

  var events: [EventLine] { lines.withLock { $0.events } }

  /// Waits until an event has come.
  func wait(seconds: Double = 60, for wanted: @Sendable (EventLine) -> Bool) async throws -> EventLine {
    let clock = SystemClock()
    let deadline = clock.now() + .milliseconds(Int64(seconds * 1000))
    while clock.now() < deadline {
      if let found = events.first(where: wanted) { return found }
      try await clock.sleep(for: .milliseconds(20))
    }
    Issue.record("the event did not come; seen: \(events.suffix(5))")
    throw CancellationError()
  }

  /// Waits until the run comes to a point that is wanted, named by its event and verb; nil: it came to its end first.
  /// - Parameter isOver: whether its process is gone.
  func firstPoint(unless isOver: @Sendable () -> Bool, _ isWanted: @Sendable (String) -> Bool) async throws -> String? {
    let clock = SystemClock()
    let deadline = clock.now() + .seconds(120)
    var seen = 0
    while clock.now() < deadline {
      let events = events
      for event in events.dropFirst(seen) {
        if event.event == "run.ended" { return nil }
        let point = "\(event.event) \(event.verb ?? "-")"
        if isWanted(point) { return point }
      }
      seen = events.count
      if isOver() { return nil }
      try await clock.sleep(for: .milliseconds(5))
    }
    Issue.record("nothing happened any more; seen: \(events.suffix(5))")
    throw CancellationError()
  }

  /// Ends the process at once; `id`: that it resumes.
  func kill(resuming id: String?) async throws {
    guard let id else { return try await kill() }
    try await Rig.run("pkill", ["-KILL", "-f", "resume \(id)"], mayFail: true)
  }

  /// Sends a signal to the process of ``runbook(_:options:environment:timeout:)``.
  func signal(_ name: String) async throws { try await Rig.run("pkill", ["-\(name)", "-f", path]) }

  /// The runbook that the next ``runbook(_:environment:)`` writes; part of its process's command line.
  let path: String

  /// Ends the process at once, as a lost machine does.
  func kill() async throws { try await Rig.run("pkill", ["-KILL", "-f", path]) }

  /// Runs `slipway run` with a runbook's text to its end.
  func runbook(
    _ text: String,
    options: [String] = [],
    environment: [String: String] = [:],
    timeout: Duration = .seconds(300)
  ) async throws -> Outcome {
    try Data(text.utf8).write(to: URL(filePath: path))
    return try await slipway(["run", path, "--json"] + options, environment: environment, timeout: timeout)
  }

  /// The standard output of a command that writes no events.
  func plain(_ arguments: [String]) async throws -> String {
    try await Rig.run(
      Rig.binary,
      arguments,
      in: fleet.folder,
      environment: ["XDG_STATE_HOME": home, "XDG_CACHE_HOME": home + "/cache"]
    )
  }

  func slipway(_ arguments: [String], environment: [String: String] = [:], timeout: Duration = .seconds(300))
    async throws -> Outcome
  {
    var variables: [String: String?] = environment.mapValues(Optional.some)
    variables["XDG_STATE_HOME"] = .some(home)
    variables["XDG_CACHE_HOME"] = .some(home + "/cache")
    let result = try await Rig.programs.run(
      ProgramCall(
        Rig.binary,
        arguments,
        environment: variables,
        workingDirectory: fleet.folder,
        timeout: timeout,
        tool: "slipway",
        onOutput: { [weak self] piece in self?.take(piece) }
      )
    )
    let finished = SystemClock().now()
    return Outcome(
      status: result.status,
      events: events,
      standardError: String(decoding: result.stderr, as: UTF8.self),
      finished: finished
    )
  }

  private func take(_ piece: [UInt8]) {
    lines.withLock { lines in
      lines.pending += piece
      while let end = lines.pending.firstIndex(of: 0x0A) {
        let line = Array(lines.pending[..<end])
        lines.pending.removeFirst(end + 1)
        lines.raw.append(String(decoding: line, as: UTF8.self))
        do {
          lines.events.append(try JSONDecoder().decode(EventLine.self, from: Data(line)))
        } catch {
          Issue.record("not an event: \(String(decoding: line, as: UTF8.self)): \(error)")
        }
      }
    }
  }

  var raw: [String] { lines.withLock { $0.raw } }
}
