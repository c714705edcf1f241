import PromotionModel

/// The rules for a path that is given to git and stays in its tree.
enum RepositoryPath {
  private static let longest = 4096

  /// Why a path must not be used; nil when it may.
  static func problem(_ path: String) -> String? { isPlain(path) ? nil : problemByCharacters(path) }

  /// Whether it is like nearly every path: ASCII letters, digits and `_`, with `-` and `.` within its parts. Every path of a fleet
  /// is looked at again and again, and this needs no more than a look at its bytes.
  private static func isPlain(_ path: String) -> Bool {
    var isAtStart = true
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        isAtStart = false
      // At the start of a part they may make an option of it, `..` or `.git`.
      case UInt8(ascii: "-"), UInt8(ascii: "."): if isAtStart { return false }
      case UInt8(ascii: "/"):
        if isAtStart { return false }
        isAtStart = true
      default: return false
      }
    }
    return !isAtStart && path.utf8.count <= longest
  }

  static func problemByCharacters(_ path: String) -> String? {
    guard !path.isEmpty else { return "is empty" }
    guard path.utf8.count <= longest else { return "is too long" }
    guard path.unicodeScalars.allSatisfy(isPresentable) else { return "has control characters" }
    // `-` would read as an option, `:` as magic of a pathspec.
    if path.hasPrefix("-") || path.hasPrefix(":") { return "starts with `\(path.prefix(1))`" }
    if path.hasPrefix("/") { return "is absolute" }
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty { return "has an empty part" }
      if part == "." || part == ".." { return "has the part `\(part)`" }
      if part.lowercased() == ".git" { return "leads into git's own files" }
    }
    return nil
  }

  /// - Throws: ``WorldError`` with `refused`.
  static func check(_ path: String) throws(WorldError) {
    guard let problem = problem(path) else { return }
    throw .refusal("the path \(shown(path)) \(problem)")
  }
}

/// Whether a character shows as itself and changes nothing about how its neighbours show.
func isPresentable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
  return switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}

/// A value of a file, fit for a message: what a terminal would obey is escaped, what is long is cut.
func shown(_ text: String) -> String {
  var result = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < 120 else { return result + "…" }
    if isPresentable(scalar) {
      result.unicodeScalars.append(scalar)
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  return result
}
