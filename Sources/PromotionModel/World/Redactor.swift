import Synchronization

/// Takes secrets out of texts before they are shown, stored or sent: the values that it was told, and whatever looks like
/// a login (user information in URLs, authorization headers, access tokens).
public final class Redactor: Sendable {
  /// What stands where a secret was.
  public static let mark = "***"
  /// Shorter values stand everywhere by chance, and are no secrets.
  private static let shortest = 6

  private let values = Mutex<[String]>([])

  public init() {}

  public func keep(_ secret: String) {
    guard secret.utf8.count >= Self.shortest else { return }
    values.withLock { values in
      guard !values.contains(secret) else { return }
      values.append(secret)
      // A secret that holds another goes first, so that nothing of it stays.
      values.sort { $0.utf8.count > $1.utf8.count }
    }
  }

  public func clean(_ text: String) -> String {
    let known = values.withLock { $0 }
    let text = known.reduce(text) { text, secret in
      text.utf8.count < secret.utf8.count
        ? text : text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: Self.mark)
    }
    // Most texts hold nothing that looks like a login, and are not taken apart.
    guard Self.mayHoldLogin(text) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.withoutLogins($0) }
      .joined(separator: "\n")
  }

  /// A line without what looks like a login.
  public static func withoutLogins(_ text: some StringProtocol) -> String {
    var line = String(text)
    guard mayHoldLogin(line) else { return line }
    let may = LoginHints(line)
    if may.holdUser {
      let inURL = /(:\/\/)[^\/\s'"]*@/.matchingSemantics(.unicodeScalar)
      line.replace(inURL) { "\($0.output.1)\(mark)@" }
    }
    if may.holdHeader {
      let header = /(authorization\s*:\s*).*/.ignoresCase().matchingSemantics(.unicodeScalar)
      line.replace(header) { "\($0.output.1)\(mark)" }
    }
    if may.holdBearer {
      let bearer = /\b((?:bearer|basic)\s+)[A-Za-z0-9._~+\/=\-]{6,}/.ignoresCase().matchingSemantics(.unicodeScalar)
      line.replace(bearer) { "\($0.output.1)\(mark)" }
    }
    if may.holdToken {
      let token =
        /(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|eyJ)[A-Za-z0-9_.\-]{8,}/.matchingSemantics(.unicodeScalar)
      line.replace(token) { _ in mark }
    }
    if may.holdWebhook {
      let webhook = /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[^\s'"]+/.matchingSemantics(.unicodeScalar)
      line.replace(webhook) { "\($0.output.1)\(mark)" }
    }
    return line
  }

  /// Three letters of each pattern, in small letters: most lines have none of them, and cost one pass.
  private static let beginnings: Set<[UInt8]> = Set(
    ["aut", "bea", "bas", "eyj", "xox", "hoo", "git", "glp", "ghp", "gho", "ghu", "ghs", "ghr", "://"].map {
      Array($0.utf8)
    }
  )

  private static func mayHoldLogin(_ line: String) -> Bool {
    var first: UInt8 = 0
    var second: UInt8 = 0
    for byte in line.utf8 {
      let third = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      switch first {
      case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "e"), UInt8(ascii: "x"), UInt8(ascii: "h"),
        UInt8(ascii: "g"), UInt8(ascii: ":"):
        if beginnings.contains([first, second, third]) { return true }
      default: break
      }
      (first, second) = (second, third)
    }
    return false
  }
}

/// Which kinds of logins a line may hold: an expression is costly to make, so it is made only for a line that has its words.
private struct LoginHints {
  let holdUser: Bool
  let holdHeader: Bool
  let holdBearer: Bool
  let holdToken: Bool
  let holdWebhook: Bool

  init(_ line: String) {
    let bytes = line.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    // What else counts as the same letter, whatever the case, is left to the expressions.
    guard bytes.allSatisfy({ $0 < 0x80 }) else {
      (holdUser, holdHeader, holdBearer, holdToken, holdWebhook) = (true, true, true, true, true)
      return
    }
    func has(_ word: String) -> Bool {
      let word = Array(word.utf8)
      guard let first = word.first, bytes.count >= word.count else { return false }
      return (0...bytes.count - word.count).contains { start in
        bytes[start] == first && bytes[start..<start + word.count].elementsEqual(word)
      }
    }
    holdUser = bytes.contains(UInt8(ascii: "@")) && has("://")
    holdHeader = has("authorization")
    holdBearer = has("bearer") || has("basic")
    holdToken = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "eyj"].contains(where: has)
    holdWebhook = has("hooks.slack.com/")
  }
}
