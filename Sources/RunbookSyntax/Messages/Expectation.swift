/// What the parser would have taken where it found something else; the set of them writes the message.
enum Expectation: Hashable, Sendable {
  case statement
  case verb
  case service
  case name
  case environment
  case team
  case place
  case day
  case mergeMethod
  case value
  /// A word or sign between two values.
  case operation
  case duration
  case version
  case wholeNumber
  case string
  case description
  case comma
  case equals
  case leftBrace
  case rightBrace
  case leftParenthesis
  case rightParenthesis
  case rightBracket
  case statementEnd
  case word(Keyword)
  /// Several words.
  case phrase(String)

  var phrase: String {
    switch self {
    case .statement: "a statement"
    case .verb: "a verb such as `monitor`"
    case .service: "a service"
    case .name: "a name"
    case .environment: "an environment"
    case .team: "a team"
    case .place: "a configured place"
    case .day: "a day such as `weekdays` or `monday`"
    case .mergeMethod: "a way of merging such as `squash`"
    case .value: "a value"
    case .operation: "an operator such as `is`"
    case .duration: "a duration"
    case .version: "a version"
    case .wholeNumber: "a whole number"
    case .string: "a string"
    case .description: "a description in quotes"
    case .comma: "`,`"
    case .equals: "`=`"
    case .leftBrace: "`{`"
    case .rightBrace: "`}`"
    case .leftParenthesis: "`(`"
    case .rightParenthesis: "`)`"
    case .rightBracket: "`]`"
    case .statementEnd: "the end of the statement"
    case .word(let keyword): "`\(keyword.rawValue)`"
    case .phrase(let words): "`\(words)`"
    }
  }
}

/// "a, b or c"
func alternatives(_ phrases: [String]) -> String {
  guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? "" }
  return phrases.dropLast().joined(separator: ", ") + " or " + last
}
