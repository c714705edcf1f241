import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// Tests of a runbook: what they suppose and expect is made of literals, services and environments alone.
extension Checker {
  private static let verbs = [
    "validate", "promote", "wait merge", "wait sync", "wait rollout", "wait until", "wait", "merge", "monitor",
    "verify",
    "rollback", "reconcile", "sync", "restart", "diagnose", "announce", "freeze", "thaw", "confirm", "require", "run",
    "show", "let", "if", "for", "retry", "within", "stop", "fail",
  ]

  /// The scenarios of the runbook; those with a mistake are left out.
  ///
  /// - Parameter block: what they test.
  mutating func checkedScenarios(_ file: RunbookFile, of block: CheckedBlock) -> [CheckedScenario] {
    (current, scopes, tested) = (0, [], block)
    var titles: [String: SourceSpan] = [:]
    var scenarios: [CheckedScenario] = []
    for statement in file.statements {
      guard case .scenario(let node) = statement.kind else { continue }
      let title = constantText(node.title, what: "the title of a scenario")
      if let title, let first = titles[title] {
        report(CheckMessages.duplicateScenario(title, first: first, at: node.title.span))
      } else if let title {
        titles[title] = node.title.span
      }
      if let scenario = scenario(node, title ?? "", line: source.line(at: statement.span.start)) {
        scenarios.append(scenario)
      }
    }
    return scenarios
  }

  private mutating func scenario(_ node: ScenarioDeclaration, _ title: String, line: Int) -> CheckedScenario? {
    var scenario = CheckedScenario(title: title, line: line, events: [], expectations: [])
    var expectations = 0
    var isGood = true
    var people: [String: SourceSpan] = [:]
    for statement in node.body.statements {
      let line = source.line(at: statement.span.start)
      switch statement.kind {
      case .given(let node):
        if let person = node.event.person {
          if let first = people[person] {
            report(CheckMessages.saidTwice(of: person, first: first, at: statement.span))
            isGood = false
          }
          people[person] = people[person] ?? statement.span
        }
        let after = node.after.map { constantDuration($0, "the time until it happens") }
        if let kind = event(node.event) {
          scenario.events.append(CheckedEvent(kind: kind, after: after ?? nil, line: line, text: shown(statement)))
        } else {
          isGood = false
        }
      case .expect(let node):
        expectations += 1
        if let kind = expectation(node.expectation) {
          scenario.expectations.append(CheckedExpectation(kind: kind, line: line, text: shown(statement)))
        } else {
          isGood = false
        }
      case .malformed:
        expectations += 1
        isGood = false
      case .runbook, .input, .importing, .procedure, .scenario, .validate, .promote, .wait, .merge, .monitor, .verify,
        .rollback, .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show,
        .binding, .condition, .loop, .retry, .within, .call, .onFailure, .finally, .stop, .fail:
        report(CheckMessages.notInScenario(at: statement.span))
      }
    }
    if expectations == 0 { report(CheckMessages.scenarioExpectsNothing(at: node.title.span)) }
    return isGood ? scenario : nil
  }

  // MARK: Values

  private mutating func place(_ node: ScenarioSubject) -> ScenarioPlace? {
    let environment = environment(node.environment)
    let service = service(node.service)
    guard let environment, let service else { return nil }
    return ScenarioPlace(environment: environment, service: service)
  }

  private mutating func service(_ node: NameNode) -> ServiceName? {
    // With no variable in sight, a name that is no service's is a mistake.
    guard case .services(let services)? = targets([node])?.targets else { return nil }
    return services.first
  }

  private mutating func constant<T>(_ setting: Setting<T>?, _ what: String, _ node: Expression) -> T? {
    guard let setting else { return nil }
    if setting.known == nil { report(CheckMessages.mustBeWritten(what, at: node.span)) }
    return setting.known
  }

  private mutating func constantDuration(_ node: Expression, _ what: String) -> Duration? {
    constant(duration(node, what), what, node)
  }

  private mutating func constantInteger(_ node: Expression, _ what: String, in range: ClosedRange<Int>) -> Int? {
    constant(integer(node, what, in: range), what, node)
  }

  private mutating func constantVersion(_ node: Expression) -> Version? {
    constant(version(node, "the version"), "the version", node)
  }

  private mutating func number(_ node: Expression) -> Double? {
    let typed = expression(node)
    guard let type = typed.type else { return nil }
    guard type.isNumber || type == .percentage else {
      report(CheckMessages.wrongType(.decimal, found: type, what: "a metric", at: node.span))
      return nil
    }
    switch typed.constant {
    case .integer(let number)?: return Double(number)
    case .decimal(let number)?, .percentage(let number)?: return number
    case .string, .duration, .version, .boolean, .clockTime, .dateTime, .service, .environment, .health, .sync, .list,
      nil:
      report(CheckMessages.mustBeWritten("a metric", at: node.span))
      return nil
    }
  }

  /// The beginning of a line that a `run` may start.
  private mutating func programLine(_ node: StringLiteral) -> String? {
    guard let line = constantText(node, what: "the line of a program") else { return nil }
    let known = TestedPrograms.lines(of: tested)
    // What is filled in at run time may be anything.
    if known.contains(where: { $0.text.hasPrefix(line) || ($0.isOpen && line.hasPrefix($0.text)) }) { return line }
    report(CheckMessages.noSuchProgram(line, among: known.map(\.text), at: node.span))
    return nil
  }

  /// A metric of the configuration. Where that has none at all, scenarios say what there is.
  private mutating func metricName(_ node: StringLiteral, at place: ScenarioPlace) -> String? {
    guard let name = constantText(node, what: "the name of a metric") else { return nil }
    let known = fleet.metrics(of: place.service).map(\.name)
    if fleet.metricNames.isEmpty || known.contains(name) { return name }
    report(CheckMessages.unknownMetric(name, among: known, at: node.span))
    return nil
  }

  private mutating func word(_ node: NameNode, _ what: String, among words: [String]) -> String? {
    let word = text(node)
    if words.contains(word) { return word }
    report(CheckMessages.unknownWord(word, what, among: words, at: node.span))
    return nil
  }

  // MARK: Statements

  private mutating func event(_ event: GivenStatement.Event) -> CheckedEvent.Kind? {
    switch event {
    case .crashes(let subject): return place(subject).map { .crashes($0) }
    case .cannotBePulled(let subject): return place(subject).map { .cannotBePulled($0) }
    case .neverReady(let subject): return place(subject).map { .neverReady($0) }
    case .answers(let subject, let status):
      let place = place(subject)
      let number = constantInteger(status, "an HTTP status", in: 100...599)
      return place.flatMap { place in number.map { .answers(place, status: $0) } }
    case .logsErrors(let subject, let count, let per):
      let place = place(subject)
      let number = constantInteger(count, "the number of errors", in: 1...1_000_000)
      let window = constantDuration(per, "the time that errors are counted over")
      guard let place, let number, let window else { return nil }
      return .logsErrors(place, count: number, per: window)
    case .movesTo(let subject, let version):
      let place = place(subject)
      let version = constantVersion(version)
      return place.flatMap { place in version.map { .movesTo(place, $0) } }
    case .syncsSlowly(let subject, let by):
      let place = place(subject)
      let delay = constantDuration(by, "the delay")
      return place.flatMap { place in delay.map { .syncsSlowly(place, by: $0) } }
    case .setByHand(let subject, let version):
      let place = place(subject)
      let version = constantVersion(version)
      return place.flatMap { place in version.map { .setByHand(place, $0) } }
    case .scaledByHand(let subject, let count):
      let place = place(subject)
      let number = constantInteger(count, "the number of replicas", in: 0...1000)
      return place.flatMap { place in number.map { .scaledByHand(place, $0) } }
    case .deletedByHand(let subject): return place(subject).map { .deletedByHand($0) }
    case .healsItself(let subject): return place(subject).map { .healsItself($0) }
    case .scalesTo(let subject, let count):
      let place = place(subject)
      // An autoscaler leaves one replica at least.
      let number = constantInteger(count, "the number of replicas", in: 1...1000)
      return place.flatMap { place in number.map { .scalesTo(place, $0) } }
    case .isEvicted(let subject): return place(subject).map { .isEvicted($0) }
    case .isDrained(let subject): return place(subject).map { .isDrained($0) }
    case .migrates(let subject, let duration):
      let place = place(subject)
      let time = constantDuration(duration, "the time of the migration")
      return place.flatMap { place in time.map { .migrates(place, $0) } }
    case .cannotBeMigrated(let subject): return place(subject).map { .cannotBeMigrated($0) }
    case .doesNotAnswer(let subject): return place(subject).map { .doesNotAnswer($0) }
    case .isPushedAgain(let subject): return place(subject).map { .isPushedAgain($0) }
    case .isLocked(let environment, let duration):
      let environment = self.environment(environment)
      let time = constantDuration(duration, "the time of the lock")
      return environment.flatMap { environment in time.map { .isLocked(environment, for: $0) } }
    case .isFrozen(let environment, let duration):
      let environment = self.environment(environment)
      let time = constantDuration(duration, "the time of the freeze")
      return environment.flatMap { environment in time.map { .isFrozen(environment, for: $0) } }
    case .leadsElsewhere(let environment): return self.environment(environment).map { .leadsElsewhere($0) }
    case .reviewerMerges(nil): return .reviewerMerges(nil)
    case .reviewerMerges(let way?):
      let word = word(way, "way of merging", among: MergeMethod.allCases.map(\.rawValue))
      return word.flatMap(MergeMethod.init).map { .reviewerMerges($0) }
    case .reviewerCloses: return .reviewerCloses
    case .reviewerNeverComes: return .reviewerNeverComes
    case .reviewerEdits(let name, let version):
      let service = service(name)
      let version = constantVersion(version)
      return service.flatMap { service in version.map { .reviewerEdits(service, $0) } }
    case .networkLost(let length):
      return constantDuration(length, "the time without a network").map { .networkLost($0) }
    case .pushesRejected(let count):
      return constantInteger(count, "the number of pushes", in: 1...1000).map { .pushesRejected($0) }
    case .foreignCommits(let every):
      return constantDuration(every, "the time between two commits").map { .foreignCommits(every: $0) }
    case .metric(let name, let subject, let value):
      let place = place(subject)
      let number = number(value)
      guard let place, let known = metricName(name, at: place), let number else { return nil }
      return .metric(known, place, number)
    case .noMetric(let name, let subject):
      guard let place = place(subject), let known = metricName(name, at: place) else { return nil }
      return .noMetric(known, place)
    case .alert(let name, let subject):
      let written = constantText(name, what: "the name of an alert")
      let place = place(subject)
      guard let written, let place else { return nil }
      guard fleet.metrics.alerts != nil, fleet.metrics.sources[place.environment] != nil else {
        report(CheckMessages.noAlerts(in: place.environment, at: name.span))
        return nil
      }
      return .alert(written, place)
    case .programFails(let line): return programLine(line).map { .programFails($0) }
    case .programNeverEnds(let line): return programLine(line).map { .programNeverEnds($0) }
    case .personSaysNo: return .personSaysNo
    case .personNeverAnswers: return .personNeverAnswers
    }
  }

  private mutating func expectation(_ expectation: ExpectStatement.Expectation) -> CheckedExpectation.Kind? {
    switch expectation {
    case .ending(let span, let verb):
      let word = folded(source.text(span))
      guard let ending = Ending(rawValue: word), ending != .interrupted else {
        let endings = Ending.allCases.filter { $0 != .interrupted }.map(\.rawValue)
        report(CheckMessages.unknownWord(word, "ending", among: endings, at: span))
        return nil
      }
      guard let verb else { return .ending(ending, verb: nil) }
      guard ending != .ok else {
        report(CheckMessages.okAtVerb(at: verb))
        return nil
      }
      return expectedVerb(verb).map { .ending(ending, verb: $0) }
    case .version(let subject, let version):
      let place = place(subject)
      let version = constantVersion(version)
      return place.flatMap { place in version.map { .version(place, $0) } }
    case .pullRequest(nil): return .pullRequest(nil)
    case .pullRequest(let state?):
      return word(state, "state of a pull request", among: ["merged", "closed", "open"]).map { .pullRequest($0) }
    case .announced(let message):
      let words = CheckedExpectation.Announcement.allCases.map(\.rawValue)
      return word(message, "announcement", among: words).flatMap(CheckedExpectation.Announcement.init)
        .map { .announced($0) }
    case .exit(let status): return exitStatus(status).map { .exit($0) }
    case .within(let length): return constantDuration(length, "the time of the run").map { .within($0) }
    case .safe: return .safe
    }
  }

  private mutating func expectedVerb(_ span: SourceSpan) -> String? {
    let verb = folded(source.text(span))
    let known = Self.verbs + files[0].procedures.keys.sorted()
    if known.contains(verb) { return verb }
    report(CheckMessages.unknownWord(verb, "statement", among: known, at: span))
    return nil
  }

  private mutating func exitStatus(_ node: Expression) -> Int? {
    guard let number = constantInteger(node, "an exit status", in: 0...255) else { return nil }
    // Of a run that ends by itself; the others are about a command line or a signal, which a scenario has not.
    let known = [
      ExitStatus.ok, ExitStatus.failed, ExitStatus.refused, ExitStatus.takenBack, ExitStatus.undetermined,
    ].map(Int.init)
    if known.contains(number) { return number }
    report(CheckMessages.unknownExitStatus(number, known, at: node.span))
    return nil
  }
}

extension GivenStatement.Event {
  /// Whom it is about, where there is one of them in a scenario.
  fileprivate var person: String? {
    switch self {
    case .reviewerMerges, .reviewerCloses, .reviewerNeverComes, .reviewerEdits: "reviewer"
    case .personSaysNo, .personNeverAnswers: "person"
    case .crashes, .cannotBePulled, .neverReady, .answers, .logsErrors, .movesTo, .syncsSlowly, .setByHand,
      .scaledByHand, .deletedByHand, .healsItself, .scalesTo, .isEvicted, .isDrained, .migrates, .cannotBeMigrated,
      .doesNotAnswer, .isPushedAgain, .isLocked, .isFrozen, .leadsElsewhere, .networkLost, .pushesRejected,
      .foreignCommits, .metric, .noMetric, .alert, .programFails, .programNeverEnds:
      nil
    }
  }
}
