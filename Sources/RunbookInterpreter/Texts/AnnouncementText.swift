import PromotionModel

/// The guide's messages with what a run knows filled in.
struct AnnouncementText {
  /// A placeholder and what stands for it, one or more lines.
  var fields: [String: String] = [:]

  /// The guide, "Communication"; its "rolled back" is ours.
  static func template(_ kind: AnnouncementKind) -> String {
    switch kind {
    case .planned:
      """
      🚀 Deployment to {environment} planned
      Service: {services}
      Time: {time}
      Changes: {changes}
      Validated: {validated}
      Risk level: {risk}
      Rollback plan: {rollback}
      Run: {run}
      """
    case .complete:
      """
      ✅ Deployment to {environment} complete
      Service: {services}
      Deployed at: {time}
      Changes: {changes}
      Status: {status}
      Monitoring: {monitoring}
      Run: {run}
      """
    case .rolledBack:
      """
      ⏪ Deployment to {environment} rolled back
      Service: {services}
      Rolled back at: {time}
      Reason: {reason}
      Status: {status}
      Monitoring: {monitoring}
      Run: {run}
      """
    }
  }

  /// Fills the template in one pass, so that a value with braces fills nothing. A line with placeholders of which none has
  /// a value is left out.
  func filled(_ template: String) -> String {
    template.split(separator: "\n", omittingEmptySubsequences: false).compactMap { filledLine($0) }
      .joined(separator: "\n")
  }

  private func filledLine(_ line: Substring) -> String? {
    var result = ""
    var rest = line
    var hasPlaceholder = false
    var hasValue = false
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      hasPlaceholder = true
      let value = fields[String(rest[rest.index(after: open)..<close])] ?? ""
      if !value.isEmpty { hasValue = true }
      result += value
      rest = rest[rest.index(after: close)...]
    }
    return hasPlaceholder && !hasValue ? nil : result + rest
  }

  /// Text from outside for a message: its lines, each fit for a terminal.
  static func harmless(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix(40)
      .map { LogScan.shown(ArraySlice($0.utf8), most: 1000) }.joined(separator: "\n")
  }

  /// `2026-01-05 18:00 UTC`, as the guide writes times.
  static func time(_ time: Timestamp) -> String {
    let text = time.wholeSecond.description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }
}
