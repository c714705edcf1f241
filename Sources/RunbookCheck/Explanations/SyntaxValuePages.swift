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
    Explanation(
      "SW1024",
      "a sign of another language",
      "Comparisons and conditions are words here: `is`, `is not`, `and`, `or`, `not`. `--fix` writes the right one.",
      wrong: "require health of api in staging == healthy",
      right: "require health of api in staging is healthy"
    ),
    Explanation(
      "SW1025",
      "a bracket is not closed",
      "What began with `(` or `[` needs its end; the expression goes on over line breaks until then.",
      wrong: "let soak = (30m + 5m\nwait (soak)",
      right: "let soak = (30m + 5m)\nwait (soak)"
    ),
    Explanation(
      "SW1026",
      "comparisons do not chain",
      "Two comparisons have `and` between them, each with both of its sides.",
      wrong: "require 1 < ready of api in staging < 5",
      right: "require 1 < ready of api in staging and ready of api in staging < 5"
    ),
    Explanation(
      "SW1027",
      "a clause is missing",
      "The statement is not complete without it: a freeze has an end, and what holds up others has a reason.",
      wrong: "thaw production",
      right: "thaw production because \"the fair is over\""
    ),
    Explanation(
      "SW1028",
      "an `else` without an `if`",
      "`else` stands behind the `}` of its `if`, or at the beginning of the next line.",
      wrong: "validate staging api\nelse { stop \"no\" }",
      right: "if health of api in staging is healthy {\n  validate staging api\n} else {\n  stop \"no\"\n}"
    ),
    Explanation(
      "SW1029",
      "`let` is missing",
      "A value is given a name once, with `let`.",
      wrong: "soak = 30m",
      right: "let soak = 30m\nwait (soak)"
    ),
    Explanation(
      "SW1030",
      "a time is due",
      "A time of day is written `18:00`, a moment with its date and zone: `2026-12-24T18:00+00:00`.",
      wrong: "wait until 6pm",
      right: "wait until 2026-12-24T18:00+01:00"
    ),
    Explanation(
      "SW1031",
      "a number that is too large",
      "No number of a runbook needs so many digits.",
      wrong: "retry 99999999999999999999 times { validate staging api }",
      right: "retry 3 times { validate staging api }"
    ),
    Explanation(
      "SW1032",
      "a comment in a string",
      "Between the braces of a string stands a value, and no comment. In the text, `#` is a sign like any other.",
      wrong: "stop \"{promoted # all}\"",
      right: "stop \"{promoted} # all\""
    ),
  ]
}
