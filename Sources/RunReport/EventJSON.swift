internal import PromotionModel
internal import RunLog

/// The JSON form of events, as `docs/events.md` describes it: the two change together.
extension RunEvent {
  /// The common keys in their order, then those of the event. What does not apply is left out.
  var json: JSONText {
    var members = Members()
    members.add("event", name)
    members.add("run", run.text)
    members.add("time", time.description)
    if let step {
      members.add("step", step.path.description)
      members.add("verb", step.verb)
      members.add("line", .integer(Int64(step.line)))
    }
    members.add("environment", subjectEnvironment?.text)
    members.add("service", subjectService?.text)
    members.add("ending", ending?.rawValue)
    members.add("message", message)
    addDetails(to: &members)
    return members.json
  }

  private func addDetails(to members: inout Members) {
    switch body {
    case .runStarted(let source, let world, let isResumed):
      members.add("source", source)
      members.add("world", world)
      members.add("resumed", .bool(isResumed))
    case .stepStarted(let statement), .wayBack(let statement): members.add("statement", statement)
    case .finding(let finding):
      members.add("check", finding.check)
      members.add("result", finding.result.rawValue)
      members.add("advice", finding.advice)
    case .sealed(let seal):
      members.add("version", seal.version.description)
      members.add("tag", seal.tag)
      members.add("digest", seal.digest.text)
      members.add("commit", seal.commit.text)
      members.add("sealedAt", seal.time.description)
    case .planned(let changes, let diffs):
      members.add("base", changes.base.text)
      members.add("changes", .array(changes.services.map(Members.change)))
      members.add("diffs", .array(diffs.map(Members.diff)))
    case .lockTaken(let lock, let former):
      members.add("lock", Members.lock(lock))
      if let former { members.add("takenFrom", Members.lock(former)) }
    case .pullRequestOpened(let request), .pullRequestChanged(let request): members.add(request)
    case .committed(let commit):
      members.add("commit", commit.id.text)
      members.add("subject", commit.subject)
      members.add("author", commit.author)
      members.add("committedAt", commit.time.description)
    case .evidence(let gathered, let needed):
      members.add("gatheredSeconds", .thousandths(gathered.wholeNanoseconds / 1_000_000))
      members.add("neededSeconds", .thousandths(needed.wholeNanoseconds / 1_000_000))
    case .superseded(let superseded):
      members.add("expected", superseded.expected)
      members.add("found", superseded.found)
      if let by = superseded.by { members.add("by", Members.commit(by)) }
    case .previewed(let preview): members.add("preview", preview.rawValue)
    case .wouldWrite(let write): members.add(write)
    case .value(let name, let type, let text):
      members.add("name", name)
      members.add("type", type)
      members.add("value", text)
    case .confirmed(let question, let answer, let by):
      members.add("question", question)
      members.add("answer", .bool(answer))
      members.add("answeredBy", by)
    case .programOutput(let output):
      members.add("stream", output.stream.rawValue)
      members.add("text", output.text)
    case .shown(let table):
      members.add("title", table.title)
      members.add("columns", .array(table.columns.map { .string($0) }))
      members.add("rows", .array(table.rows.map { .array($0.map { .string($0) }) }))
    case .logLine(let pod, let container, let line):
      members.add("pod", pod)
      members.add("container", container)
      members.add("text", line)
    case .announced(let place, let text):
      members.add("place", place)
      members.add("text", text)
    case .runEnded(_, let exit, _): members.add("exit", .integer(Int64(exit)))
    case .stepSkipped, .progress, .badSign, .sight, .warning, .stepEnded: break
    }
  }
}

/// An object under construction.
private struct Members {
  private var members: [(key: String, value: JSONText)] = []

  var json: JSONText { .object(members) }

  mutating func add(_ key: String, _ value: JSONText) { members.append((key, value)) }

  mutating func add(_ key: String, _ value: String?) {
    if let value { members.append((key, .string(value))) }
  }

  mutating func add(_ request: PullRequest) {
    add("number", .integer(Int64(request.number)))
    add("url", request.url)
    add("state", request.state.rawValue)
    add("title", request.title)
    add("branch", request.branch)
    add("head", request.head.text)
    add("base", request.base)
    add("labels", .array(request.labels.map { .string($0) }))
    add("mergeCommit", request.mergeCommit?.text)
    add("mergedBy", request.mergedBy)
    add("autoMerge", .bool(request.hasAutoMerge))
    add("queued", .bool(request.isQueued))
  }

  mutating func add(_ write: PlannedWrite) {
    add("what", write.kind)
    switch write {
    case .commit(let branch, _): add("branch", branch)
    case .pullRequest(let draft):
      add("branch", draft.branch)
      add("base", draft.base)
      add("title", draft.title)
      add("labels", .array(draft.labels.map { .string($0) }))
    case .close(let number, _): add("number", .integer(Int64(number)))
    case .merge(let order):
      add("number", .integer(Int64(order.number)))
      add("head", order.head.text)
      add("method", order.isThroughQueue ? "queue" : order.method.rawValue)
    case .status(let status):
      add("title", status.context)
      add("state", status.state.rawValue)
    case .cluster: break
    case .announcement(let place, _): add("place", place)
    case .freeze(_, let freeze): add("until", freeze?.until.description)
    }
    add("text", write.text)
  }

  static func change(_ change: ServiceChange) -> JSONText {
    var members = Members()
    members.add("service", change.service.text)
    members.add("from", change.fromTag)
    members.add("to", change.toTag)
    members.add("file", change.file)
    return members.json
  }

  static func diff(_ diff: FileDiff) -> JSONText {
    .object([("file", .string(diff.file)), ("unified", .string(diff.unified))])
  }

  static func commit(_ commit: Commit) -> JSONText {
    .object([
      ("commit", .string(commit.id.text)), ("subject", .string(commit.subject)), ("author", .string(commit.author)),
      ("committedAt", .string(commit.time.description)),
    ])
  }

  static func lock(_ lock: LockHolder) -> JSONText {
    var members = Members()
    members.add("run", lock.run.text)
    members.add("holder", lock.holder)
    members.add("reason", lock.reason)
    members.add("pullRequest", lock.pullRequest)
    members.add("expires", lock.expires.description)
    return members.json
  }
}
