public import PromotionModel
public import RunLog
internal import Synchronization

/// A journal that is gone with its process: for rehearsals and tests. Keeps to the same contract as ``SQLiteJournal``.
public final class MemoryJournal: Journal {
  private struct NotePlace: Hashable {
    var step: StepPath
    var key: String
  }

  private struct Note {
    var step: StepPath
    var key: String
    var time: Timestamp
    var json: Text

    func stepNote(_ run: RunID) throws -> StepNote {
      StepNote(run: run, step: step, key: key, value: try json.text(), time: time)
    }
  }

  /// Made when somebody first reads it, and then kept.
  private final class Text: Sendable {
    private let make: @Sendable () throws -> String
    private let made = Mutex<String?>(nil)

    init(_ make: @escaping @Sendable () throws -> String) { self.make = make }

    func text() throws -> String {
      try made.withLock { made in
        if let made { return made }
        let text = try make()
        made = text
        return text
      }
    }
  }

  private struct Entry {
    var record: RunRecord
    var steps: [StepRecord] = []
    /// In the order in which they were first written.
    var notes: [Note] = []
    var stepIndex: [StepPath: Int] = [:]
    var noteIndex: [NotePlace: Int] = [:]
  }

  private struct State {
    /// In the order in which they were begun.
    var entries: [Entry] = []
    var index: [RunID: Int] = [:]

    func entry(_ run: RunID) throws -> Int {
      guard let index = index[run] else { throw JournalError.unknown(run) }
      return index
    }

    var newestFirst: [Entry] {
      entries.enumerated().sorted { ($1.element.record.started, $1.offset) < ($0.element.record.started, $0.offset) }
        .map(\.element)
    }
  }

  private let state = Mutex(State())

  public init() {}

  /// Another one that holds the same so far.
  public func copy() -> MemoryJournal {
    let copy = MemoryJournal()
    let held = state.withLock { $0 }
    copy.state.withLock { $0 = held }
    return copy
  }

  public func begin(_ run: RunRecord) throws {
    try state.withLock { state in
      guard state.index[run.id] == nil else { throw JournalError.alreadyBegun(run.id) }
      state.index[run.id] = state.entries.count
      state.entries.append(Entry(record: run))
    }
  }

  public func end(_ run: RunID, ending: Ending, exit: Int32, at time: Timestamp) throws {
    try state.withLock { state in
      let index = try state.entry(run)
      state.entries[index].record.ended = time
      state.entries[index].record.ending = ending
      state.entries[index].record.exit = exit
    }
  }

  public func extend(_ run: RunID, text: String, imports: [String: String]) throws {
    try state.withLock { state in
      let index = try state.entry(run)
      state.entries[index].record.text = text
      state.entries[index].record.imports = imports
    }
  }

  public func intend(_ step: StepRecord) throws {
    try state.withLock { state in
      let index = try state.entry(step.run)
      if let place = state.entries[index].stepIndex[step.step] {
        state.entries[index].steps[place] = step
      } else {
        state.entries[index].stepIndex[step.step] = state.entries[index].steps.count
        state.entries[index].steps.append(step)
      }
    }
  }

  public func note(_ note: StepNote) throws {
    let value = note.value
    try self.note(note.key, of: note.run, step: note.step, at: note.time) { value }
  }

  public func note(
    _ key: String,
    of run: RunID,
    step: StepPath,
    at time: Timestamp,
    json: @escaping @Sendable () throws -> String
  ) throws {
    let note = Note(step: step, key: key, time: time, json: Text(json))
    try state.withLock { state in
      let index = try state.entry(run)
      let place = NotePlace(step: note.step, key: note.key)
      if let existing = state.entries[index].noteIndex[place] {
        state.entries[index].notes[existing] = note
      } else {
        state.entries[index].noteIndex[place] = state.entries[index].notes.count
        state.entries[index].notes.append(note)
      }
    }
  }

  public func settle(_ run: RunID, step: StepPath, outcome: StepOutcome) throws {
    try state.withLock { state in
      guard let index = state.index[run], let place = state.entries[index].stepIndex[step] else {
        throw JournalError.notIntended(run, step)
      }
      state.entries[index].steps[place].outcome = outcome
    }
  }

  public func run(_ id: RunID) throws -> RunRecord? {
    state.withLock { state in state.index[id].map { state.entries[$0].record } }
  }

  public func runs(limit: Int) throws -> [RunRecord] {
    state.withLock { $0.newestFirst.prefix(max(0, limit)).map(\.record) }
  }

  public func steps(of run: RunID) throws -> [StepRecord] {
    state.withLock { state in state.index[run].map { state.entries[$0].steps } ?? [] }
  }

  public func notes(of run: RunID, step: StepPath) throws -> [String: String] {
    let notes = state.withLock { state in
      state.index[run].map { index in state.entries[index].notes.filter { $0.step == step } } ?? []
    }
    return try Dictionary(notes.map { ($0.key, try $0.json.text()) }) { _, last in last }
  }

  public func notes(of run: RunID) throws -> [StepNote] {
    let notes = state.withLock { state in state.index[run].map { state.entries[$0].notes } ?? [] }
    return try notes.map { try $0.stepNote(run) }
  }

  public func adopt(_ copy: RunCopy) throws {
    state.withLock { state in
      var entry = Entry(record: copy.record)
      for step in copy.steps {
        entry.stepIndex[step.step] = entry.steps.count
        entry.steps.append(step)
      }
      for note in copy.notes {
        entry.noteIndex[NotePlace(step: note.step, key: note.key)] = entry.notes.count
        let value = note.value
        entry.notes.append(Note(step: note.step, key: note.key, time: note.time, json: Text { value }))
      }
      if let index = state.index[copy.record.id] {
        state.entries[index] = entry
      } else {
        state.index[copy.record.id] = state.entries.count
        state.entries.append(entry)
      }
    }
  }

  /// Within a run, what was noted for the first time last comes first.
  public func notes(key: String, limit: Int) throws -> [StepNote] {
    let notes = state.withLock { state in
      state.newestFirst.flatMap { entry in
        entry.notes.reversed().filter { $0.key == key }.map { (run: entry.record.id, note: $0) }
      }
    }
    return try notes.prefix(max(0, limit)).map { try $0.note.stepNote($0.run) }
  }
}
