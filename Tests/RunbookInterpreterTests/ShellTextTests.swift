import PromotionModel
import Testing

@testable import RunbookInterpreter

@Suite struct ShellTextTests {
  private func script(_ pieces: String...) throws -> String {
    var text = ShellText()
    for (index, piece) in pieces.enumerated() {
      if index.isMultiple(of: 2) { text.add(piece) } else { try text.add(value: piece) }
    }
    return text.script
  }

  @Test func valueIsOneWordWhereverItStands() throws {
    #expect(try script("echo ", "x", "") == "echo \"${1}\"")
    #expect(try script("echo \"failed: ", "x", "\"") == "echo \"failed: ${1}\"")
    #expect(try script("echo 'failed: ", "x", "'") == "echo 'failed: '\"${1}\"''")
    #expect(try script("echo \"a\" ", "x", " 'b' ", "y", "") == "echo \"a\" \"${1}\" 'b' \"${2}\"")
    #expect(try script("echo \\\" ", "x", "") == "echo \\\" \"${1}\"")
    #expect(try script("# don't\necho ", "x", "") == "# don't\necho \"${1}\"")
    #expect(try script("echo \"$(cat ", "x", ")", "y", "\"") == "echo \"$(cat \"${1}\")${2}\"")
    #expect(try script("(echo ", "x", ") && echo \"(", "y", ")\"") == "(echo \"${1}\") && echo \"(${2})\"")
  }

  @Test func escapedValueIsRefused() {
    #expect(throws: Halt.self) { try script("echo \\", "x", "") }
  }

  @Test func whatOthersWroteIsNoPartOfTheText() throws {
    let hostile = "$(touch /tmp/x) `id` \"; rm -rf / #'"
    let told = try Future("let words = env(\"WORDS\"); run shell \"echo \\\"failed: {words}\\\" > log\"")
      .standingIn { $0.variables["WORDS"] = hostile }.run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.stage.simulated.commands.lines.allSatisfy { $0.contains("failed: ") })
  }
}
