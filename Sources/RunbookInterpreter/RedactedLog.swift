import PromotionModel
import RunLog

/// The log of a run without secrets: whatever a part of the interpreter tells goes through here, so that none of them has
/// to remember it.
struct RedactedLog: RunLogSink {
  let inner: any RunLogSink
  let redactor: Redactor

  func emit(_ event: RunEvent) {
    var event = event
    event.body = clean(event.body)
    inner.emit(event)
  }

  private func clean(_ text: String) -> String { redactor.clean(text) }

  private func clean(_ holder: LockHolder) -> LockHolder {
    var holder = holder
    holder.reason = clean(holder.reason)
    return holder
  }

  private func clean(_ body: RunEvent.Body) -> RunEvent.Body {
    switch body {
    case .stepStarted(let statement): return .stepStarted(statement: clean(statement))
    case .finding(var finding):
      finding.message = clean(finding.message)
      return .finding(finding)
    case .planned(let changes, let diffs):
      return .planned(
        changes,
        diffs.map { diff in
          var diff = diff
          diff.unified = clean(diff.unified)
          return diff
        }
      )
    case .wayBack(let statement): return .wayBack(statement: clean(statement))
    case .progress(let message): return .progress(clean(message))
    case .badSign(let message): return .badSign(clean(message))
    case .warning(let message): return .warning(clean(message))
    case .sight(let isLost, let message): return .sight(isLost: isLost, message: clean(message))
    case .committed(var commit):
      commit.subject = clean(commit.subject)
      return .committed(commit)
    case .value(let name, let type, let text): return .value(name: name, type: type, text: clean(text))
    case .confirmed(let question, let answer, let by):
      return .confirmed(question: clean(question), answer: answer, by: by)
    case .programOutput(var line):
      line.text = clean(line.text)
      return .programOutput(line)
    case .shown(var table):
      table.rows = table.rows.map { $0.map(clean) }
      return .shown(table)
    case .logLine(let pod, let container, let line):
      return .logLine(pod: pod, container: container, line: clean(line))
    case .announced(let place, let text): return .announced(place: place, text: clean(text))
    case .stepEnded(let ending, let message): return .stepEnded(ending, message: clean(message))
    case .runEnded(let ending, let exit, let message): return .runEnded(ending, exit: exit, message: clean(message))
    case .pullRequestOpened(var pull):
      pull.title = clean(pull.title)
      return .pullRequestOpened(pull)
    case .pullRequestChanged(var pull):
      pull.title = clean(pull.title)
      return .pullRequestChanged(pull)
    case .lockTaken(let lock, let former): return .lockTaken(clean(lock), from: former.map(clean))
    case .superseded(let value): return .superseded(clean(value))
    case .wouldWrite(let write): return .wouldWrite(clean(write))
    case .runStarted, .stepSkipped, .sealed, .evidence, .previewed: return body
    }
  }

  /// What somebody else wrote may hold anything.
  private func clean(_ value: Superseded) -> Superseded {
    var value = value
    value.expected = value.expected.map(clean)
    value.found = value.found.map(clean)
    if let subject = value.by?.subject { value.by?.subject = clean(subject) }
    return value
  }

  /// As a real run would publish it.
  private func clean(_ write: PlannedWrite) -> PlannedWrite {
    switch write {
    case .commit(let branch, let message): return .commit(branch: branch, message: clean(message))
    case .pullRequest(var draft):
      draft.title = clean(draft.title)
      draft.body = clean(draft.body)
      return .pullRequest(draft)
    case .close(let number, let comment): return .close(number: number, comment: clean(comment))
    case .status(var status):
      status.description = clean(status.description)
      return .status(status)
    case .cluster(let words): return .cluster(clean(words))
    case .freeze(let environment, var freeze):
      if let reason = freeze?.reason { freeze?.reason = clean(reason) }
      return .freeze(environment, freeze)
    case .announcement(let place, let text): return .announcement(place: place, text: clean(text))
    case .merge: return write
    }
  }
}
