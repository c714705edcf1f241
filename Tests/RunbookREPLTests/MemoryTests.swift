import PromotionModel
import RunLog
import RunbookCheck
import Testing

@testable import RunbookREPL

@Suite("Prompt: what a session remembers")
struct MemoryTests {
  @Test("what was validated stays sealed, what was promoted is known, and it ends well when something looked")
  func promotion() async throws {
    let session = try await PromptSession(["validate staging api", "promote api by commit", "monitor 30m"])
    #expect(session.production["api"] == "api-v1.3.0")
    #expect(session.status == 0, "\(session.text)")
    #expect(session.text.contains("nothing has looked at it since"))
  }

  @Test("a session that is left before anything looked is undetermined (rule 4)")
  func unseen() async throws {
    let session = try await PromptSession(["validate staging api", "promote api by commit"])
    #expect(session.status == 4)
    #expect(session.text.contains("changed, and nothing looked at it afterwards"))
  }

  @Test("what was not validated is not promoted, and the session goes on")
  func refused() async throws {
    let session = try await PromptSession(["promote api by commit", "show versions api"])
    #expect(session.production["api"] == "api-v1.2.2")
    #expect(session.text.contains("refused") && session.text.contains("SERVICE"))
    #expect(session.status == 0)
  }

  @Test("variables keep their values, and can be declared anew, also where others have used them")
  func variables() async throws {
    let session = try await PromptSession([
      "let v = version of api in staging", "require v is v1.3.0", "let w = v", "let v = version of api in production",
      "require v is v1.2.2", "require w is v1.3.0", ":vars",
    ])
    #expect(session.text.contains("v  1.2.2\nw  1.3.0\n"), "\(session.text)")
    #expect(!session.text.contains("refused") && !session.text.contains("error"))
  }

  @Test("procedures and inputs are kept")
  func declarations() async throws {
    let session = try await PromptSession([
      "procedure look(services) {\n  show pods staging services\n}", "input soak = 5m", ":set soak=1m", "look(api)",
      "wait (soak)", ":inputs",
    ])
    #expect(session.text.contains("ENVIRONMENT  SERVICE  POD") && session.text.contains("soak  1m"))
    #expect(session.status == 0 && !session.text.contains("error"), "\(session.text)")
  }

  @Test("a statement whose variable was never given a value may be said again")
  func failedBinding() async throws {
    let session = try await PromptSession([
      "let v = errors of docs in production since 5m", "let v = 3", "require v is 3",
    ])
    #expect(session.text.contains("v is 3"), "\(session.text)")
  }

  @Test("the journal holds the session as one run: its text checks, and every step stands at its place")
  func journal() async throws {
    let session = try await PromptSession([
      "validate staging api", "stop \"enough\"", "let a = 1", "let a = 2", "promote web by commit",
      "promote api by commit",
    ])
    let record = try #require(try session.journal.run(session.run))
    #expect(record.isSession && record.ending == .undetermined && record.world == "rehearsal")
    let steps = try session.journal.steps(of: session.run)
    #expect(steps.map(\.verb) == ["validate", "stop", "let", "let", "promote", "promote"])
    #expect(steps.map(\.step.description) == ["1", "2", "3", "4", "5", "6"])
    let lines = record.text.split(separator: "\n").map(String.init)
    #expect(lines[1] == "validate staging api" && lines[3] == "require true  # let a = 1")
    #expect(lines[5] == "require true  # promote web by commit" && lines[6] == "promote api by commit")
    #expect(record.text.split(separator: "\n").count == 7)
  }

  @Test("handlers have nothing to answer at the prompt, and say so")
  func handlers() async throws {
    let session = try await PromptSession(["on failure {\n  rollback promoted\n}", "show versions api"])
    #expect(session.text.contains("at the prompt there is none") || session.text.contains("error"), "\(session.text)")
    #expect(session.text.contains("SERVICE"))
  }
}
