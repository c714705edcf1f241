import PromotionModel
import Testing

@Suite struct LinePatternTests {
  @Test(arguments: [
    ("error", "an ERROR here", true), ("error", "erro r", false), ("^error", "an error", false),
    ("^error", "error", true),
    ("error$", "error", true), ("error$", "error!", false), ("a.c", "xabcx", true), ("a.c", "ac", false),
    ("[a-c]+x", "abcabcx", true), ("[^a-c]x", "ax", false), ("[^a-c]x", "dx", true), ("[]x]", "]", true),
    ("[a-]b", "-b", true), (#"\d{3}"#, "12 345", true), (#"\d{3}"#, "12 34", false), (#"a{2,}b"#, "aab", true),
    (#"a{2,3}b"#, "xaaab", true), ("^a{2,3}b", "aaaab", false), ("a{0}b", "b", true),
    (#"\bpanic\b"#, "a panic: x", true),
    (#"\bpanic\b"#, "panics", false), (#"\Banic"#, "panic", true), ("(a|b)*c", "ababc", true),
    ("^(a|b)*$", "abx", false),
    ("(?:ab)+$", "ababab", true), ("x|y|^z", "az", false), ("x|y|^z", "z", true), (#"\."#, "a", false),
    (#"\["#, "[", true),
    ("a?b", "b", true), ("a*?b", "aab", true), ("()", "", true), ("^$", "", true), ("^$", "a", false),
    ("é", "caf\u{E9}", true),
    (#"[\w.]+@"#, "a.b@c", true), (#"\S\s\S"#, "a\tb", true),
  ])
  func matches(pattern: String, line: String, expected: Bool) throws {
    #expect(try LinePattern(pattern).matches(Array(line.utf8)) == expected, "\(pattern) on \(line)")
  }

  @Test(arguments: [
    ("", "is empty"), ("(a", "has a `(` that is not closed"), ("a)", "has a `)` that closes nothing"),
    ("[a", "has a `[` that is not closed"), ("*a", "repeats nothing before `*`"),
    ("a{x}", "has a `{` without its counts, such as {2,5}"),
    ("a{3,2}", "has a `{` without its counts, such as {2,5}"), (#"a\"#, "ends with a backslash"),
    (#"\1"#, #"has `\1`, which is not understood"#),
    ("(?=a)", "has a `(?` that is not understood; `(?:…)` is"), ("[z-a]", "has a range in `[…]` that runs backwards"),
    ("((a{200}){200}){200}", "is too large"), (String(repeating: "(", count: 60), "is nested too deeply"),
  ])
  func saysWhatIsWrong(pattern: String, message: String) {
    #expect(throws: LinePattern.Mistake(message: message)) { try LinePattern(pattern) }
  }

  @Test(arguments: [
    (#"status=5\d\d"#, "status=5"), ("a|b", ""), ("(connection refused)+ by", "connection refused"),
    ("x*timeout?", "timeou"),
    (#"^E\d{4}"#, "e"), ("ERROR", "error"), ("[a-z]+", ""),
  ])
  func knowsWhatEveryMatchHasInIt(pattern: String, literal: String) throws {
    #expect(String(decoding: try LinePattern(pattern).literal, as: UTF8.self) == literal)
  }

  /// What makes other engines try again and again.
  @Test func takesNoLongerForWhatIsWrittenToStopIt() throws {
    let pattern = try LinePattern("^(a+)+(a|aa)*(a*)*$")
    let line = [UInt8](repeating: 0x61, count: 4000) + [0x62]
    #expect(!pattern.matches(line))
    // Of an endless line, the beginning is looked at.
    #expect(try !LinePattern("b$").matches([UInt8](repeating: 0x61, count: 100_000) + [0x62]))
  }
}
