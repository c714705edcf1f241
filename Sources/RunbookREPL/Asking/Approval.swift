import PromotionModel
import Rehearsal
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import SimulatedWorld

extension Repl {
  /// Whether statements may be done: where they write to a protected environment, a person has seen what they will do, and
  /// has said so. Nothing but a person at the terminal can: no option answers here.
  func approve(_ ready: SessionReader.Ready) -> Bool {
    session.gate?.close()
    let new = ready.runbook.body.statements.filter { $0.ordinal >= ready.first }
    // Of several statements, and of blocks, nobody knows the second before the first was done: each is asked at the gate.
    guard let gate = session.gate, new.count == 1, let statement = new.first, statement.action.mayWrite else {
      return true
    }
    let console = console
    let look = LookAhead(run: session.world.run) { console.say("warning: \(visible($0))\n") }
    guard lookAhead(ready, look) else {
      say("Stopped before anything was done.")
      return false
    }
    let found = look.result
    let protected = found.environments.filter { settings.fleet.environment($0)?.isProtected ?? true }
    guard !protected.isEmpty || found.writes.contains(where: \.closesPullRequest) else { return true }
    say(
      Preview(statement: statement.text, found: found, fleet: settings.fleet, session: session).text(console.hasColor)
    )
    guard isAgreed(to: protected) else {
      say("Not done: nothing was changed.")
      stopAtFailure(.refused, "nobody agreed to \(statement.text)")
      return false
    }
    gate.allow(
      Gate.Permit(
        environments: found.environments,
        plan: found.plan,
        closesPullRequests: found.writes.contains(where: \.closesPullRequest)
      )
    )
    return true
  }

  /// - Returns: false when it was stopped.
  private func lookAhead(_ ready: SessionReader.Ready, _ look: LookAhead) -> Bool {
    say("Looking at what it will do …")
    let fork: SessionInterpreter
    let values: [String: Value]
    do {
      fork = try session.fork(look)
      values = try session.values(for: ready.runbook)
    } catch {
      // The statement itself will say what is wrong.
      return true
    }
    let world = session.world
    // The first change is the last moment at which the fleet can be recorded as it was. Where it cannot, nobody waits.
    let recorder = session.before == nil ? FleetRecorder(reading: world.world.reading, fleet: settings.fleet) : nil
    let ended = driver.run(start: { world.start($0, done: $1) }) { () -> FleetDescription? in
      async let recorded = try? recorder?.record()
      _ = await fork.perform(ready.runbook, from: ready.first, inputs: values)
      return await recorded
    }
    session.before = session.before ?? ended?.value
    return ended.map { !$0.wasInterrupted && !$0.isTerminated } ?? false
  }

  private func isAgreed(to environments: Set<EnvironmentName>) -> Bool {
    guard console.isTerminal else { return false }
    let names = environments.map(\.text).sorted()
    guard !names.isEmpty, settings.fleet.policy.promptKey == .name else {
      say("y does it, any other key does not.")
      return isYes(console.key())
    }
    let question = "Type \(names.joined(separator: " ")) to do it: "
    guard case .text(let answer) = console.answer(Prompt(text: question, tone: .danger)) else { return false }
    return answer.split(separator: " ").map(String.init) == names
  }
}

extension PlannedWrite {
  fileprivate var closesPullRequest: Bool { if case .close = self { true } else { false } }
}

extension Action {
  /// Whether it can write outside, itself: what it holds in a block is asked where it happens.
  fileprivate var mayWrite: Bool {
    switch self {
    case .promote, .rollback, .reconcile, .sync, .restart, .announce, .freeze, .thaw: true
    // A merge waits until people have approved: it is asked about when it has come so far.
    case .merge, .validate, .waitMerge, .waitArrival, .waitTime, .waitUntil, .monitor, .verify, .diagnose, .confirm,
      .require,
      .run, .show, .bind, .branch, .loop, .retry, .within, .call, .stop, .fail:
      false
    }
  }
}

/// What a person sees before it is done.
private struct Preview {
  let statement: String
  let found: LookAhead.Found
  let fleet: Fleet
  let session: Session

  func text(_ hasColor: Bool) -> String {
    var lines: [String] = [""]
    for (changes, diffs) in found.changes {
      lines.append("\(changes.environment):")
      let width = changes.services.map(\.service.text.count).max() ?? 0
      for change in changes.services {
        lines.append(
          "  \(change.service.text.padded(to: width))  \(visible(change.fromTag ?? "nothing")) → \(visible(change.toTag))"
        )
      }
      for diff in diffs {
        for line in diff.unified.split(separator: "\n") {
          lines.append("    " + painted(visible(String(line)), hasColor))
        }
      }
    }
    for write in found.writes { lines += described(write) }
    for holder in found.takenOver {
      lines.append("takes over the lock of run \(holder.run) of \(visible(holder.holder)): \(visible(holder.reason))")
    }
    lines += found.remarks.map(visible)
    lines.append("told:     \(told)")
    for way in waysBack { lines.append("way back: \(visible(way))") }
    return lines.joined(separator: "\n")
  }

  private func painted(_ line: String, _ hasColor: Bool) -> String {
    guard hasColor, !line.hasPrefix("+++"), !line.hasPrefix("---") else { return line }
    if line.hasPrefix("+") { return "\u{1B}[32m\(line)\u{1B}[0m" }
    return line.hasPrefix("-") ? "\u{1B}[31m\(line)\u{1B}[0m" : line
  }

  private func described(_ write: PlannedWrite) -> [String] {
    switch write {
    case .commit(let branch, let message):
      let subject = message.split(separator: "\n").first.map(String.init) ?? ""
      return ["commit:   \(visible(subject))", "          on \(visible(branch)) of \(visible(fleet.repository.url))"]
    case .pullRequest(let draft): return ["opens:    a pull request, \(visible(draft.title))"]
    case .close(let number, let comment): return ["closes:   the pull request #\(number): \(visible(comment))"]
    case .merge(let order): return ["merges:   the pull request #\(order.number) at \(order.head.short)"]
    case .status(let status): return ["status:   \(visible(status.description))"]
    case .announcement(let place, let text):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
        "          \(visible(String($0)))"
      }
      return ["tells:    \(place)"] + lines
    case .freeze(let environment, let freeze):
      return ["freeze:   \(visible(freeze?.message ?? "\(environment) is no longer frozen"))"]
    case .cluster(let words): return ["cluster:  \(visible(words))"]
    }
  }

  private var told: String {
    for write in found.writes {
      if case .pullRequest(let draft) = write {
        let labels = draft.labels.isEmpty ? "" : " (labels \(visible(draft.labels.joined(separator: ", "))))"
        return "the reviewers of \(visible(fleet.pullRequest?.repository ?? "the repository"))\(labels)"
      }
    }
    var places: [String] = []
    for write in found.writes {
      if case .announcement(let place, _) = write, !places.contains(place) { places.append(place) }
    }
    if !places.isEmpty { return "whoever follows the repository, and " + places.joined(separator: ", ") }
    return "whoever follows the repository; nobody else by itself"
  }

  /// What the verb itself has said, or else what sets the versions back to what they are.
  private var waysBack: [String] {
    guard found.waysBack.isEmpty else { return found.waysBack }
    return found.changes.flatMap { WayBack.statements(for: $0.changes, fleet) }
  }
}

/// The statements that set the versions of a change back.
enum WayBack {
  static func statements(for changes: ChangeSet, _ fleet: Fleet) -> [String] {
    changes.services.compactMap { change in
      guard let tag = change.fromTag, let version = fleet.service(change.service)?.tag.version(ofTag: tag) else {
        return nil
      }
      return "rollback \(changes.environment) \(change.service) to v\(version)"
    }
  }
}
