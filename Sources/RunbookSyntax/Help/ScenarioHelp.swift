extension StatementHelp {
  /// Tests of a runbook, and what stands in them.
  public static let scenarios: [StatementHelp] = [
    StatementHelp(
      "scenario",
      "A test of this runbook: it runs in the simulated world, on virtual time.",
      forms: [StatementForm([.word("scenario"), .slot(.text)], hasBlock: true)],
      example: example
    ),
    StatementHelp(
      "given",
      "Something that happens in a scenario.",
      forms: [
        given([.word("crashes")]),
        given([.word("cannot"), .word("be"), .word("pulled")]),
        given([.word("never"), .word("becomes"), .word("ready")]),
        given([.word("answers"), .slot(.wholeNumber)]),
        given([.word("logs"), .slot(.wholeNumber), .word("errors"), .word("per"), .slot(.duration)]),
        given([.word("moves"), .word("to"), .slot(.version)]),
        given([.word("syncs"), .word("slowly"), .word("by"), .slot(.duration)]),
        given([.word("is"), .word("set"), .word("to"), .slot(.version), .word("by"), .word("hand")]),
        given([.word("is"), .word("scaled"), .word("to"), .slot(.wholeNumber), .word("by"), .word("hand")]),
        given([.word("is"), .word("deleted"), .word("by"), .word("hand")]),
        given([.word("heals"), .word("itself")]),
        given([.word("scales"), .word("to"), .slot(.wholeNumber)]),
        given([.word("migrates"), .word("for"), .slot(.duration)]),
        given([.word("cannot"), .word("be"), .word("migrated")]),
        given([.word("is"), .word("evicted")]),
        given([.word("is"), .word("drained")]),
        given([.word("is"), .word("pushed"), .word("again")]),
        given([.word("does"), .word("not"), .word("answer")]),
        environment([.word("is"), .word("locked"), .word("for"), .slot(.duration)]),
        environment([.word("is"), .word("frozen"), .word("for"), .slot(.duration)]),
        environment([.word("leads"), .word("to"), .word("another"), .word("cluster")]),
        reviewer(
          [.word("merges")],
          [
            ClauseHelp(
              [.word("by"), .choice([WordHelp("squash", ""), WordHelp("rebase", "")])],
              "The way of merging."
            )
          ]
        ),
        reviewer([.word("closes")]),
        reviewer([.word("never"), .word("comes")]),
        reviewer([.word("edits"), .slot(.service), .word("to"), .slot(.version)]),
        event(["the", "network", "is", "lost", "for"].map(FormElement.word) + [.slot(.duration)]),
        event([.slot(.wholeNumber), .word("pushes"), .word("are"), .word("rejected")]),
        event([.word("foreign"), .word("commits"), .word("every"), .slot(.duration)]),
        measured("metric", [.word("is"), .slot(.expression)]),
        measured("metric", [.word("has"), .word("no"), .word("data")]),
        measured("alert", [.word("fires")]),
        event([.word("program"), .slot(.text), .word("fails")]),
        event([.word("program"), .slot(.text), .word("never"), .word("ends")]),
        event(["the", "person", "says", "no"].map(FormElement.word)),
        event(["the", "person", "never", "answers"].map(FormElement.word)),
      ],
      example: example
    ),
    StatementHelp(
      "expect",
      "What must hold when the run of a scenario has ended.",
      forms: [
        StatementForm(
          [
            .word("expect"),
            .choice([
              WordHelp("ok", "it ended well"), WordHelp("suspended", "production untouched, on request"),
              WordHelp("undetermined", "it could not be told"), WordHelp("refused", "a gate said no"),
              WordHelp("failed", "it failed"),
            ]),
          ],
          endingClauses
        ),
        StatementForm([.word("expect"), .word("timed"), .word("out")], endingClauses),
        StatementForm(
          [
            .word("expect"), .slot(.service), .word("in"), .slot(.environment), .word("is"), .slot(.version),
          ]
        ),
        StatementForm(
          [
            .word("expect"), .word("pull"), .word("request"),
            .choice([WordHelp("merged", ""), WordHelp("closed", ""), WordHelp("open", "")]),
          ]
        ),
        StatementForm([.word("expect"), .word("no"), .word("pull"), .word("request")]),
        StatementForm(
          [
            .word("expect"), .word("announced"),
            .choice([WordHelp("planned", ""), WordHelp("complete", ""), WordHelp("rolled-back", "")]),
          ]
        ),
        StatementForm([.word("expect"), .word("exit"), .slot(.wholeNumber)]),
        StatementForm([.word("expect"), .word("within"), .slot(.duration)]),
        StatementForm(
          [
            .word("expect"),
            .choice([WordHelp("safe", "production is whole, and as the run says: what `explore` judges by")]),
          ]
        ),
      ],
      example: example
    ),
  ]

  private static let after = ClauseHelp(
    [.word("after"), .slot(.duration)],
    "How long after the start; for what a promoted image does, after its promotion."
  )
  private static let endingClauses = [
    ClauseHelp([.word("at"), .slot(.newName)], "The verb at which it ended so.")
  ]

  private static func given(_ happening: [FormElement]) -> StatementForm {
    StatementForm([.word("given"), .slot(.environment), .slot(.service)] + happening, [after])
  }

  private static func environment(_ happening: [FormElement]) -> StatementForm {
    StatementForm([.word("given"), .slot(.environment)] + happening, [after])
  }

  private static func measured(_ what: String, _ happening: [FormElement]) -> StatementForm {
    event(
      [.word(what), .slot(.text), .word("of"), .slot(.service), .word("in"), .slot(.environment)] + happening
    )
  }

  private static func reviewer(_ does: [FormElement], _ clauses: [ClauseHelp] = []) -> StatementForm {
    StatementForm([.word("given"), .word("the"), .word("reviewer")] + does, clauses + [after])
  }

  private static func event(_ elements: [FormElement]) -> StatementForm {
    StatementForm([.word("given")] + elements, [after])
  }

  private static let example = """
    validate staging api
    promote api by pr
    wait merge within 4h
    monitor 30m
    on failure {
      rollback promoted
    }
    scenario "the new api crashes" {
      given production api crashes after 3m
      given the reviewer merges after 20m
      expect failed at monitor
      expect pull request merged
    }

    """
}
