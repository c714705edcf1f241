internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

/// The kinds of findings in `slipway.yaml`. A code once given keeps its meaning.
enum ConfigurationCode: String, CaseIterable {
  case notYAML = "SW2001"
  case emptyConfiguration = "SW2002"
  case severalDocuments = "SW2003"
  case alias = "SW2004"
  case duplicateKey = "SW2005"
  case unknownKey = "SW2006"
  case missingKey = "SW2007"
  case wrongType = "SW2008"
  case emptyValue = "SW2009"
  case controlCharacters = "SW2010"
  case badDuration = "SW2011"
  case outOfRange = "SW2012"
  case badChoice = "SW2013"
  case badName = "SW2014"
  case badAddress = "SW2015"
  case badTagPattern = "SW2016"
  case badValuePath = "SW2017"
  case unknownPlaceholder = "SW2018"
  case missingPlaceholder = "SW2019"
  case badFilePath = "SW2020"
  case badLabel = "SW2021"
  case badTimeWindow = "SW2022"
  case badLinePattern = "SW2023"
  case unknownEnvironment = "SW2030"
  case promotionCycle = "SW2031"
  case environmentNamedLikeService = "SW2032"
  case sameFile = "SW2033"
  case reservedName = "SW2034"
  case nothingListed = "SW2035"
  case setsTag = "SW2036"
  case sameApplication = "SW2037"
  case sharedRecord = "SW2038"
  case noProtectedEnvironment = "SW2100"
  case samePlace = "SW2102"
  case nameNeedsQuotes = "SW2103"
}

/// All wording of this stage.
extension Diagnostic {
  private static func make(
    _ code: ConfigurationCode,
    _ summary: String,
    _ detail: String? = nil,
    at span: SourceSpan,
    notes: [Note] = [],
    fixes: [Fix] = [],
    severity: Severity = .error
  ) -> Diagnostic {
    Diagnostic(
      code: code.rawValue,
      severity: severity,
      summary: summary,
      detail: detail,
      subject: span,
      notes: notes,
      fixes: fixes
    )
  }

  private static func fix(_ span: SourceSpan, _ text: String?) -> [Fix] {
    text.map { [Fix("write `\($0)`", [Replacement(span, with: $0)])] } ?? []
  }

  private static func didYouMean(_ word: String?) -> String { word.map { "; did you mean `\($0)`?" } ?? "" }

  // MARK: The text

  static func notYAML(_ message: String, at span: SourceSpan) -> Diagnostic {
    make(
      .notYAML,
      "this is not YAML: \(message)",
      "A value that begins with one of `{ [ * & ! | > % @` must be in quotes to be a string.",
      at: span
    )
  }

  static func emptyConfiguration(at span: SourceSpan) -> Diagnostic {
    make(
      .emptyConfiguration,
      "the configuration is empty",
      "It needs `gitops`, `environments` and `services`.",
      at: span
    )
  }

  static func severalDocuments(at span: SourceSpan) -> Diagnostic {
    make(.severalDocuments, "a second document begins here; the configuration is one", at: span)
  }

  static func alias(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(.alias, "the alias `*\(name)` is not followed; write the value out", at: span)
  }

  static func mergeKey(at span: SourceSpan) -> Diagnostic {
    make(.alias, "merge keys `<<` are not followed; write the keys out", at: span)
  }

  static func duplicateKey(_ key: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(.duplicateKey, "the key `\(key)` stands twice", at: span, notes: [Note("it stands here first", at: first)])
  }

  // MARK: Keys and types

  static func unknownKey(_ key: String, in path: String, among keys: [String], at span: SourceSpan) -> Diagnostic {
    let best = nearest(key, among: keys)
    let place = path.isEmpty ? "the configuration" : "`\(path)`"
    let detail = keys.isEmpty ? nil : "What may stand here besides: \(keys.map { "`\($0)`" }.joined(separator: ", "))."
    return make(
      .unknownKey,
      "\(place) has no key `\(key)`\(didYouMean(best))",
      detail,
      at: span,
      fixes: fix(span, best)
    )
  }

  static func keyIsNoName(at span: SourceSpan) -> Diagnostic {
    make(.wrongType, "a key must be a name, not a collection", at: span)
  }

  static func missingKey(_ key: String, in field: Field) -> Diagnostic {
    let place = field.path.isEmpty ? "the configuration" : "`\(field.path)`"
    return make(.missingKey, "\(place) needs the key `\(key)`", at: field.key)
  }

  static func wrongType(_ field: Field, expected: String) -> Diagnostic {
    let what = field.path.isEmpty ? "the configuration" : "`\(field.path)`"
    let isFlow = if case .mapping(_, style: .flow) = field.node.content { true } else { false }
    let isUnquoted = expected.hasPrefix("a string") && (isFlow || field.node.text?.isEmpty == false)
    return make(
      .wrongType,
      "\(what) must be \(expected), not \(field.node.kindName)",
      isUnquoted ? "In quotes it is a string." : nil,
      at: field.span
    )
  }

  static func emptyValue(_ field: Field) -> Diagnostic {
    make(.emptyValue, "`\(field.path)` is empty", at: field.span)
  }

  static func controlCharacters(_ field: Field) -> Diagnostic {
    make(.controlCharacters, "`\(field.path)` has characters that cannot be shown", at: field.span)
  }

  static func badDuration(_ text: String, _ field: Field, nearest: String?) -> Diagnostic {
    make(
      .badDuration,
      "`\(text)` is no duration\(didYouMean(nearest))",
      "Durations are written as in a runbook: 250ms, 90s, 30m, 1h30m, 2d.",
      at: field.span,
      fixes: fix(field.span, nearest)
    )
  }

  static func durationOutOfRange(_ text: String, _ field: Field, least: Duration, most: Duration) -> Diagnostic {
    make(
      .outOfRange,
      "`\(field.path)` is \(text); it must be between \(least.runbookText) and \(most.runbookText)",
      at: field.span
    )
  }

  static func outOfRange(_ field: Field, _ range: ClosedRange<Int>) -> Diagnostic {
    make(
      .outOfRange,
      "`\(field.path)` must be between \(range.lowerBound) and \(range.upperBound)",
      at: field.span
    )
  }

  static func badChoice(_ text: String, _ field: Field, choices: [String]) -> Diagnostic {
    let best = nearest(text, among: choices)
    return make(
      .badChoice,
      "`\(field.path)` must be \(oneOf(choices)), not `\(text)`",
      at: field.span,
      fixes: fix(field.span, best)
    )
  }

  static func nothingListed(_ field: Field) -> Diagnostic {
    make(.nothingListed, "`\(field.path)` lists none", at: field.key)
  }

  // MARK: Names and addresses

  static func badName(_ text: String, _ what: String, _ rule: String, at span: SourceSpan) -> Diagnostic {
    make(.badName, "`\(text)` is no name for \(what)", rule, at: span)
  }

  static func reservedName(_ text: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    make(
      .reservedName,
      "\(what) cannot be called `\(text)`",
      "A runbook means something else by this word, and whoever reads one aloud would too.",
      at: span
    )
  }

  static func nameNeedsQuotes(_ text: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    make(
      .nameNeedsQuotes,
      "\(what) called `\(text)` must be written in quotes in a runbook",
      "Without quotes the language takes it for something else.",
      at: span,
      severity: .warning
    )
  }

  static func badAddress(_ text: String, _ field: Field, problem: String) -> Diagnostic {
    // An address may carry a password, so it is not repeated.
    make(.badAddress, "`\(field.path)` \(problem)", at: field.span)
  }

  static func badValue(_ text: String, _ field: Field, expected: String) -> Diagnostic {
    make(.badAddress, "`\(field.path)` must be \(expected), not `\(text)`", at: field.span)
  }

  static func badTagPattern(_ text: String, _ field: Field, problem: String) -> Diagnostic {
    make(.badTagPattern, "the pattern `\(text)` \(problem)", "For example `api-v{version}`.", at: field.span)
  }

  static func badLinePattern(_ text: String, _ field: Field, problem: String) -> Diagnostic {
    make(
      .badLinePattern,
      "the regular expression `\(text)` \(problem)",
      #"There are . [a-z] [^…] \d \w \s \b ^ $ ( | ) * + ? {2,5}; a backslash takes the next sign as it is."#,
      at: field.span
    )
  }

  static func badLabel(_ text: String, _ field: Field, problem: String) -> Diagnostic {
    make(.badLabel, "the label `\(text)` \(problem)", at: field.span)
  }

  // MARK: Patterns and places

  static func badValuePath(_ problem: String, _ field: Field, at span: SourceSpan) -> Diagnostic {
    make(
      .badValuePath,
      "`\(field.path)`: \(problem)",
      "Paths are written as in `service.chartTag` and `images[name={service}].newTag`.",
      at: span
    )
  }

  static func unknownPlaceholder(_ name: String, _ field: Field, among known: [String]) -> Diagnostic {
    let list = oneOf(known.map { "`{\($0)}`" })
    let best = nearest(name, among: known).map { "; did you mean `{\($0)}`?" } ?? ""
    return make(
      .unknownPlaceholder,
      "nothing is filled in for `{\(name)}` in `\(field.path)`\(best)",
      known.isEmpty ? nil : "What can stand here: \(list).",
      at: field.span
    )
  }

  static func missingPlaceholder(_ name: String, _ field: Field) -> Diagnostic {
    make(
      .missingPlaceholder,
      "`\(field.path)` does not say where `{\(name)}` stands",
      "Every \(name) must have its own.",
      at: field.span
    )
  }

  static func badFilePath(_ text: String, _ field: Field, problem: String) -> Diagnostic {
    make(.badFilePath, "the path `\(text)` \(problem)", at: field.span)
  }

  static func setsTag(_ field: Field) -> Diagnostic {
    make(.setsTag, "`\(field.path)` would overwrite the tag that `gitops.tag` names", at: field.key)
  }

  static func badTimeWindow(_ text: String, _ field: Field, expected: String) -> Diagnostic {
    make(.badTimeWindow, "`\(field.path)` must be \(expected), not `\(text)`", at: field.span)
  }

  // MARK: The fleet as a whole

  static func unknownEnvironment(_ name: String, among names: [String], at span: SourceSpan) -> Diagnostic {
    let best = nearest(name, among: names)
    return make(
      .unknownEnvironment,
      "there is no environment `\(name)`\(didYouMean(best))",
      at: span,
      fixes: fix(span, best)
    )
  }

  static func promotionCycle(_ names: [String], at span: SourceSpan) -> Diagnostic {
    let way = names.map { "`\($0)`" }.joined(separator: " from ")
    return make(.promotionCycle, "\(way): environments cannot promote in a circle", at: span)
  }

  static func environmentNamedLikeService(_ name: String, environment: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      .environmentNamedLikeService,
      "`\(name)` is the name of an environment too",
      "`rollback \(name)` would not tell which is meant.",
      at: span,
      notes: [Note("the environment is named here", at: environment)]
    )
  }

  static func sameFile(_ file: String, _ one: String, _ other: String, at span: SourceSpan) -> Diagnostic {
    make(.sameFile, "\(one) and \(other) would have the same file `\(file)`", at: span)
  }

  static func sharedFileCopied(_ field: Field) -> Diagnostic {
    make(
      .sameFile,
      "a file that all services share cannot be copied whole",
      "A promotion of one would bring the others too. `copy: tag`, or a list of paths with `{service}` in each.",
      at: field.span
    )
  }

  static func sameApplication(_ name: String, _ one: String, _ other: String, at span: SourceSpan) -> Diagnostic {
    make(.sameApplication, "\(one) and \(other) would have the same Application `\(name)`", at: span)
  }

  static func sharedRecord(_ file: String, at span: SourceSpan) -> Diagnostic {
    make(
      .sharedRecord,
      "pull requests cannot share the record `\(file)`",
      "Each would write at its top, so that of two that wait only one could be merged. "
        + "With `{run}` in the path each entry has a file of its own: `releases/{environment}/{date}-{run}.md`.",
      at: span
    )
  }

  static func samePlace(_ name: String, _ other: String, at span: SourceSpan) -> Diagnostic {
    make(
      .samePlace,
      "`\(name)` is the same context and namespace as `\(other)`",
      "An environment is a cluster and a namespace; two in one place share their pods.",
      at: span,
      severity: .warning
    )
  }

  static func noProtectedEnvironment(at span: SourceSpan) -> Diagnostic {
    make(
      .noProtectedEnvironment,
      "no environment is protected",
      "`protected: true` makes promotions to an environment take its lock, and makes it the one that is meant when "
        + "a statement names none.",
      at: span,
      severity: .warning
    )
  }
}
