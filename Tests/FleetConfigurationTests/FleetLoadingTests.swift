import FleetConfiguration
import PromotionModel
import RunbookDiagnostics
import Testing

@Suite struct FleetLoadingTests {
  /// The guide's fleet.
  static let example = """
    gitops:
      repository: git@github.com:camaradesuk/cluster-gitops.git
      branch: main
      file: syrf/environments/{environment}/{service}/config.yaml
      tag: service.chartTag
      copy: tag
      set: { envName: "{environment}" }
    environments:
      production: { namespace: production, context: production, destination: "https://10.0.4.1:6443", promotes-from: staging, protected: true }
      staging:    { namespace: syrf-staging, context: staging, destination: gke_acme_europe-west1_staging }
    services:
      api:                { tag: "api-v{version}", health: { staging: https://staging-api.syrf.org.uk/health, production: https://api.syrf.org.uk/health } }
      web:                { tag: "web-v{version}", image: "ghcr.io:443/acme/web:v{version}" }
      project-management: { tag: "pm-v{version}", image: ghcr.io/acme/pm, health: "https://{environment}.syrf.org.uk/{service}/health" }
    argocd: { namespace: argo, application: "{service}-{environment}", context: hub }
    pull-request: { repository: camaradesuk/cluster-gitops, labels: [requires-review, prod], merge: squash, every: 30s }
    policy:
      minimum-monitor: 45m
      seal: 12h
      allowed-errors: 2
      log-tail: 500
      error-words: [error, fatal]
      health-failures: 5
      every: 15s
      lock: 5m
      deadlines: { validate: 1m, promote: 2m, merge: 1d, sync: 3m, rollout: 4m, rollback: 5m, run: 6m, confirm: 7m, show: 8m, follow: 9m }
      window: { days: [saturday, monday], from: "22:00", to: "06:30", zone: Europe/London }
    """

  func load(_ text: String) -> (Fleet?, [Diagnostic]) { FleetConfiguration.load(SourceText(name: "s", text: text)) }

  func minimal(file: String = "{environment}/{service}.yaml", gitops: String = "", more: String = "") -> String {
    """
    gitops:
      repository: ../clone
      file: "\(file)"
      tag: service.chartTag
      \(gitops)
    environments: { live: { namespace: live, protected: true } }
    services: { api: { tag: "{version}" } }
    \(more)
    """
  }

  @Test func readsEverything() throws {
    let (loaded, findings) = load(Self.example)
    #expect(findings.isEmpty)
    let fleet = try #require(loaded)
    let staging = EnvironmentName("staging")
    let production = EnvironmentName("production")
    #expect(
      fleet.repository
        == RepositorySettings(
          url: "git@github.com:camaradesuk/cluster-gitops.git",
          filePattern: "syrf/environments/{environment}/{service}/config.yaml",
          tagPath: "service.chartTag",
          set: ["envName": "{environment}"]
        )
    )
    #expect(
      fleet.environments == [
        Environment(
          name: staging,
          namespace: "syrf-staging",
          context: "staging",
          destination: "gke_acme_europe-west1_staging"
        ),
        Environment(
          name: production,
          namespace: "production",
          context: "production",
          destination: "https://10.0.4.1:6443",
          promotesFrom: staging,
          isProtected: true
        ),
      ]
    )
    #expect(
      fleet.services == [
        Service(
          name: ServiceName("api"),
          tag: TagPattern(prefix: "api-v"),
          health: [
            staging: "https://staging-api.syrf.org.uk/health", production: "https://api.syrf.org.uk/health",
          ]
        ),
        Service(
          name: ServiceName("web"),
          tag: TagPattern(prefix: "web-v"),
          imageRepository: "ghcr.io:443/acme/web",
          imageTag: TagPattern(prefix: "v")
        ),
        Service(
          name: ServiceName("project-management"),
          tag: TagPattern(prefix: "pm-v"),
          health: [
            staging: "https://staging.syrf.org.uk/project-management/health",
            production: "https://production.syrf.org.uk/project-management/health",
          ],
          imageRepository: "ghcr.io/acme/pm"
        ),
      ]
    )
    #expect(fleet.argocd == ArgoCDSettings(namespace: "argo", context: "hub"))
    #expect(
      fleet.pullRequest
        == PullRequestSettings(
          repository: "camaradesuk/cluster-gitops",
          labels: ["requires-review", "prod"],
          mergeMethod: .squash,
          pollInterval: .seconds(30)
        )
    )
    #expect(
      fleet.policy
        == Policy(
          minimumMonitor: .seconds(2700),
          sealLifetime: .seconds(43_200),
          allowedErrors: 2,
          logTail: 500,
          errorWords: ["error", "fatal"],
          healthFailures: 5,
          probeInterval: .seconds(15),
          deadlines: Deadlines(
            validate: .seconds(60),
            promote: .seconds(120),
            merge: .seconds(86_400),
            sync: .seconds(180),
            rollout: .seconds(240),
            rollback: .seconds(300),
            run: .seconds(360),
            confirm: .seconds(420),
            show: .seconds(480),
            follow: .seconds(540)
          ),
          window: PolicyWindow(days: [1, 6], from: 1320, to: 390, zone: "Europe/London"),
          lockLifetime: .seconds(300)
        )
    )
  }

  @Test func takesTheModelsDefaults() throws {
    let (loaded, findings) = load(minimal())
    #expect(findings.isEmpty)
    let fleet = try #require(loaded)
    #expect(
      fleet.repository
        == RepositorySettings(url: "../clone", filePattern: "{environment}/{service}.yaml", tagPath: "service.chartTag")
    )
    #expect(fleet.argocd == ArgoCDSettings())
    #expect(fleet.pullRequest == nil)
    #expect(fleet.policy == Policy())
  }

  @Test func readsTheCopyRules() throws {
    #expect(load(minimal(gitops: "copy: file")).0?.repository.copy == .file)
    #expect(
      load(minimal(gitops: "copy: [a.b, 'c[name={service}].d']")).0?.repository.copy
        == .paths(["a.b", "c[name={service}].d"])
    )
    #expect(
      load(minimal(gitops: "set: { replicas: 3, on: true }")).0?.repository.set == ["replicas": "3", "on": "true"]
    )
  }

  @Test func ordersEnvironmentsByWhatTheyPromoteFrom() {
    let (fleet, findings) = load(
      """
      gitops: { repository: x, file: "{environment}/{service}", tag: t }
      environments:
        live: { namespace: live, promotes-from: beta, protected: true }
        lab: { namespace: lab }
        beta: { namespace: beta, promotes-from: dev }
        dev: { namespace: dev }
      services: { api: { tag: "v{version}" } }
      """
    )
    #expect(findings.isEmpty)
    #expect(fleet?.environments.map(\.name.text) == ["lab", "dev", "beta", "live"])
  }

  @Test(arguments: [
    "https://github.com/acme/x.git", "ssh://git@example.org:2222/x", "git@example.org:x.git", "file:///srv/x.git",
    "/srv/git/x.git", "../x", "example.org:x",
  ])
  func takesAddressesOfGit(address: String) {
    let (fleet, findings) = load(minimal().replacing("../clone", with: address))
    #expect(findings.isEmpty)
    #expect(fleet?.repository.url == address)
  }

  @Test(arguments: [
    "https://kubernetes.default.svc", "HTTPS://10.0.4.1:6443/", "https://[fd00::1]:6443", "in-cluster", "prod",
    "https://rancher.example.org/k8s/clusters/c-m-1", "http://agents:9090?agentName=prod", "admin@prod.example.org",
    "arn:aws:eks:eu-west-1:123456789012:cluster/prod", "gke_acme_europe-west1_prod",
  ])
  func takesDestinationsOfApplications(destination: String) {
    let text = minimal().replacing("namespace: live,", with: "namespace: live, destination: \"\(destination)\",")
    let (fleet, findings) = load(text)
    #expect(findings.isEmpty)
    #expect(fleet?.environments.map(\.destination) == [destination])
  }

  @Test func aPasswordInADestinationIsNotRepeated() {
    let text = minimal().replacing("namespace: live,", with: "namespace: live, destination: https://me:hunter2@x,")
    let (fleet, findings) = load(text)
    #expect(fleet == nil)
    #expect(findings.map(\.code) == ["SW2015"])
    #expect(!findings.contains { $0.summary.contains("hunter2") || ($0.detail ?? "").contains("hunter2") })
  }

  @Test func offersTheNearestKeyAsAFix() throws {
    let source = SourceText(name: "s", text: minimal(gitops: "brnch: main"))
    let (fleet, findings) = FleetConfiguration.load(source)
    #expect(fleet == nil)
    let fix = try #require(findings.first?.fixes.first)
    let fixed = try #require(fix.applied(to: source))
    #expect(FleetConfiguration.load(SourceText(name: "s", bytes: fixed)).0 != nil)
  }

  @Test func aWarningKeepsNothingBack() {
    let (fleet, findings) = load(minimal().replacing(", protected: true", with: ""))
    #expect(fleet != nil)
    #expect(findings.map(\.severity) == [.warning])
  }

  @Test func readsWindowsLineEnds() {
    let (fleet, findings) = load(Self.example.replacing("\n", with: "\r\n"))
    #expect(findings.isEmpty)
    #expect(fleet == load(Self.example).0)
  }

  @Test(arguments: ["", "# nothing\n", "--- \n---\n", "[]", "text", "\u{FEFF}"])
  func sayWhatIsWrongWithHardlyAnything(text: String) {
    let (fleet, findings) = load(text)
    #expect(fleet == nil)
    #expect(findings.contains { $0.severity == .error })
  }

  @Test func aSecondDocumentIsAnError() {
    let (fleet, findings) = load(minimal() + "\n---\na: b\n")
    #expect(fleet == nil)
    #expect(findings.map(\.code) == ["SW2003"])
  }

  @Test func bracesWithoutQuotesAreExplained() {
    let (_, mapping) = load(minimal().replacing("\"{version}\"", with: "{version}"))
    #expect(mapping.first?.detail == "In quotes it is a string.")
    let (_, broken) = load(
      minimal().replacing("\"{environment}/{service}.yaml\"", with: "{environment}/{service}.yaml")
    )
    #expect(broken.first?.detail?.contains("must be in quotes") ?? false)
  }

  @Test func aPasswordIsNotRepeated() {
    let (_, findings) = load(minimal().replacing("../clone", with: "https://me:hunter2@example.org/x"))
    #expect(findings.count == 1)
    #expect(!findings.contains { $0.summary.contains("hunter2") || ($0.detail ?? "").contains("hunter2") })
  }

  @Test func brokenTextsNeverCrashAndPointIntoTheText() {
    var state: UInt64 = 0x5117_57A1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let original = Array(Self.example.utf8)
    let pieces = [
      "{", "}", "[", "]", ":", "\n", "  ", "\"", "*a", "&a ", "<<: ", "- ", "{environment}", "\u{0}", "\u{FF}", "~",
      "é🚀",
    ]
    for round in 0..<400 {
      var bytes = original
      for _ in 0...random(4) {
        let at = random(bytes.count)
        switch random(3) {
        case 0: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random(20)))
        case 1: bytes.insert(contentsOf: Array(pieces[random(pieces.count)].utf8), at: at)
        default: bytes[at] = UInt8(random(256))
        }
      }
      let (fleet, findings) = FleetConfiguration.load(SourceText(name: "s", bytes: bytes))
      #expect((fleet == nil) == findings.contains { $0.severity == .error }, "round \(round)")
      for finding in findings {
        #expect(finding.subject.range.upperBound <= bytes.count, "round \(round): \(finding.summary)")
        #expect(finding.code.hasPrefix("SW2"), "round \(round)")
      }
    }
  }
}
