import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

/// Finds what may be written at a place, the likeliest first. Prefixes are the editor's business: everything that fits is
/// listed.
package struct Completer {
  let place: CompletionPlace
  let fleet: Fleet?
  let procedures: [NameIndex.Definition]
  let versions: (ServiceName, EnvironmentName?) -> [KnownVersion]

  /// - Parameters:
  ///   - fleet: nil where there is no configuration.
  ///   - versions: of a service, in an environment or in all.
  package init(
    place: CompletionPlace,
    fleet: Fleet?,
    procedures: [NameIndex.Definition],
    versions: @escaping (ServiceName, EnvironmentName?) -> [KnownVersion]
  ) {
    (self.place, self.fleet, self.procedures, self.versions) = (place, fleet, procedures, versions)
  }

  private var around: StatementAround { place.around }

  package func suggestions() -> [Suggestion] {
    if place.isDead { return [] }
    var found: [Suggestion] = []
    if place.isInterpolation {
      found = expression(after: around.before)
    } else if around.before.isEmpty {
      found = statements()
    } else if let call = arguments() {
      found = call
    } else {
      found = continuations()
    }
    var labels: Set<String> = []
    return found.filter { labels.insert($0.label).inserted }
  }

  // MARK: The beginning of a statement

  private func statements() -> [Suggestion] {
    if around.blocks.last == "scenario" { return StatementHelp.scenarios.dropFirst().map(Self.suggestion) }
    var found: [Suggestion] = around.followsIf ? [Suggestion("else", .keyword)] : []
    let isTopLevel = around.blocks.isEmpty
    for help in StatementHelp.all where help.verb != "given" && help.verb != "expect" {
      if isTopLevel || !StatementHelp.topLevelOnly.contains(help.verb) { found.append(Self.suggestion(help)) }
    }
    for procedure in procedures {
      found.append(
        Suggestion(procedure.name, .function, text: "\(procedure.name)(", detail: procedure.details)
      )
    }
    return found
  }

  /// A statement by the words with which all of its forms begin.
  private static func suggestion(_ help: StatementHelp) -> Suggestion {
    var label = help.verb
    if let second = help.forms.first?.elements.dropFirst().first, case .word(let word) = second, word != "=",
      help.forms.allSatisfy({ $0.elements.dropFirst().first == second })
    {
      label += " " + word
    }
    return Suggestion(label, .keyword, detail: help.usage.first, documentation: help.summary)
  }

  // MARK: The rest of a statement

  private func continuations() -> [Suggestion] {
    var words = around.before
    if words.first?.text == "else" {
      words.removeFirst()
      if words.isEmpty { return [Suggestion("if", .keyword, detail: "if EXPRESSION { … }")] }
    }
    guard let verb = words.first, verb.isName, let help = StatementHelp.of(verb.text) else { return [] }
    let environments = fleet.map { Set($0.environments.map(\.name.text)) }
    var matcher = FormMatcher(help, environments: environments, after: around.after)
    for word in words {
      matcher.take(word)
      // What is wrong in front of the place is shown as a finding; clauses are offered all the same.
      guard matcher.isAlive else { return unusedClauses(of: help, words) }
    }
    return matcher.continuations.flatMap { suggestions(for: $0, words) }
  }

  private func unusedClauses(of help: StatementHelp, _ words: [Word]) -> [Suggestion] {
    let texts = Set((words + around.after).map(\.text))
    var found: [Suggestion] = []
    for clause in help.forms.flatMap(\.clauses) where !texts.contains(clause.words.first ?? "") {
      found += suggestions(for: .words(clause.words, clause), words)
    }
    return found
  }

  private func suggestions(for continuation: FormMatcher.Continuation, _ words: [Word]) -> [Suggestion] {
    switch continuation {
    case .words(let next, let clause):
      [Suggestion(next.joined(separator: " "), .keyword, detail: clause?.usage, documentation: clause?.summary)]
    case .choice(let word):
      [Suggestion(word.word, .keyword, documentation: word.meaning.isEmpty ? nil : word.meaning)]
    case .operators: operators(after: words)
    case .block: []
    case .slot(let slot): values(for: slot, words)
    }
  }

  // MARK: Values

  private func values(for slot: FormSlot, _ words: [Word]) -> [Suggestion] {
    switch slot {
    case .services, .targets, .listed: targets(slot, words)
    case .service: services(besides: []) + variables()
    case .environment: environments()
    case .version: versionLiterals(words) + grouped()
    case .duration: durations(words) + grouped()
    case .wholeNumber, .timeOfDay, .dateTime: grouped()
    case .expression: expression(after: words)
    case .days: days(words)
    case .text, .newName, .place, .team, .parenthesized: []
    }
  }

  private func targets(_ slot: FormSlot, _ words: [Word]) -> [Suggestion] {
    let named = Set(words.map { $0.name(in: place.source) })
    let isFirst = words.last?.token.kind != .comma
    var found: [Suggestion] = []
    if isFirst, slot != .listed {
      found.append(Suggestion("all", .keyword, documentation: "Every service that the environment's files enable."))
    }
    if isFirst, slot == .targets {
      found.append(Suggestion("promoted", .keyword, documentation: "The services that this run promoted."))
    }
    return services(besides: named) + found + variables()
  }

  private func services(besides named: Set<String>) -> [Suggestion] {
    (fleet?.services ?? []).filter { !named.contains($0.name.text) }.map { service in
      Suggestion(
        service.name.text,
        .module,
        text: Self.written(service.name.text),
        detail: "service, tag \(service.tag.prefix){version}\(service.tag.suffix)"
      )
    }
  }

  private func environments() -> [Suggestion] {
    (fleet?.environments ?? []).map { environment in
      Suggestion(
        environment.name.text,
        .constant,
        text: Self.written(environment.name.text),
        detail: environment.isProtected ? "environment, protected" : "environment"
      )
    }
  }

  private func variables() -> [Suggestion] { around.variables.map { Suggestion($0, .variable) } }

  /// Variables where a literal is due stand in parentheses.
  private func grouped() -> [Suggestion] { around.variables.map { Suggestion("(\($0))", .variable) } }

  private func durations(_ words: [Word]) -> [Suggestion] {
    guard words.count == 1, words[0].text == "monitor", let fleet, fleet.policy.minimumMonitor > .zero else {
      return []
    }
    return [
      Suggestion(fleet.policy.minimumMonitor.runbookText, .value, detail: "the configured minimum")
    ]
  }

  /// Versions of the services that the statement names.
  private func versionLiterals(_ words: [Word]) -> [Suggestion] {
    let names = Set((words + around.after).map { $0.name(in: place.source) })
    let services = (fleet?.services ?? []).map(\.name).filter { names.contains($0.text) }
    let environment = (fleet?.environments ?? []).map(\.name).first { names.contains($0.text) }
    return services.flatMap { service in
      versions(service, environment).map { known in
        Suggestion("v\(known.version)", .value, detail: known.about ?? "of \(service)")
      }
    }
  }

  private func days(_ words: [Word]) -> [Suggestion] {
    let named = Set(words.map(\.text))
    return Keyword.days.filter { !named.contains($0.rawValue) }.map { Suggestion($0.rawValue, .keyword) }
  }

  /// A name as it must be written: what reads as something else stands in quotes.
  static func written(_ name: String) -> String {
    let found = tokens(of: SourceText(name: "", text: name)).filter { $0.kind != .endOfFile }
    let isBare = found.count == 1 && found[0].kind == .name && found[0].keyword == nil
    return isBare ? name : "\"\(name)\""
  }

  // MARK: Calls

  /// The arguments of a call; nil where no call begins the statement.
  private func arguments() -> [Suggestion]? {
    let words = around.before
    guard words.count > 1, words[1].token.kind == .leftParenthesis,
      let procedure = procedures.first(where: { $0.name == words[0].text })
    else { return nil }
    guard let last = words.last, last.token.kind == .leftParenthesis || last.token.kind == .comma else {
      return expression(after: words)
    }
    // `watch(services, hold)`
    let parameters = (procedure.details ?? "").drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
    let labels = parameters.split(separator: ",").map { $0.filter { $0 != " " } }
    let given = Set(words.map(\.text))
    return expression(after: words)
      + labels.filter { !given.contains($0) }.map { Suggestion("\($0) =", .variable, detail: "parameter") }
  }

  // MARK: Expressions

  private func expression(after words: [Word]) -> [Suggestion] {
    guard let last = words.last else { return operands() }
    if last.text == "of" { return services(besides: []) + variables() }
    if last.text == "in", words.dropLast().suffix(2).first?.text == "of" { return environments() }
    // The verb in front of its expression is no operand.
    if words.count == 1, !place.isInterpolation { return operands() }
    if isOperand(last) { return operators(after: words) }
    return (["is", "not"].contains(last.text) ? states() : []) + operands()
  }

  private func isOperand(_ word: Word) -> Bool {
    if word.isName {
      return !["is", "not", "and", "or", "in", "of", "since", "over", "if", "require", "else"].contains(word.text)
    }
    return word.token.kind.isLiteral || word.token.kind.isString || word.token.kind == .rightParenthesis
      || word.token.kind == .rightBracket
  }

  private func operands() -> [Suggestion] {
    variables()
      + FactWord.allCases.map { fact in
        Suggestion(
          fact == .metric ? "metric" : "\(fact.rawValue) of",
          .keyword,
          detail: fact.usage,
          documentation: fact.meaning
        )
      }
      + RunValue.allCases.filter { !$0.isOfFailure || around.blocks.contains("on") }.map { value in
        Suggestion(value.rawValue, .constant, documentation: HelpTexts.meaning(of: value))
      }
      + services(besides: []) + environments()
      + ["not", "true", "false"].map { Suggestion($0, .keyword) }
      + [Suggestion("env(\"NAME\")", .function, text: "env(\"", documentation: "A variable of the environment.")]
  }

  private func states() -> [Suggestion] { HelpTexts.states.map { Suggestion($0, .value) } }

  private func operators(after words: [Word]) -> [Suggestion] {
    let texts = words.map(\.text)
    if let last = texts.last,
      FactWord.allCases.contains(where: { $0.rawValue.split(separator: " ").last ?? "" == last })
    {
      return [Suggestion("of", .keyword)]
    }
    // `errors of api in production` goes on with `since`.
    var found: [Suggestion] = []
    if texts.suffix(4).first == "of", texts.suffix(2).first == "in" {
      let fact = texts.dropLast(4).last
      if fact == "errors" { found.append(Suggestion("since", .keyword, detail: "since DURATION")) }
      if fact?.hasPrefix("\"") == true { found.append(Suggestion("over", .keyword, detail: "over DURATION")) }
    } else if texts.suffix(2).first == "of" {
      return [Suggestion("in", .keyword)]
    }
    return found
      + ["is", "is not", "<", "<=", ">", ">=", "in", "not in", "and", "or", "+", "-"].map { Suggestion($0, .operator) }
  }
}
