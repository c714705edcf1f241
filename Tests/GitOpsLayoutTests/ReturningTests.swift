import GitOpsLayout
import PromotionModel
import Testing

@Suite struct ReturningTests {
  let request = PromotionRequest(
    source: staging,
    target: production,
    tags: [api: "api-v9.2.0", projectManagement: "pm-v10.45.0"]
  )

  /// The files after a promotion, and the promotion.
  func promoted(_ layout: GitOpsLayout, _ files: [String: [UInt8]]) throws -> (ChangeSet, [String: [UInt8]]) {
    let changes = try layout.plan(request, base: commit(), files: files)
    return (changes, merged(files, try #require(try layout.apply(changes, to: files).changedFiles)))
  }

  func returned(_ layout: GitOpsLayout, _ plan: ReturnPlan, _ files: [String: [UInt8]]) throws -> [String: [UInt8]] {
    merged(files, try #require(try layout.apply(plan.changes, to: files).changedFiles))
  }

  @Test func takesBackOnlyTheNamedServices() throws {
    let layout = GitOpsLayout(fleet: fleet())
    let (changes, files) = try promoted(layout, repository())
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: files)
    #expect(plan.superseded.isEmpty)
    #expect(plan.changes.plan == ["production/api api-v9.2.0 -> api-v9.1.1"])
    let after = try returned(layout, plan, files)
    #expect(after[path("production", "api")] == repository()[path("production", "api")])
    #expect(after[path("production", "project-management")] == files[path("production", "project-management")])
  }

  @Test func leavesAValueThatSomebodyChanged() throws {
    let layout = GitOpsLayout(fleet: fleet())
    var (changes, files) = try promoted(layout, repository())
    files[path("production", "api")] = config("api", "production", tag: "api-v9.2.1")
    let plan = layout.planReturn(of: changes, services: [api, projectManagement], base: try commit(), files: files)
    #expect(plan.superseded == [Superseded(service: api, expected: "api-v9.2.0", found: "api-v9.2.1")])
    #expect(plan.changes.services.map(\.service) == [projectManagement])
  }

  @Test func leavesAValueThatIsBackAlready() throws {
    let layout = GitOpsLayout(fleet: fleet())
    let (changes, _) = try promoted(layout, repository())
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: repository())
    #expect(plan.superseded.isEmpty)
    #expect(plan.changes.services.isEmpty)
  }

  @Test func takesBackWhatTheOtherValuesOfAServiceWere() throws {
    let layout = GitOpsLayout(fleet: fleet(copy: .paths(["service.replicas"])))
    var (changes, files) = try promoted(layout, repository())
    #expect(text(files[path("production", "api")])?.contains("replicas: 1\n") ?? false)
    files[path("production", "api")] = Array(
      (text(files[path("production", "api")]) ?? "").replacing("replicas: 1", with: "replicas: 5").utf8
    )
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: files)
    #expect(plan.superseded == [Superseded(service: api, expected: "1", found: "5")])
    #expect(
      plan.changes.services.first?.edits == [.scalar(path: "service.chartTag", from: "api-v9.2.0", to: "api-v9.1.1")]
    )
  }

  @Test func aFileThatIsGoneOrUnreadableIsSuperseded() throws {
    let layout = GitOpsLayout(fleet: fleet())
    var (changes, files) = try promoted(layout, repository())
    files[path("production", "api")] = nil
    files[path("production", "project-management")] = Array("a: [".utf8)
    let plan = layout.planReturn(of: changes, services: [api, projectManagement], base: try commit(), files: files)
    #expect(plan.changes.services.isEmpty)
    #expect(plan.superseded.count == 2)
    #expect(plan.superseded.first == Superseded(service: api, expected: "api-v9.2.0", found: nil))
    #expect(plan.superseded.last?.found?.contains("cannot be taken back") ?? false)
  }

  @Test func anAddedKeyMayStay() throws {
    var files = repository()
    files[path("production", "api")] = Array("service:\n  chartTag: api-v9.1.1\n".utf8)
    let layout = GitOpsLayout(fleet: fleet())
    let (changes, after) = try promoted(layout, files)
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(plan.superseded.isEmpty)
    let back = try returned(layout, plan, after)
    #expect(text(back[path("production", "api")]) == "service:\n  chartTag: api-v9.1.1\nenvName: production\n")
  }

  @Test func aTagThatHadToBeAddedGoesAgain() throws {
    var files = repository()
    files[path("production", "api")] = Array("envName: production\nservice:\n  enabled: true\n".utf8)
    let layout = GitOpsLayout(fleet: fleet())
    let (changes, after) = try promoted(layout, files)
    #expect(changes.services.first?.fromTag == nil)
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(plan.changes.services.first?.toTag == GitOpsLayout.absentTag)
    #expect(try returned(layout, plan, after)[path("production", "api")] == files[path("production", "api")])
  }

  @Test func aNewServicesFileGoesAgain() throws {
    var files = repository()
    files[path("production", "api")] = nil
    let layout = GitOpsLayout(fleet: fleet())
    var (changes, after) = try promoted(layout, files)
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(plan.changes.plan == ["production/api api-v9.2.0 -> nothing"])
    let applied = try #require(try layout.apply(plan.changes, to: after).changedFiles)
    #expect(applied == [path("production", "api"): nil])
    let diff = try layout.diffs(plan.changes, files: after)
    #expect(diff.first?.unified.contains("deleted file mode") ?? false)
    // Edited since: hands off.
    after[path("production", "api")]?.append(0x0A)
    let late = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(late.changes.services.isEmpty)
    #expect(late.superseded.first?.found == "api-v9.2.0 in a file that is otherwise changed")
    // Gone already: nothing to do.
    changes.services = changes.services.filter { $0.service == api }
    let gone = layout.planReturn(of: changes, services: [api], base: try commit(), files: files)
    #expect(gone.changes.services.isEmpty && gone.superseded.isEmpty)
  }

  @Test func aWholeFileIsTakenBackPerValue() throws {
    let layout = GitOpsLayout(fleet: fleet(copy: .file))
    var (changes, files) = try promoted(layout, repository())
    // Somebody edits another value and a comment meanwhile: both survive.
    files[path("production", "api")] = Array(
      (text(files[path("production", "api")]) ?? "")
        .replacing("enabled: true", with: "enabled: false").replacing("# what runs", with: "# keep me").utf8
    )
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: files)
    #expect(plan.superseded.isEmpty)
    #expect(
      plan.changes.services.first?.edits == [
        .scalar(path: "service.chartTag", from: "api-v9.2.0", to: "api-v9.1.1"),
        .scalar(path: "service.replicas", from: "1", to: "3"),
      ]
    )
    let back = try #require(text(try returned(layout, plan, files)[path("production", "api")]))
    #expect(back.contains("enabled: false") && back.contains("# keep me") && back.contains("api-v9.1.1"))
  }

  @Test func aRebuiltFileIsTakenBackToTheByteOrNotAtAll() throws {
    var files = repository()
    files[path("staging", "api")]?.append(contentsOf: "extra: {a: 1}\n".utf8)
    let layout = GitOpsLayout(fleet: fleet(copy: .file))
    var (changes, after) = try promoted(layout, files)
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(plan.changes.plan == ["production/api api-v9.2.0 -> api-v9.1.1"])
    #expect(try returned(layout, plan, after)[path("production", "api")] == files[path("production", "api")])
    after[path("production", "api")]?.append(contentsOf: "more: 1\n".utf8)
    let late = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(late.changes.services.isEmpty)
    #expect(late.superseded.map(\.service) == [api])
  }

  @Test func aValueThatBecameAnotherTypeIsTakenBackToTheByte() throws {
    var files = repository()
    files[path("staging", "api")] = Array("envName: x\nport: 80\nservice: {chartTag: api-v9.2.0}\n".utf8)
    files[path("production", "api")] = Array(
      "envName: production\nport: \"80\"\nservice: {chartTag: api-v9.1.1}\n".utf8
    )
    let layout = GitOpsLayout(fleet: fleet(copy: .file))
    let (changes, after) = try promoted(layout, files)
    let plan = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
    #expect(try returned(layout, plan, after)[path("production", "api")] == files[path("production", "api")])
  }
}
