import FoundationEssentials
import TerminalSession
import Testing

/// The prompt on a real terminal, as a person has it. tmux is the terminal.
@Suite("slipway repl, on a terminal", .serialized)
struct TerminalTests {
  private let folder: PrivateFolder

  init() throws { folder = try PrivateFolder() }

  /// A prompt that is ready, with what it is to do; the terminal is closed afterwards, whatever came of it.
  private func prompt(
    _ options: String = "",
    width: Int = 100,
    height: Int = 30,
    _ body: (TerminalSession) async throws -> Void
  ) async throws {
    let terminal = try await TerminalSession(
      "'\(try Slipway.binary())' repl --no-color \(options)",
      in: folder.work,
      socket: "\(folder.path)/t",
      environment: folder.environment,
      width: width,
      height: height
    )
    do {
      try await terminal.shows("▸")
      try await body(terminal)
      try await terminal.close()
    } catch {
      try await terminal.close()
      throw error
    }
  }

  @Test(
    "Tab completes at places of the grammar, and lists what fits with a line about each",
    arguments: [
      // A verb, its targets, an environment, a clause, a version of the world, an expression, a command.
      ("vali", "rehearsal ▸ validate", ""), ("promote ", "", "project-management  service, tag pm-v{version}"),
      ("validate st", "rehearsal ▸ validate staging", ""), ("promote api be", "rehearsal ▸ promote api because", ""),
      ("rollback api to ", "rehearsal ▸ rollback api to v1.", "v1.2.1"),
      ("require hea", "rehearsal ▸ require health of", ""),
      (":tim", "rehearsal ▸ :timeline", ""), ("wait ", "", "rollout"),
    ]
  )
  func completion(typed: String, line: String, listed: String) async throws {
    try await prompt { terminal in
      try await terminal.type(typed)
      try await terminal.press("Tab")
      if !listed.isEmpty {
        // Once for what they have in common, once for the list.
        try await terminal.press("Tab")
        let screen = try await terminal.shows(listed)
        #expect(TerminalSession.last(screen).hasPrefix("rehearsal ▸ \(typed.split(separator: " ")[0])"))
      }
      if !line.isEmpty { try await terminal.shows(line) { TerminalSession.last($0).hasPrefix(line) } }
    }
  }

  @Test("what was typed in one session is there in the next, by arrow and by search, and nobody else can read it")
  func history() async throws {
    try await prompt { terminal in
      try await terminal.enter("show versions api")
      try await terminal.shows("SERVICE")
      try await terminal.enter("let u = \"grüße 日本\"")
      try await terminal.shows("u is grüße 日本")
      try await terminal.press("C-d")
      try await terminal.shows("[ended 0]")
    }
    try await prompt { terminal in
      try await terminal.press("Up")
      try await terminal.shows("rehearsal ▸ let u = \"grüße 日本\"")
      try await terminal.press("Up")
      try await terminal.shows("rehearsal ▸ show versions api")
      try await terminal.press("C-c")
      try await terminal.shows("Nothing runs.")
      try await terminal.press("C-r")
      try await terminal.type("vers")
      try await terminal.shows("show versions api")
      try await terminal.press("Enter")
      try await terminal.shows("SERVICE")
    }
    let file = "\(folder.path)/state/slipway/history"
    #expect(try permissions(file) == 0o600)
  }

  @Test("a block goes on on lines of its own, and runs when it is closed")
  func block() async throws {
    try await prompt { terminal in
      try await terminal.enter("for s in api, web {")
      try await terminal.shows("          …")
      try await terminal.enter("  show versions s")
      #expect(try await !terminal.screen().contains { $0.hasPrefix("api ") })
      try await terminal.enter("}")
      try await terminal.shows("done for api, web")
      let screen = try await terminal.screen()
      #expect(screen.contains { $0.hasPrefix("api  ") } && screen.contains { $0.hasPrefix("web  ") })
    }
  }

  @Test("ten pasted lines are shown as they are, and run at Enter, in order")
  func paste() async throws {
    let lines = (1...10).map { "let line\($0) = \($0)" }
    try await prompt { terminal in
      try await terminal.paste(lines.joined(separator: "\n") + "\n")
      let screen = try await terminal.shows("let line10 = 10")
      #expect(
        screen.contains("rehearsal ▸ let line1 = 1")
          && Array(screen.filter { $0.hasPrefix("let ") }) == Array(lines.dropFirst())
      )
      #expect(!screen.contains { $0.contains("line1 is") })
      try await terminal.press("Enter")
      try await terminal.shows("line10 is 10")
      try await terminal.enter(":vars")
      try await terminal.shows("line9   9")
    }
  }

  @Test("Ctrl-C in a monitor stops it and not the session, and says what stays; twice within a second asks to leave")
  func interrupt() async throws {
    try await prompt { terminal in
      try await terminal.enter("validate staging api; promote api by commit")
      try await terminal.shows("committed as")
      try await terminal.enter(":set pace=1")
      try await terminal.enter("monitor 30m")
      let screen = try await terminal.shows("monitor production")
      #expect(screen.contains { $0.contains("Ctrl-C stops watching") })
      try await terminal.press("C-c")
      let after = try await terminal.shows("Stopped.")
      #expect(after.contains { $0.contains("production/api api-v1.2.2 -> api-v1.3.0 stays; nothing is undone") })
      #expect(after.contains { $0.contains("To take it back: rollback production api") })
      try await terminal.enter("show versions api")
      try await terminal.shows("SERVICE")
      try await terminal.press("C-c", "C-c")
      try await terminal.shows("Leave the session?")
      try await terminal.type("n")
      try await terminal.enter("show versions web")
      try await terminal.shows("web-v5.0.1")
      try await terminal.press("C-d")
      try await terminal.shows("[ended 4]")
    }
  }

  @Test("a monitor can be read from across a room")
  func monitor() async throws {
    try await prompt(height: 40) { terminal in
      try await terminal.enter(":set pace=20")
      try await terminal.enter("monitor 30m production api, web")
      let screen = try await terminal.shows("2/2 ready")
      #expect(screen.contains { $0.contains("api-v1.2.2") } && screen.contains { $0.contains("███") })
      try await terminal.press("C-c")
      try await terminal.shows("rehearsal ▸")
    }
  }

  @Test("a window that changes its size leaves the line whole")
  func resize() async throws {
    let line = "validate staging api, web, project-management, docs"
    try await prompt(width: 100) { terminal in
      try await terminal.type(line)
      try await terminal.shows(line)
      try await terminal.resize(width: 40, height: 20)
      try await terminal.press("C-a", "C-e")
      let narrow = try await terminal.shows("docs")
      #expect(narrow.joined().contains("rehearsal ▸ \(line)"))
      try await terminal.resize(width: 120, height: 30)
      try await terminal.press("C-a", "C-e")
      try await terminal.shows(line) { TerminalSession.last($0) == "rehearsal ▸ \(line)" }
      try await terminal.press("Enter")
      try await terminal.shows("4 of 4 services sealed")
    }
  }

  @Test("colours take no columns: the cursor is where the text ends")
  func colours() async throws {
    let terminal = try await TerminalSession(
      "'\(try Slipway.binary())' repl --color",
      in: folder.work,
      socket: "\(folder.path)/t",
      environment: folder.environment
    )
    try await terminal.shows("▸")
    try await terminal.type("show versins")
    try await terminal.press("Left", "Left")
    try await terminal.type("o")
    try await terminal.press("C-e")
    try await terminal.shows("corrected") { TerminalSession.last($0) == "rehearsal ▸ show versions" }
    try await terminal.close()
  }

  @Test("a session that was suspended goes on where it was")
  func suspended() async throws {
    let terminal = try await TerminalSession(
      "PS1='shell> ' bash --norc -i",
      in: folder.work,
      socket: "\(folder.path)/t",
      environment: folder.environment
    )
    try await terminal.shows("shell>")
    try await terminal.enter("'\(try Slipway.binary())' repl --no-color")
    try await terminal.shows("▸")
    try await terminal.type("show ver")
    try await terminal.press("C-z")
    try await terminal.shows("Stopped")
    try await terminal.enter("fg")
    try await terminal.shows("the line again") { TerminalSession.last($0) == "rehearsal ▸ show ver" }
    try await terminal.type("sions web")
    try await terminal.shows("no echo of its own") { TerminalSession.last($0) == "rehearsal ▸ show versions web" }
    try await terminal.press("Enter")
    try await terminal.shows("web-v5.0.1")
    try await terminal.close()
  }

  @Test("keys of vi, from .editrc")
  func vi() async throws {
    try folder.write(Array("bind -v\n".utf8), to: "../home/.editrc")
    try await prompt { terminal in
      try await terminal.type("show versions web")
      try await terminal.press("Escape")
      try await terminal.type("bcwapi")
      try await terminal.press("Enter")
      let screen = try await terminal.shows("api-v1.2.2")
      #expect(screen.contains("rehearsal ▸ show versions api"))
    }
  }

  @Test("a slip shows the exact statement, one key runs it, and pasted text answers nothing")
  func slip() async throws {
    try await prompt { terminal in
      try await terminal.enter("rollback api v1.2.1")
      try await terminal.shows("    rollback api to v1.2.1")
      try await terminal.paste("y\n")
      try await terminal.type("n")
      try await terminal.shows("Not run.")
      try await terminal.enter("rollback api v1.2.1")
      try await terminal.shows("y runs it") { lines in lines.filter { $0.hasPrefix("y runs it") }.count == 2 }
      try await terminal.type("y")
      try await terminal.shows("api api-v1.2.1 again, in git")
    }
  }
}

/// The permissions of a file.
private func permissions(_ path: String) throws -> Int {
  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  return (attributes[.posixPermissions] as? Int) ?? -1
}
