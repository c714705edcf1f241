import ArgumentParser
import FoundationEssentials
import SlipwayCLI
import Testing

/// The example workflows: every command line of slipway in them is one that this version takes.
@Suite("Example workflows")
struct WorkflowTests {
  private static let workflows = (try? Project.files(in: "examples/workflows", ending: ".yml")) ?? []

  /// The arguments of each line that calls slipway; a variable or an expression stands for a number.
  private static func calls(in text: String) -> [[String]] {
    text.split(separator: "\n").compactMap { line in
      var line = line.drop { $0 == " " }
      for prefix in ["- run: ", "run: "] where line.hasPrefix(prefix) { line = line.dropFirst(prefix.count) }
      guard line.hasPrefix("slipway ") else { return nil }
      let plain = line.replacing(/\$\{\{[^}]*\}\}|"\$[A-Z_]+"/, with: "7")
      return plain.split(separator: " ").dropFirst().map(String.init)
    }
  }

  @Test("there are both: one that ends when the pull request stands, one that goes on when it is merged")
  func both() throws {
    #expect(Self.workflows.sorted() == ["continue.yml", "promote.yml"])
    let promote = try Self.calls(in: Project.text("examples/workflows/promote.yml"))
    #expect(promote.contains { $0.first == "run" && $0.contains("--suspend") && $0.contains("git") })
    let continuing = try Self.calls(in: Project.text("examples/workflows/continue.yml"))
    #expect(continuing.contains { $0.starts(with: ["resume", "--pull-request", "7"]) })
  }

  @Test("every command line parses", arguments: workflows)
  func parses(workflow: String) throws {
    let calls = try Self.calls(in: Project.text("examples/workflows/\(workflow)"))
    #expect(!calls.isEmpty)
    for call in calls {
      do {
        _ = try SlipwayCLI.Slipway.parseAsRoot(call)
      } catch {
        Issue.record("\(call): \(SlipwayCLI.Slipway.message(for: error))")
      }
    }
  }

  @Test("a line that is wrong is noticed")
  func canFail() {
    #expect(throws: (any Error).self) { try SlipwayCLI.Slipway.parseAsRoot(["run", "x.runbook", "--suspned"]) }
  }
}
