import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

extension Checker {
  /// An expression with its names known and its types right.
  ///
  /// - Parameter expected: what stands on the other side of a comparison, so that a bare state is understood.
  mutating func expression(_ node: Expression, expecting expected: ValueType? = nil) -> Typed {
    switch node.kind {
    case .duration(let duration): return .constant(.duration(duration), .duration)
    case .integer(let number): return .constant(.integer(number), .integer)
    case .boolean(let truth): return .constant(.boolean(truth), .boolean)
    case .version, .decimal, .percentage, .clockTime, .dateTime: return literal(node)
    case .string(let literal):
      guard let setting = text(literal) else { return .unknown }
      switch setting {
      case .constant(let text): return .constant(.string(text), .string)
      case .computed(let expression): return Typed(type: .string, checked: expression)
      }
    case .name(let name): return self.name(name, expecting: expected)
    case .environmentVariable(let literal):
      guard let name = constantText(literal, what: "the name of a variable") else { return .unknown }
      guard !name.isEmpty, !name.contains("="), !name.contains("\0") else {
        report(CheckMessages.badEnvironmentVariable(name, at: literal.span))
        return .unknown
      }
      return Typed(type: .string, checked: CheckedExpression(.environmentVariable(name), .string))
    case .list(let elements): return list(elements, expecting: expected)
    case .parenthesized(let inner): return expression(inner, expecting: expected)
    case .not(let inner):
      let operand = condition(inner)
      guard let operand else { return Typed(type: .boolean, checked: nil) }
      if case .constant(.boolean(let truth)) = operand.kind { return .constant(.boolean(!truth), .boolean) }
      return Typed(type: .boolean, checked: CheckedExpression(.not(operand), .boolean))
    case .binary: return binary(node)
    case .fact(let fact): return self.fact(fact)
    }
  }

  private mutating func literal(_ node: Expression) -> Typed {
    let text = source.text(node.span)
    let value: (Value, ValueType)? =
      switch node.kind {
      case .version: Version(text).map { (.version($0), .version) }
      case .decimal: Double(text).map { (.decimal($0), .decimal) }
      case .percentage: Double(text.dropLast()).map { (.percentage($0 / 100), .percentage) }
      case .clockTime: Self.clockTime(text).map { (.clockTime($0), .clockTime) }
      case .dateTime: Self.dateTime(text).map { (.dateTime($0), .dateTime) }
      case .duration, .integer, .boolean, .string, .name, .environmentVariable, .list, .parenthesized, .not, .binary,
        .fact:
        nil
      }
    if let (value, type) = value { return .constant(value, type) }
    switch node.kind {
    case .version: report(CheckMessages.notAVersion(text, at: node.span))
    case .duration, .integer, .boolean, .string, .name, .environmentVariable, .list, .parenthesized, .not, .binary,
      .fact, .decimal, .percentage, .clockTime, .dateTime:
      report(CheckMessages.noSuchTime(text, at: node.span))
    }
    return .unknown
  }

  /// Minutes since midnight of `18:00`.
  static func clockTime(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), (0..<24).contains(hour),
      (0..<60).contains(minute)
    else { return nil }
    return hour * 60 + minute
  }

  /// `2026-12-24T18:00+00:00`, with seconds or without.
  static func dateTime(_ text: String) -> Timestamp? {
    if let moment = Timestamp(text) { return moment }
    guard let time = text.firstIndex(where: { $0 == "T" || $0 == "t" }) else { return nil }
    let rest = text[text.index(after: time)...]
    guard let zone = rest.firstIndex(where: { "Zz+-".contains($0) }) else { return nil }
    return Timestamp("\(text[..<zone]):00\(text[zone...])")
  }

  private mutating func list(_ elements: [Expression], expecting expected: ValueType?) -> Typed {
    var inner: ValueType?
    if case .list(let element)? = expected { inner = element }
    // Compared with a state, a list is wrong, and the states in it are not.
    if expected == .health || expected == .sync { inner = expected }
    // A list without elements is good for services alone, which is what lists are for.
    var type: ValueType? = elements.isEmpty ? inner ?? .service : nil
    var checked: [CheckedExpression] = []
    var isGood = true
    for node in elements {
      let element = expression(node, expecting: inner ?? type)
      guard let found = element.type else {
        isGood = false
        continue
      }
      if let first = type, found != first {
        guard first.isNumber, found.isNumber else {
          report(CheckMessages.mixedList(first, found, at: node.span))
          isGood = false
          continue
        }
        type = .decimal
      } else {
        type = found
      }
      if let expression = element.checked { checked.append(expression) } else { isGood = false }
    }
    guard let type else { return .unknown }
    guard isGood else { return Typed(type: .list(type), checked: nil) }
    var constants: [Value] = []
    for case .constant(let value) in checked.map(\.kind) { constants.append(value) }
    if constants.count == checked.count { return .constant(.list(constants), .list(type)) }
    return Typed(type: .list(type), checked: CheckedExpression(.list(checked), .list(type)))
  }

  // MARK: Names

  /// What a bare name stands for.
  private mutating func name(_ node: NameNode, expecting expected: ValueType?) -> Typed {
    let name = text(node)
    if let found = variable(node) { return found }
    if let value = RunValue(rawValue: name), !node.isQuoted { return runValue(value, at: node.span) }
    if let service = services[name] {
      names.use(.service(service), file: current, span: node.span)
      return .constant(.service(service), .service)
    }
    if let environment = environments[name] {
      names.use(.environment(environment), file: current, span: node.span)
      return .constant(.environment(environment), .environment)
    }
    var element = expected
    if case .list(let inner)? = expected { element = inner }
    if element == .health || element == .sync, let element { return state(name, element, at: node.span) }
    unknownName(name, at: node.span)
    return .unknown
  }

  /// The variable that a name stands for; nil when there is none of that name at all.
  mutating func variable(_ node: NameNode) -> Typed? {
    let name = text(node)
    guard let entry = entry(name) else {
      guard let later = later(name) else { return nil }
      report(CheckMessages.usedBeforeLet(name, declared: later, at: node.span))
      return .unknown
    }
    use(entry, at: node.span)
    if mayLackValue(name) {
      let declared = names.definition(entry.definition)
      report(
        CheckMessages.mayHaveNoValue(name, declared: declared.file == current ? declared.span : nil, at: node.span)
      )
      return .unknown
    }
    guard let type = entry.type else { return .unknown }
    if let constant = entry.constant {
      var found = Typed.constant(constant, type)
      found.isAll = entry.isAll
      return found
    }
    return Typed(type: type, checked: CheckedExpression(.variable(entry.variable), type))
  }

  private mutating func runValue(_ value: RunValue, at span: SourceSpan) -> Typed {
    names.use(.runValue(value), file: current, span: span)
    let type: ValueType
    switch value {
    case .runID, .runURL, .pullRequestURL: type = .string
    case .promoted: type = .list(.service)
    case .failureMessage, .failureKind, .failureStatement, .failureServices:
      type = value == .failureServices ? .list(.service) : .string
      if surrounding != .onFailure, !isLenient {
        report(CheckMessages.failureOutsideHandler(value.rawValue, at: span))
        return .unknown
      }
    }
    return Typed(type: type, checked: CheckedExpression(.runValue(value), type))
  }

  private mutating func state(_ name: String, _ type: ValueType, at span: SourceSpan) -> Typed {
    let words = type == .health ? Self.healthStates : Self.syncStates
    guard words.contains(name) else {
      report(CheckMessages.unknownWord(name, "state", among: words, at: span))
      return .unknown
    }
    return .constant(type == .health ? .health(name) : .sync(name), type)
  }

  mutating func unknownName(_ name: String, at span: SourceSpan) {
    guard !isInMalformed(name) else { return }
    let words = looksForSpellings ? visibleVariables : []
    let known = words + fleet.services.map(\.name.text) + fleet.environments.map(\.name.text)
    let isState = Self.healthStates.contains(name) || Self.syncStates.contains(name)
    report(
      CheckMessages.unknownName(
        name,
        nearest: isState ? nil : nearestSpelling(name, among: known + RunValue.allCases.map(\.rawValue)),
        isState: isState,
        variables: words,
        at: span
      )
    )
  }

  // MARK: Facts

  private mutating func factService(_ node: Expression) -> CheckedExpression? {
    if case .name(let name) = node.kind {
      let word = text(name)
      if entry(word) == nil, later(word) == nil, services[word] == nil, environments[word] == nil,
        RunValue(rawValue: word) == nil
      {
        reportUnknownService(word, at: name.span)
        return nil
      }
    }
    return value(node, of: .service, "the service of a fact")
  }

  private mutating func fact(_ node: FactNode) -> Typed {
    let ordinal = factCount
    factCount += 1
    let type: ValueType
    let windowName: String?
    switch node.word {
    case .version, .previousVersion: (type, windowName) = (.version, nil)
    case .health: (type, windowName) = (.health, nil)
    case .sync: (type, windowName) = (.sync, nil)
    case .image: (type, windowName) = (.string, nil)
    case .ready, .replicas, .restarts: (type, windowName) = (.integer, nil)
    case .errors: (type, windowName) = (.integer, "since")
    case .age: (type, windowName) = (.duration, nil)
    case .metric: (type, windowName) = (.decimal, "over")
    }
    let environment = environment(node.environment)
    let service = factService(node.service)
    var isGood = environment != nil && service != nil
    var window: CheckedExpression?
    if let clause = node.window {
      if windowName == nil { report(CheckMessages.factTakesNoWindow(node.word.rawValue, at: clause.span)) }
      switch duration(clause, "the time that a fact looks back") {
      case .constant(let duration): window = CheckedExpression(.constant(.duration(duration)), .duration)
      case .computed(let expression): window = expression
      case nil: isGood = false
      }
    }
    let kind: CheckedFact.Kind
    switch node.word {
    case .version: kind = .version
    case .previousVersion: kind = .previousVersion
    case .health: kind = .health
    case .sync: kind = .sync
    case .image: kind = .image
    case .ready: kind = .ready
    case .replicas: kind = .replicas
    case .restarts: kind = .restarts
    case .age: kind = .age
    case .errors: kind = .errors(since: window)
    case .metric:
      guard let name = node.metric.flatMap({ constantText($0, what: "the name of a metric") }) else {
        return Typed(type: type, checked: nil)
      }
      // Where none is configured, the run itself refuses: only it knows whether its world has another source.
      let known = fleet.metricNames
      if let span = node.metric?.span, !known.isEmpty, !known.contains(name) {
        report(CheckMessages.unknownMetric(name, among: known, at: span))
        isGood = false
      }
      kind = .metric(name: name, over: window)
    }
    guard isGood, let environment, let service else { return Typed(type: type, checked: nil) }
    let fact = CheckedFact(kind: kind, service: service, environment: environment, ordinal: ordinal)
    return Typed(type: type, checked: CheckedExpression(.fact(fact), type))
  }
}
