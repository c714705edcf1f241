import PromotionModel
import SimulatedWorld

/// Every way in which single calls can go wrong.
enum CallFutures {
  /// One future for each kind of fault that a call can have; a death of the process and an interruption are followed by a
  /// resume at once, and for what changes something also by one on the next day.
  static func of(_ touch: Touch, _ occurrence: Int) -> [ExploredFuture] {
    faults(of: touch).flatMap { fault -> [ExploredFuture] in
      let faults = [Fault(.call(touch, occurrence: occurrence, fault))]
      guard fault.endsProcess else { return [ExploredFuture(faults)] }
      return [ExploredFuture.shortPause, ExploredFuture.longPause].prefix(touch.isWrite ? 2 : 1)
        .map { ExploredFuture(faults, pause: $0) }
    }
  }

  /// The process dies at each write to its journal, the first to the given one.
  static func deaths(writes: Int) -> [ExploredFuture] {
    (1...max(1, writes)).map { ExploredFuture(dyingWrite: $0) }
  }

  /// Futures in which the process that resumes a run dies too, at each write to its journal: the first so many of them. What
  /// it takes up again comes first.
  static func secondDeaths(after future: ExploredFuture, writes: Int) -> [ExploredFuture] {
    guard isDeathAtWrite(future), writes > 0 else { return [] }
    return (1...min(writes, mostSecondDeaths)).map(future.dyingAgain)
  }

  /// How many writes of a process that resumes a run are looked at.
  static let mostSecondDeaths = 24

  /// Of the deaths at calls those count that change something; the lock is renewed again and again in the same way.
  static func isDeathAtWrite(_ future: ExploredFuture) -> Bool {
    if future.faults.isEmpty { return future.dyingWrite != nil }
    guard future.faults.count == 1, future.pause == ExploredFuture.shortPause,
      case .call(let touch, _, .processDies)? = future.faults.first?.effect
    else { return false }
    return touch.isWrite && touch != .repositoryRenewLock
  }

  /// Every kind of fault that calls of a kind can have.
  static func faults(of touch: Touch) -> [CallFault] {
    if touch == .programRun || touch == .personAsk {
      // A program that is not there, does not do what it is for, does not end; nobody there, somebody who says no, who says nothing.
      return [
        .fails(.missing), .fails(.refused), .hangs(for: forEver), .late(by: .seconds(90)), .processDies(.before),
        .processDies(.after),
      ] + interruptions(of: touch)
    }
    var faults = reasons(of: touch).map(CallFault.fails)
    faults += [.hangs(for: .seconds(60)), .late(by: .seconds(90))]
    if touch.isWrite { faults.append(.answerLost) }
    if canBeStale(touch) { faults.append(.stale(by: .seconds(60))) }
    return faults + [.processDies(.before), .processDies(.after)] + interruptions(of: touch)
  }

  /// Where a person may press Ctrl-C. A call that changes nothing is the same before it and after it; a watch has no answer.
  private static func interruptions(of touch: Touch) -> [CallFault] {
    let moments: [CallFault.Interruption] =
      touch == .clusterObserve ? [.before] : touch.isWrite ? [.before, .after, .answered] : [.before, .answered]
    return moments.map(CallFault.interrupted)
  }

  /// Longer than the deadline of any statement.
  private static let forEver = Duration.seconds(30 * 86_400)

  /// What a tool may say, each as far as it makes sense for the call.
  private static func reasons(of touch: Touch) -> [WorldError.Reason] {
    var reasons: [WorldError.Reason] = [.timedOut, .unreachable, .nonsense, .missing]
    // `curl` asks endpoints that need no login; each that does not answer is a result, not an error.
    if touch != .probesProbe, touch != .metricsRead, touch != .metricsAlerts, touch != .announce {
      reasons.append(.unauthorized)
    }
    if touch.isWrite { reasons.append(.refused) }
    switch touch {
    case .clusterIdentify: reasons += [.notFound, .wrongPlace]
    case .repositoryHead, .repositoryDeclared, .repositoryPlan, .repositoryPlanReturn, .repositoryPlanRevert,
      .repositoryPlanTags,
      .repositoryPreview, .repositoryContains, .forgePullRequest, .forgeMergeReadiness, .forgeSourceChanges,
      .forgeClose, .forgeMerge, .forgeLeaveQueue,
      .forgeSetStatus, .forgeOpen,
      .clusterSnapshot, .clusterObserve, .clusterExamine, .deliveryRefresh, .deliveryTerminate, .deliveryRestart,
      .deliverySync, .deliverySuspend, .deliveryRestore, .deliveryUndo, .repositoryHistory:
      reasons.append(.notFound)
    case .repositoryTip, .repositoryLockHolder, .repositoryCommit, .repositoryPropose, .repositoryDeleteBranch,
      .repositoryTakeLock, .repositoryRenewLock, .repositoryReleaseLock, .forgePullRequestOfBranch, .forgePullRequests,
      .clusterLogs,
      .probesProbe, .metricsRead, .metricsAlerts, .announce, .repositoryFreeze, .repositorySetFreeze, .programRun,
      .personAsk:
      break
    }
    return reasons
  }

  /// Whether the answer may come from a replica or a cache that lags behind.
  private static func canBeStale(_ touch: Touch) -> Bool {
    switch touch {
    case .repositoryHead, .repositoryDeclared, .repositoryContains, .repositoryHistory, .repositoryTip,
      .repositoryLockHolder, .repositoryFreeze, .forgePullRequest, .forgePullRequestOfBranch, .forgeMergeReadiness,
      .forgeSourceChanges, .forgePullRequests, .clusterObserve,
      .clusterSnapshot, .clusterExamine,
      .clusterLogs:
      true
    case .clusterIdentify, .repositoryPlan, .repositoryPlanReturn, .repositoryPlanRevert, .repositoryPlanTags,
      .repositoryPreview,
      .repositoryCommit, .repositoryPropose, .repositoryDeleteBranch, .repositoryTakeLock, .repositoryRenewLock,
      .repositoryReleaseLock, .forgeOpen, .forgeClose, .forgeMerge, .forgeLeaveQueue, .forgeSetStatus, .deliveryRefresh,
      .deliveryTerminate, .deliveryRestart, .deliverySync, .deliverySuspend, .deliveryRestore, .deliveryUndo,
      .probesProbe, .metricsRead, .metricsAlerts, .announce, .repositorySetFreeze, .programRun, .personAsk:
      false
    }
  }
}
