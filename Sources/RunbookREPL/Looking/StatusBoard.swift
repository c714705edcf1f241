public import PromotionModel
public import RunbookInterpreter
import RunbookDiagnostics

/// Services by environments on one screen: a line each, with a word on what needs a look.
public struct StatusBoard: Sendable {
  public static let columns = [
    "ENVIRONMENT", "SERVICE", "VERSION", "READY", "RESTARTS", "ERRORS", "HEALTH", "SYNC", "",
  ]
  private let hasColor: Bool
  private var widths: [Int]
  private var count = 0
  private var unwell = 0

  /// - Parameter fleet: whose names the columns have room for, so that lines can be shown as they come.
  public init(hasColor: Bool, fleet: Fleet) {
    self.hasColor = hasColor
    widths = Self.columns.map(\.count)
    widths[0] = max(widths[0], fleet.environments.map(\.name.text.count).max() ?? 0)
    widths[1] = max(widths[1], fleet.services.map(\.name.text.count).max() ?? 0)
  }

  /// The next lines of the table; the first ones with their headings.
  public mutating func text(_ entries: [FleetLook.Entry]) -> String {
    let rows = entries.map(cells)
    for column in widths.indices { widths[column] = max(widths[column], rows.map { $0[column].count }.max() ?? 0) }
    let widths = widths
    func line(_ cells: [String]) -> String {
      var line = zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    var text = count == 0 ? paint(line(Self.columns), "2") + "\n" : ""
    for (entry, row) in zip(entries, rows) {
      text += paint(line(row), entry.isWell ? nil : entry.trouble == nil && entry.isHealthy != false ? "33" : "1;31")
      text += "\n"
    }
    count += entries.count
    unwell += entries.count { !$0.isWell }
    return text
  }

  /// How many need a look.
  public var verdict: String {
    let verdict = unwell == 0 ? "all well" : "\(unwell) of \(count) need a look"
    return paint(verdict, unwell == 0 ? "32" : "33") + "\n"
  }

  private func cells(_ entry: FleetLook.Entry) -> [String] {
    let running = entry.running.joined(separator: " ")
    let isHere = entry.declared != nil || !running.isEmpty
    let health: String =
      switch (entry.health, entry.state) {
      case (let answer?, .healthy?): answer
      case (let answer?, let state?): "\(answer) \(state.rawValue)"
      case (let answer?, nil): answer
      case (nil, let state?): state.rawValue
      case (nil, nil): "-"
      }
    return [
      entry.environment.text, entry.service.text, running.isEmpty ? entry.declared.map { "(\($0))" } ?? "-" : running,
      isHere ? "\(entry.ready)/\(entry.desired)" : "-", isHere ? "\(entry.restarts)" : "-",
      isHere ? entry.errors.map(String.init) ?? "-" : "-", isHere ? health : "-", entry.sync?.rawValue ?? "-",
      remark(entry),
    ].map(visible)
  }

  private func remark(_ entry: FleetLook.Entry) -> String {
    var remarks: [String] = []
    if entry.isDisabled { remarks.append("disabled") }
    if let trouble = entry.trouble { remarks.append(trouble) }
    if entry.drifts, let declared = entry.declared { remarks.append("git says \(declared)") }
    if let holder = entry.suspendedBy { remarks.append("auto-sync suspended by \(holder)") }
    if entry.sync == nil, entry.declared != nil, !entry.isDisabled { remarks.append("no Application") }
    return remarks.joined(separator: ", ")
  }

  private func paint(_ text: String, _ code: String?) -> String {
    guard hasColor, let code else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
