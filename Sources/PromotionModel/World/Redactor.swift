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

  /// Another one that knows the same so far.
  public func copy() -> Redactor {
    let copy = Redactor()
    let known = values.withLock { $0 }
    copy.values.withLock { $0 = known }
    return copy
  }

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
    guard LoginHints(text).any else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.withoutLogins($0) }
      .joined(separator: "\n")
  }

  /// A line without what looks like a login.
  public static func withoutLogins(_ text: some StringProtocol) -> String {
    var line = String(text)
    let may = LoginHints(line)
    guard may.any else { return line }
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
}

/// Which kinds of logins a text may hold, found in one pass over its bytes: an expression is costly to make and to try, so it is
/// made only for a line that has its words.
private struct LoginHints {
  private(set) var holdHeader = false
  private(set) var holdBearer = false
  private(set) var holdToken = false
  private(set) var holdWebhook = false
  private var hasSign = false
  private var hasScheme = false

  var holdUser: Bool { hasSign && hasScheme }
  var any: Bool { holdUser || holdHeader || holdBearer || holdToken || holdWebhook }

  init(_ text: String) {
    var text = text
    text.withUTF8 { look(through: $0) }
  }

  private mutating func look(through bytes: UnsafeBufferPointer<UInt8>) {
    func stands(_ word: StaticString, at start: Int) -> Bool {
      guard bytes.count - start >= word.utf8CodeUnitCount else { return false }
      return word.withUTF8Buffer { word in
        for index in 0..<word.count {
          let byte = bytes[start + index]
          guard (0x41...0x5A ~= byte ? byte | 0x20 : byte) == word[index] else { return false }
        }
        return true
      }
    }
    for start in bytes.indices {
      let byte = bytes[start]
      switch 0x41...0x5A ~= byte ? byte | 0x20 : byte {
      case UInt8(ascii: "@"): hasSign = true
      case UInt8(ascii: ":"): if !hasScheme { hasScheme = stands("://", at: start) }
      case UInt8(ascii: "a"): if !holdHeader { holdHeader = stands("authorization", at: start) }
      case UInt8(ascii: "b"):
        if !holdBearer { holdBearer = stands("bearer", at: start) || stands("basic", at: start) }
      case UInt8(ascii: "h"): if !holdWebhook { holdWebhook = stands("hooks.slack.com/", at: start) }
      case UInt8(ascii: "e"): if !holdToken { holdToken = stands("eyj", at: start) }
      case UInt8(ascii: "x"): if !holdToken { holdToken = stands("xox", at: start) }
      case UInt8(ascii: "g"):
        if !holdToken {
          holdToken =
            stands("gh", at: start) && start + 3 < bytes.count && bytes[start + 3] == UInt8(ascii: "_")
            || stands("github_pat_", at: start) || stands("glpat-", at: start)
        }
      case 0x80...: if isLetter(bytes, at: start) { lookCloser() }
      default: break
      }
    }
  }

  /// Whether some other letter may begin there, which may count as one of ASCII whatever the case (`ſ` is an `S`). Arrows, dashes
  /// and quotation marks do not.
  private func isLetter(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    switch bytes[start] {
    case 0x80...0xBF, 0xC2: false
    case 0xE2: start + 1 == bytes.count || ![0x80, 0x86].contains(bytes[start + 1])
    default: true
    }
  }

  private mutating func lookCloser() {
    (holdHeader, holdBearer, holdToken, holdWebhook) = (true, true, true, true)
    (hasSign, hasScheme) = (true, true)
  }
}
