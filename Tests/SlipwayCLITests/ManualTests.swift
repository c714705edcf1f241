import FoundationEssentials
import LiveWorld
import Testing

@testable import SlipwayCLI

@Suite("slipway manual and completions")
struct ManualTests {
  private func commands() throws -> [Manual.Command] {
    try #require(try Manual.tool().command.subcommands).filter {
      $0.shouldDisplay != false && $0.commandName != "help"
    }
  }

  @Test("every command, every option and every argument stands in the page")
  func complete() async throws {
    let page = try await Slipway("manual").expecting(exit: 0).stdout
    #expect(page.hasPrefix(".Dd ") && page.contains("\n.Dt SLIPWAY 1\n"))
    let commands = try commands()
    #expect(commands.count > 15)
    for command in commands {
      let start = try #require(page.firstRange(of: "\n.Ss slipway \(command.commandName)\n"), "\(command.commandName)")
      let rest = page[start.upperBound...]
      let section = rest.firstRange(of: "\n.S").map { rest[..<$0.lowerBound] } ?? rest
      for argument in command.shown {
        for name in argument.names ?? [] {
          #expect(section.contains("Fl \(name.text.dropFirst())"), "\(command.commandName) \(name.text)")
        }
        if argument.kind == "positional" {
          #expect(section.contains("Ar \(argument.valueName ?? "")"), "\(command.commandName)")
        }
      }
    }
    // Nothing of it is read as a macro by accident.
    let macros = page.split(separator: "\n").filter { $0.hasPrefix(".") }.map { $0.prefix(3) }
    let known: Set<Substring> = [
      ".Dd", ".Dt", ".Os", ".Sh", ".Ss", ".Nm", ".Nd", ".Ar", ".Op", ".Pp", ".Pa", ".Bl", ".It", ".El", ".Bd", ".Ed",
      ".Xr", ".Fl", ".Ev",
    ]
    #expect(Set(macros).subtracting(known).isEmpty)
  }

  @Test("mandoc or man reads it without a complaint, where there is one")
  func read() async throws {
    let page = Array(try Manual.page().utf8)
    for (program, arguments) in [
      ("mandoc", ["-Tlint", "-Wwarning"]), ("man", ["--warnings", "-E", "UTF-8", "-l", "-"]),
    ] {
      guard
        let path = ["/usr/bin/\(program)", "/opt/homebrew/bin/\(program)"].first(
          where: FileManager.default.isExecutableFile
        )
      else { continue }
      let result = try await LocalPrograms().run(
        path,
        arguments,
        input: page,
        environment: ["MANPAGER": "cat", "PAGER": "cat", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"],
        timeout: .seconds(60),
        tool: program
      )
      // Which other pages there are is the machine's business.
      let said = String(decoding: result.stderr, as: UTF8.self).split(separator: "\n").filter {
        !$0.contains("outdated mandoc.db")
      }
      #expect(
        result.isSuccess && said.isEmpty,
        "\(program): \(said)\(String(decoding: result.stdout.prefix(2000), as: UTF8.self))"
      )
      if program == "man" {
        let shown = String(decoding: result.stdout, as: UTF8.self)
        #expect(shown.contains("EXIT STATUS") && shown.contains("slipway doctor"))
      }
    }
  }

  @Test("each shell's script names the commands", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let script = try await Slipway("completions", shell).expecting(exit: 0).stdout
    for command in try commands() { #expect(script.contains(command.commandName), "\(command.commandName)") }
    guard shell == "bash", let bash = try? RunTests.which("bash") else { return }
    // Asked as bash asks: `slipway doc<Tab>`.
    let asked = """
      \(script)
      COMP_WORDS=(slipway doc); COMP_CWORD=1; COMP_LINE='slipway doc'; COMP_POINT=11
      compopt() { :; }
      _slipway slipway doc slipway
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try await LocalPrograms().run(
      bash,
      ["--norc", "-s"],
      input: Array(asked.utf8),
      timeout: .seconds(30),
      tool: "bash"
    )
    let said = String(decoding: result.stdout, as: UTF8.self)
    #expect(said.split(separator: "\n").contains("doctor"), "\(said)\(String(decoding: result.stderr, as: UTF8.self))")
    try await Slipway("completions", "tcsh").expecting(stdout: .nothing, exit: 64)
  }
}
