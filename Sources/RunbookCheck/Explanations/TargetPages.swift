/// Findings about environments, targets and what is promoted where.
extension Explanation {
  static let targetPages: [Explanation] = [
    Explanation(
      "SW3004",
      "an environment without services",
      "Left-out services are those of the last promotion, and nothing was promoted to this environment before.",
      wrong: "wait rollout production",
      right: "wait rollout production api"
    ),
    Explanation(
      "SW3005",
      "no environment",
      """
      A left-out environment is that of the last promotion, else the only protected one. Here nothing was promoted, and \
      the configuration does not have just one protected environment.
      """,
      wrong: "monitor 30m api",
      right: "monitor 30m production api",
      configuration: """
        environments:
          staging: { namespace: staging, protected: true }
          production: { namespace: production, promotes-from: staging, protected: true }
        """
    ),
    Explanation(
      "SW3006",
      "nothing was promoted before",
      "`promoted`, and services that are left out, are those of this run's last promotion. There is none in front of this.",
      wrong: "wait sync",
      right: "wait sync production api"
    ),
    Explanation(
      "SW3008",
      "`except` without `all`",
      "`except` takes services away from `all`. From a list, leave them out.",
      wrong:
        "validate staging all\npromote api, web except web\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right: "validate staging all\npromote all except web\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3009",
      "`promote promoted`",
      "What was promoted is there already. Name what is to be promoted.",
      wrong: "promote promoted",
      right: "validate staging api\npromote api\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3010",
      "nothing is promoted to this environment",
      "The configuration gives it no `promotes-from`, so there is nothing that could be brought to it.",
      wrong: "validate staging api\npromote api to staging",
      right:
        "validate staging api\npromote api to production\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3011",
      "promoted from another environment",
      "`promotes-from` in the configuration says where an environment's versions come from, and `from` must agree.",
      wrong: "validate staging api\npromote api from production to production",
      right:
        "validate staging api\npromote api from staging to production\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3012",
      "it is not clear where to promote to",
      "Several environments could be meant, or none is promoted to from here.",
      wrong: "validate staging api\npromote api from production",
      right:
        "validate staging api\npromote api to production\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3013",
      "`by pr` without a forge",
      "A pull request needs to know where: `pull-request` in the configuration.",
      wrong: "validate staging api\npromote api by pr\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right: "validate staging api\npromote api by commit\nmonitor 30m\non failure { rollback promoted }",
      configuration: "pull-request:"
    ),
    Explanation(
      "SW3014",
      "no pull request",
      "`wait merge` and `merge` are about the pull request of a promotion. No `promote … by pr` stands in front of this.",
      wrong: "validate staging api\npromote api by commit\nwait merge\nmonitor 30m\non failure { rollback promoted }",
      right: "validate staging api\npromote api by pr\nwait merge\nmonitor 30m\non failure { rollback promoted }"
    ),
    Explanation(
      "SW3019",
      "one version for several services",
      "Services have versions of their own. One version for all of them is right for one at most.",
      wrong: "rollback production api, web to v1.2.2",
      right: "rollback production api to v1.2.2\nrollback production web to v3.0.1"
    ),
    Explanation(
      "SW3046",
      "an environment that is not known before the run",
      """
      Which environments a runbook touches is checked before anything runs. A variable may stand for an environment \
      where its value is written in the runbook, and an input never.
      """,
      wrong: "input place = staging\nvalidate place api",
      right: "let place = staging\nvalidate place api"
    ),
    Explanation(
      "SW3053",
      "no id of a commit",
      "`by revert of` names a commit by its id: 7 to 64 hexadecimal digits.",
      wrong: "rollback production api by revert of \"HEAD\"",
      right: "rollback production api by revert of \"4f2a9c1\""
    ),
    Explanation(
      "SW3056",
      "the environment depends on the path",
      "On one path something was promoted to one environment and on another path to another. Write which is meant.",
      wrong: """
        validate staging api
        if version of api in preview is v1.2.3 {
          promote api to preview
        } else {
          promote api to production
        }
        wait merge
        monitor 30m
        on failure { rollback promoted }
        """,
      right: """
        validate staging api
        promote api to production
        wait merge
        monitor 30m
        on failure { rollback promoted }
        """,
      configuration: """
        environments:
          staging: { namespace: staging }
          preview: { namespace: preview, promotes-from: staging }
          production: { namespace: production, promotes-from: staging, protected: true }
        """
    ),
  ]
}
