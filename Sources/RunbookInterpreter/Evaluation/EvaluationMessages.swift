import PromotionModel
import RunbookCheck

/// All wording of what goes wrong with values while a runbook runs.
enum EvaluationMessages {
  static func tooLarge(_ a: Value, _ sign: String, _ b: Value) -> Halt {
    Halt(.refused, "\(a.text) \(sign) \(b.text) is beyond what a \(a.typeName) can be")
  }

  static func negative(_ a: Value, _ sign: String, _ b: Value) -> Halt {
    Halt(.refused, "\(a.text) \(sign) \(b.text) is less than no time at all")
  }

  static func noSuchSum(_ a: Value, _ sign: String, _ b: Value) -> Halt {
    Halt(.refused, "a \(a.typeName) and a \(b.typeName) have no `\(sign)`")
  }

  static func wrongType(_ value: Value, due: String) -> Halt {
    Halt(.refused, "\(due) is due here, and this is the \(value.typeName) \(value.text)")
  }

  static let emptyReason = "the reason behind `because` has no word in it"

  static func notSet(_ variable: String) -> Halt {
    Halt(.refused, "the environment variable \(variable) is not set, or empty: `env(\"\(variable)\")` has no value")
  }

  static func noValue(_ variable: Variable) -> Halt {
    Halt(
      .undetermined,
      "\(variable.name) has no value, though the checker found that it has: a mistake of slipway's own"
    )
  }

  static let noPullRequest = Halt(.refused, "this run has opened no pull request, so there is no pull-request.url")

  static func onlyInHandler(_ value: RunValue) -> Halt {
    Halt(.refused, "\(value.rawValue) has a value only in `on failure`")
  }

  static func cannotBeHad(_ fact: String, _ why: String) -> Halt {
    Halt(.undetermined, "the \(fact) cannot be told: \(why)")
  }

  static func noMetrics(_ name: String) -> String {
    "the metric \"\(name)\" cannot be read: slipway.yaml names no Prometheus (`metrics`)"
  }

  static func notAtLeast(_ what: String, _ least: Int, _ value: Value) -> Halt {
    Halt(.refused, "\(what) is at least \(least), and this is \(value.text)")
  }
}
