public import PromotionModel
public import RunLog

/// All that is known of one run, for those who were not there: what every report of it is made of.
public struct RunPaper: Sendable {
  /// A statement and what was told of it.
  struct Part: Sendable {
    var record: StepRecord
    var entries: [LogEntry]
    /// Nesting, from 0.
    var depth: Int

    /// The statement's line in the runbook, where it is known.
    var line: Int? { entries.lazy.compactMap(\.line).first }
    var word: String { record.outcome?.ending.rawValue ?? "open" }

    func entries(_ event: String...) -> [LogEntry] { entries.filter { event.contains($0.event) } }
  }

  let record: RunRecord
  let life: RunSummary.Life
  let parts: [Part]
  /// What was told of the run as a whole: its processes, its beginnings and ends.
  let whole: [LogEntry]
  let redactor: Redactor

  /// The events as they were stored.
  private let stored: [String]

  /// - Parameter redactor: knows the secrets of this machine; every text of a report goes through it.
  /// - Throws: ``JournalError`` when the journal cannot be read, or holds events that are none.
  public init(_ record: RunRecord, journal: any Journal, life: RunSummary.Life, redactor: Redactor) throws {
    var stored: [String] = []
    func entries(_ path: StepPath) throws -> [LogEntry] {
      guard let json = try journal.notes(of: record.id, step: path)[Chronicle.noteKey] else { return [] }
      stored += json.dropFirst().dropLast().split(separator: Chronicle.separator).map(String.init)
      do {
        return try LogEntry.list(json)
      } catch {
        throw JournalError("what was told of step \(path) of the run \(record.id) is not understood")
      }
    }
    let steps = try journal.steps(of: record.id)
    (self.record, self.life, self.redactor) = (record, life, redactor)
    whole = try entries(StepPath())
    parts = try steps.map { step in
      Part(record: step, entries: try entries(step.step), depth: Self.depth(of: step.step, among: steps))
    }
    self.stored = stored
  }

  /// How many of the statements enclose it: not the components of its path, which count blocks and rounds too.
  private static func depth(of path: StepPath, among steps: [StepRecord]) -> Int {
    path.components.indices.dropFirst().count { count in
      let outer = StepPath(Array(path.components.prefix(count)))
      return outer != path && steps.contains { $0.step == outer }
    }
  }

  /// Every event in order of time.
  var events: [LogEntry] {
    (whole + parts.flatMap(\.entries)).enumerated()
      .sorted { ($0.element.at ?? record.started, $0.offset) < ($1.element.at ?? record.started, $1.offset) }
      .map(\.element)
  }

  /// The events as they were stored, one a line.
  public var jsonLines: String {
    let times = (whole + parts.flatMap(\.entries)).map { $0.at ?? record.started }
    return zip(stored, times).enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
      .map { $0.element.0 + "\n" }.joined()
  }

  /// The last of the run's times that is known.
  var end: Timestamp {
    let known = parts.map { $0.record.outcome?.time ?? $0.record.begun } + whole.compactMap(\.at)
    return ([record.ended, known.max()].compactMap(\.self) + [record.started]).max() ?? record.started
  }

  /// `ok`, …, or what a run without an ending is.
  var word: String {
    if let ending = record.ending { return ending.rawValue }
    switch life {
    case .running: return "running"
    case .notHere: return "open"
    }
  }

  /// Who was at work, each once, in order.
  var people: [String] {
    whole.compactMap(\.who).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  var addresses: [String] {
    whole.filter { $0.event == "process" }.compactMap(\.url).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// What the run said at its end.
  var lastWords: String? {
    record.ending == nil ? nil : whole.last { $0.event == "run.ended" }?.message
  }

  /// The pull requests in order of their opening, each as it was seen last.
  var pullRequests: [LogEntry] {
    var found: [LogEntry] = []
    for entry in events where entry.event.hasPrefix("pull-request.") {
      if let index = found.firstIndex(where: { $0.url == entry.url }) {
        found[index] = entry
      } else {
        found.append(entry)
      }
    }
    return found
  }

  var messages: [LogEntry] { events.filter { $0.event == "announced" } }

  /// One changed version: where, from what, to what, and what carried it.
  struct ChangedVersion: Hashable, Sendable {
    var environment: String
    var service: String
    var from: String
    var to: String
    var by: String
    var road: String
  }

  /// What was planned, with the commit or pull request that carried it.
  var changes: [ChangedVersion] {
    parts.flatMap { part -> [ChangedVersion] in
      guard let planned = part.entries.last(where: { $0.event == "planned" }), let changes = planned.changes else {
        return []
      }
      var road = "not carried out"
      if let commit = part.entries("committed").last?.commit { road = "commit \(commit.prefix(7))" }
      if let pull = part.entries("pull-request.opened").last, let number = pull.number {
        road = "pull request #\(number)"
        if let state = pullRequests.first(where: { $0.url == pull.url })?.state { road += ", \(state)" }
      }
      return changes.map {
        ChangedVersion(
          environment: planned.environment ?? "",
          service: $0.service,
          from: $0.from ?? "nothing",
          to: $0.to,
          by: part.record.verb,
          road: road
        )
      }
    }
  }
}

extension RunPaper {
  /// Fractions of a second help nobody who reads a report.
  static func whole(_ time: Timestamp) -> String {
    Timestamp(secondsSinceEpoch: time.nanosecondsSinceEpoch / 1_000_000_000).description
  }

  /// `2 h 5 min`, `4 min 3 s`, `0.2 s`.
  static func span(_ duration: Duration) -> String {
    let nanoseconds = max(0, duration.wholeNanoseconds)
    let seconds = nanoseconds / 1_000_000_000
    func pair(_ large: Int64, _ name: String, _ small: Int64, _ rest: String) -> String {
      small == 0 ? "\(large) \(name)" : "\(large) \(name) \(small) \(rest)"
    }
    if seconds >= 86_400 { return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h") }
    if seconds >= 3600 { return pair(seconds / 3600, "h", seconds % 3600 / 60, "min") }
    if seconds >= 60 { return pair(seconds / 60, "min", seconds % 60, "s") }
    if seconds >= 10 { return "\(seconds) s" }
    let tenths = nanoseconds / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }

  /// When it was, from the run's beginning: `+4 min 3 s`.
  func offset(_ time: Timestamp) -> String { "+" + Self.span(time - record.started) }
}
