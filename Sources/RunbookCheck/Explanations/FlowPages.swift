/// Findings about the order of statements and the paths through a runbook.
extension Explanation {
  static let flowPages: [Explanation] = [
    Explanation(
      "SW3015",
      "never reached",
      "The statement in front of it ends the run on every path, so this one never runs.",
      wrong: "validate staging all\nstop \"enough for today\"\nvalidate production all",
      right: "validate staging all\nvalidate production all\nstop \"enough for today\""
    ),
    Explanation(
      "SW3016",
      "a second handler",
      "A block has one `on failure` and one `finally`, wherever they stand in it. Put what they do into one.",
      wrong: "validate staging api\non failure { fail \"one\" }\non failure { fail \"two\" }",
      right: "validate staging api\non failure {\n  announce \"one\"\n  fail \"two\"\n}"
    ),
    Explanation(
      "SW3017",
      "a handler in a handler",
      "A handler answers for its block. What fails while it works is the run's failure.",
      wrong: "validate staging api\non failure {\n  rollback production api\n  on failure { fail \"inner\" }\n}",
      right: "validate staging api\non failure {\n  rollback production api\n}"
    ),
    Explanation(
      "SW3021",
      "`even if undetermined` outside of a handler",
      "Only in `on failure` does a `rollback` hold when it could not be told what happened; elsewhere it always acts.",
      wrong: "rollback production api even if undetermined",
      right: "rollback production api",
      severity: .warning
    ),
    Explanation(
      "SW3022",
      "an empty runbook",
      "A runbook without a statement does nothing and ends well. That is more likely a mistake than a release.",
      wrong: "runbook \"Weekly release\"",
      right: "runbook \"Weekly release\"\nvalidate staging all"
    ),
  ]

  static let warningPages: [Explanation] = [
    Explanation(
      "SW3101",
      "promoted without being validated",
      """
      On some path to this promotion, not everything in it was validated. A run refuses such a promotion; the path may \
      be the one of an incident.
      """,
      wrong: "promote api\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right: "validate staging api\npromote api\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      severity: .warning
    ),
    Explanation(
      "SW3102",
      "a promotion that nothing takes back",
      "No `on failure` around this promotion has a `rollback` of what it promotes. Then somebody does it by hand, at night.",
      wrong: "validate staging api\npromote api\nwait merge\nmonitor 30m",
      right: "validate staging api\npromote api\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      severity: .warning
    ),
    Explanation(
      "SW3103",
      "a promotion that nothing monitors",
      """
      On some path the run ends well without a `monitor` of what was promoted. A run that changed production and did not \
      look afterwards ends *undetermined*.
      """,
      wrong: "validate staging api\npromote api\non failure { rollback promoted }",
      right: "validate staging api\npromote api\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      severity: .warning
    ),
    Explanation(
      "SW3104",
      "monitored for less than the minimum",
      "The configuration says how long a protected environment is monitored at least (`policy.minimum-monitor`).",
      wrong: "monitor 5m production api",
      right: "monitor 30m production api",
      severity: .warning
    ),
    Explanation(
      "SW3105",
      "perhaps no pull request",
      "On some path to this statement there is no pull request. There the run is refused in the middle.",
      wrong: """
        validate staging api
        if version of api in production is not v1.2.3 {
          promote api by pr
        }
        wait merge
        monitor 30m production api
        on failure { rollback promoted }
        """,
      right: """
        validate staging api
        if version of api in production is not v1.2.3 {
          promote api by pr
          wait merge
        }
        monitor 30m production api
        on failure { rollback promoted }
        """,
      severity: .warning
    ),
    Explanation(
      "SW3106",
      "an input that nothing uses",
      "Whoever sets it expects that it changes something.",
      wrong: "input soak = 30m\nvalidate staging api",
      right: "input soak = 30m\nvalidate staging api\nwait (soak)",
      severity: .warning
    ),
    Explanation(
      "SW3107",
      "a variable that nothing uses",
      "Perhaps another name was meant where it should be used. A variable that is read from the world costs time, too.",
      wrong: "let before = version of api in production\nvalidate staging api",
      right: "let before = version of api in production\nvalidate staging api\nannounce \"production has {before}\"",
      severity: .warning
    ),
    Explanation(
      "SW3108",
      "a comparison that decides nothing",
      "Both sides are written out, so the answer is always the same.",
      wrong: "if v1.2.3 < v1.3.0 { validate staging api }",
      right: "if version of api in staging < v1.3.0 { validate staging api }",
      severity: .warning
    ),
    Explanation(
      "SW3109",
      "a sign of a shell without a shell",
      "`run` starts the program itself, so `|`, `>` or `&&` is a word for it like any other. `run shell` has a shell.",
      wrong: "run \"npm test | tee log\"",
      right: "run shell \"npm test | tee log\"",
      severity: .warning
    ),
    Explanation(
      "SW3110",
      "no configured window",
      "`require window` alone asks for the window of the configuration (`policy.window`). Without one, it refuses every run.",
      wrong: "require window",
      right: "require window weekdays 18:00 to 22:00 \"Europe/London\"",
      severity: .warning
    ),
    Explanation(
      "SW3111",
      "monitored for less than a metric is measured over",
      """
      A metric is measured over a stretch of time (`over` in slipway.yaml). A `monitor` that is shorter than that ends while \
      values still are made of the time before the promotion too, so that what got worse may not show yet.
      """,
      wrong: "monitor 30m production api",
      right: "monitor 1h production api",
      severity: .warning,
      configuration: """
        metrics:
          address: http://prometheus.example:9090
          queries: { error-rate: { query: 'sum(rate(errors_total{app="{service}"}[{window}]))', over: 1h, at-most: 5% } }
        """
    ),
    Explanation(
      "SW3112",
      "looked at before it is merged",
      """
      A `promote` by pull request changes nothing until people have merged it. A `monitor`, a `verify` or a `wait` for the sync or the \
      rollout that stands right behind it looks at what is not there yet: the run would refuse. `wait merge` waits for people, \
      `merge` merges once they have approved.
      """,
      wrong: "validate staging api\npromote api\nmonitor 30m\non failure { rollback promoted }",
      right: "validate staging api\npromote api\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      severity: .warning
    ),
    Explanation(
      "SW3113",
      "a time of the day without a zone",
      """
      `wait until 18:00` is the next time that clocks show 18:00 in the zone of the first window (`policy.window`, its `zone`). \
      Where no window is configured it is 18:00 in UTC, which may not be what the clock on the wall shows.
      """,
      wrong: "wait until 18:00",
      right: "wait until 2026-12-24T18:00+01:00",
      severity: .warning
    ),
    Explanation(
      "SW3114",
      "what may keep a rollback from happening",
      """
      A statement that does not end well ends its handler. A program that fails, a question that is answered with no and a condition that \
      does not hold stand in the way of a `rollback` behind them, and what was promoted stays. Take back first. What the rollback \
      really depends on is said with `if`; where a person is to decide, silence the warning with the reason.
      """,
      wrong: """
        validate staging api
        promote api by commit
        monitor 30m
        on failure {
          run "./tell on-call"
          rollback promoted
        }
        """,
      right: """
        validate staging api
        promote api by commit
        monitor 30m
        on failure {
          rollback promoted
          run "./tell on-call"
        }
        """,
      severity: .warning
    ),
    Explanation(
      "SW3115",
      "a failure is announced as complete",
      """
      `announce complete` tells people that the release is done and well, and an `on failure` answers something that was not. Where what \
      was promoted did not hold, nothing is sent; where something else went wrong, people hear half of it. `announce rolled-back` tells \
      what was taken back, and a text of your own tells the rest.
      """,
      wrong: """
        validate staging api
        promote api by commit
        monitor 30m
        on failure {
          rollback promoted
          announce complete
        }
        """,
      right: """
        validate staging api
        promote api by commit
        monitor 30m
        on failure {
          rollback promoted
          announce rolled-back
        }
        """,
      severity: .warning
    ),
    Explanation(
      "SW3201",
      "a warning silenced without a reason",
      "The comment is for those who read the runbook later: `# allow SW3104: hotfix, watched by hand`.",
      wrong: "monitor 30m production api   # allow SW3104",
      right: "monitor 5m production api    # allow SW3104: hotfix, watched by hand",
      severity: .warning
    ),
    Explanation(
      "SW3202",
      "an unknown code is silenced",
      "No finding has this code. Perhaps it is misspelt; `slipway explain` lists them all.",
      wrong: "monitor 30m production api   # allow SW9104: hotfix",
      right: "monitor 5m production api    # allow SW3104: hotfix, watched by hand",
      severity: .warning
    ),
    Explanation(
      "SW3203",
      "an error cannot be silenced",
      "What is an error would go wrong, whatever the reason.",
      wrong: "monitor 30m production api   # allow SW3001: we know",
      right: "monitor 5m production api    # allow SW3104: hotfix, watched by hand",
      severity: .warning
    ),
    Explanation(
      "SW3204",
      "nothing to silence",
      """
      There is no such warning on this line, or on the one behind a comment that stands alone. What it silenced is gone, \
      and so may be the reason.
      """,
      wrong: "monitor 30m production api   # allow SW3104: hotfix, watched by hand",
      right: "monitor 5m production api    # allow SW3104: hotfix, watched by hand",
      severity: .warning
    ),
  ]
}
