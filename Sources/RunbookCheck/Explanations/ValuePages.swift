/// Findings about single clauses: times, programs, windows, words.
extension Explanation {
  static let valuePages: [Explanation] = [
    Explanation(
      "SW3059",
      "an unknown metric",
      "Metrics are named in `metrics.queries` of slipway.yaml, or in `metrics` of a service, with their queries.",
      wrong: "require metric \"eror-rate\" of api in staging < 1%",
      right: "require metric \"error-rate\" of api in staging < 1%",
      configuration: """
        metrics:
          address: http://prometheus.example:9090
          queries: { error-rate: 'sum(rate(errors_total{app="{service}"}[{window}]))' }
        """
    ),
    Explanation(
      "SW3060",
      "a reason that says nothing",
      """
      What the rules refuse goes with a reason only: it stands in the commit, in the pull request and in what the team is \
      told. One without a word in it is none. One that is worked out and comes to nothing is refused by the run.
      """,
      wrong: "thaw production because \" \"",
      right: "thaw production because \"the fair is over\""
    ),
    Explanation(
      "SW3020",
      "longer than nothing",
      "A time to wait, to watch or to allow must be more than nothing.",
      wrong: "monitor 0s production api",
      right: "monitor 30m production api"
    ),
    Explanation(
      "SW3032",
      "what is in the block takes longer",
      """
      The block waits and monitors for longer than its `within` allows, so it would be cut off every time. What its \
      statements do besides comes on top.
      """,
      wrong: "within 10m {\n  monitor 30m production api\n}",
      right: "within 1h {\n  monitor 30m production api\n}"
    ),
    Explanation(
      "SW3049",
      "a command that cannot be split into words",
      """
      `run` splits its command at blanks, as written. Single quotes, and double quotes (`\\\"` in a string), keep blanks \
      together; a backslash (`\\\\` in a string) takes the next character as it is. A value that is filled in is never \
      split, so it needs no quotes. Here a quote is not closed, or a backslash stands at the end.
      """,
      wrong: "run \"echo 'one word\"",
      right: "run \"echo 'one word'\""
    ),
    Explanation(
      "SW3050",
      "`run` without a program",
      "The first word of the command is the program.",
      wrong: "run \"  \"",
      right: "run \"npm run smoke\""
    ),
    Explanation(
      "SW3051",
      "a word that is not one of those due",
      "At this place one of a few words is understood. The finding lists them, and the nearest one is named.",
      wrong: "require health of api in staging is helthy",
      right: "require health of api in staging is healthy"
    ),
    Explanation(
      "SW3052",
      "clauses that do not go together",
      "Two clauses say different things, or one says something that this statement cannot do.",
      wrong: "rollback production api to v1.2.2 by revert",
      right: "rollback production api by revert"
    ),
    Explanation(
      "SW3055",
      "an empty window",
      "A window that ends when it begins is never open. One that goes on past midnight ends at an earlier time.",
      wrong: "require window weekdays 18:00 to 18:00",
      right: "require window weekdays 18:00 to 22:00"
    ),
  ]
}
