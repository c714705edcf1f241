public import PromotionModel
import Synchronization

/// What stands in, in a simulated world, for what would be asked of this machine and of its people.
public struct StandIns: Sendable, VariableReading {
  /// What the person at the terminal does with a question.
  public enum Person: Hashable, Sendable {
    case answersYes(after: Duration)
    case answersNo(after: Duration)
    case neverAnswers
    /// There is no terminal.
    case isAbsent
  }

  /// A program of the runbook.
  public struct Program: Hashable, Sendable {
    /// The beginning of its line, words with single spaces; empty: every program.
    public var line: String
    public var status: Int32
    public var output: [CommandOutput]
    public var duration: Duration

    public init(
      _ line: String = "",
      status: Int32 = 0,
      output: [CommandOutput] = [],
      duration: Duration = .seconds(5)
    ) {
      (self.line, self.status, self.output, self.duration) = (line, status, output, duration)
    }
  }

  public var variables: [String: String]
  public var zones: any TimeZoneReading
  public var person: Person
  /// The first whose line fits stands in; none: one that ends well, and says that it was not run.
  public var programs: [Program]

  public init(
    variables: [String: String] = [:],
    zones: any TimeZoneReading = UniversalTimeOnly(),
    person: Person = .answersYes(after: .seconds(20)),
    programs: [Program] = []
  ) {
    (self.variables, self.zones, self.person) = (variables, zones, person)
    self.programs = programs
  }

  public func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
}

struct SimulatedPerson: PersonAsking {
  private let person: StandIns.Person
  private let time: VirtualTime

  init(_ person: StandIns.Person, time: VirtualTime) { (self.person, self.time) = (person, time) }

  static let name = "somebody@rehearsal"

  var absence: String? { person == .isAbsent ? "there is no terminal to ask on" : nil }

  func ask(_ question: String) async throws -> PersonAnswer {
    switch person {
    case .answersYes(let delay):
      try await time.sleep(until: time.now + delay)
      return .yes(by: Self.name)
    case .answersNo(let delay):
      try await time.sleep(until: time.now + delay)
      return .no(by: Self.name)
    case .neverAnswers:
      try await time.sleep(until: time.now + .seconds(365 * 86_400))
      return .no(by: Self.name)
    case .isAbsent: return .nobody(absence ?? "")
    }
  }
}

/// Programs that are not run: each ends as its stand-in says.
public final class SimulatedCommands: CommandRunning {
  private let programs: [StandIns.Program]
  private let time: VirtualTime
  private let started = Mutex<[String]>([])
  private let ended = Mutex<[String]>([])

  init(_ programs: [StandIns.Program], time: VirtualTime) { (self.programs, self.time) = (programs, time) }

  /// The lines of the programs that were started, in order.
  public var lines: [String] { started.withLock { $0 } }
  /// Of those, the ones that came to their ends.
  public var endedLines: [String] { ended.withLock { $0 } }

  public func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32
  {
    try Task.checkCancellation()
    let line =
      switch command.form {
      case .words(let words): words.joined(separator: " ")
      case .shell(let script, let values):
        values.indices.reversed().reduce(script) { line, index in
          let parameter = "${\(index + 1)}"
          return line.replacing("'\"\(parameter)\"'", with: values[index])
            .replacing("\"\(parameter)\"", with: values[index]).replacing(parameter, with: values[index])
        }
      }
    started.withLock { $0.append(line) }
    let program = programs.first { line.hasPrefix($0.line) }
    if program == nil { output(CommandOutput(.output, "not run in a rehearsal, where it ends with status 0: \(line)")) }
    for line in program?.output ?? [] { output(line) }
    try await time.sleep(until: time.now + (program?.duration ?? .seconds(5)))
    ended.withLock { $0.append(line) }
    return program?.status ?? 0
  }
}
