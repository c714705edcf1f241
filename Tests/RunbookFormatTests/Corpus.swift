import FoundationEssentials
import RunbookDiagnostics
import RunbookSyntax

/// The right runbooks of the repository: examples, case files, the fenced blocks of the pages.
enum Corpus {
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

  static let texts: [String] = {
    var texts: [String] = []
    for name in files(in: "examples", ending: ".runbook") { texts.append(text("examples/\(name)")) }
    for folder in files(in: "Tests", ending: "Tests") {
      for name in files(in: "Tests/\(folder)/Cases", ending: ".runbook") {
        texts += text("Tests/\(folder)/Cases/\(name)").components(separatedBy: "\n---\n")
      }
    }
    for name in ["README.md"] + files(in: "grammar", ending: ".md").map({ "grammar/\($0)" }) {
      let fences = text(name).components(separatedBy: "```")
      texts += fences.filter { $0.hasPrefix("runbook\n") }.map { String($0.dropFirst(8)) }
    }
    return texts.filter { isRight($0) }
  }()

  static func isRight(_ text: String) -> Bool { parse(SourceText(name: "corpus", text: text)).diagnostics.isEmpty }

  private static func text(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: "\(root)/\(name)") ?? Data(), as: UTF8.self)
  }

  private static func files(in folder: String, ending: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
    return (names ?? []).filter { $0.hasSuffix(ending) }.sorted()
  }
}

/// SplitMix64: the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The same words with other blanks, line breaks and comments between them; what it makes may be wrong.
func respaced(_ text: String, using generator: inout SeededGenerator) -> String {
  let source = SourceText(name: "corpus", text: text)
  var result = Bool.random(using: &generator) ? "" : "\n\n# at the top\n"
  var brackets = 0
  var last: Token?
  for token in tokens(of: source) {
    let word = source.text(token.span)
    defer { last = token }
    switch token.kind {
    case .leftParenthesis, .leftBracket: brackets += 1
    case .rightParenthesis, .rightBracket: brackets -= 1
    default: break
    }
    if token.kind == .newline {
      let ends = ["\n", "\n", "\n\n", "\r\n", "  # behind\n", "\n\n\n  \t# own line\n", " ;\n", "; # semicolon\n", ";"]
      result += ends.randomElement(using: &generator) ?? "\n"
      continue
    }
    let goesOn = brackets > 0 || last?.kind == .comma
    if goesOn, Int.random(in: 0..<8, using: &generator) == 0 {
      result += ["\n", " # inside\n", "\n\n# own line inside\n\n  "].randomElement(using: &generator) ?? "\n"
    }
    if let last, last.span.end < token.span.start || Bool.random(using: &generator) {
      result += [" ", "  ", "\t"].randomElement(using: &generator) ?? " "
    }
    result += word
    if token.kind == .comment { result += Bool.random(using: &generator) ? "" : "  " }
    if token.kind == .leftBrace { result += ["", " ", "\n", " # brace\n"].randomElement(using: &generator) ?? " " }
    if token.kind == .rightBrace, Int.random(in: 0..<4, using: &generator) == 0 { result += " # closed\n" }
  }
  return result
}
