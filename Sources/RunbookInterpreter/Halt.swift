import PromotionModel
import RunLog
import RunbookCheck

/// How a statement ends other than ok; the message says why, in one line.
struct Halt: Error {
  var ending: Ending
  var message: String
  /// The services that it is about, where it is not about all that the statement works on.
  var services: [ServiceName]?

  init(_ ending: Ending, _ message: String, services: [ServiceName]? = nil) {
    (self.ending, self.message, self.services) = (ending, message, services)
  }
}

/// What a handler is told of what it answers, and what a resumed run must know of it.
struct Failure: Hashable, Sendable, Codable {
  static let noteKey = "failure"

  var ending: Ending
  var message: String
  var services: [ServiceName]
  /// The statement that ended so, as it stands in the runbook.
  var statement: String
  /// It was refused, whatever rule 4 makes of that: a `retry` does not repeat it.
  var isRefusal: Bool
  /// The environment that the statement looked at, where looking is what it does.
  var watched: EnvironmentName?
}

/// How a statement or a block ended.
struct Outcome: Hashable, Sendable {
  var ending: Ending
  var message: String
  /// `stop` was met: nothing but `finally` follows, up to the end of the run.
  var isStopped = false
  /// nil after ok and after an interruption.
  var failure: Failure?

  static func ok(_ message: String = "") -> Outcome { Outcome(ending: .ok, message: message) }

  /// Worse counts: what a handler does well makes nothing better, and what it does badly makes it worse.
  func followed(by answer: Outcome) -> Outcome {
    var result = answer.ending > ending ? answer : self
    result.isStopped = isStopped || answer.isStopped
    return result
  }

  /// The same for the handler of a failure. *Refused* says that nothing is left behind: where the handler could not take back
  /// what was open, that would be better than the truth, and nothing would be left to resume.
  func answered(by answer: Outcome) -> Outcome {
    guard ending == .refused, answer.ending == .undetermined || answer.ending == .timedOut else {
      return followed(by: answer)
    }
    var result = answer
    result.message = "\(message). Nor was it taken back: \(answer.message)"
    result.isStopped = isStopped || answer.isStopped
    return result
  }
}
