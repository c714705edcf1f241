import PromotionModel

/// What a run leaves behind when it ends early, and the line that takes it back: for somebody who is tired.
struct Remains {
  let promotions: [Promotion]
  /// What was to be pushed otherwise than by a promotion, and is not known to be.
  let attempted: [ChangeSet]
  /// What was written otherwise than by a promotion, and arrived.
  let written: [Arrivals.Written]
  /// Whether something that is protected was changed, in whatever way.
  let hasChanged: Bool
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
    // What goes through a pull request is told of with that.
    attempted = state.attempted.filter { state.proposedReturns[$0.key] == nil }.sorted { "\($0.key)" < "\($1.key)" }
      .map(\.value)
    written = state.written.values.flatMap(\.values)
      .sorted { ($0.environment, $0.service) < ($1.environment, $1.service) }
    hasChanged = state.hasChangedProtected
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

  private var unknown: [String] {
    attempted.map { "whether \($0.plan.joined(separator: ", ")) reached the server is not known" }
  }

  /// Neither on its way, nor somebody else's by now.
  private var brought: [String] {
    written.filter { one in
      superseded[one.environment]?.contains(one.service) != true
        && !(returning + attempted).contains { changes in
          changes.environment == one.environment && changes.services.contains { $0.service == one.service }
        }
        && !live.contains { $0.promotion.changes.environment == one.environment && $0.services.contains(one.service) }
    }.map { "\($0.environment)/\($0.service) was brought to \($0.tag)" }
  }

  /// After `stop` and an interruption.
  var whenStopped: String {
    let lines = waiting() + unknown + pushed + brought + others + live.map(sentence) + freezes.map(\.sentence)
    guard !lines.isEmpty else { return hasChanged ? "What was changed stands" : "Nothing was changed" }
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
        // It may be merged since: that nobody looked is not that nothing is.
        return pull.state == .merged
          ? "\(pull.url) was merged, and nothing has looked at it" : "\(pull.url) was open when it was last looked at"
      }
      return "whether \(promotion.changes.plan.joined(separator: ", ")) reached the server is not known"
    }
    let plan = promotion.changes.services.filter { services.contains($0.service) }
    return ChangeSet(environment: promotion.changes.environment, base: promotion.changes.base, services: plan).plan
      .joined(separator: ", ") + " stays"
  }
}
