internal import PromotionModel

extension RunPaper {
  /// What a step of a workflow puts out, each on one line.
  public var outputs: [(name: String, value: String)] {
    let pull = pullRequests.last
    let values = [
      ("run", record.id.text), ("ending", word), ("exit", record.exit.map { "\($0)" } ?? ""),
      ("pull-request", pull?.number.map { "\($0)" } ?? ""), ("pull-request-url", pull?.url ?? ""),
    ]
    return values.map { (name: $0.0, value: TerminalText.escaped(redactor.clean($0.1))) }
  }
}
