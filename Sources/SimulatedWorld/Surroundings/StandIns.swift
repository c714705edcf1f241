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
  private let simulation: Simulation

  init(_ person: StandIns.Person, _ simulation: Simulation) { (self.person, self.simulation) = (person, simulation) }

  static let name = "somebody@rehearsal"
  private static let noTerminal = "there is no terminal to ask on"

  var absence: String? { person == .isAbsent ? Self.noTerminal : nil }

  func ask(_ question: String) async throws -> PersonAnswer {
    let (delay, answer): (Duration, PersonAnswer) =
      switch person {
      case .answersYes(let delay): (delay, .yes(by: Self.name))
      case .answersNo(let delay): (delay, .no(by: Self.name))
      case .neverAnswers: (.seconds(365 * 86_400), .no(by: Self.name))
      case .isAbsent: (.zero, .nobody(Self.noTerminal))
      }
    do {
      return try await simulation.call(.personAsk, taking: delay) { _ in answer }
    } catch let error as WorldError {
      // What may go wrong with a question is its answer.
      switch error.reason {
      case .refused: return .no(by: Self.name)
      case .missing: return .nobody(Self.noTerminal)
      default: throw error
      }
    }
  }
}

/// Programs that are not run: each ends as its stand-in says.
public final class SimulatedCommands: CommandRunning {
  private let programs: [StandIns.Program]
  private let simulation: Simulation
  private let started: Mutex<[String]>
  private let ended: Mutex<[String]>

  /// - Parameter former: the lines that were started before, and those that came to their ends.
  init(_ programs: [StandIns.Program], _ simulation: Simulation, after former: Former = ([], [])) {
    (self.programs, self.simulation) = (programs, simulation)
    started = Mutex(former.started)
    ended = Mutex(former.ended)
  }

  typealias Former = (started: [String], ended: [String])

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
    if program == nil { output(CommandOutput(.output, "simulated, not run: \(line)")) }
    for line in program?.output ?? [] { output(line) }
    let status: Int32
    do {
      status = try await simulation.call(.programRun, taking: program?.duration ?? .seconds(5)) { _ in
        program?.status ?? 0
      }
    } catch let error as WorldError where error.reason == .refused {
      // A program that will not do what it is for says so by its status.
      status = 1
    }
    ended.withLock { $0.append(line) }
    return status
  }
}
