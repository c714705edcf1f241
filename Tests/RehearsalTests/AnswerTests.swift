import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld
import Testing

@testable import Rehearsal

/// What goes wrong with the answer to a trouble, programs and people among it.
@Suite struct AnswerTests {
  private let crash = Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(180)))))

  /// The release of an api whose failure is answered so.
  private func release(_ answer: String) throws -> Exploration {
    try exploration("validate staging api\npromote api by commit\nmonitor 30m\non failure { \(answer) }")
  }

  private func future(_ touch: Touch, _ fault: CallFault) -> ExploredFuture {
    ExploredFuture([crash, Fault(.call(touch, occurrence: 1, fault))])
  }

  @Test(arguments: CallFutures.faults(of: .programRun))
  func aProgramInFrontOfARollbackMayStandInItsWay(_ fault: CallFault) throws {
    let unsafe = try release("run \"notify oncall\"; rollback promoted").invariants(future(.programRun, fault))
    let isHarmless = if case .late = fault { true } else { fault.endsProcess }
    #expect(unsafe.isEmpty == isHarmless, "\(unsafe)")
    #expect(try release("rollback promoted; run \"notify oncall\"").invariants(future(.programRun, fault)) == [])
  }

  @Test(arguments: CallFutures.faults(of: .personAsk))
  func aQuestionInFrontOfARollbackMayStandInItsWay(_ fault: CallFault) throws {
    let unsafe = try release("confirm \"back?\"; rollback promoted").invariants(future(.personAsk, fault))
    let isHarmless = if case .late = fault { true } else { fault.endsProcess }
    #expect(unsafe.isEmpty == isHarmless, "\(unsafe)")
  }

  @Test func theWordsOfWhatGoesWrongWithProgramsAndPeople() {
    #expect(CallFault.fails(.refused).words(of: .programRun) == "ends with status 1")
    #expect(CallFault.fails(.refused).words(of: .personAsk) == "is answered no")
    #expect(CallFault.fails(.refused).words(of: .forgeOpen) == "fails: refused")
  }

  @Test func theFirstTroubleThatComesToAStatementStandsForTheOthers() throws {
    let exploration = try release("run \"notify oncall\"; rollback promoted")
    let usual = Answer.Usual(try exploration.account(of: ExploredFuture()))
    var futures = AnswerFutures()
    let first = Answer(try exploration.account(of: ExploredFuture([crash])), undisturbed: usual)
    futures.add(first)
    let names = futures.all.map(\.name)
    #expect(first.statements.count == 2)
    for part in [
      "program run #1 ends with status 1", "program run #1 does not end", "repository commit #2 fails: unreachable",
    ] {
      #expect(names.contains("production api crashes after 3m, and \(part)"), "\(names)")
    }
    #expect(names.contains { $0.contains("the process dies at write #\(first.writes)") })
    #expect(Set(names).count == names.count)
    #expect(!names.contains { $0.contains("the network is lost") })
    // The same answer to another crash is not tried again, nor what the undisturbed run does itself.
    #expect(!names.contains { $0.contains("repository commit #1 ") })
    let count = futures.all.count
    let other = ExploredFuture(.image(ImageFault(api, in: production, .crashes(after: .seconds(1200)))))
    futures.add(Answer(try exploration.account(of: other), undisturbed: usual))
    #expect(futures.all.count == count)
    // Trouble outside that may come at any stage comes at each stage of the answer.
    let lost = Fault(.networkLost(for: .seconds(30)), start: .before(.repositoryCommit, occurrence: 1))
    futures.add(Answer(ExploredFuture([lost]), calls: [], statements: [], writes: 1))
    let more = Set(futures.all.map(\.name)).subtracting(names)
    #expect(
      more.contains(
        "production api crashes after 3m, and the network is lost for 30s, right before repository commit #2"
      )
    )
    #expect(more.count == first.starts.count)
  }

  @Test func whatIsUnsafeInAnAnswerIsFoundWithoutPairs() async throws {
    let exploration = try release("run \"notify oncall\"; rollback promoted")
    var found: [String] = []
    let summary = try await exploration.run(pairs: 0, isWanted: { $0.contains("program run #1") }) {
      found.append($0.name)
    }
    #expect(summary.answerFutures > 4)
    #expect(found.contains { $0.hasSuffix(", and program run #1 ends with status 1") }, "\(found)")
  }
}
