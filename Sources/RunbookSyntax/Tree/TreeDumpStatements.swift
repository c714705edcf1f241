internal import RunbookDiagnostics

extension TreeDumpWriter {
  // What stands between a statement and the statements in it is kept apart from the many kinds, which take much of the
  // stack.

  func statement(_ statement: Statement) -> TreeDump {
    var (label, children) = parts(of: statement.kind)
    appendNested(statement.kind, to: &children)
    children.append(comments("before", statement.comments.before))
    children.append(comments("suffix", statement.comments.suffix))
    return TreeDump(label, statement.span, children)
  }

  private func appendNested(_ kind: StatementKind, to children: inout [TreeDump?]) {
    if case .condition(let statement) = kind { return appendBranches(statement, to: &children) }
    for block in kind.blocks { children.append(self.block(block)) }
    if case .malformed(let statement) = kind {
      for inner in statement.body { children.append(self.statement(inner)) }
    }
  }

  private func appendBranches(_ statement: IfStatement, to children: inout [TreeDump?]) {
    for branch in statement.branches {
      let comments = comments("before", branch.comments.before)
      children.append(clause("case", comments, expression(branch.condition), block(branch.body)))
    }
    guard let otherwise = statement.otherwise else { return }
    children.append(clause("else", comments("before", statement.otherwiseComments.before), block(otherwise)))
  }

  /// The label of a statement and its parts, without the statements in it.
  private func parts(of kind: StatementKind) -> (label: String, children: [TreeDump?]) {
    switch kind {
    case .runbook(let declaration): ("runbook", [string(declaration.title)])
    case .input(let declaration):
      (
        "input",
        [
          name(declaration.name), clause("default", expression(declaration.defaultValue)),
          clause("description", string(declaration.description)),
        ]
      )
    case .importing(let declaration): ("import", [string(declaration.path)])
    case .procedure(let declaration):
      (
        "procedure",
        [name(declaration.name)]
          + declaration.parameters.map { clause("parameter", name($0.name), expression($0.defaultValue)) }
      )
    case .scenario(let declaration): ("scenario", [string(declaration.title)])
    case .given(let statement): ("given", [event(statement.event), clause("after", expression(statement.after))])
    case .expect(let statement): ("expect", [expectation(statement.expectation)])
    case .validate(let statement): ("validate", scope(statement.scope))
    case .promote(let statement): ("promote", parts(of: statement))
    case .wait(let statement): ("wait", parts(of: statement))
    case .merge(let statement): ("merge", [clause("within", expression(statement.within))])
    case .monitor(let statement): ("monitor", parts(of: statement))
    case .verify(let statement): ("verify", scope(statement.scope))
    case .rollback(let statement): ("rollback", parts(of: statement))
    case .reconcile(let statement): ("reconcile", scope(statement.scope) + [way(statement.way)])
    case .sync(let statement):
      ("sync", scope(statement.scope) + [clause("replacing-resources", string(statement.replacingResources))])
    case .restart(let statement): ("restart", scope(statement.scope))
    case .diagnose(let statement): ("diagnose", scope(statement.scope))
    case .announce(let statement): ("announce", [message(statement.message), clause("to", name(statement.to))])
    case .freeze(let statement):
      (
        "freeze",
        [
          name(statement.environment), clause("until", expression(statement.until)),
          clause("except", name(statement.except)), clause("because", string(statement.because)),
        ]
      )
    case .thaw(let statement): ("thaw", [name(statement.environment), clause("because", string(statement.because))])
    case .confirm(let statement): ("confirm", [string(statement.question) ?? TreeDump("checklist")])
    case .require(let statement):
      ("require", [requirement(statement.requirement), clause("else", string(statement.message))])
    case .run(let statement):
      (
        statement.isShell ? "run-shell" : "run",
        [
          string(statement.command), clause("within", expression(statement.within)),
          clause("in", string(statement.directory)),
        ]
      )
    case .show(let statement):
      ("show \(statement.subject.rawValue)", scope(statement.scope) + [flag("follow", statement.follow)])
    case .binding(let statement): ("let", [name(statement.name), expression(statement.value)])
    case .condition: ("if", [])
    case .loop(let statement):
      ("for", [name(statement.name), clause("in", name(statement.environment)), targets(statement.targets)])
    case .retry(let statement):
      ("retry", [clause("times", expression(statement.count)), clause("every", expression(statement.every))])
    case .within(let statement): ("within", [expression(statement.limit)])
    case .call(let statement):
      (
        "call",
        [name(statement.procedure)]
          + statement.arguments.map { clause("argument", name($0.label), expression($0.value)) }
      )
    case .onFailure: ("on-failure", [])
    case .finally: ("finally", [])
    case .stop(let statement): ("stop", [string(statement.reason)])
    case .fail(let statement): ("fail", [string(statement.reason)])
    case .malformed(let statement):
      ("malformed" + (statement.verb.map { " \($0.rawValue)" } ?? ""), [])
    }
  }

  // MARK: Verbs

  private func parts(of statement: PromoteStatement) -> [TreeDump?] {
    [
      targets(statement.targets), group("except", statement.except.map { name($0) }),
      clause("from", name(statement.from)), clause("to", name(statement.to)),
      clause("at", expression(statement.version)), way(statement.way),
      clause("without-validation", string(statement.withoutValidation)),
      clause("allowing-downgrade", string(statement.allowingDowngrade)),
      clause("allowing-unstaged", string(statement.allowingUnstaged)), clause("because", string(statement.because)),
    ]
  }

  private func way(_ way: WayNode?) -> TreeDump? {
    guard let way else { return nil }
    switch way.kind {
    case .pullRequest: return TreeDump("by pr", way.span)
    case .commit: return TreeDump("by commit", way.span)
    case .revert(let commit): return TreeDump("by revert", way.span, [string(commit)])
    case .undo: return TreeDump("by undo", way.span)
    }
  }

  private func parts(of statement: WaitStatement) -> [TreeDump?] {
    let condition: TreeDump? =
      switch statement.condition {
      case .merge: TreeDump("merge")
      case .sync: TreeDump("sync")
      case .rollout: TreeDump("rollout")
      case .elapsed(let duration): expression(duration)
      case .until(let time): clause("until", expression(time))
      }
    return [condition] + scope(statement.scope) + [clause("within", expression(statement.within))]
  }

  private func parts(of statement: MonitorStatement) -> [TreeDump?] {
    [expression(statement.duration)] + scope(statement.scope) + [
      clause("every", expression(statement.every)), clause("restarts", expression(statement.allowedRestarts)),
      clause("errors", expression(statement.allowedErrors?.count), expression(statement.allowedErrors?.per)),
    ]
  }

  private func parts(of statement: RollbackStatement) -> [TreeDump?] {
    scope(statement.scope) + [
      clause("to", expression(statement.to)), way(statement.way), flag("otherwise-undo", statement.otherwiseUndo),
      clause("because", string(statement.because)), flag("even-if-undetermined", statement.evenIfUndetermined),
    ]
  }

  private func message(_ message: AnnounceStatement.Message) -> TreeDump {
    switch message {
    case .text(let literal): string(literal)
    case .planned: TreeDump("planned")
    case .complete: TreeDump("complete")
    case .rolledBack: TreeDump("rolled-back")
    }
  }

  private func requirement(_ requirement: RequireStatement.Requirement) -> TreeDump? {
    switch requirement {
    case .condition(let condition): return expression(condition)
    case .configuredWindow: return TreeDump("window")
    case .window(let window):
      let days = group("days", window.days.map { name($0) })
      return TreeDump("window", nil, [days, expression(window.from), expression(window.to), string(window.zone)])
    }
  }

  // MARK: Scenarios

  private func subject(_ subject: ScenarioSubject) -> TreeDump? {
    clause("subject", name(subject.environment), name(subject.service))
  }

  private func event(_ event: GivenStatement.Event) -> TreeDump? {
    switch event {
    case .crashes(let about): clause("crashes", subject(about))
    case .cannotBePulled(let about): clause("cannot-be-pulled", subject(about))
    case .neverReady(let about): clause("never-ready", subject(about))
    case .answers(let about, let status): clause("answers", subject(about), expression(status))
    case .logsErrors(let about, let count, let per):
      clause("logs-errors", subject(about), expression(count), expression(per))
    case .movesTo(let about, let version): clause("moves-to", subject(about), expression(version))
    case .syncsSlowly(let about, let by): clause("syncs-slowly", subject(about), expression(by))
    case .setByHand(let about, let version): clause("set-by-hand", subject(about), expression(version))
    case .scaledByHand(let about, let count): clause("scaled-by-hand", subject(about), expression(count))
    case .deletedByHand(let about): clause("deleted-by-hand", subject(about))
    case .healsItself(let about): clause("heals-itself", subject(about))
    case .scalesTo(let about, let count): clause("scales-to", subject(about), expression(count))
    case .isEvicted(let about): clause("is-evicted", subject(about))
    case .isDrained(let about): clause("is-drained", subject(about))
    case .migrates(let about, let duration): clause("migrates", subject(about), expression(duration))
    case .cannotBeMigrated(let about): clause("cannot-be-migrated", subject(about))
    case .doesNotAnswer(let about): clause("does-not-answer", subject(about))
    case .isPushedAgain(let about): clause("is-pushed-again", subject(about))
    case .isLocked(let environment, let duration): clause("is-locked", name(environment), expression(duration))
    case .isFrozen(let environment, let duration): clause("is-frozen", name(environment), expression(duration))
    case .leadsElsewhere(let environment): clause("leads-elsewhere", name(environment))
    case .reviewerMerges(let by): TreeDump("reviewer-merges", nil, [name(by)])
    case .reviewerCloses: TreeDump("reviewer-closes")
    case .reviewerNeverComes: TreeDump("reviewer-never-comes")
    case .reviewerEdits(let service, let version): clause("reviewer-edits", name(service), expression(version))
    case .networkLost(let duration): clause("network-lost", expression(duration))
    case .pushesRejected(let count): clause("pushes-rejected", expression(count))
    case .foreignCommits(let every): clause("foreign-commits", expression(every))
    case .metric(let metric, let about, let value):
      clause("metric", string(metric), subject(about), expression(value))
    case .noMetric(let metric, let about): clause("no-metric", string(metric), subject(about))
    case .alert(let alert, let about): clause("alert", string(alert), subject(about))
    case .programFails(let line): clause("program-fails", string(line))
    case .programNeverEnds(let line): clause("program-never-ends", string(line))
    case .personSaysNo: TreeDump("person-says-no")
    case .personNeverAnswers: TreeDump("person-never-answers")
    }
  }

  private func expectation(_ expectation: ExpectStatement.Expectation) -> TreeDump? {
    switch expectation {
    case .ending(let words, let verb):
      TreeDump(
        "ending \(source.text(words))",
        verb.map(words.union) ?? words,
        [verb.map { TreeDump("at \(source.text($0))", $0) }]
      )
    case .version(let about, let version): clause("version", subject(about), expression(version))
    case .pullRequest(let state): TreeDump("pull-request", nil, [name(state)])
    case .announced(let message): clause("announced", name(message))
    case .exit(let status): clause("exit", expression(status))
    case .within(let limit): clause("within", expression(limit))
    case .safe: TreeDump("safe")
    }
  }
}
