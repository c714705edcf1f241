import RunbookCheck

/// The pages of `slipway explain`, as the editor shows them.
enum Explanations {
  static func parts(of code: String) -> [HoverText.Part] {
    guard let page = Explanation.of(code) else { return [] }
    let examples: [HoverText.Part] =
      switch page.example {
      case .runbook(let wrong, let right), .configuration(let wrong, let right),
        .wholeConfiguration(let wrong, let right):
        [.words(ServerMessages.wrong), .code(trimmed(wrong)), .words(ServerMessages.right), .code(trimmed(right))]
      case .none: []
      }
    return [.words(page.text)] + examples
  }

  private static func trimmed(_ example: String) -> String {
    var lines = example.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while lines.last?.isEmpty == true { lines.removeLast() }
    // A few pages need hundreds of lines to be wrong.
    if lines.count > 30 { lines = (lines.prefix(4) + ["…"] + lines.suffix(2))[...] }
    return lines.joined(separator: "\n")
  }
}
