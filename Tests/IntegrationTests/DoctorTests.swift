import FoundationEssentials
import Testing

extension OnTheRig {
  private struct CheckLine: Decodable {
    var area: String
    var subject: String
    var result: String
    var message: String
    var advice: String?
  }

  private func examine(_ fleet: RigFleet, _ environment: [String: String] = [:]) async throws -> [CheckLine] {
    var variables = environment
    variables["XDG_STATE_HOME"] = fleet.folder + "/doctor"
    variables["XDG_CACHE_HOME"] = fleet.folder + "/doctor/cache"
    let said = try await Rig.run(
      Rig.binary,
      ["doctor", "--json"],
      in: fleet.folder,
      environment: variables,
      mayFail: true
    )
    return try said.split(separator: "\n").map { try JSONDecoder().decode(CheckLine.self, from: Data($0.utf8)) }
  }

  /// The real tools and servers are in order, and asking them left nothing behind; then a login is not.
  @Test func theDoctorFindsTheRigInOrder() async throws {
    let fleet = try await RigFleet.create("doctor")
    let refs = try await fleet.git("for-each-ref")
    let lines = try await examine(fleet)
    #expect(lines.allSatisfy { $0.result != "bad" && $0.result != "unknown" }, "\(lines)")
    for area in ["tools", "repository", "files", "forge", "argocd", "rights", "clock", "health", "state"] {
      #expect(lines.contains { $0.area == area && $0.result == "good" }, "\(area): \(lines)")
    }
    #expect(lines.filter { $0.area == "health" && $0.result == "good" }.count == 6)
    #expect(try await fleet.git("for-each-ref") == refs)

    let out = try await examine(fleet, ["GH_TOKEN": "invalid-token"])
    #expect(out.filter { $0.result == "bad" }.map(\.area) == ["forge"], "\(out)")
    #expect(out.contains { $0.area == "forge" && $0.advice?.contains("gh auth login") == true })
    let nowhere = try await examine(fleet, ["KUBECONFIG": "/nowhere"])
    #expect(nowhere.contains { $0.area == "cluster" && $0.result != "good" }, "\(nowhere)")
    #expect(nowhere.contains { $0.area == "repository" && $0.result == "good" })
  }
}
