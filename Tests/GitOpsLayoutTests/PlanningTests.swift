import GitOpsLayout
import PromotionModel
import Testing

@Suite struct PlanningTests {
  let all = PromotionRequest(
    source: staging,
    target: production,
    tags: [api: "api-v9.2.0", web: "web-v5.0.1", projectManagement: "pm-v10.45.0"]
  )

  @Test func plansTheTagsThatDiffer() throws {
    let changes = try GitOpsLayout(fleet: fleet()).plan(all, base: commit(), files: repository())
    #expect(changes.environment == production)
    #expect(
      changes.services == [
        ServiceChange(
          service: api,
          file: path("production", "api"),
          fromTag: "api-v9.1.1",
          toTag: "api-v9.2.0",
          edits: [.scalar(path: "service.chartTag", from: "api-v9.1.1", to: "api-v9.2.0")]
        ),
        ServiceChange(
          service: projectManagement,
          file: path("production", "project-management"),
          fromTag: "pm-v10.44.2",
          toTag: "pm-v10.45.0",
          edits: [.scalar(path: "service.chartTag", from: "pm-v10.44.2", to: "pm-v10.45.0")]
        ),
      ]
    )
  }

  @Test func setsWhatTheConfigurationSets() throws {
    var files = repository()
    files[path("production", "web")] = Array("envName: staging\nservice:\n  chartTag: web-v5.0.1\n".utf8)
    files[path("production", "api")] = Array("service:\n  chartTag: api-v9.2.0\n".utf8)
    let changes = try GitOpsLayout(fleet: fleet()).plan(all, base: commit(), files: files)
    #expect(changes.services.map(\.service) == [api, web, projectManagement])
    #expect(changes.services[0].edits == [.scalar(path: "envName", from: nil, to: "production")])
    #expect(changes.services[1].edits == [.scalar(path: "envName", from: "staging", to: "production")])
    #expect(changes.services[1].fromTag == "web-v5.0.1")
    let applied = try GitOpsLayout(fleet: fleet()).apply(changes, to: files).changedFiles
    #expect(
      text(applied?[path("production", "api")] ?? nil) == "service:\n  chartTag: api-v9.2.0\nenvName: production\n"
    )
  }

  @Test func refusesToSetAKeyWhoseMappingIsMissing() throws {
    let layout = GitOpsLayout(fleet: fleet(set: ["labels.stage": "{environment}"]))
    #expect {
      try layout.plan(all, base: commit(), files: repository())
    } throws: { error in
      (error as? WorldError)?.message.contains("api/config.yaml:2:1: the document has no key `labels`") ?? false
    }
  }

  @Test func bringsTheListedValues() throws {
    var files = repository()
    files[path("staging", "api")] = Array(
      "image: {repository: new, pull: Always}\nport: 81\nflag: true\nservice: {chartTag: api-v9.2.0}\n".utf8
    )
    files[path("production", "api")] = Array(
      "image: {repository: old, pull: Never}\nport: 80\nflag: false\nservice: {chartTag: api-v9.1.1}\n".utf8
    )
    let paths = ["image.repository", "port", "flag", "service.chartTag", "not.there"]
    let layout = GitOpsLayout(fleet: fleet(copy: .paths(paths), set: [:]))
    let changes = try layout.plan(
      PromotionRequest(source: staging, target: production, tags: [api: "api-v9.2.0"]),
      base: commit(),
      files: files
    )
    let applied = try layout.apply(changes, to: files).changedFiles
    #expect(
      text(applied?[path("production", "api")] ?? nil)
        == "image: {repository: new, pull: Never}\nport: 81\nflag: true\nservice: {chartTag: api-v9.2.0}\n"
    )
  }

  @Test(arguments: [
    ("port: 81\n", "port: \"80\"\n", "is a string here"), ("port: 81\n", "", "is a string here"),
    ("", "port: 80\n", "takes no keys away"), ("port: [81]\n", "port: 80\n", "is a sequence, not a scalar"),
    ("port: 81\n", "port: \"81\"\n", "is a string here"),
  ])
  func refusesToBringAValueAsAnotherType(source: String, target: String, message: String) throws {
    let files = [
      path("staging", "api"): Array((source + "service: {chartTag: api-v9.2.0}\n").utf8),
      path("production", "api"): Array((target + "service: {chartTag: api-v9.1.1}\n").utf8),
    ]
    let layout = GitOpsLayout(fleet: fleet(copy: .paths(["port"]), set: [:]))
    #expect {
      try layout.plan(
        PromotionRequest(source: staging, target: production, tags: [api: "api-v9.2.0"]),
        base: commit(),
        files: files
      )
    } throws: { error in
      (error as? WorldError)?.reason == .refused && (error as? WorldError)?.message.contains(message) ?? false
    }
  }

  @Test func bringsTheWholeFile() throws {
    let files = repository()
    let layout = GitOpsLayout(fleet: fleet(copy: .file))
    let changes = try layout.plan(all, base: commit(), files: files)
    #expect(changes.services.map(\.service) == [api, web, projectManagement])
    let expected = text(files[path("staging", "api")])?.replacing("envName: staging", with: "envName: production")
    let before = try #require(text(files[path("production", "api")]))
    let after = try #require(expected)
    #expect(changes.services[0].edits == [.content(from: before, to: after)])
    #expect(changes.services[0].fromTag == "api-v9.1.1")
    let settled = merged(files, try #require(try layout.apply(changes, to: files).changedFiles))
    #expect(try layout.plan(all, base: commit(), files: settled).services.isEmpty)
  }

  @Test func aNewServiceBringsItsFile() throws {
    var files = repository()
    files[path("production", "api")] = nil
    let layout = GitOpsLayout(fleet: fleet())
    let request = PromotionRequest(source: staging, target: production, tags: [api: "api-v9.1.9"])
    let changes = try layout.plan(request, base: commit(), files: files)
    #expect(changes.services.first?.fromTag == nil)
    let applied = try layout.apply(changes, to: files).changedFiles
    let expected = text(files[path("staging", "api")])?
      .replacing("envName: staging", with: "envName: production").replacing("api-v9.2.0", with: "api-v9.1.9")
    #expect(text(applied?[path("production", "api")] ?? nil) == expected)
  }

  @Test func editsTheImagesOfAKustomization() throws {
    let layout = GitOpsLayout(
      fleet: fleet(
        file: "apps/{environment}/{service}/kustomization.yaml",
        tag: "images[name={service}].newTag",
        set: [:]
      )
    )
    let kustomization = """
      resources: [../base]
      images:
      - name: sidecar
        newTag: "1.0"
      - name: api   # ours
        newTag: TAG

      """
    let production = "apps/production/api/kustomization.yaml"
    let files = [
      "apps/staging/api/kustomization.yaml": Array(kustomization.replacing("TAG", with: "api-v2.0.0").utf8),
      production: Array(kustomization.replacing("TAG", with: "api-v1.0.0").utf8),
    ]
    let request = PromotionRequest(
      source: staging,
      target: PromotionModel.EnvironmentName("production"),
      tags: [api: "api-v2.0.0"]
    )
    let changes = try layout.plan(request, base: commit(), files: files)
    #expect(
      changes.services.first?.edits == [
        .scalar(path: "images[name=api].newTag", from: "api-v1.0.0", to: "api-v2.0.0")
      ]
    )
    let applied = try layout.apply(changes, to: files).changedFiles
    #expect(text(applied?[production] ?? nil) == kustomization.replacing("TAG", with: "api-v2.0.0"))
  }

  @Test func servicesMayShareAFile() throws {
    let layout = GitOpsLayout(fleet: fleet(file: "{environment}.yaml", tag: "images[name={service}].newTag", set: [:]))
    func list(_ a: String, _ b: String) -> [UInt8] {
      Array("images:\n- {name: api, newTag: \(a)}\n- {name: web, newTag: \(b)}\n".utf8)
    }
    let files = ["staging.yaml": list("api-v2.0.0", "web-v2.0.0"), "production.yaml": list("api-v1.0.0", "web-v1.0.0")]
    let request = PromotionRequest(source: staging, target: production, tags: [api: "api-v2.0.0", web: "web-v2.0.0"])
    let changes = try layout.plan(request, base: commit(), files: files)
    let applied = try layout.apply(changes, to: files).changedFiles
    #expect(applied?["production.yaml"] == list("api-v2.0.0", "web-v2.0.0"))
  }

  @Test func planTagsLeavesEverythingElse() throws {
    var files = repository()
    files[path("production", "api")] = Array("envName: odd\nservice:\n  chartTag: 'api-v9.1.1' # x\n".utf8)
    let layout = GitOpsLayout(fleet: fleet())
    let changes = try layout.planTags(
      [api: "api-v9.0.0", web: "web-v5.0.1"],
      in: production,
      base: commit(),
      files: files
    )
    #expect(changes.plan == ["production/api api-v9.1.1 -> api-v9.0.0"])
    let applied = try layout.apply(changes, to: files).changedFiles
    #expect(
      text(applied?[path("production", "api")] ?? nil) == "envName: odd\nservice:\n  chartTag: 'api-v9.0.0' # x\n"
    )
  }

  @Test func stopsAtWhatItCannotRead() throws {
    let layout = GitOpsLayout(fleet: fleet())
    func failure(_ change: (inout [String: [UInt8]]) -> Void, _ tags: [ServiceName: String] = [api: "api-v9.2.0"])
      -> WorldError?
    {
      var files = repository()
      change(&files)
      do {
        _ = try layout.plan(
          PromotionRequest(source: staging, target: production, tags: tags),
          base: commit(),
          files: files
        )
        return nil
      } catch { return error as? WorldError }
    }
    #expect(failure { $0[path("staging", "api")] = nil }?.reason == .notFound)
    #expect(failure { $0[path("staging", "api")] = Array("a: b\n".utf8) }?.reason == .notFound)
    #expect(failure { $0[path("staging", "api")] = [0xFF, 0xFE] }?.reason == .nonsense)
    #expect(failure { $0[path("production", "api")] = Array("a: [\n".utf8) }?.reason == .nonsense)
    let alias = failure {
      $0[path("production", "api")] = Array("t: &t api-v1\nenvName: production\nservice:\n  chartTag: *t\n".utf8)
    }
    #expect(alias?.reason == .refused)
    #expect(alias?.message.contains("config.yaml:4:13: ") ?? false)
    #expect(failure({ _ in }, [ServiceName("nobody"): "v1"])?.message.contains("no service is called nobody") ?? false)
    #expect(failure({ _ in }, [api: "a\u{1B}[0m"])?.reason == .refused)
    #expect(failure({ _ in }, [api: ""])?.reason == .refused)
  }

  @Test func neverTouchesAnotherEnvironmentsFile() throws {
    let layout = GitOpsLayout(fleet: fleet(file: "{service}.yaml"))
    #expect {
      try layout.planTags(
        [api: "api-v1.0.0"],
        in: production,
        base: commit(),
        files: ["api.yaml": config("api", "x", tag: "api-v2.0.0")]
      )
    } throws: { error in
      (error as? WorldError)?.message.contains("is the file of api in staging as well") ?? false
    }
  }
}
