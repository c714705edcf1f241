import FoundationEssentials
import Testing

/// What a person is told whose tools, logins and rights are not in order. Programs stand in for the real ones on `PATH`;
/// git is the real one.
@Suite("slipway doctor")
struct DoctorTests {
  private struct Line: Decodable {
    var area: String
    var subject: String
    var result: String
    var message: String
    var advice: String?
  }

  private func prepared() async throws -> (folder: PrivateFolder, repository: SampleRepository, fleet: String) {
    let folder = try PrivateFolder()
    try WholeOutside.equip(folder)
    let repository = try await SampleRepository(in: folder)
    let fleet = Fleets.fleet(repository: repository.path).replacing(
      "context: production,",
      with: "context: production, cluster: 5f1c7a52-0000-4000-8000-000000000001,"
    )
    return (folder, repository, fleet)
  }

  private func examine(_ folder: PrivateFolder, _ fleet: String, exit: Int32, _ variables: [String: String] = [:])
    async throws -> [Line]
  {
    var command = try Slipway("doctor", "--json", in: folder).fleet(fleet).ownProgramsOnly()
    for (name, value) in variables { command = command.variable(name, value) }
    return try await command.expecting(exit: exit).objects(Line.self)
  }

  @Test("all is in order, warnings included, and nothing was changed")
  func wellEverywhere() async throws {
    let (folder, repository, fleet) = try await prepared()
    let head = try await repository.head()
    let lines = try await examine(folder, fleet, exit: 0)
    func result(_ area: String, _ subject: String) -> [String] {
      lines.filter { $0.area == area && $0.subject.hasSuffix(subject) }.map(\.result)
    }
    for tool in ["git", "kubectl", "curl", "gh"] { #expect(result("tools", tool) == ["good"], "\(lines)") }
    #expect(result("repository", "push") == ["good"])
    #expect(result("repository", "identity") == ["good"])
    #expect(result("forge", "rights") == ["good"])
    #expect(result("cluster", "production") == ["good"])
    // Not pinned: said, with what to write.
    #expect(result("cluster", "staging") == ["warning"])
    #expect(lines.contains { $0.advice?.contains("cluster: 5f1c7a52-0000-4000-8000-000000000001") == true })
    #expect(result("argocd", "production") == ["good"])
    #expect(result("rights", "staging") == ["good"])
    #expect(result("clock", "staging") == ["good"])
    #expect(result("state", "journal") == ["good"])
    #expect(result("health", "endpoints") == ["not checked"])
    #expect(result("files", "project-management").contains("warning"))
    #expect(try await repository.head() == head)
    let said = try await Slipway("doctor", in: folder).ownProgramsOnly().expecting(exit: 0)
    #expect(said.stderr.contains("everything that a run needs is there"))
    #expect(said.stdout.contains("good        tools") && !said.stdout.contains("\u{1B}"))
  }

  @Test("programs that are missing, too old, or something else")
  func oddTools() async throws {
    let (folder, _, fleet) = try await prepared()
    try FileManager.default.removeItem(atPath: "\(folder.bin)/gh")
    try FileManager.default.removeItem(atPath: "\(folder.bin)/curl")
    try folder.program("curl", "#!/bin/sh\necho 'curl 7.10.1 (x86_64)'\n")
    try folder.program("kubectl", "#!/bin/sh\necho '<html>Welcome</html>'\n")
    let lines = try await examine(folder, fleet, exit: 1)
    func line(_ subject: String) -> Line? { lines.first { $0.area == "tools" && $0.subject == subject } }
    #expect(line("gh")?.result == "bad" && line("gh")?.advice?.contains("https://cli.github.com") == true)
    #expect(line("curl")?.message == "7.10.1 is too old")
    #expect(line("curl")?.advice?.contains("curl 7.75 or newer") == true)
    #expect(line("kubectl")?.message.contains("does not say its version") == true)
    #expect(line("git")?.result == "good")
    #expect(lines.first { $0.area == "forge" }?.result == "bad")
  }

  @Test("rights that are not there: those that a run needs, and those that only a diagnosis misses")
  func rights() async throws {
    let (folder, _, fleet) = try await prepared()
    let denied = try await examine(folder, fleet, exit: 1, ["DENIED": "deployments"])
    let bad = denied.filter { $0.area == "rights" && $0.result == "bad" }
    #expect(bad.contains { $0.message == "this login may not watch deployments.apps: no rollout is seen" }, "\(denied)")
    #expect(bad.allSatisfy { $0.advice?.contains("Role in") == true })
    let blind = try await examine(folder, fleet, exit: 0, ["DENIED": "nodes"])
    #expect(blind.contains { $0.result == "warning" && $0.message.contains("may not list nodes") })
  }

  @Test("GitHub's login and rights")
  func forge() async throws {
    let (folder, _, fleet) = try await prepared()
    try folder.program(
      "gh",
      """
      #!/bin/sh
      if [ "$1" = --version ]; then echo "gh version 2.40.1"; exit 0; fi
      echo 'To get started with GitHub CLI, please run:  gh auth login' >&2; exit 4
      """
    )
    let out = try await examine(folder, fleet, exit: 1)
    #expect(out.contains { $0.area == "forge" && $0.result == "bad" && $0.advice?.contains("gh auth login") == true })
    try folder.program("gh", WholeOutside.gh.replacing(#""push":true"#, with: #""push":false"#))
    let weak = try await examine(folder, fleet, exit: 1)
    #expect(weak.contains { $0.area == "forge" && $0.subject == "rights" && $0.result == "bad" })
    try folder.program(
      "gh",
      WholeOutside.gh.replacing(#""allow_merge_commit":true"#, with: #""allow_merge_commit":false"#)
    )
    #expect(try await examine(folder, fleet, exit: 0).contains { $0.subject == "merge" && $0.result == "warning" })
  }

  @Test("a repository that may not be pushed to, and one that is nowhere")
  func repository() async throws {
    let (folder, repository, fleet) = try await prepared()
    try folder.program(
      "git-refusing",
      """
      #!/bin/sh
      for word; do
        if [ "$word" = push ]; then
          echo 'remote: Permission to acme/gitops.git denied to tester.' >&2
          echo "fatal: unable to access 'https://x/': The requested URL returned error: 403" >&2
          exit 128
        fi
      done
      exec \(try RunTests.which("git")) "$@"
      """
    )
    try FileManager.default.removeItem(atPath: "\(folder.bin)/git")
    try folder.link("git", to: "\(folder.bin)/git-refusing")
    let refused = try await examine(folder, fleet, exit: 1)
    let push = refused.first { $0.area == "repository" && $0.subject == "push" }
    #expect(push?.result == "bad" && push?.message.contains("denied to tester") == true, "\(refused)")
    let gone = fleet.replacing(repository.path, with: "file:///nowhere/gitops.git")
    #expect(try await examine(folder, gone, exit: 1).contains { $0.area == "repository" && $0.result == "bad" })
  }

  @Test("a server that never answers is not waited for")
  func hanging() async throws {
    let (folder, _, fleet) = try await prepared()
    try folder.link("sleep", to: try RunTests.which("sleep"))
    try folder.program("kubectl", "#!/bin/sh\nexec sleep 300\n")
    let start = ContinuousClock.now
    let lines = try await Slipway("doctor", "--json", "--within", "2s", in: folder).fleet(fleet).ownProgramsOnly()
      .expecting(exit: 1).objects(Line.self)
    #expect(ContinuousClock.now - start < .seconds(12))
    let unknown = lines.filter { $0.result == "unknown" }
    #expect(unknown.contains { $0.area == "cluster" } && unknown.contains { $0.area == "rights" }, "\(lines)")
    #expect(lines.contains { $0.area == "repository" && $0.result == "good" })
    try await Slipway("doctor", "--within", "soon", in: folder).fleet(fleet)
      .expecting(stdout: .nothing, stderr: .containing("--within takes a duration"), exit: 64)
  }

  @Test("clocks that differ, a journal that cannot be written, places that nothing would reach")
  func surroundings() async throws {
    let (folder, _, fleet) = try await prepared()
    let skewed = try await examine(folder, fleet, exit: 0, ["SKEW": "600"])
    #expect(
      skewed.contains { $0.area == "clock" && $0.result == "warning" && $0.message.contains("ahead of the cluster's") },
      "\(skewed)"
    )
    try Data().write(to: URL(filePath: "\(folder.path)/file"))
    let stuck = try await examine(folder, fleet, exit: 1, ["XDG_STATE_HOME": "\(folder.path)/file/state"])
    #expect(stuck.contains { $0.area == "state" && $0.result == "bad" })
    let announcing = fleet + "announce: { places: { team: { webhook: TEAM_HOOK } } }\n"
    let silent = try await examine(folder, announcing, exit: 1)
    #expect(
      silent.contains { $0.area == "announcements" && $0.result == "bad" && $0.message.contains("TEAM_HOOK") },
      "\(silent)"
    )
    let secret = "https://hooks.example/services/T0/B0/very-secret"
    let told = try await Slipway("doctor", in: folder).fleet(announcing).ownProgramsOnly()
      .variable("TEAM_HOOK", secret).expecting(exit: 0)
    #expect(told.stdout.contains("nothing was sent") && !(told.stdout + told.stderr).contains("very-secret"))
  }

  @Test("without a configuration")
  func noConfiguration() async throws {
    try await Slipway("doctor").expecting(stdout: .nothing, stderr: .containing("no slipway.yaml"), exit: 66)
  }
}
