import PromotionModel
import RunbookCheck
import Testing

@testable import RunbookREPL

@Suite("Prompt: what tired people type")
struct TiredTests {
  @Test(
    "the exact statement is shown, and one key runs it",
    arguments: [
      ("rollback api v1.2.1", "rollback api to v1.2.1"), ("rollback api to api-v1.2.1", "rollback api to v1.2.1"),
      ("rollback production api 1.2.1", "rollback production api to 1.2.1"),
      ("rolback api to v1.2.1", "rollback api to v1.2.1"),
      ("rollback prodution api to v1.2.1", "rollback production api to v1.2.1"),
    ]
  )
  func meant(typed: String, statement: String) async throws {
    let yes = try await PromptSession([typed], answers: ["y"])
    #expect(yes.text.contains("Meant:\n    \(statement)\n"), "\(yes.text)")
    #expect(yes.production["api"] == "api-v1.2.1")
    #expect(yes.console.current.remembered.last == statement)
    for key in ["n", " ", "\r", "q"] {
      #expect(try await PromptSession([typed], answers: [key]).production["api"] == "api-v1.2.2")
    }
  }

  @Test("in the live world one key shows what it does, and the second key does it")
  func twoKeys() async throws {
    let session = try await PromptSession(["rollback api v1.2.1"], as: .live, answers: ["y", "production"])
    #expect(session.production["api"] == "api-v1.2.1")
    #expect(
      try await PromptSession(["rollback api v1.2.1"], as: .live, answers: ["y", "y"]).production["api"] == "api-v1.2.2"
    )
  }

  @Test("what is no statement at all shows its place, and nothing is guessed")
  func nonsense() async throws {
    let session = try await PromptSession(["please help me", "validate stagign api"], answers: ["n"])
    #expect(session.text.contains("^") && session.text.contains("validate staging api"))
  }

  @Test("a rollback to where nobody knows lists what ran, and a digit picks", arguments: ["1", "x"])
  func pick(key: String) async throws {
    let session = try await PromptSession(["rollback api to v9.9.9"], answers: [key])
    #expect(
      session.text.contains("What it ran before, newest first:\n  1  rollback production api to v"),
      "\(session.text)"
    )
    #expect(session.production["api"] == (key == "1" ? "api-v1.2.1" : "api-v1.2.2"))
  }

  @Test("the list says how long each version stood, and which was taken back")
  func howWell() async throws {
    let lines = [
      "validate staging api", "promote api by commit", "wait rollout", "rollback api", "rollback api to v9.9.9",
    ]
    let text = try await PromptSession(lines, answers: ["x"]).text
    #expect(text.contains(/to v1\.3\.0   stood \d+[sm] from 2026-01-05T18:00:\d\dZ, .*, and was taken back/), "\(text)")
    #expect(text.contains(/to v1\.2\.1   stood \d+d from [-0-9]+T18:00:00Z, Ada\n/), "\(text)")
    #expect(!text.contains("to v1.2.2   stood"), "what stands there is no way back")
  }

  @Test("`undo` proposes the way back of what was done last, and runs it on a key")
  func undo() async throws {
    let lines = ["rollback api to v1.2.1", "undo", ":undo"]
    let session = try await PromptSession(lines, answers: ["y", "n"])
    #expect(session.text.contains("Meant:\n    rollback production api to v1.2.2\n"), "\(session.text)")
    #expect(session.production["api"] == "api-v1.2.2")
    #expect(session.text.contains("Meant:\n    rollback production api to v1.2.1\n"))
    #expect(try await PromptSession(["undo"]).text.contains("changed nothing"))
  }

  @Test("`undo` of a promotion that waits in a pull request closes it")
  func undoOfAnOpenPullRequest() async throws {
    let lines = ["validate staging api", "promote api by pr", "undo", "undo"]
    let session = try await PromptSession(lines, answers: ["y"])
    #expect(session.text.contains(/Pull request #\d+ is open, and changes nothing until/), "\(session.text)")
    #expect(session.text.contains("Meant:\n    rollback production api to v1.2.2\n"), "\(session.text)")
    #expect(session.text.contains(/#\d+ closed/), "\(session.text)")
    #expect(session.text.contains("changed nothing that a statement could set back"), "\(session.text)")
    #expect(session.production["api"] == "api-v1.2.2")
  }
}
