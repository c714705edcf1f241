import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

extension OnTheRig {
  /// A release that crashes, diagnosed with the real API server's objects, events and endpoints; nothing is changed by it.
  @Test func aCrashLoopIsDiagnosed() async throws {
    let fleet = try await RigFleet.create("diagnosed")
    try fleet.script { $0.behaviours["production/api-v1.3.0"] = .init(crashAfter: 0.5, backOff: 60) }
    let run = SlipwayRun(fleet)
    let released = try await run.runbook(
      """
      validate staging api
      promote api by commit
      monitor 20s
      """
    )
    #expect(released.status == 1, "\(run.raw.suffix(6).joined(separator: "\n"))")
    // From the second crash on the kubelet waits, here for a minute.
    for _ in 0..<150 {
      let states = try await fleet.kubectl("get", "pods", "-n", "\(fleet.name)-production")
      if states.contains("CrashLoopBackOff") { break }
      try await SystemClock().sleep(for: .milliseconds(200))
    }
    let before = try await fleet.git("for-each-ref")
    let diagnosis = SlipwayRun(fleet, home: "second")
    let outcome = try await diagnosis.runbook("diagnose production api")
    let text = diagnosis.raw.joined(separator: "\n")
    #expect(outcome.status == 0, "\(text)\n\(outcome.standardError)")
    #expect(text.contains("CrashLoopBackOff"), "\(text)")
    #expect(text.contains("ended with exit code"), "\(text)")
    #expect(text.contains(#""advice":"rollback production api""#), "\(text)")
    #expect(text.contains(#""check":"endpoints""#) && text.contains("Service api"), "\(text)")
    #expect(text.contains("readiness GET :8080/health every 5s"), "\(text)")
    // The rig has no metrics, and nothing behind the pods' addresses: both are said, neither is taken for an answer.
    #expect(text.contains("the cluster has no metrics.k8s.io"), "\(text)")
    #expect(outcome.events.contains { $0.event == "log.line" || $0.event == "log" }, "\(text)")
    #expect(try await fleet.git("for-each-ref") == before)
  }
}
