internal import PromotionModel
public import RunLog

extension RunEvent {
  /// The event in one sentence, for people. May hold text from outside: renderers escape it.
  public var message: String {
    switch body {
    case .runStarted(let source, let world, let isResumed):
      "run \(run) \(isResumed ? "goes on with" : "of") \(source) \(Self.place(world))"
    case .stepStarted(let statement): statement
    case .stepSkipped(let ending): "ended \(ending.rawValue) earlier in this run; not done again"
    case .finding(let finding): finding.message + (finding.advice.map { " (try `\($0)`)" } ?? "")
    case .sealed(let seal): "\(seal.tag) runs as \(seal.digest.short), declared at \(seal.commit.short)"
    case .planned(let changes, _): Self.message(of: changes)
    case .wayBack(let statement): "the way back: \(statement)"
    case .lockTaken(let lock, let former): Self.message(of: lock, from: former)
    case .pullRequestOpened(let request): "pull request #\(request.number) opened: \(request.url)"
    case .pullRequestChanged(let request): Self.message(of: request)
    case .committed(let commit): "\(commit.id.short) \(commit.subject)"
    case .progress(let message), .badSign(let message), .warning(let message), .sight(_, let message): message
    case .evidence(let gathered, let needed): "\(Self.text(gathered)) of \(Self.text(needed)) of evidence gathered"
    case .superseded(let superseded): superseded.message
    case .previewed(let preview): Self.message(of: preview)
    case .wouldWrite(let write): Self.message(of: write)
    case .value(let name, _, let text): "\(name) is \(text)"
    case .confirmed(let question, let answer, let by): "\(question) \(answer ? "yes" : "no"), by \(by)"
    case .programOutput(let output): output.text.isEmpty ? "(an empty line)" : output.text
    case .shown(let table): "\(table.title): \(table.rows.count) \(table.rows.count == 1 ? "line" : "lines")"
    case .logLine(let pod, let container, let line): "\(pod) \(container): \(line)"
    case .announced(let place, let text): "announced to \(place): \(text.split(separator: "\n").first ?? "")"
    case .stepEnded(let ending, let message): message.isEmpty ? "ended \(ending.rawValue)" : message
    case .runEnded(let ending, let exit, let message):
      message.isEmpty ? "the run ended \(ending.rawValue), exit \(exit)" : message
    }
  }

  /// Fractions of a second tell nobody anything beside minutes.
  private static func text(_ duration: Duration) -> String {
    duration < .seconds(1) ? duration.runbookText : Duration.seconds(duration.components.seconds).runbookText
  }

  /// Where a run takes place, after its name.
  static func place(_ world: String) -> String { world == RunRecord.dryRun ? "as a dry run" : "in the \(world) world" }

  private static func message(of preview: Preview) -> String {
    switch preview {
    case .previewed: "as a real run would see and plan it now"
    case .simulated: "in the simulated world, which began as the real one was read"
    case .cannotBePreviewed: "a real run alone knows; here it is taken to go well"
    }
  }

  private static func message(of write: PlannedWrite) -> String {
    switch write {
    case .commit(let branch, let message):
      "a commit on \(branch): \(message.split(separator: "\n").first.map(String.init) ?? "")"
    case .pullRequest(let draft): "a pull request from \(draft.branch) to \(draft.base): \(draft.title)"
    case .close(let number, _): "pull request #\(number) closed, with a comment"
    case .merge(let order) where order.isThroughQueue:
      "pull request #\(order.number) put into the merge queue at \(order.head.short)"
    case .merge(let order): "pull request #\(order.number) merged (\(order.method.rawValue)) at \(order.head.short)"
    case .status(let status): "the status \(status.context) of the pull request: \(status.description)"
    case .cluster(let what): what
    case .freeze(let environment, let freeze): freeze?.message ?? "\(environment) is no longer frozen"
    case .announcement(let place, let text): "an announcement to \(place): \(text.split(separator: "\n").first ?? "")"
    }
  }

  private static func message(of changes: ChangeSet) -> String {
    guard !changes.services.isEmpty else { return "nothing to change in \(changes.environment)" }
    let each = changes.services.map { "\($0.service) \($0.fromTag ?? "nothing") -> \($0.toTag)" }
    return "\(changes.environment): \(each.joined(separator: ", "))"
  }

  private static func message(of lock: LockHolder, from former: LockHolder?) -> String {
    let text = "holds the lock of \(lock.environment) until \(lock.expires.wholeSecond)"
    guard let former else { return text }
    return "\(text), taken over from \(former.holder) (run \(former.run): \(former.reason))"
  }

  private static func message(of request: PullRequest) -> String {
    var details: [String] = []
    if let by = request.mergedBy { details.append("by \(by)") }
    if let commit = request.mergeCommit { details.append("as \(commit.short)") }
    if request.isQueued { details.append("in the merge queue") }
    if request.hasAutoMerge { details.append("with auto-merge") }
    let text = (["pull request #\(request.number) is \(request.state.rawValue)"] + details).joined(separator: " ")
    return "\(text): \(request.url)"
  }
}

extension RunEvent {
  /// The environment that the event is about: its own, or the one that its content names.
  var subjectEnvironment: EnvironmentName? {
    if let environment { return environment }
    switch body {
    case .sealed(let seal): return seal.environment
    case .planned(let changes, _): return changes.environment
    case .lockTaken(let lock, _): return lock.environment
    case .runStarted, .stepStarted, .stepSkipped, .finding, .wayBack, .pullRequestOpened, .pullRequestChanged,
      .committed, .progress, .evidence, .badSign, .superseded, .sight, .warning, .previewed, .wouldWrite, .value,
      .confirmed, .programOutput,
      .shown, .logLine, .announced, .stepEnded, .runEnded:
      return nil
    }
  }

  /// The service that the event is about: its own, or the one that its content names.
  var subjectService: ServiceName? {
    if let service { return service }
    switch body {
    case .finding(let finding): return finding.service
    case .sealed(let seal): return seal.service
    case .superseded(let superseded): return superseded.service
    case .runStarted, .stepStarted, .stepSkipped, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .progress, .evidence, .badSign, .sight, .warning, .previewed, .wouldWrite,
      .value, .confirmed,
      .programOutput, .shown, .logLine, .announced, .stepEnded, .runEnded:
      return nil
    }
  }

  /// The ending of a step or run that the event tells.
  var ending: Ending? {
    switch body {
    case .stepSkipped(let ending), .stepEnded(let ending, _), .runEnded(let ending, _, _): ending
    case .runStarted, .stepStarted, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .progress, .evidence, .badSign, .superseded, .sight, .warning, .previewed,
      .wouldWrite, .value,
      .confirmed,
      .programOutput, .shown, .logLine, .announced:
      nil
    }
  }
}
