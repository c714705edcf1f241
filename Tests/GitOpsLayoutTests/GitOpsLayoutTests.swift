import GitOpsLayout
import PromotionModel
import Testing

@Suite struct GitOpsLayoutTests {
  let layout = GitOpsLayout(fleet: fleet())

  @Test func namesTheFilesOfAnEnvironment() {
    #expect(
      layout.files(in: production) == [
        api: "syrf/environments/production/api/config.yaml", web: "syrf/environments/production/web/config.yaml",
        projectManagement: "syrf/environments/production/project-management/config.yaml",
      ]
    )
  }

  @Test func readsTagsVersionsAndWhetherEnabled() throws {
    var files = repository()
    files[path("production", "web")] = config("web", "production", tag: "latest", enabled: false)
    let declared = layout.declared(production, at: try commit(), files: files)
    #expect(declared.services[api]?.tag == "api-v9.1.1")
    #expect(declared.services[api]?.version == Version("9.1.1"))
    #expect(declared.services[api]?.isEnabled == true)
    #expect(declared.services[projectManagement]?.version == Version("10.44.2"))
    #expect(declared.services[web]?.tag == "latest")
    #expect(declared.services[web]?.version == nil)
    #expect(declared.services[web]?.isEnabled == false)
    #expect(declared.services.values.allSatisfy { $0.problem == nil && $0.exists })
  }

  @Test func readsTheOtherLayoutOfTheGuide() throws {
    let layout = GitOpsLayout(fleet: fleet(file: "environments/{environment}/services/{service}.yaml", set: [:]))
    let files = ["environments/production/services/api.yaml": Array("service:\n  chartTag: api-v1.2.2\n".utf8)]
    let declared = layout.declared(production, at: try commit(), files: files)
    #expect(declared.services[api]?.version == Version("1.2.2"))
    #expect(declared.services[api]?.isEnabled == true)
    #expect(declared.services[web]?.exists == false)
    #expect(declared.services[web]?.problem == nil)
  }

  @Test(arguments: [
    ("service: [", "config.yaml:1:11: "),
    ("service:\n  chartTag: a\n  chartTag: b\n", ":3:3: `service` has the key `chartTag` 2 times"),
    ("base: &b api-v1\nservice:\n  chartTag: *b\n", "is the alias `b`"),
    ("base: &b {chartTag: api-v1}\nservice:\n  <<: *b\n", "merge key"),
    ("service:\n  other: 1\n", "has no tag at `service.chartTag`"),
    ("service:\n  chartTag:\n", "has no tag at `service.chartTag`"),
    ("service:\n  chartTag: ~\n", "has no tag at `service.chartTag`"),
    ("service:\n  chartTag: {a: b}\n", "is a mapping, not a scalar"),
    ("service:\n  chartTag: \"a\\e[31m\"\n", "characters that no tag has: a\\u{1b}[31m"),
    ("service: {chartTag: a}\n---\nservice: {chartTag: b}\n", "has 2 documents"),
    ("service: {chartTag: a, enabled: maybe}\n", "is a string, not true or false"),
    ("", "has no tag"),
  ])
  func saysWhyATagCannotBeRead(content: String, problem: String) throws {
    let declared = layout.declared(
      production,
      at: try commit(),
      files: [path("production", "api"): Array(content.utf8)]
    )
    let service = try #require(declared.services[api])
    #expect(service.tag == nil)
    #expect(service.exists)
    let found = try #require(service.problem)
    #expect(found.contains(problem))
    #expect(found.contains("syrf/environments/production/api/config.yaml"))
  }

  @Test(arguments: ["no", "off", "False", "false"]) func takesEveryFalseOfYAMLForDisabled(word: String) throws {
    let file = Array("service: {chartTag: api-v1.0.0, enabled: \(word)}\n".utf8)
    let declared = layout.declared(production, at: try commit(), files: [path("production", "api"): file])
    #expect(declared.services[api]?.isEnabled == false)
    #expect(declared.services[api]?.tag == "api-v1.0.0")
  }

  @Test(arguments: [
    "../{environment}/{service}.yaml", "/etc/{environment}/{service}", "-{environment}{service}",
    "a//{environment}{service}",
    "a/./{environment}{service}", "{environment}/{service}\n.yaml", ".git/{environment}/{service}",
    ":(top){environment}{service}",
    "", "{environment}/{service}\u{202E}.yaml", "{environment}/{service}/",
  ])
  func neverLeavesTheRepository(pattern: String) throws {
    let layout = GitOpsLayout(fleet: fleet(file: pattern))
    #expect(layout.files(in: production).isEmpty)
    #expect(try layout.declared(production, at: commit(), files: [:]).services[api]?.problem != nil)
    #expect(throws: WorldError.self) {
      try layout.planTags([api: "api-v1.0.0"], in: production, base: commit(), files: [:])
    }
  }

  @Test func aServiceNameStaysOneKeyOfAPath() throws {
    var fleet = fleet(tag: "{service}.tag", set: [:])
    let dotted = ServiceName("team.api")
    fleet.services = [Service(name: dotted, tag: TagPattern(prefix: "v"))]
    let files = [path("production", "team.api"): Array("team.api: {tag: v1.0.0}\nteam: {api: {tag: v2.0.0}}\n".utf8)]
    let declared = GitOpsLayout(fleet: fleet).declared(production, at: try commit(), files: files)
    #expect(declared.services[dotted]?.version == Version("1.0.0"))
  }
}
