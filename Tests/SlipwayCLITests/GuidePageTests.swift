import FoundationEssentials
import Testing

/// `docs/guide.md` says of each item of the promotion guide what does it and which test shows it.
@Suite("The guide, item by item")
struct GuidePageTests {
  private struct Row {
    var section: String
    var number: Int
    var does: String
    var test: String
    var isMissing: Bool { does.contains("not yet") }
  }

  /// The items of each section of the guide, as they were counted in it.
  private static let counted: [String: Int] = [
    "Overview, the five principles": 5,
    "Prerequisites": 4,
    "Step 1, the commands": 5,
    "Step 1, the checklist": 7,
    "Step 2, the automation": 8,
    "Step 2, the key points": 5,
    "Manual review, the steps": 4,
    "Manual review, the commands": 4,
    "Step 3, the commands": 5,
    "Step 3, the checklist": 6,
    "Step 4, verification": 5,
    "Quick rollback": 4,
    "Rollback by git": 3,
    "Rollback by Kubernetes": 2,
    "Examples of services": 9,
    "Timing": 4,
    "Communication": 2,
    "Testing": 5,
    "Versions": 4,
    "Troubleshooting: Argo CD blocks": 3,
    "Troubleshooting: the rollout is stuck": 5,
    "Troubleshooting: health checks fail": 3,
  ]

  private static func rows() throws -> (rows: [Row], announced: [String: Int]) {
    var rows: [Row] = []
    var announced: [String: Int] = [:]
    var section = ""
    for line in try Project.text("docs/guide.md").split(separator: "\n") {
      if line.hasPrefix("## "), let colon = line.lastIndex(of: ":") {
        section = String(line[line.index(line.startIndex, offsetBy: 3)..<colon])
        announced[section] = line[colon...].split(separator: " ").dropFirst().first.flatMap { Int($0) }
      }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmedSpaces }
      guard cells.count == 6, let number = Int(cells[1]) else { continue }
      rows.append(Row(section: section, number: number, does: cells[3], test: cells[4].replacing("`", with: "")))
    }
    return (rows, announced)
  }

  @Test("every section has all of its items, numbered")
  func numbers() throws {
    let (rows, announced) = try Self.rows()
    #expect(announced == Self.counted)
    for (section, count) in Self.counted {
      #expect(rows.filter { $0.section == section }.map(\.number) == Array(1...count), "\(section)")
    }
  }

  @Test("what is missing is counted, names no test, and everything else names one")
  func missing() throws {
    let rows = try Self.rows().rows
    let missing = rows.count { $0.isMissing }
    let page = try Project.text("docs/guide.md")
    #expect(missing == 0)
    #expect(page.contains("All of its \(rows.count) items are there."))
    for row in rows { #expect(row.isMissing == row.test.isEmpty, "\(row.section) \(row.number)") }
  }

  @Test("each named test is there, in its suite")
  func tests() throws {
    let files = try Project.swiftTests()
    for row in try Self.rows().rows where !row.isMissing {
      let parts = row.test.split(separator: ".").map(String.init)
      try #require(parts.count == 2, "\(row.section) \(row.number)")
      let text = try #require(files["\(parts[0]).swift"], "\(row.test)")
      let start = try #require(text.firstRange(of: "func \(parts[1])("), "\(row.test)")
      // A function that is no test would prove nothing.
      let before = text[..<start.lowerBound]
      let attribute = try #require(before.ranges(of: "@Test").last, "\(row.test)")
      #expect(!text[attribute.upperBound..<start.lowerBound].contains("func "), "\(row.test)")
      #expect(text.contains("struct \(parts[0])"), "\(row.test)")
    }
  }
}

extension String {
  fileprivate var trimmedSpaces: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Project {
  /// Every file of tests by its name.
  fileprivate static func swiftTests() throws -> [String: String] {
    var found: [String: String] = [:]
    for folder in try FileManager.default.contentsOfDirectory(atPath: path("Tests")) where folder.hasSuffix("Tests") {
      for file in try files(in: "Tests/\(folder)", ending: "Tests.swift") {
        found[file, default: ""] += try text("Tests/\(folder)/\(file)")
      }
    }
    return found
  }
}
