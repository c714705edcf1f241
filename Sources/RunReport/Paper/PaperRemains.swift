internal import PromotionModel

extension RunPaper {
  /// A sentence of ours, with commands and texts from outside in it.
  struct Remark: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    enum Piece: Hashable, Sendable {
      case words(String)
      /// To be typed as it stands.
      case command(String)
    }

    struct StringInterpolation: StringInterpolationProtocol {
      fileprivate var pieces: [Piece] = []

      init(literalCapacity: Int, interpolationCount: Int) {}

      mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { pieces.append(.words(literal)) } }
      mutating func appendInterpolation(_ text: String) { pieces.append(.words(text)) }
      mutating func appendInterpolation(command: String) { pieces.append(.command(command)) }
    }

    let pieces: [Piece]

    init(stringLiteral value: String) { pieces = [.words(value)] }
    init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    /// With commands between backquotes.
    var description: String {
      pieces.map { piece in
        switch piece {
        case .words(let words): words
        case .command(let command): "`\(command)`"
        }
      }.joined()
    }
  }

  /// What the run leaves to people, the most pressing first.
  var leftToPeople: [Remark] {
    goingOn + stillOpen + elsewhere + unseen + warnings
  }

  private var goingOn: [Remark] {
    var lines: [Remark] = []
    let isRunning = word == "running"
    if !record.isSimulated, record.ending?.isResumable ?? !isRunning {
      lines.append(
        "Go on with \(command: "slipway resume \(record.id)"), or give it up with \(command: "slipway abort \(record.id)")."
      )
    }
    if let back = wayBack { lines.append("Take back what was changed with \(command: back).") }
    return lines
  }

  /// The newest way back that holds: something was changed after it, nothing was changed by others, and the run did not end
  /// well or take it back itself.
  private var wayBack: String? {
    guard let ending = record.ending, ending != .ok, record.exit != ExitStatus.takenBack else { return nil }
    var back: String?
    var hasChanged = false
    for entry in events {
      switch entry.event {
      case "way-back": (back, hasChanged) = (entry.statement, false)
      case "committed": hasChanged = true
      case "pull-request.changed": if entry.state == PullRequest.State.merged.rawValue { hasChanged = true }
      case "superseded": return nil
      default: break
      }
    }
    return hasChanged ? back : nil
  }

  private var stillOpen: [Remark] {
    pullRequests.filter { $0.state == PullRequest.State.open.rawValue }.map {
      "Pull request #\("\($0.number ?? 0)") is still open: \($0.url ?? "")"
    }
  }

  private var elsewhere: [Remark] {
    events.filter { $0.event == "superseded" }.compactMap(\.message).unique.map { "Changed by somebody else: \($0)" }
  }

  /// What nobody looked at, or could not see.
  private var unseen: [Remark] {
    struct Gap: Hashable {
      var what: String
      var check: String
      var message: String
    }
    var order: [Gap] = []
    var places: [Gap: [String]] = [:]
    for entry in events where entry.event == "finding" && ["unknown", "not checked"].contains(entry.result) {
      let what = entry.result == "unknown" ? "Could not be told" : "Not checked"
      let gap = Gap(what: what, check: entry.check ?? "", message: entry.message ?? "")
      if places[gap] == nil { order.append(gap) }
      places[gap, default: []].append([entry.environment, entry.service].compactMap(\.self).joined(separator: "/"))
    }
    return order.map { gap in
      "\(gap.what): \(gap.check) of \((places[gap] ?? []).unique.joined(separator: ", ")): \(gap.message)"
    }
  }

  private var warnings: [Remark] {
    events.filter { $0.event == "warning" }.compactMap(\.message).unique.map { "Warning: \($0)" }
  }
}

extension Array where Element: Hashable {
  /// Each once, in the order in which they come first.
  fileprivate var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
