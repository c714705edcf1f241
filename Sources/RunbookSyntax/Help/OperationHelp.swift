extension StatementHelp {
  /// Troubleshooting, and what is said about a release.
  static let operations: [StatementHelp] = [
    StatementHelp(
      "reconcile",
      "Reads what runs in an environment and writes git to match.",
      forms: [
        StatementForm(
          [.word("reconcile"), .slot(.environment), .optional(.targets)],
          [ClauseHelp([.word("by"), .word("pr")], "As a pull request, instead of a push.")]
        )
      ],
      example: "reconcile production api\n"
    ),
    StatementHelp(
      "sync",
      "Tells Argo CD to read git anew and to sync.",
      forms: [
        StatementForm(
          .scope("sync"),
          [
            ClauseHelp(
              [.word("replacing"), .word("resources"), .word("because"), .slot(.text)],
              "Argo CD's force, which can delete what it replaces, and says why."
            )
          ]
        )
      ],
      example: "sync staging api\n"
    ),
    StatementHelp(
      "restart",
      "Restarts the pods of services, one service after the other.",
      forms: [StatementForm(.scope("restart"))],
      example: "restart staging api\n"
    ),
    StatementHelp(
      "diagnose",
      "One page of what is wrong with a service: rollout, pods, events, probes, sync, resources, last log lines.",
      forms: [StatementForm(.scope("diagnose"))],
      example: "diagnose production api\n"
    ),
    StatementHelp(
      "announce",
      "Tells the configured places how the release goes.",
      [
        "`planned`, `complete` and `rolled-back` are messages that the run fills in. Without `to` they go everywhere."
      ],
      forms: [
        StatementForm([.word("announce"), .slot(.text)], announcementPlace),
        StatementForm(
          [
            .word("announce"),
            .choice([
              WordHelp("planned", "what is about to be promoted"), WordHelp("complete", "what was promoted"),
              WordHelp("rolled-back", "what was taken back, and why"),
            ]),
          ],
          announcementPlace
        ),
      ],
      example: "announce planned\nvalidate staging api\nannounce \"staging is as it should be\"\n"
    ),
    StatementHelp(
      "freeze",
      "Keeps promotions out of an environment until a moment; kept in the GitOps repository.",
      ["Rollbacks go through a freeze."],
      forms: [
        StatementForm(
          [.word("freeze"), .slot(.environment)],
          [
            ClauseHelp([.word("until"), .slot(.dateTime)], "When the freeze ends by itself.", isRequired: true),
            ClauseHelp([.word("except"), .slot(.team)], "The team that may still promote."),
            .because("Why: it is shown to whoever is kept out.", isRequired: true),
          ]
        )
      ],
      example: "freeze production until 2026-12-27T08:00Z because \"holidays\"\n"
    ),
    StatementHelp(
      "thaw",
      "Ends a freeze.",
      forms: [
        StatementForm(
          [.word("thaw"), .slot(.environment)],
          [.because("Why it is over before its time.", isRequired: true)]
        )
      ],
      example: "thaw production because \"the fix must out\"\n"
    ),
    StatementHelp(
      "show",
      "Shows, and changes nothing.",
      forms: [
        StatementForm(
          [
            .word("show"),
            .choice([
              WordHelp("status", "how services are"), WordHelp("versions", "what runs where"),
              WordHelp("diff", "what a promotion would change"), WordHelp("history", "what was promoted when"),
            ]), .optional(.environment), .optional(.targets),
          ]
        ),
        StatementForm(
          [
            .word("show"),
            .choice([WordHelp("logs", "the last log lines"), WordHelp("pods", "the pods and how they are")]),
            .optional(.environment), .optional(.targets),
          ],
          [ClauseHelp([.word("follow")], "Goes on showing what is new, until it is interrupted.")]
        ),
        StatementForm([.word("show"), .word("pull"), .word("requests")]),
      ],
      example: "show versions\nshow logs production api\n"
    ),
  ]

  private static let announcementPlace = [
    ClauseHelp([.word("to"), .slot(.place)], "This configured place alone.")
  ]
}
