import PromotionModel
import RunLog
import RunbookInterpreter
import SimulatedWorld
import Testing

@testable import Rehearsal

/// Runs that a person interrupts, and runs that could not tell: what they say, and how they go on.
@Suite struct InterruptionTests {
  /// Ctrl-C before and after every call of a release: it says what stands, does nothing more, and ends as if nothing had been
  /// once it is resumed.
  @Test(arguments: [release, quickRelease]) func everyInterruptionIsGoneOnWith(text: String) throws {
    let exploration = try exploration(text)
    let calm = try exploration.account(of: ExploredFuture())
    let futures = try exploration.singles().filter { future in
      guard future.pause == ExploredFuture.shortPause,
        case .call(let touch, let occurrence, .interrupted) = future.faults.first?.effect
      else { return false }
      return touch.isWrite || occurrence == 1 || occurrence == 3
    }
    #expect(futures.count > 50, "\(futures.count)")
    for future in futures {
      let account = try exploration.account(of: future)
      let name = Comment(rawValue: future.name)
      #expect(try exploration.invariants(future) == [], name)
      #expect(account.interruptions.count == 1, name)
      #expect(account.exit == calm.exit, name)
      #expect(account.world.repository.commits.map(\.subject) == calm.world.repository.commits.map(\.subject), name)
      #expect(account.world.forge.pullRequests.map(\.state) == calm.world.forge.pullRequests.map(\.state), name)
      // Where the last word was said already, the lock that could not be freed is left to expire, and that is said.
      let isOver = account.interruptions.first?.result?.ending == .ok
      #expect(isOver == (future.name.hasPrefix("repository release lock")), name)
      #expect(account.world.repository.locks.isEmpty != (isOver && future.name.contains("right before")), name)
    }
  }

  @Test func everyCallMayBeInterrupted() throws {
    let calls = try exploration(release).account(of: ExploredFuture()).world.touches
    let names = Set(try exploration(release).singles().map(\.name))
    for (touch, occurrence, _) in calls {
      let name = "\(touch.rawValue) #\(occurrence) is when somebody presses Ctrl-C, right before its effect"
      #expect(names.contains("\(name); resumed after 1m"))
      #expect(names.contains("\(name); resumed after 1d1h") == touch.isWrite)
    }
  }

  /// Rule 10 left out: what was done before Ctrl-C is done again, or is not known.
  @Test func anInterruptionShowsWhatWasNotStored() throws {
    let future = ExploredFuture(.call(.repositoryCommit, occurrence: 1, .interrupted(.after)))
    let exploration = try exploration(quickRelease)
    #expect(try exploration.invariants(future) == [])
    #expect(try exploration.invariants(future, without: .truthOutlivesTheProcess).contains(.refusedIsUntouched))
  }

  /// A rollback by itself has no promotion to speak of.
  @Test(arguments: [
    "rollback production api because \"incident\"\nmonitor 10m production api", "wait 5m\nreconcile production api",
  ])
  func whatIsWrittenOtherwiseIsSaidToo(text: String) throws {
    let exploration = try exploration(text)
    let others =
      text.hasSuffix("reconcile production api")
      ? [Fault(.liveImage(api, production, try #require(Version("1.2.9"))))] : []
    let calm = try exploration.account(of: ExploredFuture(others))
    let commit = try #require(calm.world.touches.first { $0.touch == .repositoryCommit }, "\(calm.events.last as Any)")
    for moment in [CallFault.Interruption.before, .after, .answered] {
      let fault = Fault(.call(.repositoryCommit, occurrence: commit.occurrence, .interrupted(moment)))
      let future = ExploredFuture(others + [fault])
      let account = try exploration.account(of: future)
      let message = try #require(account.interruptions.first?.result?.message)
      #expect(!message.contains("Nothing was changed") && message.contains("production/api"), "\(message)")
      #expect(try exploration.invariants(future) == [])
    }
    let last = try #require(calm.world.touches.last { $0.touch == .probesProbe || $0.touch == .clusterSnapshot })
    guard last.time > commit.time, text.hasPrefix("rollback") else { return }
    let late = ExploredFuture(.call(last.touch, occurrence: last.occurrence, .interrupted(.before)))
    let message = try #require(try exploration.account(of: late).interruptions.first?.result?.message)
    #expect(message.contains("production/api was brought to api-v"), "\(message)")
  }

  @Test func aPullRequestThatWasMergedIsNotSaidToBeOpen() throws {
    let exploration = try exploration(release)
    let last = try #require(try exploration.account(of: ExploredFuture()).world.calls[.forgePullRequest])
    let future = ExploredFuture(.call(.forgePullRequest, occurrence: last, .interrupted(.before)))
    let account = try exploration.account(of: future)
    let message = try #require(account.interruptions.first?.result?.message)
    #expect(account.interruptions.first?.open.isEmpty == true)
    #expect(message.contains("/101 was open when it was last looked at; nothing is undone"), "\(message)")
    #expect(try exploration.invariants(future) == [])
  }

  /// A run says what it knows and no more: each of these would be untrue.
  @Test func whatAnInterruptedRunSaysIsCompared() throws {
    let exploration = try exploration(quickRelease)
    let future = ExploredFuture(.call(.repositoryCommit, occurrence: 1, .interrupted(.after)))
    let account = try exploration.account(of: future)
    func invariants(_ change: (inout Account.Interruption) -> Void) throws -> [Invariant] {
      var account = account
      var interruption = try #require(account.interruptions.first)
      change(&interruption)
      account.interruptions = [interruption]
      let run = try #require(account.events.first?.run)
      return Inspection(account: account, fleet: exploration.runbook.fleet, run: run).harms.map(\.invariant)
    }
    #expect(try invariants { _ in } == [])
    #expect(try invariants { $0.result = nil } == [.interruptedIsTrue])
    #expect(try invariants { $0.later = [.repositoryCommit] } == [.interruptedIsTrue])
    #expect(try invariants { $0.result?.exit = 1 } == [.interruptedIsTrue])
    #expect(
      try invariants {
        $0.result?.message = "interrupted. Nothing was changed"
      } == [.interruptedIsTrue]
    )
  }
}

/// Runs that ended and could not tell, and are resumed once the trouble is over.
@Suite struct ResumedEndTests {
  private func account(_ text: String, _ future: ExploredFuture) throws -> (Account, Set<Invariant>) {
    let exploration = try exploration(text)
    return (try exploration.account(of: future.goingOn), try exploration.invariants(future.goingOn))
  }

  @Test func aReviewerWhoNeverCameComes() throws {
    let (account, harms) = try account(release, ExploredFuture(.reviewer(.neverComes)))
    #expect(harms == [])
    #expect(account.exit == ExitStatus.ok)
    #expect(account.absences.map(\.isDeath) == [false])
    #expect(account.events.count { $0.name == "run.ended" } == 2)
    #expect(account.world.repository.locks.isEmpty)
    #expect(account.world.forge.pullRequests.map(\.state) == [.merged])
  }

  @Test func aNetworkThatWasLostReturns() throws {
    let (account, harms) = try account(
      quickRelease,
      ExploredFuture(.networkLost(for: .seconds(3 * 3600)), .afterPromotion(.seconds(30)))
    )
    #expect(harms == [])
    #expect(account.exit == ExitStatus.ok)
    #expect(account.world.runningVersion(of: api, in: production) == Version("1.3.0"))
  }

  @Test func aRunThatEndedOtherwiseIsNotResumed() throws {
    let crash = ExploredFuture(.image(ImageFault(api, in: production, .crashes(after: .seconds(180)))))
    let (account, _) = try account(quickRelease, crash)
    #expect(account.exit == ExitStatus.takenBack)
    #expect(account.absences.isEmpty)
  }

  /// Rule 10 left out: the end is honest, and what is resumed knows nothing of the promotion. Only the resume shows it.
  @Test func aResumeShowsWhatWasNotStored() throws {
    let exploration = try exploration(quickRelease)
    let lost = ExploredFuture(.networkLost(for: .seconds(3 * 3600)), .afterPromotion(.seconds(30)))
    #expect(try exploration.invariants(lost, without: .truthOutlivesTheProcess) == [])
    #expect(try exploration.invariants(lost.goingOn) == [])
    #expect(try exploration.invariants(lost.goingOn, without: .truthOutlivesTheProcess) != [])
  }

  @Test func everyRunThatCouldNotTellIsResumed() async throws {
    let exploration = try exploration(quickRelease)
    let summary = try await exploration.run(
      pairs: 0,
      isWanted: { $0.contains("network is lost for 3h, ") },
      found: { _ in }
    )
    #expect(summary.resumed > 0 && summary.unsafe == 0)
    // Each is a future of its own beside the one in which nobody resumes it.
    #expect(summary.exits[ExitStatus.undetermined] ?? 0 >= summary.resumed)
    #expect(summary.total == 1 + summary.domainFutures + summary.answerFutures + summary.resumed)
    let name = "the network is lost for 3h, 30s after the promotion; resumed once the trouble is over"
    let one = try await exploration.run(pairs: 0, isWanted: { $0 == name }, found: { _ in })
    #expect(one.resumed == 1 && one.total == 2)
  }

  @Test(arguments: [release, quickRelease]) func aProcessThatDiesWhileItResumesLeavesNothing(text: String) throws {
    let exploration = try exploration(text)
    let calm = try exploration.account(of: ExploredFuture())
    let deaths = try exploration.singles().filter(CallFutures.isDeathAtWrite)
    #expect(deaths.count > 30)
    var count = 0
    for (number, death) in deaths.enumerated() {
      let first = try exploration.account(of: death)
      #expect(first.laterWrites > 0, "\(death.name)")
      let all = CallFutures.secondDeaths(after: death, writes: first.laterWrites)
      #expect(all.count == min(first.laterWrites, CallFutures.mostSecondDeaths))
      for future in all.enumerated().filter({ ($0.offset + number) % 5 == 0 }).map(\.element) {
        let account = try exploration.account(of: future)
        let name = Comment(rawValue: future.name)
        #expect(try exploration.explore(future).unsafe == nil, name)
        #expect(account.absences.map(\.isDeath) == [true, true], name)
        #expect(account.exit == calm.exit, name)
        #expect(account.world.repository.commits.map(\.subject) == calm.world.repository.commits.map(\.subject), name)
        #expect(account.world.repository.locks.isEmpty, name)
        count += 1
      }
    }
    #expect(count > 60, "\(count)")
  }

  @Test func aSecondDeathIsFoundByItsName() async throws {
    let name =
      "the process dies at write #3 of its journal; resumed after 1m; then the process dies at write #2 of its journal"
    let summary = try await exploration(quickRelease).run(pairs: 0, isWanted: { $0 == name }, found: { _ in })
    #expect(summary.secondDeaths == 1 && summary.callFutures == 0 && summary.total == 2)
  }

  @Test func statementsThatNoFutureCameToAreNamed() async throws {
    let text = """
      validate staging api
      if version of api in production is v0.0.1 { stop "never" }
      promote api by commit
      monitor 30m
      on failure { rollback promoted }
      """
    let exploration = try exploration(text)
    let some = try await exploration.run(pairs: 0, isWanted: { _ in false }, found: { _ in })
    // Troubles outside are run for their answers, wanted or not.
    #expect(some.unreached.map(\.text) == ["stop \"never\""])
    #expect(some.unreached.map(\.line) == [2])
    let words = ExploreMessages.summary(some)
    #expect(
      words.contains("No future came to this statement, which is untested:\n  test.runbook:2: `stop \"never\"`\n")
    )
    #expect(!ExploreMessages.summary(some, isWhole: false).contains("untested"))
    var other = some
    other.unreached = []
    #expect(!ExploreMessages.summary(other).contains("untested") && other != some)
  }

  @Test(arguments: OutsideServer.allCases, [Fault.Start.after(.zero), .afterPromotion(.seconds(1))])
  func aServerThatIsAwayForLongIsSurvived(server: OutsideServer, start: Fault.Start) throws {
    for text in [release, quickRelease] {
      let exploration = try exploration(text)
      let future = ExploredFuture(.serverLost(server, for: .seconds(7200)), start)
      #expect(try exploration.singles().contains(future))
      #expect(try exploration.invariants(future) == [])
      #expect(try exploration.invariants(future.goingOn) == [])
    }
  }

  @Test func aFreezeOfSomebodyElseIsKept() throws {
    let exploration = try exploration(quickRelease)
    let frozen = try exploration.singles().filter { $0.name.hasPrefix("production is frozen for 2h") }
    #expect(frozen.count > 5)
    for future in frozen { #expect(try exploration.invariants(future) == [], "\(future.name)") }
    #expect(try exploration.explore(ExploredFuture(.foreignFreeze(production, for: .seconds(7200)))).exit == 2)
    // Whoever thaws it may promote.
    let thawing = try self.thawing("thaw production because \"agreed\"\n")
    #expect(try thawing.explore(ExploredFuture(.foreignFreeze(production, for: .seconds(7200)))).exit == 0)
    #expect(try thawing.invariants(ExploredFuture(.foreignFreeze(production, for: .seconds(7200)))) == [])
  }

  /// What the run has proposed before it could know of a freeze, a person may merge in spite of it: that is not the run's doing.
  @Test func whatAPersonMergesInAFreezeIsTheirs() throws {
    let propose = Fault.Start.before(.repositoryPropose, occurrence: 1)
    let freeze = Fault(.foreignFreeze(production, for: .seconds(7200)), start: propose)
    let merge = Fault(.reviewer(.merges(after: .seconds(600), method: .squash)))
    let future = ExploredFuture([merge, freeze])
    let exploration = try exploration(release)
    #expect(try exploration.invariants(future) == [])
    #expect(try exploration.account(of: future).world.forge.pullRequests.contains { $0.state == .merged })
  }

  private func thawing(_ line: String) throws -> Exploration { try exploration(line + quickRelease) }
}
