import PromotionModel
import RunLog
import RunbookCheck

/// `confirm "…"` and `confirm checklist`: asks the person at the terminal, the checklist item by item; elsewhere `--yes`
/// answers, or it is refused at once, or the run suspends. Each answer is stored before anything follows from it, so that a resumed run does not
/// ask again.
struct Confirm {
  private static let noteKey = "answer"

  let action: ConfirmAction
  let step: StepContext

  func run() async throws -> String {
    switch action {
    case .question(let setting):
      let question: String = try await step.resolve(setting)
      return "yes, by \(try await ask(question, noteKey: Self.noteKey))"
    case .checklist:
      let items = step.fleet.policy.checklist
      guard !items.isEmpty else { throw Halt(.refused, ConfirmMessages.noChecklist) }
      var people: [String] = []
      for (index, item) in items.enumerated() {
        let by = try await ask(ConfirmMessages.item(item, index + 1, of: items.count), noteKey: "answer.\(index)")
        if !people.contains(by) { people.append(by) }
      }
      return "all \(items.count) items of the checklist, by \(people.joined(separator: ", "))"
    }
  }

  /// - Returns: who said yes.
  private func ask(_ question: String, noteKey: String) async throws -> String {
    let people = step.reading.surroundings.people
    let limit = step.fleet.policy.deadlines.confirm
    let answer: PersonAnswer
    if let known = try step.stored(noteKey, as: PersonAnswer.self) {
      answer = known
    } else {
      answer = try await step.limited(to: limit) { try await people.ask(question) }
      if case .nobody = answer {} else { try step.note(noteKey, answer) }
    }
    let shown = step.memory.withoutSecrets(question)
    switch answer {
    case .yes(let by):
      step.emit(.confirmed(question: shown, answer: true, by: by))
      return by
    case .no(let by):
      step.emit(.confirmed(question: shown, answer: false, by: by))
      throw Halt(.refused, ConfirmMessages.no(shown, by))
    case .nobody(let why):
      try step.suspend(ConfirmMessages.suspended(shown, "\(step.run)\(step.setup.resumeOptions)"))
      throw Halt(.refused, ConfirmMessages.nobody(why))
    }
  }
}

/// All wording of `confirm`.
enum ConfirmMessages {
  static let noChecklist =
    "`confirm checklist`: no checklist is configured; write one as `policy.checklist`, a list of texts"

  static func item(_ text: String, _ number: Int, of count: Int) -> String { "\(text) (\(number) of \(count))" }
  static func no(_ question: String, _ by: String) -> String { "\(by) answered no to: \(question)" }
  static func suspended(_ question: String, _ run: String) -> String {
    "nobody has answered yet: \(question); go on at a terminal, or with `--yes`: slipway resume \(run)"
  }
  static func nobody(_ why: String) -> String { "`confirm` needs an answer, and \(why); `--yes` answers yes" }
}
