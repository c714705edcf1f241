/// Findings about names, types and values.
extension Explanation {
  static let namePages: [Explanation] = [
    Explanation(
      "SW3001",
      "unknown service",
      """
      The configuration has no service of this name, and no variable is called so. A misspelt service would otherwise be \
      noticed only when its turn comes, in the middle of a release.
      """,
      wrong: "validate staging apy",
      right: "validate staging api"
    ),
    Explanation(
      "SW3002",
      "unknown environment",
      "The configuration has no environment of this name. It is never the name of a kubeconfig context.",
      wrong: "validate stagin api",
      right: "validate staging api"
    ),
    Explanation(
      "SW3003",
      "an environment where a service is due",
      "The environment stands in front of the services, once; a statement works in one environment.",
      wrong: "validate staging api, production",
      right: "validate staging api\nvalidate production api"
    ),
    Explanation(
      "SW3007",
      "a service is named twice",
      "The second one is a slip, perhaps in place of another service.",
      wrong: "validate staging api, api",
      right: "validate staging api, web"
    ),
    Explanation(
      "SW3018",
      "no semantic version",
      "Versions follow Semantic Versioning 2.0.0: three numbers without leading zeros, then what comes behind `-` and `+`.",
      wrong: "rollback production api to v99999999999999999999.0.0",
      right: "rollback production api to v1.2.3"
    ),
    Explanation(
      "SW3023",
      "unknown name",
      """
      Neither a variable, an input, a service nor an environment has this name. Words for states, such as `healthy`, are \
      understood beside the fact that they are compared with.
      """,
      wrong: "let soak = 30m\nwait (soka)\nwait (soak)",
      right: "let soak = 30m\nwait (soak)"
    ),
    Explanation(
      "SW3024",
      "a value of the wrong type",
      "A clause takes values of one type: a duration, a version, a number. What stands here is of another.",
      wrong: "let soak = 30\nwait (soak)",
      right: "let soak = 30m\nwait (soak)"
    ),
    Explanation(
      "SW3025",
      "these cannot be compared",
      """
      Only like is compared with like: versions with versions, numbers with numbers, percentages with numbers. `<` and \
      `>` need an order, which services, strings and states do not have. Behind `in` stands a list.
      """,
      wrong: "require version of api in staging is \"1.2.3\"",
      right: "require version of api in staging is v1.2.3"
    ),
    Explanation(
      "SW3026",
      "these cannot be added",
      """
      `+` and `-` work on numbers, on durations, on a moment and a duration, on lists, and `+` on strings. A value goes \
      into a string by interpolation.
      """,
      wrong: "let soak = 30m\nlet text = \"soaked for \" + soak\nstop \"{text}\"",
      right: "let soak = 30m\nstop \"soaked for {soak}\""
    ),
    Explanation(
      "SW3027",
      "a condition is due",
      "`if`, `require`, `and`, `or` and `not` want something that is true or false, such as a comparison.",
      wrong: "require version of api in staging",
      right: "require version of api in staging is v1.2.3"
    ),
    Explanation(
      "SW3028",
      "a variable is used before its `let`",
      "Statements run from the top. Where the name is used, the variable has no value yet.",
      wrong: "wait (soak)\nlet soak = 30m",
      right: "let soak = 30m\nwait (soak)"
    ),
    Explanation(
      "SW3029",
      "a variable may have no value yet",
      """
      A handler answers every statement of its block, also one in front of the `let`. Then the variable would have no \
      value. Put the `let` outside of the block, or make an input of it.
      """,
      wrong: "validate staging api\nlet team = \"platform\"\non failure { announce \"ask {team}\" }",
      right: "input team = \"platform\"\nvalidate staging api\non failure { announce \"ask {team}\" }"
    ),
    Explanation(
      "SW3030",
      "`failure.…` outside of `on failure`",
      "What failed is known where a failure is answered, and nowhere else; `finally` runs after success, too.",
      wrong: "validate staging api\nfinally { announce \"{failure.message}\" }",
      right: "validate staging api\non failure { announce \"{failure.message}\" }"
    ),
    Explanation(
      "SW3031",
      "a name that is taken",
      """
      A variable is called like a service, an environment, another variable or a word of the language, or a procedure \
      like a statement. Read aloud, nobody could tell which is meant.
      """,
      wrong: "let api = 30m\nwait (api)",
      right: "let soak = 30m\nwait (soak)"
    ),
    Explanation(
      "SW3047",
      "a number out of range",
      "A number must be one that makes sense at its place: a block is tried once at least.",
      wrong: "retry 0 times { validate staging api }",
      right: "retry 3 times every 30s { validate staging api }"
    ),
    Explanation(
      "SW3048",
      "no such time",
      "A day has hours from `00:00` to `23:59`, and a date must stand in the calendar.",
      wrong: "wait until 2026-02-30T18:00Z",
      right: "wait until 2026-02-28T18:00Z"
    ),
    Explanation(
      "SW3054",
      "something must be known before the run",
      "Titles, paths, names of metrics and of environment variables are read before anything runs, so nothing is filled in.",
      wrong: "let unit = \"errors\"\nrequire metric \"{unit}\" of api in staging < 0.5",
      right: "require metric \"errors\" of api in staging < 0.5"
    ),
    Explanation(
      "SW3057",
      "no name of an environment variable",
      "`env(\"NAME\")` reads a variable of the process; its name is not empty and has no `=`.",
      wrong: "stop \"by {env(\"\")}\"",
      right: "stop \"by {env(\"USER\")}\""
    ),
    Explanation(
      "SW3058",
      "a list of different things",
      "The values of a list are of one type, so that something can be done with each.",
      wrong: "require version of api in staging in [v1.2.3, \"1.2.4\"]",
      right: "require version of api in staging in [v1.2.3, v1.2.4]"
    ),
  ]
}
