import RunbookDiagnostics
import RunbookSyntax

/// A token with its text.
package struct Word: Hashable, Sendable {
  package let token: Token
  package let text: String

  package var isName: Bool { token.kind == .name }

  /// The name that a bare or a quoted word means.
  package func name(in source: SourceText) -> String {
    token.kind == .string ? NameNode(span: token.span, isQuoted: true).text(in: source) : text
  }
}

/// The statement around a place of a text, by tokens: it is there while somebody types, when no tree is whole.
package struct StatementAround: Sendable {
  /// The statement's tokens in front of ``touched``, or in front of the place.
  package fileprivate(set) var before: [Word] = []
  /// The token that the place lies in or behind which it stands directly.
  package fileprivate(set) var touched: Word?
  /// The statement's tokens behind ``touched``, up to its block.
  package fileprivate(set) var after: [Word] = []
  /// What the blocks around the place begin with (`if`, `scenario`), from the outermost.
  package var blocks: [String] = []
  /// The variables that can be seen from the place, the innermost first.
  package var variables: [String] = []
  /// Whether an `else` may begin here.
  package fileprivate(set) var followsIf = false

  /// Every token of the statement.
  package var words: [Word] { before + (touched.map { [$0] } ?? []) + after }

  /// - Parameter offset: a place in bytes.
  package init(in source: SourceText, at offset: Int) {
    var scan = StatementScan(source, offset: UInt32(clamping: offset))
    self = scan.run()
  }

  fileprivate init() {}
}

/// Goes through the tokens of a text up to a place, and on to the end of its statement.
private struct StatementScan {
  private struct Block {
    var lead: String
    /// The number of variables outside.
    var outside: Int
  }

  private let source: SourceText
  private let offset: UInt32
  private let tokens: [Token]
  private var index = 0
  private var statement: [Token] = []
  private var blocks: [Block] = []
  private var variables: [String] = []
  /// Open parentheses and brackets.
  private var depth = 0
  private var followsIf = false

  init(_ source: SourceText, offset: UInt32) {
    (self.source, self.offset) = (source, offset)
    tokens = RunbookSyntax.tokens(of: source)
  }

  private mutating func next() -> Token {
    guard index < tokens.count else {
      return Token(kind: .endOfFile, span: SourceSpan(source.bytes.count..<source.bytes.count))
    }
    defer { index += 1 }
    return tokens[index]
  }

  mutating func run() -> StatementAround {
    while true {
      let token = next()
      if token.kind == .endOfFile || token.span.start >= offset || reaches(token) { return end(with: token) }
      take(token)
    }
  }

  /// Whether the place lies in a token, or a word ends at it.
  private func reaches(_ token: Token) -> Bool {
    guard token.span.end >= offset, token.kind != .newline else { return false }
    return token.span.end > offset || token.kind.isWord || token.kind.isOpenEnded
  }

  private mutating func take(_ token: Token) {
    if token.kind == .comment { return }
    if token.kind == .newline {
      if depth == 0, !statement.isEmpty, !goesOn(statement) { endStatement() }
      return
    }
    if token.kind == .semicolon { return endStatement() }
    if token.kind == .leftBrace { return openBlock() }
    if token.kind == .rightBrace { return closeBlock() }
    depth = max(0, depth + token.kind.depthChange)
    if followsIf, statement.isEmpty, text(token) != "else" { followsIf = false }
    statement.append(token)
  }

  private mutating func openBlock() {
    let lead = statement.first.map(text) ?? ""
    blocks.append(Block(lead: lead, outside: variables.count))
    bind(lead)
    statement = []
    depth = 0
    followsIf = false
  }

  private mutating func closeBlock() {
    endStatement()
    guard let block = blocks.popLast() else { return }
    variables.removeLast(max(0, variables.count - block.outside))
    followsIf = block.lead == "if" || block.lead == "else"
  }

  // Texts are made late: a large file has millions of tokens, and few of them matter.
  private func text(_ token: Token) -> String { source.text(token.span) }

  private func word(_ token: Token) -> Word { Word(token: token, text: text(token)) }

  /// A line that ends in a comma or an operator is not over.
  private func goesOn(_ statement: [Token]) -> Bool {
    guard let last = statement.last else { return false }
    if last.kind == .name { return statement.count > 1 && ["and", "or", "not"].contains(text(last)) }
    return last.kind == .comma || last.kind == .equals || last.kind.isOperatorSign
  }

  private mutating func endStatement() {
    if let first = statement.first, first.kind == .name, first.span.count <= 5 {
      let lead = text(first)
      if lead == "let" || lead == "input" { bind(lead) }
    }
    statement = []
    depth = 0
  }

  /// What a statement's head gives names to: one variable, or the parameters of a procedure.
  private mutating func bind(_ lead: String) {
    switch lead {
    case "let", "input", "for":
      if statement.count > 1, statement[1].kind == .name { variables.append(text(statement[1])) }
    case "procedure":
      var isDue = false
      for token in statement.dropFirst(2) {
        if isDue, token.kind == .name { variables.append(text(token)) }
        isDue = token.kind == .leftParenthesis || token.kind == .comma
      }
    default: break
    }
  }

  private mutating func end(with token: Token) -> StatementAround {
    var around = StatementAround()
    var next = token
    var taken = statement
    if next.kind != .endOfFile, next.span.start < offset {
      around.touched = word(next)
      if next.kind != .comment { taken.append(next) }
      next = next.kind == .comment ? Token(kind: .newline, span: next.span) : self.next()
    }
    around.before = statement.map(word)
    around.blocks = blocks.map(\.lead)
    around.variables = variables.reversed()
    around.followsIf = followsIf && statement.isEmpty
    around.after = rest(from: next, behind: taken).map(word)
    return around
  }

  /// The tokens from one on, up to the end of the statement or its block.
  private mutating func rest(from first: Token, behind taken: [Token]) -> [Token] {
    var all = taken
    var token = first
    while !token.kind.endsStatement {
      // Where nothing is written yet, the next line is another statement.
      if token.kind == .newline, all.isEmpty || depth == 0 && !goesOn(all) { break }
      if token.kind != .newline, token.kind != .comment {
        depth = max(0, depth + token.kind.depthChange)
        all.append(token)
      }
      token = next()
    }
    return Array(all.dropFirst(taken.count))
  }
}
