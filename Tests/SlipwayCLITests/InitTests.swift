import FoundationEssentials
import Testing

/// From a repository that nobody has described to a configuration that `doctor` and `rehearse` accept.
@Suite("slipway init")
struct InitTests {
  private static let environments = ["staging", "production"]
  private static let services = [("api", "api"), ("project-management", "pm")]

  /// The two layouts of the promotion guide, and two that many repositories have.
  enum Layout: String, CaseIterable, Sendable {
    case guideFolders, guideFiles, kustomize, helm

    var files: [String: String] {
      var files = ["README.md": "# GitOps\n"]
      for (service, prefix) in InitTests.services {
        for (environment, version) in zip(InitTests.environments, ["1.3.0", "1.2.2"]) {
          let (path, text) = file(service, prefix, environment, version)
          files[path] = text
        }
        switch self {
        case .kustomize: files["apps/\(service)/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
        case .helm:
          files["charts/\(service)/Chart.yaml"] = "name: \(service)\nversion: 0.1.0\n"
          files["charts/\(service)/templates/deployment.yaml"] = "image: {{ .Values.image.tag }}\n"
          files["charts/\(service)/values.yaml"] = "image: { repository: ghcr.io/acme/\(service), tag: latest }\n"
        case .guideFolders, .guideFiles: break
        }
      }
      return files
    }

    private func file(_ service: String, _ prefix: String, _ environment: String, _ version: String) -> (
      String, String
    ) {
      switch self {
      case .guideFolders:
        (
          "syrf/environments/\(environment)/\(service)/config.yaml",
          "serviceName: \(service)\nenvName: \(environment)\nservice:\n  enabled: true\n  chartTag: \(prefix)-v\(version)\n"
        )
      case .guideFiles:
        (
          "environments/\(environment)/services/\(service).yaml",
          "service:\n  enabled: true\n  chartTag: \(prefix)-v\(version)\n"
        )
      case .kustomize:
        (
          "apps/\(service)/overlays/\(environment)/kustomization.yaml",
          "namespace: \(environment)\nresources: [../../base]\nimages:\n  - name: ghcr.io/acme/\(service)\n    newTag: \(version)\n"
        )
      case .helm:
        (
          "charts/\(service)/values-\(environment).yaml",
          "replicaCount: 2\nimage:\n  repository: ghcr.io/acme/\(service)\n  tag: \"v\(version)\"\n"
        )
      }
    }

    var expected: [String] {
      switch self {
      case .guideFolders:
        [
          "file: \"syrf/environments/{environment}/{service}/config.yaml\"", "tag: service.chartTag",
          "set: { envName: \"{environment}\" }", "api: { tag: \"api-v{version}\" }",
        ]
      case .guideFiles:
        [
          "file: \"environments/{environment}/services/{service}.yaml\"",
          "project-management: { tag: \"pm-v{version}\" }",
        ]
      case .kustomize:
        ["file: \"apps/{service}/overlays/{environment}/kustomization.yaml\"", "newTag", "api: { tag: \"{version}\" }"]
      case .helm: ["file: \"charts/{service}/values-{environment}.yaml\"", "tag: image.tag", "\"v{version}\""]
      }
    }
  }

  private static let release = """
    validate staging all
    promote all by commit
    monitor 30m
    on failure { rollback promoted }
    """

  @Test("a configuration that doctor and rehearse accept, for each layout", arguments: Layout.allCases)
  func accepted(layout: Layout) async throws {
    let folder = try PrivateFolder()
    try WholeOutside.equip(folder)
    let repository = try await SampleRepository(in: folder, files: layout.files)
    try await Slipway("init", repository.path, in: folder).ownProgramsOnly().expecting(
      stdout: .nothing,
      stderr: .containing("slipway.yaml: 2 services in staging -> production, found in 4 files", "could not be told"),
      exit: 0
    )
    let text = try String(contentsOfFile: "\(folder.work)/slipway.yaml", encoding: .utf8)
    for piece in layout.expected + ["branch: trunk", "promotes-from: staging", "protected: true"] {
      #expect(text.contains(piece), "\(piece) is not in\n\(text)")
    }
    // What the clusters told: contexts, namespaces, which clusters they are, how Applications are named.
    for piece in [
      "context: staging", "namespace: production", "cluster: \"5f1c7a52", "application: \"{service}-{environment}\"",
    ] {
      #expect(text.contains(piece), "\(piece) is not in\n\(text)")
    }
    try await Slipway("check", in: folder).runbook(Self.release).expecting(exit: 0)
    try await Slipway("rehearse", in: folder).runbook(Self.release).expecting(exit: 0)
    let said = try await Slipway("doctor", in: folder).ownProgramsOnly().expecting(exit: 0)
    #expect(said.stdout.contains("2 of 2 Applications found"))
  }

  @Test("a file that is there is not written over, and --force does it")
  func force() async throws {
    let folder = try PrivateFolder()
    try WholeOutside.equip(folder)
    let repository = try await SampleRepository(in: folder, files: Layout.guideFiles.files)
    try folder.write(Array("# mine\n".utf8), to: "slipway.yaml")
    try await Slipway("init", repository.path, "--offline", "--no-color", in: folder).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: .containing("slipway.yaml is there already", "--force"), exit: 64)
    #expect(try String(contentsOfFile: "\(folder.work)/slipway.yaml", encoding: .utf8) == "# mine\n")
    let printed = try await Slipway("init", repository.path, "--offline", "--output", "-", in: folder).ownProgramsOnly()
      .expecting(exit: 0)
    #expect(printed.stdout.contains("gitops:") && printed.stdout.contains("# could not tell: the namespace of staging"))
    try await Slipway("init", repository.path, "--offline", "--force", in: folder).ownProgramsOnly().expecting(exit: 0)
    #expect(try String(contentsOfFile: "\(folder.work)/slipway.yaml", encoding: .utf8) == printed.stdout)
  }

  @Test("clusters that cannot be read, and a repository that says nothing or is nowhere")
  func couldNotTell() async throws {
    let folder = try PrivateFolder()
    try WholeOutside.equip(folder)
    try FileManager.default.removeItem(atPath: "\(folder.bin)/kubectl")
    let repository = try await SampleRepository(in: folder, files: Layout.helm.files)
    try await Slipway("init", repository.path, in: folder).ownProgramsOnly()
      .expecting(stderr: .containing("no cluster was read", "could not be told"), exit: 0)
    let text = try String(contentsOfFile: "\(folder.work)/slipway.yaml", encoding: .utf8)
    #expect(text.contains("# could not tell: how Applications are named") && !text.contains("context:"))

    let other = try PrivateFolder()
    try WholeOutside.equip(other)
    let empty = try await SampleRepository(in: other, files: ["README.md": "nothing\n", "a.yaml": "b: c\n"])
    try await Slipway("init", empty.path, "--offline", in: other).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: .containing("no layout is proposed", "docs/configuration.md"), exit: 1)
    try await Slipway("init", "\(other.path)/nowhere.git", "--offline", in: other).ownProgramsOnly()
      .expecting(stdout: .nothing, stderr: .containing("slipway: git"), exit: 4)
    try await Slipway("init", "--upload-pack=evil", "--offline", in: other).ownProgramsOnly().expecting(exit: 64)
    #expect(!FileManager.default.fileExists(atPath: "\(other.work)/slipway.yaml"))
  }
}
