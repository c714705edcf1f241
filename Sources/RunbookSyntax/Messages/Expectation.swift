/// What the parser would have taken where it found something else; the set of them writes the message.
enum Expectation: Hashable, Sendable {
  case service
  case name
  case environment
  case duration
  case version
  case wholeNumber
  case string
  case comma
  case leftBrace
  case statementEnd
  case word(Keyword)

  var phrase: String {
    switch self {
    case .service: "a service"
    case .name: "a name"
    case .environment: "an environment"
    case .duration: "a duration"
    case .version: "a version"
    case .wholeNumber: "a whole number"
    case .string: "a string"
    case .comma: "`,`"
    case .leftBrace: "`{`"
    case .statementEnd: "the end of the statement"
    case .word(let keyword): "`\(keyword.rawValue)`"
    }
  }
}

/// "a, b or c"
func alternatives(_ phrases: [String]) -> String {
  guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? "" }
  return phrases.dropLast().joined(separator: ", ") + " or " + last
}
