import PromotionModel
import RunLog
import Testing

/// Records to fill journals with.
enum Sample {
  static func id(_ text: String) throws -> RunID { try #require(RunID(text)) }

  static func time(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: 1_795_473_000 + seconds) }

  static func run(_ id: String, at seconds: Int64 = 0, text: String = "validate staging api") throws -> RunRecord {
    RunRecord(
      id: try self.id(id),
      started: time(seconds),
      world: "live",
      source: "release.runbook",
      text: text,
      configuration: "gitops: {}"
    )
  }

  static func step(_ run: RunRecord, _ path: StepPath, verb: String = "promote", at seconds: Int64 = 1) -> StepRecord {
    StepRecord(run: run.id, step: path, verb: verb, statement: "\(verb) api", begun: time(seconds))
  }

  static func note(_ run: RunRecord, _ path: StepPath, _ key: String, _ value: String, at seconds: Int64 = 2)
    -> StepNote
  {
    StepNote(run: run.id, step: path, key: key, value: value, time: time(seconds))
  }

  static let first = StepPath([.statement(0)])
  static let second = StepPath([.statement(1)])
  static let handler = StepPath([.statement(2), .onFailure, .statement(0)])
}
