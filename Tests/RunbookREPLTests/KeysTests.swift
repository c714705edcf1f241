import PromotionModel
import RunbookCheck
import SimulatedWorld
import Testing

@testable import RunbookREPL

@Suite("Prompt: two keys")
struct KeysTests {
  private static let release = ["validate staging api", "promote api by commit", "wait rollout"]

  @Test("what writes to a protected environment is shown and done when its name is typed")
  func agreed() async throws {
    let session = try await PromptSession(Self.release, as: .live, answers: ["production"])
    #expect(session.production["api"] == "api-v1.3.0", "\(session.text)")
    #expect(session.console.current.questions == ["Type production to do it: "])
    for piece in [
      "api  api-v1.2.2 → api-v1.3.0", "-  chartTag: api-v1.2.2", "commit:   promote(api)", "told:  ",
      "way back: rollback production api to v1.2.2",
    ] {
      #expect(session.text.contains(piece), "\(piece) in \(session.text)")
    }
    #expect(session.status == 0)
  }

  @Test("anything else leaves production alone", arguments: ["", "y", "yes", "prod", "staging", "production!"])
  func refused(answer: String) async throws {
    let session = try await PromptSession(Self.release, as: .live, answers: [answer])
    #expect(session.production["api"] == "api-v1.2.2")
    #expect(session.text.contains("Not done: nothing was changed."))
  }

  @Test("where the policy says so, one key is enough, and no other")
  func oneKey() async throws {
    for (key, tag) in [("y", "api-v1.3.0"), ("production", "api-v1.2.2"), ("n", "api-v1.2.2")] {
      let session = try await PromptSession(
        Self.release,
        as: .live,
        answers: [key],
        policy: "policy: { prompt: key }\n"
      )
      #expect(session.production["api"] == tag)
    }
  }

  @Test("so do Ctrl-C and Ctrl-D")
  func stopped() async throws {
    for typed in [Typed.interrupted, .end, .terminated] {
      let console = ScriptedConsole(typed: Self.release.map { .text($0) }, answers: [typed])
      #expect(try await PromptSession(console, as: .live).production["api"] == "api-v1.2.2")
    }
  }

  @Test("what is wrong with it is said without a question")
  func impossible() async throws {
    let session = try await PromptSession(["promote api by commit"], as: .live, answers: ["production"])
    #expect(session.console.current.questions.isEmpty && session.production["api"] == "api-v1.2.2")
    #expect(session.text.contains("refused"))
  }

  @Test("a rollback shows what it takes back, and asks")
  func rollback() async throws {
    let lines = ["rollback production api to v1.2.1"]
    let refused = try await PromptSession(lines, as: .live, answers: ["n"])
    #expect(refused.production["api"] == "api-v1.2.2" && refused.text.contains("api-v1.2.2 → api-v1.2.1"))
    #expect(refused.text.contains("way back: rollback production api to v1.2.2"))
    let agreed = try await PromptSession(lines, as: .live, answers: ["production"])
    #expect(agreed.production["api"] == "api-v1.2.1" && agreed.status == 0)
  }

  @Test("a look, and a change of what is not protected, asks nothing; a rehearsal asks nothing")
  func nothingAtStake() async throws {
    let live = try await PromptSession(["validate staging all", "show status"], as: .live)
    #expect(live.console.current.questions.isEmpty)
    let rehearsal = try await PromptSession(Self.release)
    #expect(rehearsal.console.current.questions.isEmpty && rehearsal.production["api"] == "api-v1.3.0")
  }

  @Test("why the look takes its time is said while it does")
  func slow() async throws {
    let session = try await PromptSession(
      ["rollback production api to v1.2.1"],
      as: .live,
      answers: ["production"],
      faults: [Fault(.networkLost(for: .seconds(40)))]
    )
    let question = try #require(session.text.firstRange(of: "way back:"))
    let warning = try #require(session.text.firstRange(of: "asking again"), "\(session.text)")
    #expect(warning.lowerBound < question.lowerBound && session.production["api"] == "api-v1.2.1")
  }

  @Test("without a terminal nobody can agree")
  func stream() async throws {
    let session = try await PromptSession(Self.release, as: .live, answers: ["production"], isTerminal: false)
    #expect(session.production["api"] == "api-v1.2.2" && session.status == 2, "\(session.text)")
  }
}
