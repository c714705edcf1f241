import PromotionModel
import RunbookInterpreter
import SimulatedWorld
import Testing

@testable import Rehearsal

/// A check that finds nothing proves little. Here each of the ten rules is left out in turn: exploring sees the harm that it
/// keeps away, and none while it holds.
@Suite struct CanaryTests {
  private func expect(
    _ rule: SafetyRule,
    keepsAway harm: Invariant,
    in future: ExploredFuture,
    of runbook: String = quickRelease,
    _ configuration: String = Rehearsal.standardConfiguration,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let exploration = try exploration(runbook, seed: 1, configuration)
    #expect(try exploration.invariants(future) == [], "while it holds", sourceLocation: sourceLocation)
    let broken = try exploration.invariants(future, without: rule)
    #expect(broken.contains(harm), "\(broken) without it", sourceLocation: sourceLocation)
  }

  @Test func undoOnlyYourOwn() throws {
    let hotfix = try #require(Version("1.2.9"))
    try expect(
      .undoOnlyYourOwn,
      keepsAway: .othersAreKept,
      in: ExploredFuture(.foreignTag(api, production, hotfix), .afterPromotion(.seconds(600)))
    )
  }

  @Test func arrivedIsProven() throws {
    try expect(
      .arrivedIsProven,
      keepsAway: .okIsTrue,
      in: ExploredFuture(.slowDelivery(production, by: .seconds(3 * 3600)))
    )
  }

  @Test func wayBackFirst() throws {
    try expect(.wayBackFirst, keepsAway: .wayBackIsFirst, in: ExploredFuture())
  }

  @Test func noGoodEndingInIgnorance() throws {
    try expect(
      .noGoodEndingInIgnorance,
      keepsAway: .okIsTrue,
      in: ExploredFuture(.image(ImageFault(api, in: production, .crashes(after: .zero)))),
      of: "validate staging api; promote api by commit; wait 10m; on failure { rollback promoted }"
    )
  }

  /// The same rule in what people are told.
  @Test func noAnnouncementInIgnorance() throws {
    try expect(
      .noGoodEndingInIgnorance,
      keepsAway: .completeIsTrue,
      in: ExploredFuture(.image(ImageFault(api, in: production, .crashes(after: .seconds(180))))),
      of: "validate staging api; promote api by commit; wait 10m; announce complete; monitor 30m\n"
        + "on failure { rollback promoted }",
      Rehearsal.standardConfiguration + "announce: { places: { team: { command: [notify] } } }\n"
    )
  }

  @Test func couldNotTellIsNotNo() throws {
    try expect(
      .couldNotTellIsNotNo,
      keepsAway: .proofBeforeReturn,
      in: ExploredFuture(.call(.clusterIdentify, occurrence: 3, .fails(.unauthorized)))
    )
  }

  @Test func rightPlace() throws {
    try expect(.rightPlace, keepsAway: .rightPlace, in: ExploredFuture(.anotherCluster(production)))
  }

  @Test func rescueIsNeverLockedOut() throws {
    try expect(
      .rescueIsNeverLockedOut,
      keepsAway: .failedIsWhole,
      in: ExploredFuture([
        Fault(.image(ImageFault(api, in: production, .crashes(after: .seconds(300))))),
        Fault(.foreignLock(production, for: .seconds(7200)), start: .afterPromotion(.seconds(120))),
      ])
    )
  }

  @Test func seenTimeOnly() throws {
    try expect(
      .seenTimeOnly,
      keepsAway: .evidenceIsSeen,
      in: ExploredFuture(.networkLost(for: .seconds(600)), .afterPromotion(.seconds(900)))
    )
  }

  @Test func sealsExpire() throws {
    try expect(
      .sealsExpire,
      keepsAway: .sealsAreFresh,
      in: ExploredFuture(
        .call(.repositoryTakeLock, occurrence: 1, .processDies(.before)),
        pause: ExploredFuture.longPause
      )
    )
  }

  @Test func truthOutlivesTheProcess() throws {
    try expect(
      .truthOutlivesTheProcess,
      keepsAway: .refusedIsUntouched,
      in: ExploredFuture(.call(.repositoryCommit, occurrence: 1, .processDies(.after)))
    )
  }

  @Test func everyRuleHasACanary() {
    // One test a rule, in the order of the rules; the numbers are those of the language's page.
    #expect(SafetyRule.allCases.map(\.rawValue) == Array(1...10))
  }

  @Test func rulesHoldUnlessATestLeavesOneOut() {
    #expect(SafetyRule.disabled == nil)
  }
}
