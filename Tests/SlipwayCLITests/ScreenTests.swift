import FoundationEssentials
import Testing

@Suite("What reaches the terminal")
struct ScreenTests {
  @Test("colour by flag, then NO_COLOR, then the terminal")
  func color() async throws {
    func findings(_ arguments: String..., noColor: String? = nil) async throws -> String {
      var command = try Slipway("check", "-c", "promte api").fleet(Fleets.files).variable("NO_COLOR", noColor)
      for argument in arguments { command = command.argument(argument) }
      return try await command.expecting(exit: 65).stderr
    }
    #expect(try await !findings().contains("\u{1B}"), "standard error is no terminal here")
    #expect(try await findings("--color").contains("\u{1B}[1;31m"))
    #expect(try await findings("--color", noColor: "1").contains("\u{1B}[1;31m"))
    #expect(try await !findings("--no-color").contains("\u{1B}"))
    #expect(try await !findings(noColor: "1").contains("\u{1B}"))
  }

  @Test(
    "output that could not be written is no success",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))
  )
  func lostOutput() async throws {
    for arguments in [["explain", "SW1001"], ["completions", "bash"], ["manual"], ["explain", "SW1001", "--json"]] {
      var command = try Slipway().onFullDisk()
      for argument in arguments { command = command.argument(argument) }
      try await command.expecting(
        stderr: .containing("standard output could not be written: No space left on device"),
        exit: 74
      )
    }
    try await Slipway("check", "--json", "-c", "promte api").fleet(Fleets.files).onFullDisk()
      .expecting(stderr: .containing("could not be written"), exit: 65)
  }

  /// An escape sequence, a direction override, a bell and a title change, where a runbook can carry them.
  private static let hostile = "\u{1B}[2J\u{202E}\u{7}\u{1B}]0;title\u{7}\u{9B}31m"

  @Test("hostile text in a runbook is shown, not obeyed", arguments: [[], ["--json"]])
  func hostileText(flags: [String]) async throws {
    for statement in ["validate \"\(Self.hostile)\"", "stop \"\(Self.hostile)\"", "\(Self.hostile) api"] {
      for command in ["check", "rehearse"] {
        var slipway = try Slipway(command).runbook(statement + "\n").fleet(Fleets.files)
        for flag in flags { slipway = slipway.argument(flag) }
        let outcome = try await slipway.expecting(exit: statement.hasPrefix("stop") ? 0 : 65)
        Self.expectHarmless(outcome.stdout + outcome.stderr)
      }
    }
  }

  @Test("escapes in strings of a runbook that runs", arguments: [[], ["--json"]])
  func hostileStrings(flags: [String]) async throws {
    let escaped = #"\u{1B}[2J\u{202E}\u{7}\u{9B}31m"#
    var slipway = try Slipway("rehearse").runbook("stop \"\(escaped)\"\n")
    for flag in flags { slipway = slipway.argument(flag) }
    let outcome = try await slipway.expecting(exit: 0)
    Self.expectHarmless(outcome.stdout + outcome.stderr)
  }

  @Test("a hostile file name")
  func hostileName() async throws {
    let outcome = try await Slipway("check", Self.hostile).fleet(Fleets.files).expecting(exit: 65)
    Self.expectHarmless(outcome.stderr)
    let found = try await Slipway("check").runbook("promte api\n", named: "a\u{1B}[31m\u{202E}.runbook")
      .fleet(Fleets.files).expecting(stderr: .containing("a\\u{1B}[31m\\u{202E}.runbook:1:1:"), exit: 65)
    Self.expectHarmless(found.stderr)
  }

  private static func expectHarmless(_ text: String, _ location: SourceLocation = #_sourceLocation) {
    let raw = text.unicodeScalars.filter {
      $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
    }
    #expect(raw.isEmpty, "\(text.debugDescription.prefix(500))", sourceLocation: location)
  }
}
