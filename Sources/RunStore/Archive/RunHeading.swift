internal import FoundationEssentials
public import PromotionModel
public import RunLog

/// What is known of an archived run without reading it: the one line before its contents.
public struct RunHeading: Hashable, Sendable, Codable {
  static let format = 1

  /// Of the contents.
  public var format: Int
  public var run: RunID
  public var started: Timestamp
  public var ended: Timestamp?
  public var ending: Ending?
  public var exit: Int32?
  public var world: String
  public var source: String
  /// Who stored it: `person@host`, or a job's name.
  public var holder: String
  /// When, by the clock of that machine.
  public var written: Timestamp
  /// The numbers of the pull requests that it opened.
  public var pullRequests: [Int]
  /// Told apart from each other: the process, and how many times it has stored the run. No two revisions are equal.
  var process: UInt64
  var count: Int

  /// nil for what is no heading that this version knows.
  public init?(_ line: String) {
    guard let heading = try? JSONDecoder().decode(RunHeading.self, from: Data(line.utf8)) else { return nil }
    self = heading
  }

  init(_ record: RunRecord, holder: String, written: Timestamp, pullRequests: [Int], process: UInt64, count: Int) {
    (format, run, started, ended) = (Self.format, record.id, record.started, record.ended)
    (ending, exit, world, source) = (record.ending, record.exit, record.world, record.source)
    (self.holder, self.written, self.pullRequests) = (holder, written, pullRequests)
    (self.process, self.count) = (process, count)
  }

  /// As a list of runs shows it; its texts are not known.
  public var record: RunRecord {
    RunRecord(
      id: run,
      started: started,
      world: world,
      source: source,
      text: "",
      configuration: "",
      ended: ended,
      ending: ending,
      exit: exit
    )
  }
}

/// How a run is written for the archive, and read.
enum RunArchiveText {
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func copy(_ archived: ArchivedRun, of run: RunID) throws -> RunCopy {
    guard let heading = RunHeading(archived.heading), heading.run == run else {
      throw JournalError("run \(run) in the repository is not understood: it is damaged, or a newer slipway wrote it")
    }
    guard heading.format <= RunHeading.format else {
      throw JournalError("run \(run) in the repository was written by a newer slipway: update slipway")
    }
    guard let copy = try? JSONDecoder().decode(RunCopy.self, from: Data(archived.contents)), copy.record.id == run,
      copy.steps.allSatisfy({ $0.run == run }), copy.notes.allSatisfy({ $0.run == run })
    else { throw JournalError("run \(run) in the repository is damaged") }
    return copy
  }

  /// JSON without secrets: what each of its texts holds is looked at as it is meant, not as it is written, so that a secret
  /// with a quote in it is found, and the JSON stays JSON.
  static func clean(json: String, _ redactor: Redactor) -> String {
    var result = ""
    var rest = json.utf8[...]
    let quote = UInt8(ascii: "\"")
    while let start = rest.firstIndex(of: quote) {
      result += String(decoding: rest[..<start], as: UTF8.self)
      var end = rest.index(after: start)
      while end < rest.endIndex, rest[end] != quote {
        end =
          rest.index(end, offsetBy: rest[end] == UInt8(ascii: "\\") ? 2 : 1, limitedBy: rest.endIndex) ?? rest.endIndex
      }
      let after = end < rest.endIndex ? rest.index(after: end) : rest.endIndex
      let literal = String(decoding: rest[start..<after], as: UTF8.self)
      result += cleaned(literal, redactor)
      rest = rest[after...]
    }
    return result + String(decoding: rest, as: UTF8.self)
  }

  private static func cleaned(_ literal: String, _ redactor: Redactor) -> String {
    guard let text = try? JSONDecoder().decode(String.self, from: Data(literal.utf8)) else {
      return "\"\(Redactor.mark)\""
    }
    let clean = redactor.clean(text)
    return clean == text ? literal : (try? json(clean)) ?? "\"\(Redactor.mark)\""
  }
}
