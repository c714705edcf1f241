import Testing

/// What would be made, and who may do what; the cluster itself is the rig's.
@Suite("slipway submit")
struct SubmitTests {
  private static let fleet = Project.path("examples/slipway.yaml")

  private func submit(_ example: String, _ options: String...) throws -> Slipway {
    var command = try Slipway("submit", Project.path("examples/\(example)"), "--config", Self.fleet).ownProgramsOnly()
    for option in options { command = command.argument(option) }
    return command
  }

  @Test("a preview shows both objects, with everything that the runbook imports, and makes none")
  func preview() async throws {
    try await submit("procedures.runbook", "--image", "registry.example/slipway:1", "--dry-run", "--store", "git")
      .expecting(
        stdout: .containing(
          #""kind":"ConfigMap""#,
          #""kind":"Job""#,
          #""path":"runbooks/common.runbook""#,
          #""path":"runbooks/procedures.runbook""#,
          #""run","/slipway/runbooks/procedures.runbook","--config","/slipway/fleet/slipway.yaml","--run-id","#,
          #""--store","git""#,
          #""image":"registry.example/slipway:1""#
        ),
        stderr: .nothing,
        exit: 0
      )
  }

  @Test("an image must be named")
  func image() async throws {
    try await submit("release.runbook").expecting(stdout: .nothing, stderr: .containing("--image"), exit: 64)
  }

  @Test("a runbook that asks is refused where nobody answers")
  func asks() async throws {
    let runbook = "confirm \"go on?\"\n"
    let command = try Slipway("submit", "--image", "i:1", "--dry-run", "--config", Self.fleet).ownProgramsOnly()
    try await command.runbook(runbook).expecting(
      stdout: .nothing,
      stderr: .containing("nobody is there to answer"),
      exit: 64
    )
    try await command.argument("--yes").runbook(runbook).expecting(stdout: .containing(#""--yes""#), exit: 0)
  }

  @Test("the rights are those of the runbook")
  func rights() async throws {
    try await submit("staging-validation.runbook", "--rbac").expecting(
      stdout: .containing("kind: ServiceAccount", "kind: ClusterRole", #"resourceNames: ["kube-system"]"#),
      stderr: .nothing,
      exit: 0
    )
    try await submit("native-rollback.runbook", "--rbac").expecting(
      stdout: .containing(#"resources: ["deployments", "statefulsets", "daemonsets"]"#, #"verbs: ["get", "patch"]"#),
      exit: 0
    )
  }

  @Test("what names no Job is refused before anything is asked")
  func names() async throws {
    for command in ["attach", "cancel"] {
      try await Slipway(command, "a/../b", "--config", Self.fleet, "--context", "production").ownProgramsOnly()
        .expecting(stdout: .nothing, stderr: .containing("names no run"), exit: 64)
    }
  }
}
