import PromotionModel
import Testing

@testable import GitOpsLayout

/// Entries of the record of releases: added, never replaced, and nothing else in their file changes.
@Suite struct RecordingTests {
  static let entry = "## 2026-01-05: promotion\n\n- api: v1 → v2\n"
  static let mark = "<!-- slipway: the newest entry stands first -->"

  private func layout(_ pattern: String = "RELEASES.md") -> GitOpsLayout {
    var fleet = fleet()
    fleet.repository.records = RecordSettings(filePattern: pattern)
    return GitOpsLayout(fleet: fleet)
  }

  private func added(to text: String?, _ pattern: String = "RELEASES.md") throws -> String {
    let entry = RecordEntry(file: pattern, text: Self.entry)
    return String(decoding: try layout(pattern).recorded(entry, in: text.map { Array($0.utf8) }), as: UTF8.self)
  }

  @Test func fileThatIsNotThereIsMade() throws {
    #expect(try added(to: nil) == "# Releases\n\n\(Self.mark)\n\n\(Self.entry)")
    #expect(try added(to: nil, "releases/{run}.md") == Self.entry)
  }

  @Test(
    arguments: [
      // Below our own line, whatever stands around it.
      ("# Title\n\n\(mark)\n\n## Old\n", "# Title\n\n\(mark)\n\n\(entry)\n## Old\n"),
      ("# Title\n\(mark)\n## Old\n\ntext", "# Title\n\(mark)\n\n\(entry)\n## Old\n\ntext"),
      ("\(mark)\n", "\(mark)\n\n\(entry)"),
      // In front of the newest entry of somebody else's file.
      (
        "# Changelog\n\nAll of it.\n\n## [1.0.0]\n\n- x\n", "# Changelog\n\nAll of it.\n\n\(entry)\n## [1.0.0]\n\n- x\n"
      ),
      ("```\n## no heading\n```\n## one\n", "```\n## no heading\n```\n\n\(entry)\n## one\n"),
      ("## one\n", "\(entry)\n## one\n"),
      // Behind what has no place for it.
      ("# Notes\n", "# Notes\n\n\(entry)"), ("# Notes", "# Notes\n\n\(entry)"), ("", entry),
    ] as [(String, String)]
  )
  func newestStandsFirst(text: String, expected: String) throws {
    let made = try added(to: text)
    #expect(made == expected)
    #expect(try added(to: made) == made, "added twice")
  }

  @Test func endsOfLinesAreThoseOfTheFile() throws {
    let made = try added(to: "# Notes\r\n\r\n## Old\r\n")
    let entry = Self.entry.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    #expect(Array(made.utf8) == Array("# Notes\r\n\r\n\(entry)\r\n## Old\r\n".utf8))
    #expect(try Array(added(to: made).utf8) == Array(made.utf8))
  }

  @Test func bytesThatAreNoTextStay() throws {
    let before: [UInt8] = [0xFF, 0xFE, 0x0A] + Array("## Old\n".utf8) + [0x80]
    let after = try layout().recorded(RecordEntry(file: "RELEASES.md", text: Self.entry), in: before)
    #expect(after == [0xFF, 0xFE, 0x0A, 0x0A] + Array("\(Self.entry)\n## Old\n".utf8) + [0x80])
  }

  @Test(arguments: ["../RELEASES.md", "/etc/passwd", ".git/config", path("production", "web")])
  func placesThatMustNotBeWrittenAreRefused(file: String) throws {
    let entry = RecordEntry(file: file, text: Self.entry)
    #expect(throws: WorldError.self) { try layout().recorded(entry, in: nil) }
  }

  @Test func entryComesWithItsChangeOnly() throws {
    let file = path("production", "api")
    let files = [file: config("api", "production", tag: "api-v9.1.1")]
    var changes = try layout().planTags([api: "api-v9.2.0"], in: production, base: commit(), files: files)
    changes.record = RecordEntry(file: "releases/1.md", text: Self.entry)
    let diffs = try layout().diffs(changes, files: files)
    #expect(diffs.map(\.file) == ["releases/1.md", file])
    #expect(diffs[0].unified.contains("new file mode") && diffs[0].unified.contains("+- api: v1 → v2"))
    guard case .files(let changed) = try layout().apply(changes, to: files) else {
      Issue.record("superseded")
      return
    }
    #expect(changed.keys.sorted() == ["releases/1.md", file])
    // Somebody else brought the same: it is not told as ours.
    let standing = [file: config("api", "production", tag: "api-v9.2.0")]
    #expect(try layout().apply(changes, to: standing) == .files([:]))
    // What takes it back leaves the record alone.
    let back = layout().planReturn(of: changes, services: [api], base: try commit(), files: standing)
    #expect(back.changes.record == nil && back.changes.services.count == 1)
  }

  @Test(arguments: [
    ("releases/{environment}/{date}-{run}.md", "releases/production/2026-01-05-run-1-0.md", true),
    ("releases/{environment}/{date}-{run}.md", "releases/production/more/2026-01-05-run-1-0.md", false),
    ("releases/{environment}/{date}-{run}.md", "releases/production/-.md", false),
    ("releases/{run}.md", "releases/a.md.md", true), ("releases/{run}.md", "releases/a.txt", false),
    ("RELEASES.md", "RELEASES.md", true), ("RELEASES.md", "docs/RELEASES.md", false),
  ])
  func knowsItsOwnFiles(pattern: String, path: String, expected: Bool) {
    #expect(RecordSettings(filePattern: pattern).covers(path) == expected)
  }
}
