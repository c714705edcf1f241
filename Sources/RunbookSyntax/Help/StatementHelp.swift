/// What a statement is for and how it is written: the one home of these words, for the editor's hover and completion and
/// for `:help` at the prompt.
public struct StatementHelp: Hashable, Sendable {
  /// The word that the statement begins with.
  public let verb: String
  /// One sentence.
  public let summary: String
  /// What more there is to know, a paragraph each.
  public let detail: [String]
  /// The ways to write it.
  public let forms: [StatementForm]
  /// A runbook that uses it and that checks clean with the configuration of the examples.
  public let example: String

  init(_ verb: String, _ summary: String, _ detail: [String] = [], forms: [StatementForm], example: String) {
    (self.verb, self.summary, self.detail, self.forms, self.example) = (verb, summary, detail, forms, example)
  }

  /// A line for each form, such as `wait sync [ENVIRONMENT] [SERVICES] [within DURATION]`.
  public var usage: [String] { forms.map(\.usage) }
}

/// One way to write a statement: what stands in a fixed order, then clauses in any order, each at most once.
public struct StatementForm: Hashable, Sendable {
  public let elements: [FormElement]
  public let clauses: [ClauseHelp]
  /// What follows behind the clauses, a block.
  public let hasBlock: Bool

  init(_ elements: [FormElement], _ clauses: [ClauseHelp] = [], hasBlock: Bool = false) {
    (self.elements, self.clauses, self.hasBlock) = (elements, clauses, hasBlock)
  }

  public var usage: String {
    let clauses = clauses.map { $0.isRequired ? $0.usage : "[\($0.usage)]" }
    return (elements.map(\.usage) + clauses + (hasBlock ? ["{ … }"] : [])).joined(separator: " ")
  }
}

/// A clause: the words it is known by, and what follows them.
public struct ClauseHelp: Hashable, Sendable {
  public let elements: [FormElement]
  /// One sentence.
  public let summary: String
  public let isRequired: Bool

  init(_ elements: [FormElement], _ summary: String, isRequired: Bool = false) {
    (self.elements, self.summary, self.isRequired) = (elements, summary, isRequired)
  }

  public var usage: String { elements.map(\.usage).joined(separator: " ") }

  /// What a statement can have only one of: clauses with the same key exclude each other.
  public var key: String {
    // `allowing` is told apart by what is allowed, every other clause by its first word.
    guard words.first == "allowing" else { return words.first ?? "" }
    return elements.compactMap { if case .word(let word) = $0 { word } else { nil } }.prefix(2).joined(separator: " ")
  }

  /// The words that it begins with: `without validation because`.
  public var words: [String] {
    var words: [String] = []
    for element in elements {
      guard case .word(let word) = element else { break }
      words.append(word)
    }
    return words
  }
}

/// A piece of a form.
public enum FormElement: Hashable, Sendable {
  case word(String)
  /// One of these words.
  case choice([WordHelp])
  case slot(FormSlot)
  /// What may be left out.
  case optional(FormSlot)

  public var usage: String {
    switch self {
    case .word(let word): word
    case .choice(let words): words.map(\.word).joined(separator: "|")
    case .slot(let slot): slot.rawValue
    case .optional(let slot): "[\(slot.rawValue)]"
    }
  }
}

/// A word to choose, and what it means.
public struct WordHelp: Hashable, Sendable {
  public let word: String
  /// A few words.
  public let meaning: String

  init(_ word: String, _ meaning: String) { (self.word, self.meaning) = (word, meaning) }
}

/// What is written in a place of a form. The raw value is how usage lines name it.
public enum FormSlot: String, CaseIterable, Hashable, Sendable {
  /// Services, variables with services, or `all`.
  case services = "SERVICES"
  /// The same, or `promoted`.
  case targets = "TARGETS"
  /// One service.
  case service = "SERVICE"
  /// Services one by one.
  case listed = "SERVICE, …"
  case environment = "ENVIRONMENT"
  case duration = "DURATION"
  case version = "VERSION"
  case wholeNumber = "N"
  /// A time of day.
  case timeOfDay = "TIME"
  /// A moment.
  case dateTime = "DATE-TIME"
  case text = "\"TEXT\""
  /// A condition, or any other expression.
  case expression = "EXPRESSION"
  /// A name that the statement gives to something.
  case newName = "NAME"
  /// A configured place for announcements.
  case place = "PLACE"
  case team = "TEAM"
  /// `weekdays`, `weekends`, `daily`, or days.
  case days = "DAYS"
  /// Parameters or arguments in parentheses.
  case parenthesized = "(…)"
}

extension StatementHelp {
  /// Every statement of the language, in the order of the reference.
  public static let all: [StatementHelp] = verbs + operations + gates + control + declarations + scenarios

  /// The statement that begins with a word.
  public static func of(_ verb: String) -> StatementHelp? { byVerb[verb] }

  /// The statements that stand at the top of a file only.
  public static let topLevelOnly: Set<String> = Set(declarations.map(\.verb) + ["scenario"])

  private static let byVerb = Dictionary(all.map { ($0.verb, $0) }, uniquingKeysWith: { first, _ in first })
}

// MARK: Pieces that several statements share

extension ClauseHelp {
  static let within = ClauseHelp(
    [.word("within"), .slot(.duration)],
    "The longest that it may take; then the statement ends timed out. Without it the configured deadline holds."
  )

  static func because(_ summary: String, isRequired: Bool = false) -> ClauseHelp {
    ClauseHelp([.word("because"), .slot(.text)], summary, isRequired: isRequired)
  }
}

extension [FormElement] {
  /// `VERB [ENVIRONMENT] TARGETS`
  static func scope(_ words: String...) -> [FormElement] {
    words.map(FormElement.word) + [.optional(.environment), .slot(.targets)]
  }

  /// `VERB [ENVIRONMENT] [TARGETS]`
  static func openScope(_ words: String...) -> [FormElement] {
    words.map(FormElement.word) + [.optional(.environment), .optional(.targets)]
  }
}
