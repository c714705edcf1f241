import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// What a command printed; it must have ended well.
  private func printed(_ fleet: RigFleet, _ arguments: [String]) async throws -> String {
    try await Rig.run(
      Rig.binary,
      arguments,
      in: fleet.folder,
      environment: ["XDG_STATE_HOME": fleet.folder + "/state", "XDG_CACHE_HOME": fleet.folder + "/state/cache"]
    )
  }

  /// The rights that `--rbac` prints for a runbook, given to a service account, are all that its run needs.
  @Test func aRunWithThePrintedRightsAndNoMoreIsAllowedEverything() async throws {
    let fleet = try await RigFleet.create("rights")
    let runbook = fleet.folder + "/release.runbook"
    try Data(try Self.release().utf8).write(to: URL(filePath: runbook))
    let place = ["--namespace", "rights-production"]
    let roles = try await printed(fleet, ["submit", runbook, "--rbac"] + place)
    let file = fleet.folder + "/roles.yaml"
    try Data(roles.utf8).write(to: URL(filePath: file))
    try await Rig.run("kubectl", ["apply", "-f", file])

    let kubeconfig = try await Self.kubeconfig(of: "slipway", in: "rights-production", fleet: fleet)
    // It is that account, and it may not do what is not printed.
    let secrets = try await Rig.run(
      "kubectl",
      ["auth", "can-i", "list", "secrets", "-n", "rights-production"],
      environment: ["KUBECONFIG": kubeconfig],
      mayFail: true
    )
    #expect(secrets.hasPrefix("no"))
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(try Self.release(), environment: ["KUBECONFIG": kubeconfig])
    #expect(outcome.status == 0, "\(outcome.standardError)\n\(run.raw.suffix(20).joined(separator: "\n"))")
    #expect(!run.raw.contains { $0.contains("forbidden") || $0.contains("cannot ") && $0.contains(" resource ") })
    #expect(try await fleet.declared("api") == "api-v1.3.0")
  }

  /// The rig's kubeconfig with the token of a service account in place of every login.
  private static func kubeconfig(of account: String, in namespace: String, fleet: RigFleet) async throws -> String {
    let request = fleet.folder + "/token.json"
    try Data(#"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[]}}"#.utf8)
      .write(to: URL(filePath: request))
    let uri = "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token"
    let answer = try await Rig.run("kubectl", ["create", "--raw", uri, "-f", request])
    let token = try JSONDecoder().decode(TokenAnswer.self, from: Data(answer.utf8)).status.token
    let path = fleet.folder + "/kubeconfig-account"
    let raw = try await Rig.run("kubectl", ["config", "view", "--raw", "--flatten"])
    try Data(raw.utf8).write(to: URL(filePath: path))
    let users = try await Rig.run("kubectl", ["config", "view", "-o", "jsonpath={.users[*].name}"])
    for user in users.split(separator: " ") {
      try await Rig.run(
        "kubectl",
        ["config", "set-credentials", String(user), "--token=\(token)"],
        environment: ["KUBECONFIG": path]
      )
    }
    return path
  }

  private struct TokenAnswer: Decodable {
    struct Status: Decodable { var token: String }
    var status: Status
  }

  @Test func aSubmittedRunIsAcceptedFollowedAndCancelled() async throws {
    let fleet = try await RigFleet.create("submitted")
    try fleet.script { script in
      script.behaviours["short"] = .init(completeAfter: 0.5)
      script.behaviours["long"] = .init(ready: 0.1)
    }
    let runbook = fleet.folder + "/release.runbook"
    try Data(try Self.release().utf8).write(to: URL(filePath: runbook))
    let place = ["--context", "production", "-n", "submitted-production"]
    let run = SlipwayRun(fleet)

    // What the stand-in of a container writes, followed to its end.
    let short = try await printed(fleet, ["submit", runbook, "--image", "registry.example/slipway:short"] + place)
    #expect(short == "starting registry.example/slipway:short\nlistening on :8080\n")

    let detached = try await printed(
      fleet,
      ["submit", runbook, "--image", "registry.example/slipway:long", "--detach"] + place
    )
    let name = detached.trimmingSuffix("\n")
    #expect(name.hasPrefix("slipway-"))
    let jobs = try await fleet.kubectl("get", "jobs", "-n", "submitted-production", "-o", "name")
    #expect(jobs.contains("job.batch/\(name)"))
    let map = try await fleet.kubectl("get", "configmap", name, "-n", "submitted-production", "-o", "json")
    #expect(map.contains("promote all"))
    let cancelled = try await run.slipway(["cancel", name] + place)
    #expect(cancelled.status == 0, "\(cancelled.standardError)")
    let after = try await fleet.kubectl("get", "jobs", "-n", "submitted-production", "-o", "name")
    #expect(!after.contains(name))
    let attached = try await run.slipway(["attach", name] + place)
    #expect(attached.status == 4)
    #expect(attached.standardError.contains("there is no run \(name)"))
  }
}
