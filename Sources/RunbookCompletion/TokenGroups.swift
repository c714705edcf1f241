import RunbookSyntax

extension TokenKind {
  private static let literals: Set<TokenKind> = [
    .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .malformedWord,
  ]
  private static let operatorSigns: Set<TokenKind> = [.plus, .minus, .less, .lessOrEqual, .greater, .greaterOrEqual]
  private static let statementEnds: Set<TokenKind> = [.endOfFile, .semicolon, .leftBrace, .rightBrace]

  /// A value that is one word; a word that is nothing yet counts, since it may become one.
  var isLiteral: Bool { Self.literals.contains(self) }

  /// A run of name characters.
  var isWord: Bool { self == .name || isLiteral }

  var isString: Bool { self == .string || self == .stringBlock || self == .unterminatedString }

  /// Whether a place directly behind such a token is still inside of it.
  var isOpenEnded: Bool { self == .unterminatedString || self == .comment }

  var isOperatorSign: Bool { Self.operatorSigns.contains(self) }

  var endsStatement: Bool { Self.statementEnds.contains(self) }

  /// 1 for what opens a parenthesis or bracket, -1 for what closes one.
  var depthChange: Int {
    if self == .leftParenthesis || self == .leftBracket { return 1 }
    return self == .rightParenthesis || self == .rightBracket ? -1 : 0
  }
}
