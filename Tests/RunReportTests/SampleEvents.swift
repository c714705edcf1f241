import PromotionModel
import RunLog
import Testing

/// Events of a made-up release: one of every kind, and the stories that the transcripts tell.
struct SampleEvents {
  let run: RunID
  let seal: Seal
  let commit: Commit
  let request: PullRequest
  let changes: ChangeSet
  let diff: FileDiff
  let start = Timestamp(secondsSinceEpoch: 1_795_473_000)
  let staging = EnvironmentName("staging")
  let production = EnvironmentName("production")
  let api = ServiceName("api")

  init() throws {
    run = try #require(RunID("20261123-223000-7f3a"))
    let id = try #require(CommitID(String(repeating: "0123456789", count: 4)))
    let digest = try #require(ImageDigest(imageID: "sha256:" + String(repeating: "0123456789abcdef", count: 4)))
    let version = try #require(Version("1.3.0"))
    seal = Seal(
      service: api,
      environment: staging,
      tag: "api-v1.3.0",
      version: version,
      commit: id,
      digest: digest,
      time: start + .seconds(1)
    )
    commit = Commit(id: id, author: "Ada", time: start + .seconds(5), subject: "promote(api): v1.3.0 → production")
    request = PullRequest(
      number: 12,
      url: "https://forge.example/acme/gitops/pull/12",
      title: "Promote api",
      state: .open,
      branch: "production-promotion-\(run)",
      head: id,
      base: "main",
      labels: ["requires-review"]
    )
    changes = ChangeSet(
      environment: production,
      base: id,
      services: [
        ServiceChange(
          service: api,
          file: "production/api.yaml",
          fromTag: "api-v1.2.2",
          toTag: "api-v1.3.0",
          edits: [.scalar(path: "service.chartTag", from: "api-v1.2.2", to: "api-v1.3.0")]
        )
      ]
    )
    diff = FileDiff(
      file: "production/api.yaml",
      unified: """
        --- a/production/api.yaml
        +++ b/production/api.yaml
        @@ -1,2 +1,2 @@
         service:\r
        -  chartTag: api-v1.2.2\r
        +  chartTag: api-v1.3.0\r

        """
    )
  }

  func event(
    _ seconds: Int64,
    _ ordinal: Int,
    _ verb: String,
    in environment: EnvironmentName? = nil,
    of service: ServiceName? = nil,
    _ body: RunEvent.Body
  ) -> RunEvent {
    let step = RunEvent.Step(path: StepPath([.statement(ordinal)]), verb: verb, line: ordinal + 3)
    return RunEvent(
      run: run,
      time: start + .seconds(seconds),
      step: step,
      environment: environment,
      service: service,
      body: body
    )
  }

  /// What concerns the run as a whole.
  func event(_ seconds: Int64, _ body: RunEvent.Body) -> RunEvent {
    RunEvent(run: run, time: start + .seconds(seconds), body: body)
  }

  var lock: LockHolder {
    LockHolder(
      environment: production,
      run: run,
      holder: "ada@ci",
      reason: "promote api",
      plan: changes.plan,
      pullRequest: request.url,
      expires: start + .seconds(600)
    )
  }

  var merged: PullRequest {
    var merged = request
    (merged.state, merged.mergeCommit, merged.mergedBy) = (.merged, commit.id, "Grace")
    return merged
  }

  func finding(_ check: String, _ result: Finding.Result, _ message: String) -> RunEvent.Body {
    .finding(Finding(check: check, service: api, result: result, message: message))
  }

  /// Up to the promotion that the other stories go on from.
  var beginning: [RunEvent] {
    [
      event(0, .runStarted(source: "examples/release.runbook", world: "live", isResumed: false)),
      event(0, 0, "validate", in: staging, .stepStarted(statement: "validate staging api")),
      event(1, 0, "validate", in: staging, of: api, finding("pods", .good, "2 of 2 ready")),
      event(1, 0, "validate", in: staging, of: api, finding("logs", .warning, "1 warning line")),
      event(1, 0, "validate", in: staging, of: api, finding("health", .notChecked, "no URL is configured")),
      event(2, 0, "validate", .sealed(seal)),
      event(2, 0, "validate", .stepEnded(.ok, message: "1 service validated")),
      event(2, 1, "promote", .stepStarted(statement: "promote api by pr because \"OPS-17\"")),
      event(3, 1, "promote", .planned(changes, [diff])),
      event(3, 1, "promote", .wayBack(statement: "rollback production api to v1.2.2")),
      event(4, 1, "promote", .lockTaken(lock, from: nil)),
      event(5, 1, "promote", in: production, .pullRequestOpened(request)),
      event(5, 1, "promote", .stepEnded(.ok, message: "")),
      event(6, 2, "wait merge", .stepStarted(statement: "wait merge within 4h")),
      event(21, 2, "wait merge", .progress("pull request #12 is open, 0 of 1 approvals")),
      event(36, 2, "wait merge", .progress("pull request #12 is open, 1 of 1 approvals")),
      event(151, 2, "wait merge", in: production, .pullRequestChanged(merged)),
      event(151, 2, "wait merge", .stepEnded(.ok, message: "merged by Grace")),
      event(151, 3, "monitor", in: production, .stepStarted(statement: "monitor 30m")),
    ]
  }

  var good: [RunEvent] {
    beginning + [
      event(160, 3, "monitor", in: production, of: api, .progress("waiting for Argo CD to sync 01234567")),
      event(170, 3, "monitor", in: production, of: api, .progress("arrived")),
      event(200, 3, "monitor", in: production, .evidence(gathered: .seconds(30), needed: .seconds(1800))),
      event(
        230,
        3,
        "monitor",
        in: production,
        .sight(isLost: true, message: "kubectl unreachable: connection refused")
      ),
      event(290, 3, "monitor", in: production, .sight(isLost: false, message: "the servers answer again")),
      event(2060, 3, "monitor", in: production, .evidence(gathered: .milliseconds(1_800_500), needed: .seconds(1800))),
      event(2060, 3, "monitor", .stepEnded(.ok, message: "30m of evidence, every service healthy")),
      event(3723, .runEnded(.ok, exit: 0, message: "")),
    ]
  }

  var takenBack: [RunEvent] {
    beginning + [
      event(180, 3, "monitor", in: production, of: api, finding("pods", .bad, "api-7d9f-x2x: CrashLoopBackOff")),
      event(180, 3, "monitor", in: production, of: api, .badSign("api-7d9f-x2x: CrashLoopBackOff")),
      event(181, 3, "monitor", .stepEnded(.failed, message: "api crashes in production")),
      event(182, 4, "rollback", in: production, .lockTaken(lock, from: lock)),
      event(183, 4, "rollback", in: production, .committed(commit)),
      event(260, 4, "rollback", .stepEnded(.ok, message: "api runs api-v1.2.2 again")),
      event(260, .runEnded(.failed, exit: 3, message: "api crashes in production")),
    ]
  }

  var unknown: [RunEvent] {
    let by = Commit(id: commit.id, author: "Mallory", time: start + .seconds(170), subject: "hotfix")
    let superseded = Superseded(service: api, expected: "api-v1.3.0", found: "api-v1.3.1", by: by)
    return beginning + [
      event(180, 3, "monitor", in: production, finding("sync", .unknown, "Argo CD did not say")),
      event(181, 3, "monitor", in: production, .superseded(superseded)),
      event(182, 3, "monitor", .warning("somebody else changed production")),
      event(182, 3, "monitor", .stepEnded(.undetermined, message: superseded.message)),
      event(182, .runEnded(.undetermined, exit: 4, message: superseded.message)),
    ]
  }

  var resumed: [RunEvent] {
    [
      event(900, .runStarted(source: "-", world: "live", isResumed: true)),
      event(900, 0, "validate", .stepSkipped(.ok)),
      event(901, 1, "promote", .stepStarted(statement: "promote api")),
      event(
        902,
        .runEnded(.interrupted, exit: 130, message: "stopped by a signal; go on with: slipway resume \(run)")
      ),
    ]
  }

  /// A dry run: what is real of it, and what would be written.
  var previewed: [RunEvent] {
    let draft = PullRequestDraft(
      branch: request.branch,
      base: "main",
      title: request.title,
      body: "- [x] Pods are running\n\nThe way back:\n",
      labels: ["requires-review"]
    )
    let message = "\(commit.subject)\n\napi: api-v1.2.2 → api-v1.3.0\n\nSlipway-Run: \(run)\n"
    return [
      event(0, .runStarted(source: "release.runbook", world: "dry run", isResumed: false)),
      event(0, 1, "promote", .stepStarted(statement: "promote api")),
      event(0, 1, "promote", .previewed(.previewed)),
      event(1, 1, "promote", in: production, .planned(changes, [diff])),
      event(2, 1, "promote", .wouldWrite(.commit(branch: request.branch, message: message))),
      event(3, 1, "promote", .wouldWrite(.pullRequest(draft))),
      event(
        3,
        1,
        "promote",
        .wouldWrite(.status(CommitStatus(state: .success, description: "as planned: api-v1.3.0")))
      ),
      event(4, 1, "promote", .stepEnded(.ok, message: "#101 opened")),
      event(4, 2, "wait merge", .stepStarted(statement: "wait merge")),
      event(4, 2, "wait merge", .previewed(.simulated)),
      event(5, 2, "wait merge", .wouldWrite(.cluster("Argo CD is asked to compare api in production with git now"))),
      event(5, 3, "run", .previewed(.cannotBePreviewed)),
      event(6, 4, "rollback", .wouldWrite(.close(number: 101, comment: "Withdrawn by run x: no."))),
      event(7, .runEnded(.ok, exit: 0, message: "")),
    ]
  }

  /// What a runbook asks, runs and shows.
  var looked: [RunEvent] {
    let rows = [
      ["production", "api", "api-v1.2.2", "Synced"], ["production", "project-management", "pm-v10.44.3", "Synced"],
    ]
    return [
      event(0, .runStarted(source: "-c", world: "live", isResumed: false)),
      event(0, 0, "let", .stepStarted(statement: "let now = version of api in production")),
      event(1, 0, "let", .value(name: "version of api in production", type: "version", text: "1.2.2")),
      event(1, 0, "let", .stepEnded(.ok, message: "now is 1.2.2")),
      event(1, 1, "confirm", .stepStarted(statement: "confirm \"Go on with {now}?\"")),
      event(9, 1, "confirm", .confirmed(question: "Go on with 1.2.2?", answer: true, by: "ada@ci")),
      event(9, 1, "confirm", .stepEnded(.ok, message: "yes, by ada@ci")),
      event(9, 2, "run", .stepStarted(statement: "run \"npm run smoke\"")),
      event(11, 2, "run", .programOutput(CommandOutput(.output, "3 tests passed"))),
      event(11, 2, "run", .programOutput(CommandOutput(.error, "a deprecated option"))),
      event(12, 2, "run", .stepEnded(.ok, message: "ended with status 0")),
      event(12, 3, "show", .stepStarted(statement: "show status production")),
      event(
        13,
        3,
        "show",
        .shown(Table(title: "status", columns: ["environment", "service", "declared", "sync"], rows: rows))
      ),
      event(13, 3, "show", .stepEnded(.ok, message: "2 lines")),
      event(13, 4, "show", .stepStarted(statement: "show logs api production")),
      event(
        14,
        4,
        "show",
        in: production,
        of: api,
        .logLine(pod: "api-7d9f-x2x", container: "api", line: "ready\u{1B}[2J")
      ),
      event(14, 4, "show", .stepEnded(.ok, message: "1 line")),
      event(14, .runEnded(.ok, exit: 0, message: "")),
    ]
  }

  /// Every kind of event at least once.
  var all: [RunEvent] { good + takenBack + unknown + resumed + looked + previewed + announced }

  var announced: [RunEvent] { [event(20, .announced(place: "team", text: "Deployed\napi v1.3.0"))] }
}

extension RunEvent.Body {
  static let kinds = 27

  /// A number for each kind: a new one does not compile until it is here, and fails until there is a sample of it.
  var kind: Int {
    switch self {
    case .runStarted: 0
    case .stepStarted: 1
    case .stepSkipped: 2
    case .finding: 3
    case .sealed: 4
    case .planned: 5
    case .wayBack: 6
    case .lockTaken: 7
    case .pullRequestOpened: 8
    case .pullRequestChanged: 9
    case .committed: 10
    case .progress: 11
    case .evidence: 12
    case .badSign: 13
    case .superseded: 14
    case .sight: 15
    case .warning: 16
    case .stepEnded: 17
    case .runEnded: 18
    case .value: 19
    case .confirmed: 20
    case .programOutput: 21
    case .shown: 22
    case .logLine: 23
    case .previewed: 24
    case .wouldWrite: 25
    case .announced: 26
    }
  }
}
