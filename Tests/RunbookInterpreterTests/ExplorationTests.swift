import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Many futures with faults drawn from a seed; whatever happens, the ending tells the truth.
@Suite struct ExplorationTests {
  private let byCommit = """
    validate staging all
    promote all by commit
    monitor 30m
    on failure { rollback promoted }
    """

  private func drawn(seed: UInt64) throws -> Future {
    var chance = SplitMix64(seed: seed &* 7919)
    var future = Future(Bool.random(using: &chance) ? release : byCommit, seed: seed)
    if Bool.random(using: &chance) { future = future.with(.foreignCommits(every: .seconds(61))) }
    for _ in 0..<Int.random(in: 1...3, using: &chance) {
      let late = Duration.seconds(Int.random(in: 0...2400, using: &chance))
      let start: Fault.Start = Bool.random(using: &chance) ? .after(late) : .afterPromotion(late)
      let service = [api, web, management].randomElement(using: &chance) ?? api
      future = future.with(try effect(service, &chance), start)
    }
    return future
  }

  private func effect(_ service: ServiceName, _ chance: inout SplitMix64) throws -> Fault.Effect {
    let delay = Duration.seconds(Int.random(in: 0...900, using: &chance))
    let touch = Touch.allCases.randomElement(using: &chance) ?? .repositoryCommit
    let call = Int.random(in: 1...4, using: &chance)
    func image(_ behaviour: ImageFault.Behaviour) -> Fault.Effect {
      .image(ImageFault(service, in: production, behaviour))
    }
    switch Int.random(in: 0...14, using: &chance) {
    case 0: return image(.crashes(after: delay))
    case 1: return image(.cannotBePulled)
    case 2: return image(.neverReady)
    case 3: return image(.health(.status(500), after: delay))
    case 4: return image(.logsErrors(perMinute: 5, after: delay))
    case 5: return .slowDelivery(production, services: [service], by: delay)
    case 6: return .foreignTag(service, production, try version("77.7.7"))
    case 7: return .foreignTag(service, staging, try version("88.8.8"))
    case 8: return .liveImage(service, production, try version("66.6.6"))
    case 9: return .networkLost(for: delay)
    case 10: return .pushesRejected(1)
    case 11: return .reviewer(.closes(after: delay))
    case 12: return .call(touch, occurrence: call, .answerLost)
    case 13: return .call(touch, occurrence: call, .fails(.timedOut))
    default: return .call(touch, occurrence: call, .fails(.refused))
    }
  }

  @Test(arguments: 1...100)
  func theEndingTellsTheTruth(seed: Int) throws {
    let future = try drawn(seed: UInt64(seed))
    let told = try future.run()
    let stage = told.stage
    func context() -> Comment { Comment(rawValue: "seed \(seed): \(future.faults)\n\(told.story)") }
    let theirs = stage.simulated.repository.commits.last { $0.subject.contains("to v77.7.7") }
    let foreign = theirs != nil
    let all = [api, web, management]
    let tags = Dictionary(uniqueKeysWithValues: all.map { ($0, stage.tag($0)) })
    // A network that is lost now comes back before anything is asked; what happens meanwhile is none of the run's.
    let before = stage.commitsOfRuns
    try stage.pass(.seconds(3600))
    let ours = try before.filter { try stage.isOnMain($0.id) }
    switch told.exit {
    case ExitStatus.ok:
      for (service, tag) in [(api, "api-v1.3.0"), (web, "web-v5.0.1"), (management, "pm-v10.45.0")] {
        #expect(tags[service] == tag || foreign, context())
      }
      #expect(told.evidence.last == .seconds(1800), context())
    case ExitStatus.refused:
      #expect(ours.isEmpty, context())
      #expect(stage.pullRequests.allSatisfy { $0.state != .open }, context())
    case ExitStatus.takenBack:
      for (service, tag) in [(api, "api-v1.2.2"), (web, "web-v5.0.0"), (management, "pm-v10.44.3")] {
        #expect(tags[service] == tag || foreign, context())
      }
    case ExitStatus.failed, ExitStatus.undetermined:
      #expect(!told.message.isEmpty, context())
    default: Issue.record(context())
    }
    // Nothing of anybody else is lost: their value stands, unless they came before the plan was made.
    if let theirs, before.allSatisfy({ $0.time < theirs.time }) {
      #expect(tags.values.contains { $0?.hasSuffix("77.7.7") == true }, context())
    }
    let notes = stage.simulated.repository.commits.filter { $0.subject.hasPrefix("docs: note") }
    #expect(stage.simulated.repository.lostNotes(of: notes.count) == [], context())
    #expect(stage.pullRequests.count <= 1, context())
    #expect(ours.count { $0.subject.hasPrefix("promote") } <= 1, context())
  }
}
