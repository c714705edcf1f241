import LogSearch
import PromotionModel

/// The error lines of a service's logs, by what the configuration calls an error and what it lets pass.
struct LogScan: Sendable {
  private let search: LogSearch
  private let allowances: [LineAllowance]

  init(_ policy: Policy, of service: Service? = nil) {
    // The service's own come first: of two that match a line, the first counts it.
    allowances = (service?.errorAllowances ?? []) + policy.errorAllowances
    search = LogSearch(
      words: policy.errorWords,
      patterns: policy.errorPatterns,
      tolerated: policy.toleratedErrors + (service?.toleratedErrors ?? []),
      allowances: allowances.map(\.pattern)
    )
  }

  init(words: [String]) { (search, allowances) = (LogSearch(words: words), []) }

  /// The error lines of a log; those that an allowance may let pass are not counted before ``settle(_:_:)``.
  /// - Parameter after: lines up to this time were counted before, and are passed over.
  func scan(_ log: [UInt8], after: Timestamp? = nil) -> ErrorLines { search.scan(log, after: after) }

  /// Counts what allowances do not let pass, of all logs of a service together.
  func settle(_ lines: inout ErrorLines, _ budget: inout LineBudget) {
    if lines.isOpen { lines.settle(allowances, &budget) }
  }

  /// The error lines of logs that are looked at once.
  func scan(_ logs: some Sequence<ContainerLog>) -> ErrorLines {
    var found = ErrorLines()
    for log in logs { found.merge(scan(log.bytes)) }
    var budget = LineBudget()
    settle(&found, &budget)
    return found
  }

  /// Hostile text, made fit for a terminal and for Markdown.
  /// - Parameter most: the most characters that are kept.
  static func shown(_ line: ArraySlice<UInt8>, most: Int = 160) -> String {
    let text = String(decoding: line.prefix(max(400, most * 4)), as: UTF8.self)
    // Most of it is plain, and short.
    if line.count <= most, line.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
    var shown = ""
    for scalar in text.unicodeScalars.prefix(most) {
      if (0x20...0x7E).contains(scalar.value) {
        shown.unicodeScalars.append(scalar)
        continue
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: shown += "·"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}

/// One for each service, made once.
struct LogScans: Sendable {
  private let common: LogScan
  private let own: [ServiceName: LogScan]

  init(_ fleet: Fleet) {
    common = LogScan(fleet.policy)
    let special = fleet.services.filter { !$0.toleratedErrors.isEmpty || !$0.errorAllowances.isEmpty }
    own = Dictionary(
      special.map { ($0.name, LogScan(fleet.policy, of: $0)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  subscript(_ service: ServiceName) -> LogScan { own[service] ?? common }

  /// The error lines of logs that are looked at once, by service.
  func scan(_ logs: [ContainerLog]) -> [ServiceName: ErrorLines] {
    Dictionary(grouping: logs, by: \.service).reduce(into: [:]) { $0[$1.key] = self[$1.key].scan($1.value) }
  }
}

extension ErrorLines {
  /// The kinds that there are most of, each with how often and when, fit for a terminal and for Markdown.
  var summary: String {
    let shown = byCount.prefix(3).map { kind -> String in
      let line = LogScan.shown(kind.example[...])
      guard kind.count > 1 else { return line }
      guard let first = kind.first, let last = kind.last, first < last else { return "\(kind.count)× \(line)" }
      return "\(kind.count)× \(line) (\(first.clock) to \(last.clock))"
    }
    let rest = kinds.count - shown.count
    let more: [String] =
      others > 0 ? ["and many more kinds"] : rest > 0 ? ["and \(rest) more \(rest == 1 ? "kind" : "kinds")"] : []
    return (shown + more).joined(separator: "; ")
  }
}

extension Timestamp {
  /// `18:00:05`, in UTC.
  fileprivate var clock: String { String(description.dropFirst(11).prefix(8)) }
}
