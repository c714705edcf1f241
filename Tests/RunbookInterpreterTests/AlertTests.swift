import PromotionModel
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

@Suite struct AlertTests {
  private func future(_ text: String = quickRelease) -> Future {
    Future(text).configured(
      """
      metrics:
        address: http://prometheus.example:9090
        alerts: { app: "{service}", namespace: "{namespace}" }
        ignored-alerts: [Watchdog]
      """
    )
  }

  private var old: Fault.Effect {
    .image(ImageFault(api, in: production, versions: .any, .alert("OldTrouble", after: .zero)))
  }

  @Test func alertThatBeginsToFireIsABadSign() throws {
    let told = try future().with(api, .alert("HighErrorRate", after: .seconds(300))).run()
    #expect(told.exit == 3, "\(told.story)")
    #expect(told.message.contains("api: the alert HighErrorRate fires"))
    #expect(told.stage.running(api) == "1.2.2")
  }

  @Test func noAlertIsWell() throws { #expect(try future().run().ending == .ok) }

  @Test func alertThatFiredBeforeIsSaidAndNoSign() throws {
    let told = try future().with(old).run()
    #expect(told.ending == .ok, "\(told.story)")
    #expect(told.story.contains("OldTrouble fires, before anything is changed"))
    let new = try future().with(old).with(api, .alert("HighErrorRate", after: .seconds(300))).run()
    #expect(new.exit == 3, "\(new.story)")
  }

  @Test func alertsThatCannotBeToldStopTheClock() throws {
    let once = try future().with(.call(.metricsAlerts, occurrence: 20, .fails(.unreachable))).run()
    #expect(once.ending == .ok, "\(once.story)")
    var dark = future()
    for occurrence in 5...500 { dark = dark.with(.call(.metricsAlerts, occurrence: occurrence, .fails(.unreachable))) }
    let told = try dark.run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("alerts cannot be told"))
  }

  @Test func whatMayHaveFiredBeforeIsNeitherGoodNorBad() throws {
    // Nobody could look before the promotion.
    let told = try future().with(.call(.metricsAlerts, occurrence: 1, .fails(.unreachable))).with(old).run()
    #expect(told.ending == .undetermined, "\(told.story)")
    #expect(told.message.contains("whether it did before is not known"))
  }

  @Test func verifyLooksAtAlerts() throws {
    let text = "validate staging api; promote api by commit; wait rollout; verify production api"
    #expect(try future(text).run().ending == .ok)
    #expect(try future(text).with(api, .alert("HighErrorRate", after: .zero)).run().ending(of: "verify") == .failed)
    #expect(try future(text).with(old).run().ending == .ok)
  }
}
