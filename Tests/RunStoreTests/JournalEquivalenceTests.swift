import PromotionModel
import RunLog
import Testing

@testable import RunStore

/// The journal in memory and the one on disk answer alike, whatever is asked, also when the file is closed and opened
/// again in between.
@Suite struct JournalEquivalenceTests {
  @Test(arguments: [1, 2, 3, 20_261_123] as [UInt64])
  func `random operations give equal answers`(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("journal.sqlite")
    let memory = MemoryJournal()
    var stored: SQLiteJournal? = try SQLiteJournal(path: path)
    var random = SeededGenerator(seed: seed)
    for count in 0..<400 {
      if count % 37 == 36 {
        stored = nil
        stored = try SQLiteJournal(path: path)
      }
      let operation = try Operation(&random)
      let disk = try #require(stored)
      let (expected, found) = (operation.answer(of: memory), operation.answer(of: disk))
      #expect(expected == found, "seed \(seed), operation \(count): \(operation)")
    }
    let runs = try memory.runs(limit: .max)
    #expect(!runs.isEmpty)
    #expect(try #require(stored).runs(limit: .max) == runs, "seed \(seed)")
  }
}

private enum Operation {
  case begin(RunRecord), end(RunID, Ending, Int32, Timestamp), intend(StepRecord), note(StepNote)
  case settle(RunID, StepPath, StepOutcome), run(RunID), runs(Int), steps(RunID), notes(RunID, StepPath)
  case notesOfKey(String, Int)

  init(_ random: inout SeededGenerator) throws {
    let id = try Sample.id("run-\(Int.random(in: 0..<12, using: &random))")
    let step = [Sample.first, Sample.second, Sample.handler].randomElement(using: &random) ?? Sample.first
    let time = Sample.time(Int64.random(in: 0..<20, using: &random))
    let ending = Ending.allCases.randomElement(using: &random) ?? .ok
    let key = ["plan", "promotion", "evidence"].randomElement(using: &random) ?? "plan"
    let text = ["", "a", "é\n", "\0", "'\"", "🚢"].randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<10, using: &random) {
    case 0:
      self = .begin(
        RunRecord(id: id, started: time, world: "rehearsal", source: text, text: text, configuration: text)
      )
    case 1: self = .end(id, ending, Int32.random(in: -1...143, using: &random), time)
    case 2: self = .intend(StepRecord(run: id, step: step, verb: "promote", statement: text, begun: time))
    case 3: self = .note(StepNote(run: id, step: step, key: key, value: text, time: time))
    case 4: self = .settle(id, step, StepOutcome(ending: ending, message: text, time: time))
    case 5: self = .run(id)
    case 6: self = .runs(Int.random(in: -1...15, using: &random))
    case 7: self = .steps(id)
    case 8: self = .notes(id, step)
    default: self = .notesOfKey(key, Int.random(in: -1...15, using: &random))
    }
  }

  /// What a journal answers, as text; its error where it refuses.
  func answer(of journal: some Journal) -> String {
    do {
      switch self {
      case .begin(let run): return "\(try journal.begin(run))"
      case .end(let run, let ending, let exit, let time):
        return "\(try journal.end(run, ending: ending, exit: exit, at: time))"
      case .intend(let step): return "\(try journal.intend(step))"
      case .note(let note): return "\(try journal.note(note))"
      case .settle(let run, let step, let outcome):
        return "\(try journal.settle(run, step: step, outcome: outcome))"
      case .run(let id): return String(reflecting: try journal.run(id))
      case .runs(let limit): return String(reflecting: try journal.runs(limit: limit))
      case .steps(let run): return String(reflecting: try journal.steps(of: run))
      case .notes(let run, let step):
        return String(reflecting: try journal.notes(of: run, step: step).sorted { $0.key < $1.key })
      case .notesOfKey(let key, let limit): return String(reflecting: try journal.notes(key: key, limit: limit))
      }
    } catch {
      return "\(error)"
    }
  }
}
