import PromotionModel
import RunbookCheck

/// A value, and whether it may be shown. What comes from the environment may be a secret, and so may all that is made
/// of it.
struct Bound: Hashable, Sendable, Codable {
  var value: Value
  var isSecret = false
  /// In a note of the journal: the value is not kept, and worked out again from what is.
  var isWithheld: Bool?

  init(_ value: Value, isSecret: Bool = false) { (self.value, self.isSecret) = (value, isSecret) }

  /// What the journal keeps of it.
  var kept: Bound {
    guard isSecret else { return self }
    var kept = Bound(.string(""), isSecret: true)
    kept.isWithheld = true
    return kept
  }

  /// For logs and messages.
  var shown: String { isSecret ? "not shown, since it comes from the environment" : value.text }
}

/// What the names of a statement mean, and what surrounds it.
struct Scope: Sendable {
  /// By ``Variable/slot``.
  var variables: [Int: Bound] = [:]
  /// The earliest deadline of the `within` blocks around it.
  var cutoff: Cutoff?
  /// In an `on failure`: what it answers.
  var failure: Failure?
  /// In a handler: how its block ended (rule 5).
  var answering: Ending?
  /// In a handler or a `finally`, at whatever depth.
  var isAnswer = false

  mutating func bind(_ variable: Variable, to value: Bound) { variables[variable.slot] = value }

  /// For a handler: deadlines around the block do not hold for what answers them. A rollback that is cut off because it
  /// came too late would be no rescue.
  func answering(_ failure: Failure) -> Scope {
    var scope = self
    (scope.cutoff, scope.failure, scope.answering, scope.isAnswer) = (nil, failure, failure.ending, true)
    return scope
  }

  /// For a `finally`.
  func ending(_ ending: Ending) -> Scope {
    var scope = self
    (scope.cutoff, scope.answering, scope.isAnswer) = (nil, ending == .ok ? nil : ending, true)
    return scope
  }
}

/// When a `within` is over.
struct Cutoff: Hashable, Sendable {
  var deadline: Timestamp
  var limit: Duration
  /// The line of the `within`.
  var line: Int

  func isEarlier(than other: Cutoff?) -> Bool { other.map { deadline < $0.deadline } ?? true }

  var text: String { "the `within \(limit.runbookText)` of line \(line) was over" }
}
