import FoundationEssentials
import PromotionModel
import Testing

extension OnTheRig {
  /// What is wrong with the new image of `api`, as the cluster comes to tell it.
  enum Failure: String, CaseIterable, Sendable {
    /// The kubelet restarts a crashed container at once the first time, so this is the first to be seen of a crash loop.
    case firstRestart
    /// The restarts are allowed; that it waits in a back-off is not.
    case backOff
    case imagePull

    var behaviour: RigFleet.Script.Behaviour {
      switch self {
      case .firstRestart, .backOff: .init(ready: 0.2, crashAfter: 2)
      case .imagePull: .init(cannotBePulled: true)
      }
    }

    var monitor: String {
      switch self {
      case .firstRestart, .imagePull: "60s"
      case .backOff: "60s allowing 9 restarts"
      }
    }

    /// The first word of the kubelet about a pod that is a bad sign, and how the run may put it.
    var sign: (kubelet: String, messages: [String]) {
      switch self {
      case .firstRestart: ("restarted", ["restarted once, 0 allowed"])
      case .backOff: ("CrashLoopBackOff", ["is in CrashLoopBackOff"])
      case .imagePull: ("ErrImagePull", ["is in ErrImagePull", "is in ImagePullBackOff"])
      }
    }
  }

  @Test(arguments: Failure.allCases) func aBadImageIsTakenBackInGitAndInTheCluster(failure: Failure) async throws {
    let fleet = try await RigFleet.create("bad-\(failure.rawValue.lowercased())")
    // Staging runs the image already and is well; only the new pods of production fail.
    try fleet.script { $0.behaviours["production/api-v1.3.0"] = failure.behaviour }
    let run = SlipwayRun(fleet)
    let outcome = try await run.runbook(try Self.release(monitor: failure.monitor))
    #expect(outcome.status == 3, "\(outcome.standardError)\n\(run.raw.joined(separator: "\n"))")
    #expect(outcome.ending(of: "monitor") == "failed")
    #expect(outcome.ending(of: "rollback") == "ok")

    // The first change of a pod's status that is a bad sign, and the run that says it.
    let sign = try #require(outcome.events.first { $0.event == "bad-sign" })
    #expect(sign.service == "api")
    let told = try KubeletLine.all().filter { line in
      line.namespace == "\(fleet.name)-production" && line.image.hasSuffix(":api-v1.3.0")
        && line.what == failure.sign.kubelet
    }
    let first = try #require(told.first, "the kubelet never told of \(failure.sign.kubelet)")
    let message = try #require(sign.message)
    #expect(told.contains { message.contains($0.pod) }, "\(message): none of \(told)")
    #expect(failure.sign.messages.contains { message.contains($0) }, "\(message)")
    // Nobody watches before the monitor begins: what was wrong then is seen with its first look.
    let began = try #require(outcome.events.first { $0.event == "step.started" && $0.verb == "monitor" }).time
    let delay = sign.time - max(first.time, began)
    #expect(sign.time >= first.time, "told \(first.time - sign.time) before it happened")
    #expect(delay < .seconds(2), "at \(first.time) the kubelet said \(first.what), noticed at \(sign.time)")
    let failed = try #require(outcome.events.first { $0.event == "step.ended" && $0.verb == "monitor" }).time
    #expect(failed - max(first.time, began) < .seconds(2))
    try Rig.note("\(failure.rawValue): a bad sign was noticed after \(delay)")

    #expect(try await fleet.declared("api") == "api-v1.2.2")
    #expect(try await fleet.declared("web") == "web-v5.0.0")
    #expect(try await fleet.declared("project-management") == "pm-v10.44.1")
    for (service, tag) in [("api", "api-v1.2.2"), ("web", "web-v5.0.0"), ("project-management", "pm-v10.44.1")] {
      #expect(try await fleet.image(service) == "registry.example/\(service):\(tag)")
    }
    let subject = try await fleet.git("log", "-1", "--format=%s", "main")
    #expect(subject.hasPrefix("rollback(api, web, project-management): revert production to v1.2.2"))
    #expect(try await fleet.git("for-each-ref", "refs/slipway/lock") == "")
  }
}

/// A line of the scripted kubelet's log: a change of a pod's status, written just before the API server is told.
struct KubeletLine: Decodable {
  var time: Timestamp
  var namespace: String
  var pod: String
  var image: String
  var what: String

  static func all() throws -> [KubeletLine] {
    let state = try #require(Rig.state)
    let log = try #require(FileManager.default.contents(atPath: state + "/kubelet.log"))
    return try log.split(separator: 0x0A).map { try JSONDecoder().decode(KubeletLine.self, from: Data($0)) }
  }
}
