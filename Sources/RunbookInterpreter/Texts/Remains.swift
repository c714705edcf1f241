import PromotionModel

/// What a run leaves behind when it ends early, and the line that takes it back: for somebody who is tired.
struct Remains {
  let promotions: [Promotion]
  /// What was pushed to take something back and was not seen to arrive.
  let returning: [ChangeSet]
  /// What a `rollback … by pr` has proposed and nobody has merged.
  let proposed: [RollbackByPullRequest.Proposed]
  /// What somebody else has changed since.
  let superseded: [EnvironmentName: Set<ServiceName>]
  /// What was frozen or thawed.
  let freezes: [FreezeChange]
  /// The run that can be given up; nil for a session, which can be left only, and for one that is not real.
  let run: RunID?

  init(_ state: RunMemory.State, of setup: RunSetup) {
    self.init(state, run: setup.record.isSession || setup.record.isSimulated ? nil : setup.run)
  }

  init(_ state: RunMemory.State, run: RunID? = nil) {
    freezes = state.freezes.sorted { $0.key < $1.key }.map(\.value)
    promotions = state.promotions
    returning = state.returning.sorted { "\($0.key)" < "\($1.key)" }.map(\.value)
    proposed = state.proposedReturns.values.sorted { $0.branch < $1.branch }
    superseded = state.superseded
    self.run = run
  }

  /// Those that nothing was pushed against, each with its services that stand as the run left them.
  private var live: [(promotion: Promotion, services: [ServiceName])] {
    promotions.filter { !$0.isTakenBack }.compactMap { promotion in
      let services = promotion.services.filter {
        !promotion.takenBack.contains($0) && !isReturning($0, promotion) && !isOthers($0, promotion)
      }
      return services.isEmpty ? nil : (promotion, services)
    }
  }

  private func isReturning(_ service: ServiceName, _ promotion: Promotion) -> Bool {
    returning.contains { changes in
      changes.environment == promotion.changes.environment && changes.services.contains { $0.service == service }
    }
  }

  private func isOthers(_ service: ServiceName, _ promotion: Promotion) -> Bool {
    promotion.commit != nil && superseded[promotion.changes.environment]?.contains(service) == true
  }

  private var pushed: [String] {
    returning.map { "\($0.plan.joined(separator: ", ")) was pushed, and was not seen to arrive" }
  }

  /// What others have set is theirs: it neither stays as the run left it nor is it to be taken back.
  private var others: [String] {
    superseded.sorted { $0.key < $1.key }.compactMap { environment, services in
      guard !services.isEmpty else { return nil }
      let names = services.sorted().map(\.text).joined(separator: ", ")
      return "\(names) in \(environment) stands as somebody else has set it since"
    }
  }

  /// - Parameter told: what was said already.
  private func waiting(besides told: String = "") -> [String] {
    proposed.compactMap { proposed in
      let names = proposed.services.map { " \($0.map(\.text).joined(separator: ", "))" } ?? ""
      guard let pull = proposed.pullRequest else {
        return "the branch \(proposed.branch) was pushed, and whether its pull request is open is not known" + closing
      }
      guard !told.contains(pull.url) else { return nil }
      return
        "pull request #\(pull.number) stays open, and takes back\(names) in \(proposed.environment) when it is merged: "
        + pull.url + closing
    }
  }

  private var closing: String { run.map { " (`slipway abort \($0) --because \"…\"` closes it)" } ?? "" }

  /// After `stop` and an interruption.
  var whenStopped: String {
    let lines = waiting() + pushed + others + live.map(sentence) + freezes.map(\.sentence)
    guard !lines.isEmpty else { return "Nothing was changed" }
    return lines.joined(separator: "; ") + (live.isEmpty ? "" : "; nothing is undone")
  }

  /// After everything that did not end well; nil when there is nothing to say.
  /// - Parameter message: how the run ended, in words.
  func afterFailure(_ message: String = "") -> String? {
    let before = waiting(besides: message) + pushed
    guard !live.isEmpty else {
      var lines = before + others
      if lines.isEmpty, promotions.contains(where: { $0.commit != nil }) {
        lines = ["What was promoted was taken back"]
      }
      lines += freezes.map(\.sentence)
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
    let lines = live.map { promotion, services in
      "rollback \(promotion.changes.environment) \(services.map(\.text).joined(separator: ", "))"
    }
    let standing = before + others + freezes.map(\.sentence) + live.map(sentence)
    return standing.joined(separator: "; ") + "; to take it back: "
      + lines.joined(separator: "; ")
  }

  private func sentence(_ promotion: Promotion, _ services: [ServiceName]) -> String {
    if promotion.commit == nil {
      if let pull = promotion.pullRequest {
        return pull.state == .merged ? "\(pull.url) was merged, and nothing has looked at it" : "\(pull.url) stays open"
      }
      return "whether \(promotion.changes.plan.joined(separator: ", ")) reached the server is not known"
    }
    let plan = promotion.changes.services.filter { services.contains($0.service) }
    return ChangeSet(environment: promotion.changes.environment, base: promotion.changes.base, services: plan).plan
      .joined(separator: ", ") + " stays"
  }
}
