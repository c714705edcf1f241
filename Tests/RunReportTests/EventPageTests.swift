import FoundationEssentials
import PromotionModel
import RunLog
import Testing

@testable import RunReport

/// `docs/events.md` and what is emitted say the same.
@Suite struct EventPageTests {
  let sample: SampleEvents
  /// The text under each `### name` heading.
  let sections: [String: String]
  let page: String

  init() throws {
    sample = try SampleEvents()
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    page = String(decoding: try Data(contentsOf: root.appending(path: "docs/events.md")), as: UTF8.self)
    var sections: [String: String] = [:]
    for part in page.split(separator: "\n### ").dropFirst() {
      let body = part.prefix { $0 != "\n" }
      for name in body.split(separator: ",") { sections[name.trimmingPrefix(" ").filter { $0 != "`" }] = String(part) }
    }
    self.sections = sections
  }

  private static let common = [
    "event", "run", "time", "step", "verb", "line", "environment", "service", "ending", "message",
  ]

  private func keys(_ value: JSONText) -> [String] {
    switch value {
    case .object(let members): members.flatMap { [$0.key] + keys($0.value) }
    case .array(let values): values.flatMap(keys)
    case .string, .integer, .thousandths, .bool: []
    }
  }

  @Test func `every event and every key stands in the page`() throws {
    for event in sample.all {
      let section = try #require(sections[event.name], "docs/events.md has no section \(event.name)")
      for key in keys(event.json) {
        let place = Self.common.contains(key) ? page : section
        #expect(place.contains("`\(key)`"), "docs/events.md does not say what `\(key)` of \(event.name) is")
      }
    }
  }

  @Test func `the page describes no event that does not exist`() {
    #expect(Set(sections.keys) == Set(sample.all.map(\.name)))
  }

  @Test func `the common keys come first and in their order`() {
    for event in sample.all {
      guard case .object(let members) = event.json else { continue }
      let names = members.map(\.key)
      #expect(names.prefix(3) == ["event", "run", "time"])
      #expect(Set(names).count == names.count, "\(names)")
      let shared = Array(names.prefix { Self.common.contains($0) })
      #expect(shared == Self.common.filter(shared.contains), "\(names)")
      #expect(!names.dropFirst(shared.count).contains(where: Self.common.contains), "\(names)")
      #expect(!event.message.isEmpty)
    }
  }

  @Test func `the last line tells ending and exit`() throws {
    struct Line: Decodable {
      var event: String
      var ending: String
      var exit: Int
    }
    let last = try #require(Transcript.json(sample.takenBack).split(separator: "\n").last)
    let line = try JSONDecoder().decode(Line.self, from: Data(last.utf8))
    #expect(line.event == "run.ended")
    #expect(line.ending == "failed")
    #expect(line.exit == 3)
  }
}
