import FoundationEssentials
import Testing

/// What is shown to readers works: the examples, the fenced blocks of the pages, their links.
@Suite("Documents")
struct DocumentTests {
  private static let examples = (try? Project.files(in: "examples", ending: ".runbook")) ?? []
  private static let pages = (try? Project.pages()) ?? []
  private static let grammarPages = ((try? Project.files(in: "grammar", ending: ".md")) ?? []).map { "grammar/\($0)" }
  private static let fleet = Project.path("examples/slipway.yaml")

  @Test("there are examples and pages")
  func some() {
    #expect(Self.examples.contains("release.runbook") && Self.examples.count >= 4)
    #expect(Self.pages.contains("docs/architecture.md") && Self.pages.contains("README.md"))
  }

  @Test("every example checks clean", arguments: examples)
  func checked(example: String) async throws {
    let path = Project.path("examples/\(example)")
    try await Slipway("check", path, "--config", Self.fleet)
      .expecting(stdout: .nothing, stderr: "\(path): nothing wrong found\n", exit: 0)
  }

  /// What an example is given, where it asks for something.
  private static let arguments: [String: [String]] = [
    "inputs.runbook": ["--set", "ticket=OPS-17", "--set", "urgent=true"],
    "incident.runbook": ["--set", "reason=login"],
  ]

  /// Others import the one, the other tests the runbook beside it; alone they have nothing to run.
  private static let others = ["common.runbook", "release.scenarios.runbook"]

  @Test("a file of procedures or scenarios is not run by itself", arguments: others)
  func nothingToRun(example: String) async throws {
    try await Self.rehearse(example).expecting(stderr: .containing("there is nothing to run"), exit: 65)
  }

  @Test("the scenarios of the examples pass")
  func tested() async throws {
    try await Slipway("test", Project.path("examples"), "--config", Self.fleet).expecting(
      stdout: .containing("release.scenarios.runbook:", "10 scenarios, all passed."),
      stderr: .nothing,
      exit: 0
    )
  }

  private static func rehearse(_ example: String) throws -> Slipway {
    var command = try Slipway("rehearse", Project.path("examples/\(example)"), "--config", fleet).ownProgramsOnly()
    for argument in arguments[example] ?? [] { command = command.argument(argument) }
    return command
  }

  @Test(
    "every example rehearses to its end",
    arguments: examples.filter { !others.contains($0) }
  )
  func rehearsed(example: String) async throws {
    // What `show` shows is the run's output; nothing else is. In a run that ends well no failure is answered.
    var isAnswer = false
    let shows = try Project.text("examples/\(example)").split(separator: "\n").contains { line in
      isAnswer = line.hasPrefix("on failure") || (isAnswer && !line.hasPrefix("}"))
      return !isAnswer && line.drop { $0 == " " }.hasPrefix("show ")
    }
    try await Self.rehearse(example).expecting(
      stdout: shows ? .containing("api-") : .nothing,
      stderr: .containing("ok: exit 0", "Nothing real was touched."),
      exit: 0
    )
  }

  @Test("every example is laid out, and stands in the index")
  func laidOut() async throws {
    try await Slipway("fmt", "--check", Project.path("examples")).expecting(stdout: .nothing, stderr: .nothing, exit: 0)
    let index = try Project.text("examples/README.md")
    for example in Self.examples { #expect(index.contains("](\(example))"), "\(example)") }
  }

  @Test("every runbook on a page checks clean", arguments: pages + grammarPages)
  func fenced(page: String) async throws {
    for (line, text) in try Self.blocks("runbook", on: page) {
      try await Slipway("check", "-", "--config", Self.fleet).standardInput(text)
        .expecting(stdout: .nothing, stderr: "-: nothing wrong found\n", exit: 0)
      try await Slipway("rehearse", "-", "--config", Self.fleet).standardInput(text)
        .expecting(stderr: .containing("ok: exit 0"), exit: 0)
      try await Slipway("fmt", "--check", "-").standardInput(text)
        .expecting(stdout: .nothing, stderr: .nothing, exit: 0)
      #expect(line > 0)
    }
  }

  @Test("every configuration on a page is sound", arguments: pages)
  func configurations(page: String) async throws {
    for (_, text) in try Self.blocks("yaml", on: page) where text.contains("gitops:") {
      try await Slipway("check", "-c", "validate staging api").fleet(text)
        .expecting(stdout: .nothing, stderr: "-c: nothing wrong found\n", exit: 0)
    }
  }

  @Test(
    "every relative link leads to a file",
    arguments: pages + grammarPages + ["examples/README.md", "Tests/Rig/README.md"]
  )
  func links(page: String) throws {
    let folder = page.lastIndex(of: "/").map { page[...$0] } ?? ""
    for match in try Project.text(page).matches(of: /\]\(([^)\s]+)\)/) {
      let target = match.output.1
      guard !target.contains("://"), !target.hasPrefix("#"), !target.hasPrefix("mailto:") else { continue }
      let file = target.prefix { $0 != "#" }
      #expect(FileManager.default.fileExists(atPath: Project.path("\(folder)\(file)")), "\(page) links to \(target)")
    }
  }

  @Test("the README has a runbook, a configuration, every exit status and every subcommand, on at most 200 lines")
  func readme() throws {
    let text = try Project.text("README.md")
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 201)
    #expect(try !Self.blocks("runbook", on: "README.md").isEmpty)
    #expect(try Self.blocks("yaml", on: "README.md").contains { $0.text.contains("gitops:") })
    for status in [0, 1, 2, 3, 4, 64, 65, 66, 130] { #expect(text.contains("| \(status)"), "exit status \(status)") }
    for command in ["check", "run", "rehearse", "runs", "resume"] { #expect(text.contains("slipway \(command)")) }
  }

  /// The fenced blocks of a language, with the line that each begins on.
  private static func blocks(_ language: String, on page: String) throws -> [(line: Int, text: String)] {
    var blocks: [(line: Int, text: String)] = []
    var open: (isWanted: Bool, line: Int, text: String)?
    let lines = try Project.text(page).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard line.hasPrefix("```") else {
        open?.text += line + "\n"
        continue
      }
      if let block = open {
        if block.isWanted { blocks.append((block.line, block.text)) }
        open = nil
      } else {
        open = (line.dropFirst(3) == language, index + 1, "")
      }
    }
    #expect(open == nil, "a fence of \(page) is not closed")
    return blocks
  }
}
