import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// Tests of a runbook: what they suppose and expect is made of literals, services and environments alone.
extension Checker {
  private static let endings = ["ok", "suspended", "undetermined", "timed out", "refused", "failed"]
  private static let verbs = [
    "validate", "promote", "wait merge", "wait sync", "wait rollout", "wait until", "wait", "merge", "monitor",
    "verify",
    "rollback", "reconcile", "sync", "restart", "diagnose", "announce", "freeze", "thaw", "confirm", "require", "run",
    "show", "let", "if", "for", "retry", "within", "stop", "fail",
  ]

  mutating func checkScenarios(_ file: RunbookFile) {
    (current, scopes) = (0, [])
    var titles: [String: SourceSpan] = [:]
    for statement in file.statements {
      guard case .scenario(let node) = statement.kind else { continue }
      if let title = constantText(node.title, what: "the title of a scenario") {
        if let first = titles[title] {
          report(CheckMessages.duplicateScenario(title, first: first, at: node.title.span))
        }
        titles[title] = titles[title] ?? node.title.span
      }
      var expectations = 0
      for inner in node.body.statements {
        switch inner.kind {
        case .given(let node): given(node)
        case .expect(let node):
          expectations += 1
          expect(node)
        case .malformed: expectations += 1
        case .runbook, .input, .importing, .procedure, .scenario, .validate, .promote, .wait, .merge, .monitor, .verify,
          .rollback, .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show,
          .binding, .condition, .loop, .retry, .within, .call, .onFailure, .finally, .stop, .fail:
          report(CheckMessages.notInScenario(at: inner.span))
        }
      }
      if expectations == 0 { report(CheckMessages.scenarioExpectsNothing(at: node.title.span)) }
    }
  }

  private mutating func subject(_ subject: ScenarioSubject) {
    _ = environment(subject.environment)
    service(subject.service)
  }

  private mutating func service(_ node: NameNode) {
    let name = text(node)
    if let service = services[name] {
      names.use(.service(service), file: current, span: node.span)
    } else {
      // With no variable in sight, whatever this is, it is no service.
      _ = targets([node])
    }
  }

  private mutating func given(_ node: GivenStatement) {
    switch node.event {
    case .crashes(let place), .cannotBePulled(let place), .neverReady(let place): subject(place)
    case .answers(let place, let status):
      subject(place)
      _ = integer(status, "an HTTP status", in: 100...599)
    case .logsErrors(let place, let count, let per):
      subject(place)
      _ = integer(count, "the number of errors", in: 1...1_000_000)
      _ = duration(per, "the time that errors are counted over")
    case .movesTo(let place, let version):
      subject(place)
      _ = self.version(version, "the version")
    case .syncsSlowly(let place, let by):
      subject(place)
      _ = duration(by, "the delay")
    case .reviewerMerges(let way):
      if let way { word(way, "way of merging", among: MergeMethod.allCases.map(\.rawValue)) }
    case .reviewerCloses, .reviewerNeverComes: break
    case .reviewerEdits(let name, let version):
      service(name)
      _ = self.version(version, "the version")
    case .networkLost(let length): _ = duration(length, "the time without a network")
    case .pushesRejected(let count): _ = integer(count, "the number of pushes", in: 1...1000)
    case .foreignCommits(let every): _ = duration(every, "the time between two commits")
    case .metric(let name, let place, let value):
      _ = constantText(name, what: "the name of a metric")
      subject(place)
      number(value)
    }
    if let after = node.after { _ = duration(after, "the time until it happens") }
  }

  private mutating func number(_ node: Expression) {
    let typed = expression(node)
    guard let type = typed.type, !type.isNumber, type != .percentage else { return }
    report(CheckMessages.wrongType(.decimal, found: type, what: "a metric", at: node.span))
  }

  private mutating func word(_ node: NameNode, _ what: String, among words: [String]) {
    let word = text(node)
    if !words.contains(word) { report(CheckMessages.unknownWord(word, what, among: words, at: node.span)) }
  }

  private mutating func expect(_ node: ExpectStatement) {
    switch node.expectation {
    case .ending(let span, let verb):
      let ending = folded(source.text(span))
      if !Self.endings.contains(ending) {
        report(CheckMessages.unknownWord(ending, "ending", among: Self.endings, at: span))
      }
      if let verb { expectedVerb(verb) }
    case .version(let place, let version):
      subject(place)
      _ = self.version(version, "the version")
    case .pullRequest(let state):
      if let state { word(state, "state of a pull request", among: ["merged", "closed", "open"]) }
    case .announced(let message): word(message, "announcement", among: ["planned", "complete", "rolled-back"])
    case .exit(let status): exitStatus(status)
    case .within(let length): _ = duration(length, "the time of the run")
    }
  }

  private mutating func expectedVerb(_ span: SourceSpan) {
    let verb = folded(source.text(span))
    let known = Self.verbs + files[0].procedures.keys.sorted()
    if !known.contains(verb) { report(CheckMessages.unknownWord(verb, "statement", among: known, at: span)) }
  }

  private mutating func exitStatus(_ node: Expression) {
    guard case .integer(let number) = node.kind else {
      _ = integer(node, "an exit status", in: 0...255)
      return
    }
    let known = [
      ExitStatus.ok, ExitStatus.failed, ExitStatus.refused, ExitStatus.takenBack, ExitStatus.undetermined,
    ].map(Int.init)
    if !known.contains(number) { report(CheckMessages.unknownExitStatus(number, known, at: node.span)) }
  }
}
