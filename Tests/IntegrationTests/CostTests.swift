import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// What a release starts does not grow with its services, and is at most half of what the guide's commands start by
  /// hand for three. Polling (a look at the pull request, a round of health endpoints) is counted apart.
  @Test func theCostOfAReleaseDoesNotGrowWithItsServices() async throws {
    let few = try await Notes.ofRelease(services: 3)
    let many = try await Notes.ofRelease(services: 30)
    #expect(
      few.work.count == many.work.count,
      "\(few.work.joined(separator: "\n"))\n\n\(many.work.joined(separator: "\n"))"
    )
    let hand = try await Notes.byHand()
    #expect(hand > 40)
    #expect(few.work.count * 2 <= hand, "\(few.work.count) processes, by hand \(hand)")
    // At most one process a poll round: rounds are a second apart at the least.
    for notes in [few, many] {
      #expect(!notes.polls.isEmpty)
      #expect(Double(notes.polls.count) <= notes.seconds + 2, "\(notes.polls.count) polls in \(notes.seconds) s")
    }
  }

  private struct Notes {
    var work: [String]
    var polls: [String]
    var seconds: Double

    static func ofRelease(services: Int) async throws -> Notes {
      let fleet = try await RigFleet.create("cost-\(services)", count: services)
      let path = "\(fleet.folder)/release.runbook"
      try Data(try OnTheRig.release(monitor: "8s").utf8).write(to: URL(filePath: path))
      let began = SystemClockSleep.now()
      try await Rig.run(
        "\(Rig.root)/Benchmarks/counting.sh",
        ["\(fleet.folder)/notes", Rig.binary, "run", path],
        in: fleet.folder,
        environment: ["XDG_STATE_HOME": "\(fleet.folder)/state", "XDG_CACHE_HOME": "\(fleet.folder)/cache"]
      )
      let seconds = Double((SystemClockSleep.now() - began).components.seconds)
      var notes = Notes(work: [], polls: [], seconds: seconds)
      var probed = false
      for line in try lines("\(fleet.folder)/notes") {
        if line.hasPrefix("gh api graphql") {
          notes.polls.append(line)
        } else if line.hasPrefix("curl"), probed {
          notes.polls.append(line)
        } else {
          // The first round of health endpoints belongs to `validate`.
          probed = probed || line.hasPrefix("curl")
          notes.work.append(line)
        }
      }
      return notes
    }

    static func byHand() async throws -> Int {
      let fleet = try await RigFleet.create("cost-hand")
      try fleet.script { $0.reviewer.action = "none" }
      try await Rig.run(
        "\(Rig.root)/Benchmarks/counting.sh",
        [
          "\(fleet.folder)/notes", "\(Rig.root)/Benchmarks/by-hand.sh", fleet.folder, "api", "web",
          "project-management",
        ]
      )
      return try lines("\(fleet.folder)/notes").count
    }

    private static func lines(_ path: String) throws -> [String] {
      let data = try #require(FileManager.default.contents(atPath: path))
      return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }
}
