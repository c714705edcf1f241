internal import RunbookDiagnostics

/// How tightly an operator binds, from the loosest.
enum Binding: Int, Comparable {
  case or, and, comparison, sum

  static func < (left: Binding, right: Binding) -> Bool { left.rawValue < right.rawValue }

  /// The binding of what may stand on the right: the same operator again does not, since all associate to the left.
  var tighter: Binding? { Binding(rawValue: rawValue + 1) }
}

extension BinaryOperator {
  var binding: Binding {
    switch self {
    case .or: .or
    case .and: .and
    case .is, .isNot, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .notIn: .comparison
    case .plus, .minus: .sum
    }
  }
}

extension Parser {
  /// An expression whose operators bind at least as tightly as `floor`; nil takes an operand alone.
  mutating func expression(_ floor: Binding? = .or) throws(Recovery) -> Expression {
    var left = try operand()
    guard let floor else { return left }
    while let found = operatorHere(), found.binding >= floor {
      left = try binary(left, found)
    }
    return left
  }

  private mutating func binary(_ left: Expression, _ found: BinaryOperator) throws(Recovery) -> Expression {
    let leftHeight = height
    let span = try takeOperator(found)
    try deeper()
    let right = try expression(found.binding.tighter)
    depth -= 1
    try grow(from: max(leftHeight, height))
    if found.binding == .comparison, let next = operatorHere(), next.binding == .comparison {
      throw fail(SyntaxMessages.chainedComparison(at: token.span))
    }
    return Expression(
      kind: .binary(found, left, right, operatorSpan: span),
      span: left.span.union(right.span)
    )
  }

  /// Notes that the tree has grown by one over its parts, of which the highest is given.
  mutating func grow(from highest: Int) throws(Recovery) {
    height = highest + 1
    if height > Self.deepestNesting { throw tooDeep() }
  }

  private mutating func tooDeep() -> Recovery {
    fail(
      SyntaxMessages.nestingTooDeep(limit: Self.deepestNesting, at: token.kind == .newline ? previous.span : token.span)
    )
  }

  mutating func deeper() throws(Recovery) {
    guard depth < Self.deepestNesting else { throw tooDeep() }
    depth += 1
  }

  // MARK: Operators

  /// The operator that the current token begins; those of other languages count as the ones that they mean.
  private func operatorHere() -> BinaryOperator? {
    switch token.kind {
    case .name: wordOperator(token.keyword)
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .plus: .plus
    case .minus: .minus
    case .equals: .is
    case .foreignOperator: ForeignOperator.meaning(source.text(token.span))
    case .malformedWord: ForeignOperator.capitals(source.text(token.span))
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .string, .stringBlock,
      .unterminatedString, .wronglyQuoted, .comma, .semicolon, .newline, .leftBrace, .rightBrace, .leftParenthesis,
      .rightParenthesis, .leftBracket, .rightBracket, .comment, .stray, .endOfFile:
      nil
    }
  }

  private func wordOperator(_ keyword: Keyword?) -> BinaryOperator? {
    if keyword == .or { return .or }
    if keyword == .and { return .and }
    if keyword == .in { return .in }
    if keyword == .is { return peek().keyword == .not ? .isNot : .is }
    if keyword == .not, peek().keyword == .in { return .notIn }
    return nil
  }

  /// Consumes an operator and the line breaks behind it.
  private mutating func takeOperator(_ found: BinaryOperator) throws(Recovery) -> SourceSpan {
    let first = token
    if first.kind == .equals || first.kind == .foreignOperator || first.kind == .malformedWord {
      note(SyntaxMessages.foreignOperator(source.text(first.span), right: found.rawValue, at: first.span))
    }
    advance()
    if first.kind == .name, found == .isNot || found == .notIn { advance() }
    let span = first.span.union(previous.span)
    try goOnBehindNewline()
    return span
  }

  /// Behind an operator the expression goes on in the next line, unless a statement begins there; `sync of` is a fact.
  mutating func goOnBehindNewline() throws(Recovery) {
    guard token.kind == .newline else { return }
    let end = index
    skipNewlines()
    guard StatementWord(token.keyword) != nil, peek().keyword != .of else { return }
    move(to: end)
    throw failUnexpected([.value])
  }

  // MARK: Operands

  /// `not` and what it negates, or a value by itself.
  mutating func operand() throws(Recovery) -> Expression {
    switch token.kind {
    case .leftParenthesis: return try parenthesized()
    case .leftBracket: return try list()
    case .name: return try word()
    case .string, .stringBlock:
      let string = try string()
      try grow(from: height)
      return Expression(kind: .string(string), span: string.span)
    case .duration: return try duration()
    case .integer: return try integer()
    case .version: return literal(.version)
    case .decimal: return literal(.decimal)
    case .percentage: return literal(.percentage)
    case .clockTime: return literal(.clockTime)
    case .dateTime: return literal(.dateTime)
    case .foreignOperator where source.text(token.span) == "!":
      note(SyntaxMessages.foreignOperator("!", right: "not", at: token.span))
      return try negation()
    case .unterminatedString, .wronglyQuoted, .comma, .semicolon, .newline, .leftBrace, .rightBrace, .rightParenthesis,
      .rightBracket, .equals, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus, .foreignOperator, .comment,
      .malformedWord, .stray, .endOfFile:
      throw failUnexpected([.value])
    }
  }

  private mutating func literal(_ kind: ExpressionKind) -> Expression {
    let span = token.span
    advance()
    height = 1
    return Expression(kind: kind, span: span)
  }

  /// What begins with a word.
  private mutating func word() throws(Recovery) -> Expression {
    guard let keyword = token.keyword else { return name() }
    if keyword == .true || keyword == .false { return literal(.boolean(keyword == .true)) }
    if keyword == .not { return try negation() }
    if keyword == .and || keyword == .or || keyword == .is || keyword == .in { throw failUnexpected([.value]) }
    if keyword == .env, peek().kind == .leftParenthesis { return try environmentVariable() }
    if let word = factHere() { return try fact(word) }
    return name()
  }

  mutating func name() -> Expression { literal(.name(NameNode(span: token.span))) }

  private mutating func negation() throws(Recovery) -> Expression {
    let start = token
    try deeper()
    advance()
    try goOnBehindNewline()
    // `not a is b` negates the comparison.
    let operand = try expression(.comparison)
    depth -= 1
    try grow(from: height)
    return Expression(kind: .not(operand), span: start.span.union(operand.span))
  }

  private mutating func parenthesized() throws(Recovery) -> Expression {
    let (open, place) = (token, index)
    try deeper()
    openBracket()
    let inner = try expression()
    try closeBracket(open, at: place, [.operation, .rightParenthesis])
    depth -= 1
    try grow(from: height)
    return Expression(kind: .parenthesized(inner), span: open.span.union(previous.span))
  }

  private mutating func list() throws(Recovery) -> Expression {
    let (open, place) = (token, index)
    try deeper()
    openBracket()
    var items: [Expression] = []
    var highest = 0
    while token.kind != .rightBracket {
      items.append(try expression())
      highest = max(highest, height)
      guard try takeComma(in: .rightBracket) else { break }
    }
    try closeBracket(open, at: place, [.comma, .rightBracket])
    depth -= 1
    try grow(from: highest)
    return Expression(kind: .list(items), span: open.span.union(previous.span))
  }

  /// Consumes the comma between two items of a bracketed list; false where there is none. A comma behind the last is an
  /// error.
  mutating func takeComma(in closing: TokenKind) throws(Recovery) -> Bool {
    guard token.kind == .comma else { return false }
    let comma = token
    advance()
    if token.kind == closing { note(SyntaxMessages.trailingComma(at: comma.span)) }
    return true
  }

  /// `env("NAME")`
  private mutating func environmentVariable() throws(Recovery) -> Expression {
    let start = token
    advance()
    let (open, place) = (token, index)
    openBracket()
    let name = try string()
    try closeBracket(open, at: place, [.rightParenthesis])
    try grow(from: height)
    return Expression(kind: .environmentVariable(name), span: start.span.union(previous.span))
  }
}
