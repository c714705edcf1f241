import Testing

@testable import RunbookREPL

@Suite("Prompt: the text of a session")
struct SessionTextTests {
  @Test(
    "a text goes on while something in it is open",
    arguments: [
      ("validate staging api", false), ("for s in api {", true), ("for s in api {\n  show status\n}", false),
      ("validate staging api,", true), ("let x = (1 +", true), ("# {", false), ("fail \"{\"", false), ("}", false),
      ("announce \"\"\"", true), ("", false),
    ]
  )
  func open(text: String, isOpen: Bool) { #expect(SessionText.isOpen(text) == isOpen) }
}
