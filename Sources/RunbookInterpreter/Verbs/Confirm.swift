import PromotionModel
import RunLog
import RunbookCheck

/// `confirm "…"`: asks the person at the terminal; elsewhere `--yes` answers, or it is refused at once. The answer is
/// stored before anything follows from it, so that a resumed run does not ask again.
struct Confirm {
  private static let noteKey = "answer"

  let action: ConfirmAction
  let step: StepContext

  func run() async throws -> String {
    guard case .question(let setting) = action else {
      try MissingVerb.refuse(.confirm(action))
      return ""
    }
    let question = try await step.resolve(setting)
    let people = step.reading.surroundings.people
    let limit = step.fleet.policy.deadlines.confirm
    let answer: PersonAnswer
    if let known = try step.stored(Self.noteKey, as: PersonAnswer.self) {
      answer = known
    } else {
      answer = try await step.limited(to: limit) { try await people.ask(question) }
      if case .nobody = answer {} else { try step.note(Self.noteKey, answer) }
    }
    let shown = step.memory.withoutSecrets(question)
    switch answer {
    case .yes(let by):
      step.emit(.confirmed(question: shown, answer: true, by: by))
      return "yes, by \(by)"
    case .no(let by):
      step.emit(.confirmed(question: shown, answer: false, by: by))
      throw Halt(.refused, ConfirmMessages.no(shown, by))
    case .nobody(let why): throw Halt(.refused, ConfirmMessages.nobody(why))
    }
  }
}

/// All wording of `confirm`.
enum ConfirmMessages {
  static func no(_ question: String, _ by: String) -> String { "\(by) answered no to: \(question)" }
  static func nobody(_ why: String) -> String { "`confirm` needs an answer, and \(why); `--yes` answers yes" }
}
