public import PromotionModel
public import RunLog

/// The four measures of delivery for one environment over a window of time; `docs/reports.md` defines them.
public struct DeliveryStatistics: Sendable {
  public let environment: EnvironmentName
  public let since: Timestamp
  public let until: Timestamp
  let deployments: [Deployment]

  /// One for each environment with a deployment, by name.
  /// - Parameter deployments: those outside the window are left out.
  public static func all(_ deployments: [Deployment], since: Timestamp, until: Timestamp) -> [DeliveryStatistics] {
    let inside = deployments.filter { $0.reached >= since && $0.reached <= until }
    return Dictionary(grouping: inside, by: \.environment).sorted { $0.key.text < $1.key.text }.map {
      DeliveryStatistics(environment: $0.key, since: since, until: until, deployments: $0.value)
    }
  }

  var leadTimes: [Duration] { deployments.flatMap(\.leadTimes).sorted() }

  var failures: Int {
    deployments.count { if case .failed = $0.fate { true } else { false } }
  }

  var unknown: Int { deployments.count { $0.fate == .unknown } }

  /// Of the deployments whose fate is known, in thousandths; nil where there are none.
  var failureRate: Int64? {
    let known = deployments.count - unknown
    return known == 0 ? nil : Int64((Double(failures) / Double(known) * 1000).rounded())
  }

  var timesToRestore: [Duration] {
    deployments.compactMap { deployment in
      guard case .failed(let failed, let restored?) = deployment.fate else { return nil }
      return max(.zero, restored - failed)
    }.sorted()
  }

  var notRestored: Int {
    deployments.count { if case .failed(_, nil) = $0.fate { true } else { false } }
  }

  /// In thousandths of a deployment a week.
  var perWeek: Int64 {
    let weeks = Double((until - since).wholeNanoseconds) / (7 * 86_400 * 1e9)
    return weeks > 0 ? Int64((Double(deployments.count) / weeks * 1000).rounded()) : 0
  }

  /// The lower middle of an even number: a time that really was.
  static func median(_ sorted: [Duration]) -> Duration? {
    sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
  }
}

extension DeliveryStatistics {
  public var text: String {
    let window = "\(RunPaper.whole(since)) to \(RunPaper.whole(until))"
    var failed =
      failureRate.map { "\(Self.decimal($0, over: 10)) % (\(failures) of \(deployments.count - unknown))" }
      ?? "not known"
    if unknown > 0 { failed += "; of \(unknown) it could not be told" }
    var restore = Self.middle(timesToRestore, "slowest") ?? (failures == 0 ? "nothing failed" : "not known")
    if notRestored > 0 { restore += "; \(notRestored) not restored yet" }
    return """
      \(TerminalText.escaped(environment.text)), \(window)
        deployments          \(deployments.count), \(Self.decimal(perWeek, over: 1000)) a week
        lead time            \(Self.middle(leadTimes, "slowest") ?? "not known")
        change failure rate  \(failed)
        time to restore      \(restore)

      """
  }

  private static func middle(_ sorted: [Duration], _ worst: String) -> String? {
    guard let median = median(sorted), let last = sorted.last else { return nil }
    let middle = "median \(RunPaper.span(median))"
    return sorted.count == 1 ? middle : middle + " (of \(sorted.count)), \(worst) \(RunPaper.span(last))"
  }

  /// With one decimal.
  private static func decimal(_ value: Int64, over unit: Int64) -> String {
    let tenths = (value * 10 + unit / 2) / unit
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// One object on a line. A measure that is not known is left out.
  public var json: String {
    var members: [(key: String, value: JSONText)] = [
      ("environment", .string(environment.text)), ("since", .string(since.description)),
      ("until", .string(until.description)), ("deployments", .integer(Int64(deployments.count))),
      ("deploymentsPerWeek", .thousandths(perWeek)),
    ]
    func add(_ key: String, _ times: [Duration]) {
      guard let median = Self.median(times) else { return }
      members.append((key, .thousandths(median.wholeNanoseconds / 1_000_000)))
    }
    add("leadTimeSeconds", leadTimes)
    members.append(("changeFailures", .integer(Int64(failures))))
    if let failureRate { members.append(("changeFailureRate", .thousandths(failureRate))) }
    members.append(("undetermined", .integer(Int64(unknown))))
    add("timeToRestoreSeconds", timesToRestore)
    members.append(("notRestored", .integer(Int64(notRestored))))
    return JSONText.object(members).text + "\n"
  }
}
