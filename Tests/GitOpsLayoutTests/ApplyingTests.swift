import GitOpsLayout
import PromotionModel
import Testing

@Suite struct ApplyingTests {
  let layout = GitOpsLayout(fleet: fleet())

  func changes(_ edits: [FileEdit], file: String = path("production", "api"), service: ServiceName = api) throws
    -> ChangeSet
  {
    ChangeSet(
      environment: production,
      base: try commit(),
      services: [
        ServiceChange(service: service, file: file, fromTag: "api-v9.1.1", toTag: "api-v9.2.0", edits: edits)
      ]
    )
  }

  let tagEdit = FileEdit.scalar(path: "service.chartTag", from: "api-v9.1.1", to: "api-v9.2.0")

  @Test func whatIsAsWantedAlreadyIsNoConflict() throws {
    var files = repository()
    files[path("production", "api")] = config("api", "production", tag: "api-v9.2.0")
    #expect(try layout.apply(changes([tagEdit]), to: files) == .files([:]))
  }

  @Test func aValueOfSomebodyElseStopsEverything() throws {
    var files = repository()
    files[path("production", "api")] = config("api", "production", tag: "api-v9.1.2")
    var both = try changes([tagEdit])
    both.services.append(
      ServiceChange(
        service: web,
        file: path("production", "web"),
        fromTag: "web-v5.0.1",
        toTag: "web-v5.1.0",
        edits: [.scalar(path: "service.chartTag", from: "web-v5.0.1", to: "web-v5.1.0")]
      )
    )
    let applied = try layout.apply(both, to: files)
    #expect(applied.conflicts == [Superseded(service: api, expected: "api-v9.1.1", found: "api-v9.1.2")])
    #expect(throws: WorldError.self) { try layout.diffs(both, files: files) }
  }

  @Test func foreignEditsToOtherValuesAreKept() throws {
    var files = repository()
    files[path("production", "api")] = config("api", "production", tag: "api-v9.1.1", enabled: false, comment: " new")
    let applied = try layout.apply(changes([tagEdit]), to: files).changedFiles
    #expect(
      applied?[path("production", "api")]
        == config("api", "production", tag: "api-v9.2.0", enabled: false, comment: " new")
    )
  }

  @Test func wholeFilesMustBeAsExpectedToTheByte() throws {
    let files = [path("production", "api"): config("api", "production", tag: "api-v9.1.1")]
    let before = try #require(text(files[path("production", "api")]))
    let edit = FileEdit.content(from: before + "\n", to: "service: {chartTag: api-v9.2.0}\n")
    #expect(
      try layout.apply(changes([edit]), to: files).conflicts == [
        Superseded(service: api, expected: "api-v9.1.1", found: "api-v9.1.1 in a file that is otherwise changed")
      ]
    )
    let right = FileEdit.content(from: before, to: "service: {chartTag: api-v9.2.0}\n")
    #expect(
      text(try layout.apply(changes([right]), to: files).changedFiles?[path("production", "api")] ?? nil)
        == "service: {chartTag: api-v9.2.0}\n"
    )
    #expect(
      try layout.apply(
        changes([.content(from: "é\n", to: "x")]),
        to: [path("production", "api"): Array("e\u{301}\n".utf8)]
      ).conflicts.count == 1
    )
  }

  @Test func aFileThatWentOrCameIsAConflict() throws {
    #expect(
      try layout.apply(changes([tagEdit]), to: [:]).conflicts == [
        Superseded(service: api, expected: "api-v9.1.1", found: nil)
      ]
    )
    let new = FileEdit.content(from: nil, to: "service: {chartTag: api-v9.2.0}\n")
    let theirs = Array("service: {chartTag: api-v9.9.9}\n".utf8)
    #expect(
      try layout.apply(changes([new]), to: [path("production", "api"): theirs]).conflicts.first?.found == "api-v9.9.9"
    )
  }

  @Test func aKeyThatSomebodyMadeFirstIsAConflictUnlessTheSame() throws {
    let edit = FileEdit.scalar(path: "note", from: nil, to: "ours")
    let theirs = [path("production", "api"): Array("note: \"theirs\\e[1m\"\n".utf8)]
    #expect(
      try layout.apply(changes([edit]), to: theirs).conflicts == [
        Superseded(service: api, expected: nil, found: "theirs\\u{1b}[1m")
      ]
    )
    let same = [path("production", "api"): Array("note: ours\n".utf8)]
    #expect(try layout.apply(changes([edit]), to: same) == .files([:]))
  }

  @Test func neverWritesOutsideTheRepository() throws {
    #expect(throws: WorldError.self) {
      try layout.apply(changes([.content(from: nil, to: "x")], file: "../x"), to: [:])
    }
    #expect(throws: WorldError.self) {
      try layout.apply(changes([.scalar(path: "a[", from: nil, to: "x")]), to: repository())
    }
  }

  @Test func showsTheDiffOfTheTagLinesOnly() throws {
    let request = PromotionRequest(source: staging, target: production, tags: [api: "api-v9.2.0"])
    let plan = try layout.plan(request, base: commit(), files: repository(end: "\r\n"))
    let diffs = try layout.diffs(plan, files: repository(end: "\r\n"))
    #expect(diffs.map(\.file) == [path("production", "api")])
    let changed = diffs[0].unified.unicodeScalars.split(separator: "\n").map(String.init).filter {
      ($0.hasPrefix("-") || $0.hasPrefix("+")) && !$0.hasPrefix("---") && !$0.hasPrefix("+++")
    }
    #expect(changed == ["-  chartTag: api-v9.1.1  # what runs\r", "+  chartTag: api-v9.2.0  # what runs\r"])
  }
}
