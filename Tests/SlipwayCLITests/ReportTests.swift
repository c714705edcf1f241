import FoundationEssentials
import Testing

@Suite("slipway report and runs --stats")
struct ReportTests {
  private struct Summary: Decodable { var run: String }
  private struct Event: Decodable { var event: String }

  private func failedRun(_ folder: PrivateFolder) async throws -> String {
    try await Slipway("run", in: folder).runbook("fail \"the <b>flag</b> is hunter2hunter2\"\n").fleet(Fleets.files)
      .expecting(exit: 1)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    return try #require(runs.first?.run)
  }

  @Test("a page in a file, Markdown and events on standard output")
  func forms() async throws {
    let folder = try PrivateFolder()
    let run = try await failedRun(folder)
    try await Slipway("report", run, "--html", "page.html", in: folder).expecting(
      stdout: .nothing,
      stderr: .nothing,
      exit: 0
    )
    let page = try folder.text("page.html")
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(page.contains("the &lt;b&gt;flag&lt;/b&gt; is"))
    #expect(page.contains("badge bad\">failed"))
    let markdown = try await Slipway("report", run, in: folder).expecting(stderr: .nothing, exit: 0)
    #expect(markdown.stdout.hasPrefix("## ❌ failed: release.runbook\n"))
    let events = try await Slipway("report", run, "--json", in: folder).expecting(exit: 0).objects(Event.self)
    #expect(events.map(\.event) == ["process", "run.started", "step.started", "step.ended", "run.ended"])
  }

  @Test("values of variables that the runbook names do not stand in it")
  func secrets() async throws {
    let folder = try PrivateFolder()
    try await Slipway("run", in: folder).runbook("# MY_FLAG is asked\nfail \"the flag is hunter2hunter2\"\n")
      .fleet(Fleets.files).expecting(exit: 1)
    let runs = try await Slipway("runs", "--json", in: folder).expecting(exit: 0).objects(Summary.self)
    let run = try #require(runs.first?.run)
    for form in ["--html", "--markdown"] {
      let open = try await Slipway("report", run, form, in: folder).expecting(exit: 0)
      #expect(open.stdout.contains("hunter2hunter2"))
      let report = try await Slipway("report", run, form, in: folder).variable("MY_FLAG", "hunter2hunter2")
        .expecting(exit: 0)
      #expect(!report.stdout.contains("hunter2hunter2"))
    }
  }

  @Test("a run or a rehearsal writes its report at its end")
  func option() async throws {
    let folder = try PrivateFolder()
    try await Slipway("run", "--report", "run.md", in: folder).runbook("stop \"enough\"\n").fleet(Fleets.files)
      .expecting(exit: 0)
    #expect(try folder.text("run.md").contains("`stop \"enough\"`"))
    try await Slipway("rehearse", "-c", "validate staging all", "--report", "rehearsal.html", in: try PrivateFolder())
      .expecting(exit: 0)
    // A report that cannot be written changes nothing about how the run ended.
    try await Slipway("run", "-c", "stop \"x\"", "--report", "no/such/folder.md", in: folder).expecting(
      stderr: .containing("no/such/folder.md cannot be written"),
      exit: 0
    )
  }

  @Test("what is wrong with the command line")
  func usage() async throws {
    try await Slipway("report", "20260101-000000-abcd").expecting(stderr: .containing("there is no run"), exit: 64)
    try await Slipway("report", "x", "--html", "--json").expecting(stderr: .containing("give one of"), exit: 64)
    try await Slipway("runs", "--stats", "--since", "soon").expecting(stderr: .containing("--since takes"), exit: 64)
  }

  @Test("measures of a journal without deployments; the list since a time")
  func statistics() async throws {
    let folder = try PrivateFolder()
    _ = try await failedRun(folder)
    try await Slipway("runs", "--stats", in: folder).expecting(
      stdout: .nothing,
      stderr: .containing("nothing was deployed since 20"),
      exit: 0
    )
    try await Slipway("runs", "--stats", "--json", "--since", "90d", in: folder).expecting(
      stdout: .nothing,
      stderr: .nothing,
      exit: 0
    )
    #expect(try await Slipway("runs", "--since", "2020-01-01", in: folder).expecting(exit: 0).stdout.contains("failed"))
    try await Slipway("runs", "--since", "2200-01-01", in: folder).expecting(stdout: .nothing, exit: 0)
  }
}
