import PromotionModel

/// In whose name the user's git commits, and whether it signs.
struct GitIdentity: Hashable, Sendable {
  /// `Name <email>`, as git writes them; nil where git is to say so itself, or why it cannot.
  var named: (author: String, committer: String)? {
    guard let author, let committer else { return nil }
    return (author, committer)
  }
  private var author: String?
  private var committer: String?
  /// nil: `commit.gpgsign` has a value that git is to judge.
  var isSigned: Bool?

  /// Nothing is known: git says it all.
  init() {}

  /// Reads what `git var -l` lists: the whole configuration and, with the environment's say, the identities.
  ///
  /// An identity counts only where name and address are configured: without, git lists one that it made up from the
  /// machine's name, and may refuse to commit with it.
  init(listing: [UInt8]) {
    var values: [String: String?] = [:]
    for line in listing.split(separator: UInt8(ascii: "\n")) {
      guard let text = String(validating: line, as: UTF8.self) else { continue }
      let fields = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      values.updateValue(fields.count == 2 ? fields[1] : nil, forKey: fields[0])
    }
    func value(_ key: String) -> String? { values[key] ?? nil }
    if value("user.name")?.isEmpty == false, value("user.email")?.isEmpty == false {
      (author, committer) = (Self.person(value("GIT_AUTHOR_IDENT")), Self.person(value("GIT_COMMITTER_IDENT")))
    }
    switch values["commit.gpgsign"] {
    case .none: isSigned = false
    case .some(nil): isSigned = true
    case .some(let value?):
      switch value.lowercased() {
      case "true", "yes", "on", "1": isSigned = true
      case "false", "no", "off", "0", "": isSigned = false
      case _: isSigned = nil
      }
    }
  }

  /// `Name <email>` of an identity with its time; nil where a part is missing or is not in the form that git writes.
  private static func person(_ identity: String?) -> String? {
    guard let identity, let end = identity.lastIndex(of: ">"), let start = identity.firstIndex(of: "<"),
      identity[identity.index(after: end)...].hasPrefix(" ")
    else { return nil }
    let (name, email) = (identity[..<start], identity[identity.index(after: start)..<end])
    guard name.count > 1, name.hasSuffix(" "), !email.isEmpty, !email.contains("<"), !email.contains(">"),
      identity.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else { return nil }
    return String(identity[...end])
  }
}
