import FoundationEssentials
import Testing

/// The table of rooms in docs/architecture.md, the imports in the sources and the targets of the package say the same.
@Suite("Architecture")
struct ArchitectureTests {
  /// A row of the table: `| \`Room\` | what it is | \`Other\`, \`Another\` |`.
  private static func table() throws -> [String: Set<String>] {
    var rooms: [String: Set<String>] = [:]
    for line in try Project.text("docs/architecture.md").split(separator: "\n") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      guard cells.count == 5, let name = cells[1].firstMatch(of: /^ `([A-Za-z]+)` $/)?.output.1 else { continue }
      #expect(rooms[String(name)] == nil, "\(name) stands twice")
      rooms[String(name)] = Set(cells[3].matches(of: /`([A-Za-z]+)`/).map { String($0.output.1) })
    }
    return rooms
  }

  @Test("every room of the sources stands in the table, and no other")
  func rooms() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Project.path("Sources")).sorted()
    #expect(try Self.table().keys.sorted() == folders.filter { !$0.hasPrefix(".") })
  }

  @Test("no room imports what the table does not allow it")
  func imports() throws {
    let table = try Self.table()
    for (room, allowed) in table {
      for file in try Self.sources(of: room) {
        for line in try Project.text(file).split(separator: "\n") {
          guard
            let match = line.wholeMatch(
              of: /(?:@testable |@preconcurrency )?(?:public |package |internal |private )?import (\w+)\s*/
            )
          else { continue }
          let name = String(match.output.1)
          guard table[name] != nil else { continue }
          #expect(allowed.contains(name), "\(file) imports \(name)")
        }
      }
    }
  }

  @Test("nothing imports upward: the table has no circle")
  func noCircle() throws {
    let table = try Self.table()
    var settled: Set<String> = []
    while true {
      let next = table.filter { !settled.contains($0.key) && $0.value.isSubset(of: settled) }.map(\.key)
      if next.isEmpty { break }
      settled.formUnion(next)
    }
    #expect(settled == Set(table.keys), "in a circle, or unknown: \(Set(table.keys).subtracting(settled).sorted())")
  }

  @Test("the package lets a target see nothing that the table does not allow")
  func package() throws {
    let table = try Self.table()
    let manifest = try Project.text("Package.swift")
    for (room, allowed) in table where room != "slipway" && !room.hasPrefix("C") {
      // `room("Name", [ … ]` up to the end of the list of dependencies; what only tests need follows behind it.
      let start = try #require(manifest.range(of: "\"\(room)\"", after: "room("), "Package.swift has no room \(room)")
      let rest = manifest[start.upperBound...]
      guard let open = rest.firstIndex(where: { $0 == "[" || $0 == ")" }), rest[open] == "[",
        let close = rest[open...].firstIndex(of: "]")
      else { continue }
      let named = rest[open...close].matches(of: /"([A-Za-z]+)"/).map { String($0.output.1) }
      for name in named { #expect(allowed.contains(name), "Package.swift: \(room) depends on \(name)") }
    }
  }

  private static func sources(of room: String) throws -> [String] {
    let folder = "Sources/\(room)"
    return try FileManager.default.subpathsOfDirectory(atPath: Project.path(folder))
      .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
  }
}

extension String {
  /// The first place of `text` that follows `lead` with nothing but blanks between.
  fileprivate func range(of text: String, after lead: String) -> Range<Index>? {
    var start = startIndex
    while let found = self[start...].firstRange(of: lead) {
      let rest = self[found.upperBound...]
      let trimmed = rest.drop { $0 == " " || $0 == "\n" }
      if trimmed.hasPrefix(text) { return trimmed.firstRange(of: text) }
      start = found.upperBound
    }
    return nil
  }
}
