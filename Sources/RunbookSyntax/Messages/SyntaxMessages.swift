internal import RunbookDiagnostics

/// A finding about a statement whose fix is still without words: how the statement reads when it is put right is
/// known only once its end is.
struct SyntaxError: Sendable {
  let code: SyntaxCode
  let summary: String
  var detail: String?
  let subject: SourceSpan
  var notes: [Diagnostic.Note] = []
  /// Empty where no correction is known.
  var replacements: [Diagnostic.Replacement] = []
  /// Whether the correction loses nothing and adds nothing that was not written.
  var isCertain = true
  /// Whether reading goes on as if the correction stood there; what fails behind it then comes from the same mistake.
  var isGuess = false
}

/// All wording of lexer and parser.
enum SyntaxMessages {
  // MARK: Statements and clauses

  static func unexpected(
    _ found: String,
    expected: [Expectation],
    nearest: String? = nil,
    at span: SourceSpan,
    detail: String? = nil
  ) -> SyntaxError {
    SyntaxError(
      code: .unexpected,
      summary: "expected \(alternatives(expected.map(\.phrase))), found \(found)"
        + (nearest.map { "; did you mean `\($0)`?" } ?? ""),
      detail: detail,
      subject: span,
      replacements: nearest.map { [.init(span, with: $0)] } ?? []
    )
  }

  static func unknownStatement(_ word: String, nearest: String?, at span: SourceSpan) -> SyntaxError {
    guard let nearest else {
      let verbs = Keyword.statements.map { "`\($0 == .on ? "on failure" : $0.rawValue)`" }
      return SyntaxError(
        code: .unknownStatement,
        summary: "unknown statement `\(word)`",
        detail: "A statement begins with \(alternatives(verbs)).",
        subject: span
      )
    }
    return SyntaxError(
      code: .unknownStatement,
      summary: "unknown statement `\(word)`; did you mean `\(nearest)`?",
      subject: span,
      replacements: [.init(span, with: nearest)]
    )
  }

  static func unknownClause(_ word: String, nearest: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .unknownClause,
      summary: "unknown clause `\(word)`; did you mean `\(nearest)`?",
      subject: span,
      replacements: [.init(span, with: nearest)]
    )
  }

  static func duplicateClause(_ clause: String, at span: SourceSpan, first: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .duplicateClause,
      summary: "`\(clause)` stands twice in one statement",
      subject: span,
      notes: [.init("the first is here", at: first)]
    )
  }

  static func missingWord(_ keyword: Keyword, before what: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingWord,
      summary: "expected `\(keyword.rawValue)` before the \(what)",
      subject: span,
      replacements: [.init(SourceSpan(start: span.start, end: span.start), with: keyword.rawValue + " ")],
      isGuess: true
    )
  }

  static func missingReason(after clause: String, found: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingReason,
      summary: "expected `because \"…\"` after `\(clause)`, found \(found)",
      detail: "What the rules refuse needs a reason, which is kept with the run.",
      subject: span
    )
  }

  static func superfluousWord(_ word: String, at span: SourceSpan, upTo next: UInt32) -> SyntaxError {
    SyntaxError(
      code: .superfluousWord,
      summary: "the word `\(word)` is not needed here",
      subject: span,
      replacements: [.init(SourceSpan(start: span.start, end: next), with: "")]
    )
  }

  /// A word that stands twice, in the span from the first to the second.
  static func repeatedWord(_ word: String, at span: SourceSpan, gap: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .superfluousWord,
      summary: "`\(word)` stands twice",
      subject: span,
      replacements: [.init(gap, with: "")]
    )
  }

  static func missingComma(_ found: String, expected: [Expectation], at span: SourceSpan, end: UInt32) -> SyntaxError {
    var error = unexpected(found, expected: expected, at: span, detail: "The names of a list have commas between them.")
    error.replacements = [.init(SourceSpan(start: end, end: end), with: ",")]
    return error
  }

  static func trailingComma(at span: SourceSpan, next: String? = nil) -> SyntaxError {
    SyntaxError(
      code: .trailingComma,
      summary: "the list ends with a comma",
      detail: next.map {
        "What follows reads as the statement `\($0)`; a service of this name is written `\"\($0)\"`."
      },
      subject: span,
      replacements: [.init(span, with: "")]
    )
  }

  static func andInList(at span: SourceSpan, replacing gap: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .superfluousWord,
      summary: "the names of a list have commas between them, not `and`",
      subject: span,
      replacements: [.init(gap, with: ",")]
    )
  }

  static func missingClause(_ clause: String, of verb: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingClause,
      summary: "`\(verb)` needs `\(clause)`",
      detail: clause == "because"
        ? "Write why: `because \"…\"`." : "Write how long: `until 2026-12-24T18:00Z`.",
      subject: span
    )
  }

  /// For a word that may not stand where a name is due.
  static let quoteTheName = "A service or an environment of this name is written in quotes."
  static let environmentFirst =
    "The environment stands first, then the services with commas between them: `validate staging api, web`."
  static let environmentAfterTo = "The environment that is promoted to is written `to production`."
  static let promotionNamesServices =
    "A promotion names its services first: `promote all`, or `promote all to production`. The environment comes first in "
    + "`validate production all`."

  // MARK: Words and strings

  static func malformedName(_ word: String, nearest: String?, at span: SourceSpan) -> SyntaxError {
    let isForeign = word.unicodeScalars.contains { !$0.isASCII }
    return SyntaxError(
      code: .malformedName,
      summary: "`\(word)` is no name" + (nearest.map { "; did you mean `\($0)`?" } ?? ""),
      detail: isForeign
        ? "A name has lower-case letters from a to z, digits, hyphens and dots; a blank must be an ordinary one."
        : "A name has lower-case letters, digits, inner hyphens and dots; any other is written in quotes.",
      subject: span,
      replacements: nearest.map { [.init(span, with: $0)] } ?? []
    )
  }

  static func wrongQuotes(at span: SourceSpan, corrected: String?) -> SyntaxError {
    SyntaxError(
      code: .wrongQuotes,
      summary: "a string stands in straight double quotes",
      subject: span,
      replacements: corrected.map { [.init(span, with: $0)] } ?? []
    )
  }

  static func stray(_ text: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .strayCharacter, summary: "`\(text)` means nothing here", subject: span)
  }

  static func unterminatedString(isBlock: Bool, at span: SourceSpan, brace: SourceSpan?) -> SyntaxError {
    SyntaxError(
      code: .unterminatedString,
      summary: isBlock ? "the `\"\"\"` block is never closed" : "the string is not closed on its line",
      subject: span,
      notes: brace.map {
        [.init("the `{` here opens an interpolation; a brace in a string is written `{{`", at: $0)]
      } ?? []
    )
  }

  static func invalidEscape(_ escape: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .invalidEscape,
      summary: "`\(escape)` is no escape",
      detail: "The escapes are `\\n`, `\\t`, `\\\"`, `\\\\` and `\\u{…}` with the number of a Unicode scalar.",
      subject: span
    )
  }

  static func interpolatedName(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .malformedName,
      summary: "a name has no interpolation",
      detail: "A variable that holds a service is written without quotes.",
      subject: span
    )
  }

  static func commentInString(at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .commentInString, summary: "a comment cannot stand in an interpolation", subject: span)
  }

  static func loneClosingBrace(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .loneClosingBrace,
      summary: "a `}` in a string is written `}}`",
      subject: span,
      replacements: [.init(span, with: "}}")]
    )
  }

  static func blockStringLayout(_ rule: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .blockStringLayout, summary: rule, subject: span)
  }

  static let blockBeginsOnNextLine = "the text of a `\"\"\"` block begins on the line after the quotes"
  static let blockEndsOnOwnLine = "the quotes that close a `\"\"\"` block stand on a line of their own"
  static let blockIndentation = "this line is indented less than the quotes that close the block"

  // MARK: The file

  static func invalidUTF8(at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .invalidUTF8, summary: "the text is not UTF-8 from here on", subject: span)
  }

  static func textTooLarge() -> SyntaxError {
    SyntaxError(
      code: .textTooLarge,
      summary: "the text has more than 4 GB; what follows was not read",
      subject: SourceSpan(start: 0, end: 0)
    )
  }

  static func nestingTooDeep(limit: Int, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .nestingTooDeep,
      summary: "this is nested more than \(limit) deep",
      detail: "Blocks, parentheses, brackets, interpolations and the operators of one expression count.",
      subject: span
    )
  }

  static func tooManyBranches(limit: Int, at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .nestingTooDeep, summary: "this `if` has more than \(limit) branches", subject: span)
  }

  static func unclosedBrace(at span: SourceSpan, open: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .unclosedBrace,
      summary: "expected `}`, found the end of the file",
      subject: span,
      notes: [.init("this `{` is never closed", at: open)]
    )
  }

  static func unmatchedBrace(at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .unmatchedBrace, summary: "this `}` closes nothing", subject: span)
  }
}
