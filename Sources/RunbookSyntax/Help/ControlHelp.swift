extension StatementHelp {
  /// Gates, and what ends a run.
  static let gates: [StatementHelp] = [
    StatementHelp(
      "confirm",
      "Asks a person; without a terminal it needs --yes, or refuses at once.",
      forms: [
        StatementForm([.word("confirm"), .slot(.text)]), StatementForm([.word("confirm"), .word("checklist")]),
      ],
      example: "confirm \"Is the support team told?\"\nvalidate staging api\n"
    ),
    StatementHelp(
      "require",
      "Goes on only while a condition holds or a window is open; else the run is refused.",
      forms: [
        StatementForm([.word("require"), .word("window")]),
        StatementForm(
          [
            .word("require"), .word("window"), .slot(.days), .slot(.timeOfDay), .word("to"), .slot(.timeOfDay),
            .optional(.text),
          ]
        ),
        StatementForm(
          [.word("require"), .slot(.expression)],
          [ClauseHelp([.word("else"), .slot(.text)], "What is said when it does not hold.")]
        ),
      ],
      example: """
        require window weekdays 18:00 to 22:00 "Europe/London"
        require health of api in staging is healthy else "staging is not well"
        validate staging api

        """
    ),
    StatementHelp(
      "run",
      "Runs a program; it must exit with 0.",
      [
        "The words are split as they are written, and an interpolated value is never split again. No shell, unless "
          + "`run shell`."
      ],
      forms: [
        StatementForm([.word("run"), .slot(.text)], programClauses),
        StatementForm([.word("run"), .word("shell"), .slot(.text)], programClauses),
      ],
      example: "run \"npm run smoke\" within 10m in \"tests\"\n"
    ),
    StatementHelp(
      "stop",
      "Ends the run with a reason. It undoes nothing, and says what keeps running.",
      forms: [StatementForm([.word("stop"), .slot(.text)])],
      example: "validate staging api\nstop \"not before the demo\"\n"
    ),
    StatementHelp(
      "fail",
      "Ends the run as failed, with a reason; an `on failure` answers it.",
      forms: [StatementForm([.word("fail"), .slot(.text)])],
      example: "validate staging api\nfail \"the smoke tests are not there yet\"\n"
    ),
  ]

  /// Names, branches and loops.
  static let control: [StatementHelp] = [
    StatementHelp(
      "let",
      "Gives a name to a value.",
      forms: [StatementForm([.word("let"), .slot(.newName), .word("="), .slot(.expression)])],
      example: "let old = version of api in production\nvalidate staging api\nannounce \"production has {old}\"\n"
    ),
    StatementHelp(
      "if",
      "Runs a block when a condition holds. A fact that cannot be had ends the statement undetermined.",
      forms: [StatementForm([.word("if"), .slot(.expression)], hasBlock: true)],
      example: """
        if version of api in staging is version of api in production {
          stop "nothing is new"
        } else {
          validate staging api
        }

        """
    ),
    StatementHelp(
      "for",
      "Runs a block for each service, one after the other.",
      forms: [
        StatementForm(
          [.word("for"), .slot(.newName), .word("in"), .optional(.environment), .slot(.targets)],
          hasBlock: true
        )
      ],
      example: "for service in staging api, web {\n  validate staging service\n}\n"
    ),
    StatementHelp(
      "retry",
      "Runs a block again when it did not end well; what was refused is never repeated.",
      forms: [
        StatementForm(
          [.word("retry"), .slot(.wholeNumber), .word("times")],
          [ClauseHelp([.word("every"), .slot(.duration)], "The time from one attempt to the next.")],
          hasBlock: true
        )
      ],
      example: "retry 3 times every 30s {\n  validate staging api\n}\n"
    ),
    StatementHelp(
      "within",
      "A deadline for a block; then it ends timed out.",
      forms: [StatementForm([.word("within"), .slot(.duration)], hasBlock: true)],
      example: "within 10m {\n  validate staging api\n}\n"
    ),
    StatementHelp(
      "on",
      "Answers every ending of its block but ok, suspended and interrupted; then the failure goes on up.",
      [
        "One a block, wherever it stands in it. `failure.message`, `failure.kind`, `failure.services` and `failure.statement` "
          + "tell what happened."
      ],
      forms: [StatementForm([.word("on"), .word("failure")], hasBlock: true)],
      example: """
        validate staging api
        promote api
        monitor 30m
        on failure {
          rollback promoted
        }

        """
    ),
    StatementHelp(
      "finally",
      "Runs after its block and its `on failure`, however they ended, unless the run was interrupted.",
      forms: [StatementForm([.word("finally")], hasBlock: true)],
      example: "validate staging api\nfinally {\n  announce \"looked at {run.id}\"\n}\n"
    ),
  ]

  /// What stands at the top of a file.
  static let declarations: [StatementHelp] = [
    StatementHelp(
      "runbook",
      "The title of the runbook.",
      forms: [StatementForm([.word("runbook"), .slot(.text)])],
      example: "runbook \"Weekly release\"\nvalidate staging all\n"
    ),
    StatementHelp(
      "input",
      "A value that is given at the start: --set NAME=VALUE. Without a default it is required.",
      ["The default says of what type it is; without one it is a string."],
      forms: [
        StatementForm([.word("input"), .slot(.newName), .optional(.text)]),
        StatementForm([.word("input"), .slot(.newName), .word("="), .slot(.expression)]),
      ],
      example: "input soak = 30m\nmonitor (soak) production api\n"
    ),
    StatementHelp(
      "import",
      "Takes the procedures of another file.",
      forms: [StatementForm([.word("import"), .slot(.text)])],
      example: "import \"common.runbook\"\n"
    ),
    StatementHelp(
      "procedure",
      "Statements with a name, called as `NAME(VALUE, …)`.",
      forms: [StatementForm([.word("procedure"), .slot(.newName), .slot(.parenthesized)], hasBlock: true)],
      example: """
        procedure watch(services, hold = 30m) {
          monitor (hold) production services
        }
        watch([api, web], hold = 10m)

        """
    ),
  ]

  private static let programClauses = [
    ClauseHelp.within, ClauseHelp([.word("in"), .slot(.text)], "The folder that it runs in."),
  ]
}
