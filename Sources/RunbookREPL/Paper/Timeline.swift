import PromotionModel
import RunLog
import RunbookDiagnostics

/// What happened and when, in UTC, as a table in Markdown: for the post-mortem.
struct Timeline {
  let events: [RunEvent]
  let run: RunID
  let world: WorldKind

  var markdown: String {
    var text = "# Timeline of \(run)\n\n"
    if world != .live { text += "In \(world.described).\n\n" }
    text += "| UTC | what |\n| --- | --- |\n"
    for event in events {
      guard let what = words(event) else { continue }
      text += "| \(event.time.wholeSecond) | \(Self.cell(what)) |\n"
    }
    return text
  }

  /// nil for what is no event of its own in a post-mortem.
  private func words(_ event: RunEvent) -> String? {
    let place = [event.environment?.text, event.service?.text].compactMap(\.self).joined(separator: "/")
    let about = place.isEmpty ? "" : "\(place): "
    switch event.body {
    case .runStarted: return "the session begins"
    case .stepStarted(let statement): return "> `\(statement)`"
    case .stepEnded(let ending, let message):
      return "\(event.step?.verb ?? ""): \(ending.rawValue)" + (message.isEmpty ? "" : ", \(message)")
    case .finding(let finding):
      guard finding.result == .bad || finding.result == .unknown else { return nil }
      return "\(about)\(finding.check): \(finding.message)"
    case .planned(let changes, _): return "planned: \(changes.plan.joined(separator: ", "))"
    case .lockTaken(let holder, let from):
      return "\(holder.environment) is locked" + (from.map { ", taken over from run \($0.run) of \($0.holder)" } ?? "")
    case .pullRequestOpened(let pull): return "pull request #\(pull.number) opened: \(pull.url)"
    case .pullRequestChanged(let pull): return "pull request #\(pull.number) is \(pull.state.rawValue)"
    case .committed(let commit): return "pushed \(commit.id.short): \(commit.subject)"
    case .badSign(let sign): return "\(about)bad sign: \(sign)"
    case .superseded(let value): return "\(about)changed by somebody else: \(value.message)"
    case .sight(let isLost, let message): return "\(about)\(isLost ? "cannot be seen" : "is seen again"): \(message)"
    case .warning(let text): return "\(about)warning: \(text)"
    case .confirmed(let question, let answer, let by): return "\(by) answered \(answer ? "yes" : "no") to: \(question)"
    case .announced(let place, let text):
      return "told \(place): \(text.split(separator: "\n").first.map(String.init) ?? "")"
    case .value(let name, _, let text): return "`\(name)` is \(text)"
    case .runEnded(let ending, _, let message):
      return "the session ends \(ending.rawValue)" + (message.isEmpty ? "" : ": \(message)")
    case .stepSkipped, .sealed, .wayBack, .progress, .evidence, .previewed, .wouldWrite, .programOutput, .shown,
      .logLine:
      return nil
    }
  }

  /// Text from outside, in a cell of a table.
  private static func cell(_ text: String) -> String {
    var cell = ""
    for character in visible(text) {
      switch character {
      case "|": cell += "\\|"
      case "<": cell += "&lt;"
      case "\n", "\r\n": cell += " "
      case _: cell.append(character)
      }
    }
    return cell
  }
}
