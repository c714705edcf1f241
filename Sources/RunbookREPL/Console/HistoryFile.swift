/// What was typed in former sessions: one file for this user alone, a line an entry. What may hold a secret is not kept,
/// and neither is what was typed with a blank in front.
struct HistoryFile {
  private let path: String
  private let files: any SessionFiles
  private let secrets: Set<String>
  private static let limit = 5000

  init(settings: ReplSettings) {
    path = settings.stateFolder + "/history"
    (files, secrets) = (settings.files, settings.secrets)
  }

  /// The entries, the oldest first.
  func entries() -> [String] {
    guard let bytes = files.read(path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(Self.limit).map { Self.decoded($0) }
  }

  /// - Returns: whether it was kept.
  func add(_ entry: String) -> Bool {
    guard isFit(entry) else { return false }
    files.append(Self.encoded(entry), to: path)
    return true
  }

  private static let revealing = [
    "password", "passwd", "secret", "token", "api-key", "apikey", "authorization", "bearer ",
  ]
  private static let tokens = ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "eyJhbGciOi"]

  func isFit(_ entry: String) -> Bool {
    guard let first = entry.first, first != " ", entry.utf8.count < 10_000 else { return false }
    let folded = entry.lowercased()
    // A word like `token` followed by a value; the word alone, in a sentence, gives nothing away.
    let reveals = Self.revealing.contains { word in
      folded.ranges(of: word).contains { range in
        let rest = folded[range.upperBound...].drop { $0 == " " || $0 == "\"" || $0 == "'" }
        return rest.first == "=" || rest.first == ":" || word == "bearer "
      }
    }
    return !reveals && !Self.tokens.contains(where: entry.contains) && !secrets.contains(where: entry.contains)
  }

  /// On one line.
  static func encoded(_ entry: String) -> String {
    var line = ""
    for character in entry.unicodeScalars {
      switch character {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case _: line.unicodeScalars.append(character)
      }
    }
    return line
  }

  static func decoded(_ line: some StringProtocol) -> String {
    var entry = ""
    var isEscaped = false
    for character in line.unicodeScalars {
      if isEscaped {
        if character == "n" { entry += "\n" } else { entry.unicodeScalars.append(character) }
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        entry.unicodeScalars.append(character)
      }
    }
    return entry
  }
}
