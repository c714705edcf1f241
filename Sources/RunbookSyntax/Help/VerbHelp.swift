extension StatementHelp {
  /// The way of a release and the way back.
  static let verbs: [StatementHelp] = [
    StatementHelp(
      "validate",
      "Looks at services and seals what passes: service, tag, commit, image digest and server time.",
      [
        "Pods run and are ready, recent logs have no error lines beyond the allowance, the health endpoint answers 200, "
          + "git has a semantic version, the cluster runs that version, and Argo CD is Synced and Healthy at that commit. "
          + "All findings are shown.",
        "A promotion takes what was sealed, for as long as the seal is valid (policy.seal, 24 hours).",
      ],
      forms: [StatementForm(.scope("validate"))],
      example: "validate staging api, web\n"
    ),
    StatementHelp(
      "promote",
      "Brings the sealed versions of services from one environment to the next, in one change: all or nothing.",
      [
        "A service that is new to the target must be named, not meant by `all`. Refused are what was not validated in this "
          + "run, what staging no longer runs as sealed, and versions older than the target's.",
        "Nothing to change is success, and is said.",
      ],
      forms: [
        StatementForm(
          [.word("promote"), .slot(.services)],
          [
            ClauseHelp([.word("except"), .slot(.listed)], "Services of `all` that stay as they are."),
            ClauseHelp([.word("from"), .slot(.environment)], "Where the versions come from."),
            ClauseHelp([.word("to"), .slot(.environment)], "Where they are brought to."),
            ClauseHelp([.word("at"), .slot(.version)], "This version, instead of the one that was sealed last."),
            ClauseHelp(
              [
                .word("by"),
                .choice([
                  WordHelp("pr", "one pull request with a checklist of evidence"), WordHelp("commit", "a push"),
                ]),
              ],
              "How the change gets there: `by pr` opens one pull request, `by commit` pushes."
            ),
            ClauseHelp(
              [.word("without"), .word("validation"), .word("because"), .slot(.text)],
              "Promotes what was not validated in this run, and says why."
            ),
            ClauseHelp(
              [.word("allowing"), .word("downgrade"), .word("because"), .slot(.text)],
              "Lets an older version follow a newer one, and says why."
            ),
            ClauseHelp(
              [.word("allowing"), .word("unstaged"), .word("because"), .slot(.text)],
              "Takes a version that never ran in staging, or loses one of production that never did, and says why."
            ),
            .because("Why this promotion: it stands in the commit and the pull request."),
          ]
        )
      ],
      example: """
        validate staging api
        promote api from staging to production by pr because "OPS-17"
        wait merge within 4h
        monitor 30m
        on failure {
          rollback promoted
        }

        """
    ),
    StatementHelp(
      "wait",
      "Waits for a merge, for Argo CD, for the pods, or for a time.",
      [
        "`wait merge` is the gate at which people decide. `wait sync` ends when Argo CD has synced the commit with the planned "
          + "value; `wait rollout` when every replica runs it, too."
      ],
      forms: [
        StatementForm([.word("wait"), .word("merge")], [.within]),
        StatementForm(.openScope("wait", "sync"), [.within]),
        StatementForm(.openScope("wait", "rollout"), [.within]),
        StatementForm([.word("wait"), .slot(.duration)]),
        StatementForm([.word("wait"), .word("until"), .slot(.timeOfDay)]),
      ],
      example: "wait sync production api within 10m\nwait until 18:00\nvalidate production api\n"
    ),
    StatementHelp(
      "merge",
      "Merges the run's pull request, once it is approved and green, at exactly the planned commit.",
      forms: [StatementForm([.word("merge")], [.within])],
      example: """
        validate staging api
        promote api by pr
        merge within 1h
        monitor 30m
        on failure {
          rollback promoted
        }

        """
    ),
    StatementHelp(
      "monitor",
      "Waits for the arrival, then gathers evidence: only time in which every service was seen, and seen healthy, counts.",
      [
        "A definite bad sign ends it failed at once, also while the change still arrives. Too little evidence in twice the "
          + "duration ends it undetermined. Left out, services and environment are those of the last promotion."
      ],
      forms: [
        StatementForm(
          [.word("monitor"), .slot(.duration), .optional(.environment), .optional(.targets)],
          [
            ClauseHelp([.word("every"), .slot(.duration)], "How often it looks."),
            ClauseHelp(
              [.word("allowing"), .slot(.wholeNumber), .word("restarts")],
              "Restarts of containers that are no bad sign yet; without it, none."
            ),
            ClauseHelp(
              [.word("allowing"), .slot(.wholeNumber), .word("errors"), .word("per"), .slot(.duration)],
              "Error lines in the logs that are no bad sign yet."
            ),
          ]
        )
      ],
      example: "monitor 30m production api every 10s allowing 2 restarts allowing 5 errors per 1m\n"
    ),
    StatementHelp(
      "verify",
      "Looks whether every ready pod runs the version that this run wrote last, and is well.",
      [
        "All replicas ready, health 200, no more errors than before, the service's smoke tests pass.",
        "What this run changed and nothing has seen arrive is waited for first.",
      ],
      forms: [StatementForm(.openScope("verify"))],
      example: "verify production api\n"
    ),
    StatementHelp(
      "rollback",
      "Takes services back: without `to`, to what stood before the last recorded promotion that is still live.",
      [
        "It takes back only what it finds as the promotion left it: a value that somebody changed since stays. It takes over "
          + "locks, and windows and freezes do not hold it.",
        "In `on failure` it acts on failed; on undetermined or timed out it holds, and prints the command.",
      ],
      forms: [
        StatementForm(
          .scope("rollback"),
          [
            ClauseHelp([.word("to"), .slot(.version)], "This version, instead of the one before the promotion."),
            ClauseHelp([.word("by"), .word("commit")], "A commit that sets the old values, pushed. The default."),
            ClauseHelp([.word("by"), .word("pr")], "A pull request that sets the old values."),
            ClauseHelp([.word("by"), .word("revert"), .word("of"), .slot(.text)], "`git revert` of this commit."),
            ClauseHelp([.word("by"), .word("revert")], "`git revert` of the promotion's commit."),
            ClauseHelp(
              [.word("by"), .word("undo")],
              "The last resort: the old ReplicaSet, with auto-sync suspended until git names its version."
            ),
            ClauseHelp([.word("otherwise"), .word("undo")], "Where git cannot be written: `by undo`."),
            .because("Why: it stands in the commit."),
            ClauseHelp(
              [.word("even"), .word("if"), .word("undetermined")],
              "In `on failure`: acts also when it could not be told what happened."
            ),
          ]
        )
      ],
      example: "rollback production api to v1.2.2 by commit because \"checkout fails\"\n"
    ),
  ]
}
