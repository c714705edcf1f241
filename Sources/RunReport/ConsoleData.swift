internal import RunLog

/// What `show` was asked for, as lines of text: the output of a run, beside what is told about it.
struct ConsoleData {
  private let event: RunEvent

  init(_ event: RunEvent) { self.event = event }

  /// nil for an event that only tells how the run goes.
  var text: String? {
    switch event.body {
    case .shown(let table): Self.text(of: table)
    case .logLine(let pod, let container, let line):
      "\(TerminalText.escaped(pod)) \(TerminalText.escaped(container)): \(TerminalText.escaped(line))\n"
    case .runStarted, .stepStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .progress, .evidence, .badSign, .superseded, .sight, .warning, .previewed,
      .wouldWrite, .value, .confirmed, .programOutput, .announced, .stepEnded, .runEnded:
      nil
    }
  }

  /// Aligned columns under their headings, two spaces apart; no space at the end of a line.
  private static func text(of table: Table) -> String {
    let rows = ([table.columns] + table.rows).map { $0.map(TerminalText.escaped) }
    let widths = table.columns.indices.map { column in
      rows.map { column < $0.count ? TerminalText.columns($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column + 1 < row.count ? TerminalText.padded(cell, to: widths[column]) + "  " : cell
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
