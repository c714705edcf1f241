import PromotionModel
import RunLog
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct VerifyTests {
  private let verified = """
    validate staging api
    promote api by commit
    wait 15m
    verify production api
    """

  private func result(_ told: Told, _ check: String) -> Finding.Result? {
    told.events.lazy.compactMap { event -> Finding.Result? in
      guard event.step?.verb == "verify", case .finding(let finding) = event.body, finding.check == check else {
        return nil
      }
      return finding.result
    }.first
  }

  @Test func goodReleaseIsVerified() throws {
    let told = try Future(verified).run()
    // Nothing else looked: the run ends well by it alone (rule 4).
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "verify") == "api api-v1.3.0 verified")
    for check in ["version", "pods", "image", "logs", "health"] { #expect(result(told, check) == .good, "\(check)") }
    #expect(told.stage.running(api) == "1.3.0")
  }

  @Test func withoutItTheSameRunEndsInIgnorance() throws {
    let told = try Future("validate staging api; promote api by commit; wait 15m").run()
    #expect(told.ending == .undetermined, "\(told.story)")
  }

  @Test func whatThisRunDidNotWriteIsToBeAsGitDeclares() throws {
    let told = try Future("verify production api, web").run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "verify") == "api api-v1.2.2, web web-v5.0.0 verified")
    told.expectUntouched()
  }

  @Test func whatIsOnItsWayIsWaitedFor() throws {
    let told = try Future(
      "validate staging api; promote api by commit; verify production api\non failure { rollback promoted }"
    ).run()
    // Pods of the version before, which are not replaced yet, prove nothing against the new one.
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.message(of: "verify") == "api api-v1.3.0 verified")
    #expect(told.elapsed > .seconds(10))
    #expect(told.stage.running(api) == "1.3.0")
  }

  /// What was seen to arrive has left again: that is a proof, and nothing to wait for.
  @Test func whatWasSeenAndIsGoneFailsAtOnce() throws {
    let text = "validate staging api; promote api by commit; wait rollout; wait 10m; verify production api"
    let told = try Future(text).with(.liveReplicas(api, production, 3), .afterPromotion(.seconds(600))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("OutOfSync"), "\(told.message)")
  }

  @Test func whatDoesNotArriveInTimeIsTimedOut() throws {
    let told = try Future(
      "validate staging api; promote api by commit; verify production api\non failure { rollback promoted }"
    ).with(.slowDelivery(production, by: .seconds(7200))).run()
    #expect(told.ending(of: "verify") == .timedOut, "\(told.story)")
    #expect(told.message(of: "verify").contains("not arrived in time"))
    // Nothing is known against it, so the handler holds (rule 5).
    #expect(told.stage.tag(api) == "api-v1.3.0")
  }

  @Test func definiteBadSignEndsTheWaitAtOnce() throws {
    let told = try Future("validate staging api; promote api by commit; verify production api")
      .with(api, .crashes(after: .seconds(5))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.elapsed < .seconds(1200))
    // What the last look found is shown all the same.
    #expect(result(told, "version") == .bad)
  }

  @Test func podsThatAreNotReadyFail() throws {
    let told = try Future(verified).with(api, .neverReady).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(result(told, "pods") == .bad)
    #expect(result(told, "version") == .bad)
  }

  @Test func crashingPodsFail() throws {
    let told = try Future(verified).with(api, .crashes(after: .seconds(60))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("CrashLoopBackOff"))
  }

  @Test func healthThatIsNot200Fails() throws {
    let told = try Future(verified).with(api, .health(.status(503), after: .seconds(60))).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(result(told, "health") == .bad)
    #expect(result(told, "version") == .good)
  }

  @Test func otherDigestThanWasSealedFails() throws {
    let told = try Future(verified).with(api, .anotherDigest).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(told.message.contains("was sealed for api-v1.3.0"))
  }

  @Test func moreErrorsThanBeforeFail() throws {
    let told = try Future(verified).with(api, .logsErrors(perMinute: 6, after: .zero)).run()
    #expect(told.ending == .failed, "\(told.story)")
    #expect(result(told, "logs") == .bad)
    #expect(told.message.contains("more than before the promotion"))
  }

  @Test func errorsAsBeforeThePromotionAreNone() throws {
    let noisy = Fault.Effect.image(
      ImageFault(api, in: production, versions: .any, .logsErrors(perMinute: 4, after: .zero))
    )
    let told = try Future("wait 20m\n" + verified).with(noisy).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(result(told, "logs") == .good)
    // Where nothing is known of the time before, the allowance of the configuration alone counts.
    let alone = try Future("wait 20m; verify production api").with(noisy).run()
    #expect(alone.ending == .failed, "\(alone.story)")
    #expect(alone.message.contains("0 a minute allowed"))
  }

  @Test func whatCannotBeSeenIsNeverGood() throws {
    for touch in [Touch.clusterSnapshot, .clusterLogs, .probesProbe] {
      let told = try Future("verify production api").with(.call(touch, occurrence: 1, .fails(.unreachable))).run()
      #expect(told.ending == .undetermined, "\(touch): \(told.story)")
    }
  }

  @Test func whoFixesProductionInGitKeepsTheirValue() throws {
    let told = try Future(verified + "\non failure { rollback promoted }")
      .with(.foreignTag(api, production, try version("1.2.9")), .afterPromotion(.seconds(300))).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("hands off"))
    #expect(told.stage.tag(api) == "api-v1.2.9")
  }

  @Test func promotionThatIsNotMergedIsRefused() throws {
    let told = try Future("validate staging api; promote api by pr; verify production api").run()
    #expect(told.ending == .refused, "\(told.story)")
    #expect(told.message.contains("put `wait merge` in front"))
  }

  @Test func resumedRunCountsWhatWasVerifiedBefore() throws {
    let stage = try Future(verified + "\nwait 10m").stage()
    let first = try stage.run(verified + "\nwait 10m", dying: .interrupted(after: .seconds(1200)))
    #expect(first.ending == .interrupted, "\(first.story)")
    #expect(first.ending(of: "verify") == .ok)
    let second = try stage.run(verified + "\nwait 10m")
    #expect(second.ending == .ok, "\(second.story)")
    // It is not looked at again.
    #expect(!second.has("finding"))
  }
}
