/// Findings of lexer and parser about values, and about the text as a whole.
extension Explanation {
  static let syntaxValuePages: [Explanation] = [
    Explanation(
      withoutExample: "SW1013",
      "not UTF-8",
      "A runbook is a text in UTF-8. From the place of the finding on it is not; the file may be something else."
    ),
    Explanation(
      "SW1017",
      "a version is due",
      "Versions have three numbers, `v1.2.3`; the `v` may be left out. The nearest one that was likely meant is named.",
      wrong: "rollback production api to v1.2",
      right: "rollback production api to v1.2.0"
    ),
    Explanation(
      "SW1018",
      "a duration is due",
      "Durations have units, the larger first: `250ms`, `90s`, `30m`, `1h30m`, `2d`.",
      wrong: "monitor 30min production api",
      right: "monitor 30m production api"
    ),
    Explanation(
      "SW1019",
      "a word is missing",
      "The statement is clear, and one of its words is not there. `--fix` writes it.",
      wrong: "rollback production api v1.2.2",
      right: "rollback production api to v1.2.2"
    ),
    Explanation(withoutExample: "SW1021", "a text that is too large", "A text of more than 4 GB is no runbook."),
  ]
}
