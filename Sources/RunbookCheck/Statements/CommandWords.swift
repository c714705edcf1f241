/// The words of `run "…"`, split as they are written.
///
/// Words have blanks, tabs or line breaks between them. In single quotes everything stands for itself; in double quotes
/// (`\"` in a runbook's string) blanks do, and `\` takes `"` and `\` as they are. Outside of quotes `\` takes the next
/// character as it is. Nothing else means anything: no variables, no patterns, no pipes. A value that is written into
/// the string is part of the word it stands in, whatever it holds: it is never split, and its quotes are none.
enum CommandWords {
  enum Problem: Error {
    /// The quote that is never closed.
    case unclosed(Character)
    /// A `\` with nothing behind it.
    case trailingBackslash
  }

  struct Word: Hashable {
    var segments: [CheckedExpression.Segment] = []
    /// Whether a part of it was in quotes.
    var isQuoted = false

    /// The word, where it is a sign that only a shell understands.
    var shellSign: String? {
      guard !isQuoted, segments.count == 1, case .text(let text) = segments[0] else { return nil }
      return ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>&1", "2>"].contains(text) ? text : nil
    }

    fileprivate mutating func append(_ character: Character) {
      if case .text(let text)? = segments.last {
        segments[segments.count - 1] = .text(text + String(character))
      } else {
        segments.append(.text(String(character)))
      }
    }
  }

  static func split(_ segments: [CheckedExpression.Segment]) -> Result<[Word], Problem> {
    var words: [Word] = []
    var word: Word?
    var quote: Character?
    var isEscaped = false
    for segment in segments {
      switch segment {
      case .value:
        if isEscaped { return .failure(.trailingBackslash) }
        word = word ?? Word()
        word?.segments.append(segment)
      case .text(let text):
        for character in text {
          if isEscaped {
            // In double quotes only these two need one; before others it stands for itself.
            if quote != nil, character != "\"", character != "\\" { word?.append("\\") }
            word?.append(character)
            isEscaped = false
          } else if character == "\\", quote != "'" {
            word = word ?? Word()
            isEscaped = true
          } else if character == quote {
            quote = nil
          } else if quote == nil, character == "'" || character == "\"" {
            quote = character
            word = word ?? Word()
            word?.isQuoted = true
          } else if quote == nil, character.isWhitespace {
            if let done = word { words.append(done) }
            word = nil
          } else {
            word = word ?? Word()
            word?.append(character)
          }
        }
      }
    }
    if isEscaped { return .failure(.trailingBackslash) }
    if let quote { return .failure(.unclosed(quote)) }
    if let word { words.append(word) }
    return .success(words)
  }
}
