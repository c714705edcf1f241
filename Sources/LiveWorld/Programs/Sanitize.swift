import PromotionModel

extension LocalPrograms {
  /// What a program said, fit for a message: the first lines in one, without terminal escapes, control and direction
  /// characters, and without secrets (user information in URLs, authorization headers, access tokens).
  ///
  /// - Parameter limit: the most characters, after which `…` stands.
  public static func sanitize(_ bytes: [UInt8], limit: Int) -> String {
    // Secrets are cut out before the text is shortened, so that none survives by losing its end.
    let text = String(decoding: bytes.prefix(64 << 10), as: UTF8.self)
    let lines = withoutEscapes(text).split(separator: "\n").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    let joined = lines.map { Redactor.withoutLogins($0) }.joined(separator: "; ")
    return joined.count <= limit ? joined : joined.prefix(max(0, limit)) + "…"
  }

  /// One line of text from outside (a name, a subject) fit for a terminal.
  public static func sanitize(line text: String, limit: Int = 200) -> String {
    sanitize(Array(text.utf8), limit: limit)
  }

  private static func withoutEscapes(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      switch scalar.value {
      case 0x0A, 0x0D: result.append("\n")
      case 0x09: result.append(" ")
      case 0x1B: skipEscape(&scalars, introducer: scalars.next())
      case 0x9B: skipEscape(&scalars, introducer: "[")
      case 0..<0x20, 0x7F..<0xA0: continue
      // Marks and overrides of direction, joiners, separators, and tags: all invisible, all able to mislead.
      case 0x061C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
        0xE0000...0xE0FFF:
        continue
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func skipEscape(
    _ scalars: inout String.UnicodeScalarView.Iterator,
    introducer: Unicode.Scalar?
  ) {
    switch introducer {
    case "[":  // a control sequence ends with a byte from @ to ~
      while let next = scalars.next(), !(0x40...0x7E).contains(next.value) {}
    case "]", "P", "X", "^", "_":  // a string ends with BEL or ESC \
      while let next = scalars.next(), next.value != 0x07 {
        if next.value == 0x1B {
          _ = scalars.next()
          return
        }
      }
    case nil, _?: return
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
