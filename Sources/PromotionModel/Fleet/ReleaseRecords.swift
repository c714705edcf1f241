/// The record of releases that is kept in the GitOps repository: each promotion, and each return, adds an entry in its own
/// commit (the guide, "Version Management": documentation).
public struct RecordSettings: Sendable, Hashable {
  /// Where entries go. With `{run}` in it each entry has a file of its own, and no two changes that wait for a merge meet in one
  /// file; without it they stand in one, the newest first.
  public var filePattern: String
  /// How an entry reads; nil: as Slipway writes it.
  public var template: String?

  public static let filePlaceholders = ["environment", "date", "run"]
  public static let entryPlaceholders = [
    "what", "environment", "date", "time", "services", "reason", "ticket", "commits", "run",
  ]

  public init(filePattern: String, template: String? = nil) {
    (self.filePattern, self.template) = (filePattern, template)
  }

  public var hasFilePerEntry: Bool { filePattern.contains("{run}") }

  /// - Parameters:
  ///   - date: `2026-01-05`.
  ///   - entry: what tells the entry from all others: letters, digits and hyphens.
  public func file(in environment: EnvironmentName, date: String, entry: String) -> String {
    var path = ""
    for piece in pieces {
      switch piece {
      case .text(let text): path += text
      case .environment: path += environment.text
      case .date: path += date
      case .run: path += entry
      }
    }
    return path
  }

  /// The one file of all entries of an environment; nil where each has its own.
  public func sharedFile(in environment: EnvironmentName) -> String? {
    hasFilePerEntry ? nil : file(in: environment, date: "", entry: "")
  }

  /// Whether a path may be one of an entry.
  public func covers(_ path: String) -> Bool { Self.covers(path[...], pieces[...]) }

  private static func covers(_ path: Substring, _ pieces: ArraySlice<Piece>) -> Bool {
    guard let piece = pieces.first else { return path.isEmpty }
    if case .text(let text) = piece {
      return path.hasPrefix(text) && covers(path.dropFirst(text.count), pieces.dropFirst())
    }
    // What is filled in has no slash, and is never empty.
    var rest = path
    while let character = rest.first, character != "/" {
      rest = rest.dropFirst()
      if covers(rest, pieces.dropFirst()) { return true }
    }
    return false
  }

  private enum Piece { case text(String), environment, date, run }

  private var pieces: [Piece] {
    var pieces: [Piece] = []
    var text = ""
    var rest = filePattern[...]
    let known: [(String, Piece)] = [("{environment}", .environment), ("{date}", .date), ("{run}", .run)]
    while let first = rest.first {
      if let (name, piece) = known.first(where: { rest.hasPrefix($0.0) }) {
        if !text.isEmpty { pieces.append(.text(text)) }
        (text, rest) = ("", rest.dropFirst(name.count))
        pieces.append(piece)
      } else {
        text.append(first)
        rest = rest.dropFirst()
      }
    }
    return text.isEmpty ? pieces : pieces + [.text(text)]
  }
}
