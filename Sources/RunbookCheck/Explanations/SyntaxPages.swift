/// Findings of lexer and parser about statements and words.
extension Explanation {
  static let syntaxPages: [Explanation] = [
    Explanation(
      "SW1001",
      "something else is due here",
      """
      The statement reads well up to this place, and then comes a word, a sign or the end of the line where something \
      else must stand. The finding says what.
      """,
      wrong: "validate",
      right: "validate staging api"
    ),
    Explanation(
      "SW1002",
      "unknown statement",
      """
      A line begins with a word that begins no statement. Where one is near enough in spelling or in meaning (`undo`, \
      `deploy`), it is named, and `slipway check --fix` writes it.
      """,
      wrong: "valdate staging api",
      right: "validate staging api"
    ),
    Explanation(
      "SW1003",
      "unknown clause",
      "The word that should begin a clause of this statement begins none; the nearest one that does is named.",
      wrong:
        "validate staging api\nwait 5m\npromote api becuase \"OPS-17\"\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right:
        "validate staging api\nwait 5m\npromote api because \"OPS-17\"\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW1004",
      "a clause stands twice",
      "Clauses come in any order, each at most once. Of two that differ, nobody could say which one holds.",
      wrong: "monitor 30m production api every 10s every 20s",
      right: "monitor 30m production api every 10s"
    ),
    Explanation(
      "SW1005",
      "a string is not closed",
      """
      A string in `"` ends on its line; a block in `\"""` goes over several. Without the closing quotes, the rest of the \
      runbook would be text.
      """,
      wrong: "stop \"enough for today",
      right: "stop \"enough for today\""
    ),
    Explanation(
      "SW1006",
      "no such escape",
      "In a string a backslash begins an escape: `\\n`, `\\t`, `\\\"`, `\\\\`, or `\\u{…}` with the number of a character.",
      wrong: "stop \"C:\\path\"",
      right: "stop \"C:\\\\path\""
    ),
    Explanation(
      "SW1008",
      "a lone closing brace in a string",
      "Braces in a string hold what is filled in. One that means itself is written twice: `{{`, `}}`.",
      wrong: "stop \"done }\"",
      right: "stop \"done }}\""
    ),
    Explanation(
      "SW1009",
      "a block of text is laid out wrong",
      """
      The text of a `\"""` block begins on the line behind the quotes, and the closing quotes stand on a line of their own. \
      Their indentation is taken from every line, so no line has less.
      """,
      wrong: "stop \"\"\"\n  indented\n text\n  \"\"\"",
      right: "stop \"\"\"\n  indented\n  text\n  \"\"\""
    ),
    Explanation(
      "SW1010",
      "no name",
      "A name has lower-case letters, digits, inner hyphens and dots, as in Kubernetes. Any other is written in quotes.",
      wrong: "validate staging API",
      right: "validate staging api"
    ),
    Explanation(
      "SW1011",
      "the wrong kind of quotes",
      "Strings stand in straight double quotes. Word processors and chats turn them into others.",
      wrong: "stop “done”",
      right: "stop \"done\""
    ),
    Explanation(
      "SW1012",
      "a character that means nothing here",
      "The language has no such sign at this place. What another language writes with it, this one says in words.",
      wrong: "validate staging api ?",
      right: "validate staging api"
    ),
    Explanation(
      "SW1014",
      "blocks are nested too deep",
      "Blocks and parentheses nest 200 deep at most. No release needs that, and a mistake easily makes it.",
      wrong: String(repeating: "within 1h {\n", count: 201) + "wait 1m\n" + String(repeating: "}\n", count: 201),
      right: "within 1h {\n  wait 1m\n}"
    ),
    Explanation(
      "SW1015",
      "a brace is not closed",
      "A block begins with `{` and ends with `}`. Without the end, nobody can tell what belongs to it.",
      wrong: "validate staging api\non failure {\n  stop \"look at it\"\n",
      right: "validate staging api\non failure {\n  stop \"look at it\"\n}"
    ),
    Explanation(
      "SW1016",
      "a closing brace too many",
      "This `}` closes nothing: its `{` is missing, or the block was closed before.",
      wrong: "validate staging api\n}",
      right: "validate staging api"
    ),
    Explanation(
      "SW1020",
      "a list ends with a comma",
      "Behind the comma the next statement was read as a service. Take the comma away, or name another service.",
      wrong: "validate staging api,\nstop \"done\"",
      right: "validate staging api\nstop \"done\""
    ),
    Explanation(
      "SW1022",
      "a word that is not needed",
      "The statement is shorter than a sentence. The word says nothing here, and `--fix` takes it away.",
      wrong: "if health of api in staging is healthy then { stop \"done\" }",
      right: "if health of api in staging is healthy { stop \"done\" }"
    ),
    Explanation(
      "SW1023",
      "a reason is due",
      "What the rules refuse can be allowed with a reason, which is kept with the run for those who ask later.",
      wrong: "promote api without validation\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right:
        "promote api without validation because \"staging is down\"\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
  ]
}
