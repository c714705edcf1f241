import FoundationEssentials
internal import PromotionModel

/// An event of a run as it was stored: the JSON form of `docs/events.md`, read again. What an event has not is nil.
public struct LogEntry: Hashable, Sendable, Decodable {
  public struct Change: Hashable, Sendable, Decodable {
    public var service: String
    public var from: String?
    public var to: String
    public var file: String
  }

  public struct Diff: Hashable, Sendable, Decodable {
    public var file: String
    public var unified: String
  }

  public struct Lock: Hashable, Sendable, Decodable {
    public var run: String
    public var holder: String
    public var reason: String
    public var expires: String
  }

  public var event: String
  public var time: String
  public var step: String?
  public var line: Int?
  public var environment: String?
  public var service: String?
  public var ending: String?
  public var message: String?

  public var check: String?
  public var result: String?
  public var statement: String?
  public var changes: [Change]?
  public var diffs: [Diff]?
  public var lock: Lock?
  public var takenFrom: Lock?
  public var number: Int?
  public var url: String?
  public var state: String?
  public var title: String?
  public var mergedBy: String?
  public var commit: String?
  public var subject: String?
  public var gatheredSeconds: Double?
  public var neededSeconds: Double?
  public var name: String?
  public var value: String?
  public var question: String?
  public var answer: Bool?
  public var answeredBy: String?
  public var stream: String?
  public var text: String?
  public var columns: [String]?
  public var rows: [[String]]?
  public var pod: String?
  public var container: String?
  public var place: String?
  public var what: String?
  public var resumed: Bool?
  /// Of `process`: the person or job at work.
  public var who: String?
  /// Of `omitted`: how many events were not stored.
  public var count: Int?

  /// - Parameter json: what ``Chronicle`` notes: an array of events.
  static func list(_ json: String) throws -> [LogEntry] {
    try JSONDecoder().decode([LogEntry].self, from: Data(json.utf8))
  }

  var at: Timestamp? { Timestamp(time) }
}
