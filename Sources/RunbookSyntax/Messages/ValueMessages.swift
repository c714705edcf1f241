internal import RunbookDiagnostics

/// The wording about values, operators and blocks.
extension SyntaxMessages {
  // MARK: Values

  static func versionDue(
    _ found: String,
    nearest: String?,
    isCertain: Bool,
    variable: String? = nil,
    at span: SourceSpan
  ) -> SyntaxError {
    var error = valueDue(.versionDue, "a version such as `v1.2.3`", found, nearest, variable, detail: nil, at: span)
    error.isCertain = isCertain
    return error
  }

  static func rollbackToPrevious(_ words: String, at span: SourceSpan, clause: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .versionDue,
      summary: "expected a version such as `v1.2.3`, found `\(words)`",
      detail: "Without `to`, a rollback goes back to what stood before the last promotion.",
      subject: span,
      replacements: [.init(clause, with: "")]
    )
  }

  static func durationDue(
    _ found: String,
    nearest: String?,
    variable: String? = nil,
    at span: SourceSpan
  ) -> SyntaxError {
    let units = "The units are `ms`, `s`, `m`, `h` and `d`, the larger first: `1h30m`."
    return valueDue(.durationDue, "a duration such as `30m`", found, nearest, variable, detail: units, at: span)
  }

  static func timeDue(_ found: String, nearest: String?, variable: String? = nil, at span: SourceSpan) -> SyntaxError {
    let times = "`18:00`, or with the date and its zone `2026-12-24T18:00+00:00`."
    return valueDue(.timeDue, "a time such as `18:00`", found, nearest, variable, detail: times, at: span)
  }

  private static func valueDue(
    _ code: SyntaxCode,
    _ expected: String,
    _ found: String,
    _ nearest: String?,
    _ variable: String?,
    detail: String?,
    at span: SourceSpan
  ) -> SyntaxError {
    guard let nearest else {
      return SyntaxError(
        code: code,
        summary: "expected \(expected), found \(found)",
        detail: variable.map { "A variable stands in parentheses here: `(\($0))`." } ?? detail,
        subject: span
      )
    }
    return SyntaxError(
      code: code,
      summary: "expected \(expected), found \(found); did you mean `\(nearest)`?",
      subject: span,
      replacements: [.init(span, with: nearest)]
    )
  }

  static func numberTooLarge(at span: SourceSpan) -> SyntaxError {
    SyntaxError(code: .numberTooLarge, summary: "this number is too large", subject: span)
  }

  static let factsNameTheirEnvironment = "A fact names its service and environment: `version of api in staging`."
  static let expectVersion = "A version is expected so: `expect api in production is v1.2.2`."

  // MARK: Operators and assignments

  static func foreignOperator(_ found: String, right: String?, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .foreignOperator,
      summary: right.map { "`\(found)` is written `\($0)`" } ?? "`\(found)` is no operator",
      subject: span,
      replacements: right.map { [.init(span, with: $0)] } ?? []
    )
  }

  static func chainedComparison(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .chainedComparison,
      summary: "comparisons do not chain",
      detail: "Write `and` between two comparisons, or put one into parentheses.",
      subject: span
    )
  }

  static func missingLet(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingLet,
      summary: "a value is given a name with `let`",
      subject: span,
      replacements: [.init(SourceSpan(start: span.start, end: span.start), with: "let ")],
      isGuess: true
    )
  }

  static func missingEquals(_ found: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingWord,
      summary: "expected `=`, found \(found)",
      subject: span,
      replacements: [.init(SourceSpan(start: span.start, end: span.start), with: "= ")],
      isGuess: true
    )
  }

  static func missingTimes(behind end: UInt32) -> SyntaxError {
    let place = SourceSpan(start: end, end: end)
    return SyntaxError(
      code: .missingWord,
      summary: "expected `times` behind the number",
      subject: place,
      replacements: [.init(place, with: " times")],
      isGuess: true
    )
  }

  // MARK: Brackets and branches

  static func unclosedBracket(_ bracket: String, open: SourceSpan, behind end: UInt32, isCertain: Bool) -> SyntaxError {
    let place = SourceSpan(start: end, end: end)
    return SyntaxError(
      code: .unclosedBracket,
      summary: "expected `\(bracket)`",
      subject: place,
      notes: [.init("this is never closed", at: open)],
      replacements: isCertain ? [.init(place, with: bracket)] : []
    )
  }

  static func elseIf(_ found: String, at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .unknownClause,
      summary: "`\(found)` is written `else if`",
      subject: span,
      replacements: [.init(span, with: "else if")]
    )
  }

  static func loneElse(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .loneElse,
      summary: "this `else` belongs to no `if`",
      detail: "`else` stands behind the `}` of its `if`, or at the beginning of the next line.",
      subject: span
    )
  }

  static func missingElse(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .missingWord,
      summary: "expected `else` or the end of the statement, found `{`",
      subject: span
    )
  }

  static func missingBraceBeforeElse(at span: SourceSpan, open: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .unclosedBrace,
      summary: "expected `}` before `else`",
      subject: span,
      notes: [.init("this `{` is not closed", at: open)],
      replacements: [.init(SourceSpan(start: span.start, end: span.start), with: "} ")]
    )
  }

  static func superfluousBrace(at span: SourceSpan) -> SyntaxError {
    SyntaxError(
      code: .superfluousWord,
      summary: "this `{` opens no block",
      subject: span,
      replacements: [.init(span, with: "")]
    )
  }
}
