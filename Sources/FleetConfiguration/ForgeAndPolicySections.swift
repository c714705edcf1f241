internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `argocd`.
  mutating func argocd(_ field: Field) -> ArgoCDSettings {
    var settings = ArgoCDSettings()
    guard let fields = section(.argocd, field) else { return settings }
    if let namespace = namespace(fields["namespace"]) { settings.namespace = namespace }
    settings.context = context(fields["context"])
    let application = fields["application"]
    guard let application, let text = pattern(application, needing: ["service"], allowing: Placeholders.place) else {
      return settings
    }
    let sample = RepositorySettings.fill(text, service: ServiceName("x"), environment: EnvironmentName("x"))
    if sample.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0) }) {
      settings.applicationPattern = text
    } else {
      report(
        .badName(text, "an Application", "Kubernetes allows a-z, 0-9, hyphens and dots within.", at: application.span)
      )
    }
    return settings
  }

  /// `pull-request`; nil when there is none that can be used.
  mutating func pullRequest(_ field: Field) -> PullRequestSettings? {
    guard let fields = section(.pullRequest, field) else { return nil }
    let labels = fields["labels"].flatMap { self.labels($0) }
    let merge = choice(fields["merge"], among: MergeMethod.allCases.map(\.rawValue)).flatMap(
      MergeMethod.init(rawValue:)
    )
    let every = duration(fields["every"], atLeast: .seconds(1))
    guard let repository = fields["repository"], let name = string(repository) else { return nil }
    guard Addresses.isForgeRepository(name) else {
      report(.badValue(name, repository, expected: "`owner/name`, as GitHub writes it"))
      return nil
    }
    var settings = PullRequestSettings(repository: name)
    if let labels { settings.labels = labels }
    if let merge { settings.mergeMethod = merge }
    if let every { settings.pollInterval = every }
    return settings
  }

  private mutating func labels(_ field: Field) -> [String]? {
    guard let labels = strings(field, expecting: "a list of labels") else { return nil }
    var seen: Set<String> = []
    for (text, field) in labels {
      if text.contains(",") { report(.badLabel(text, field, problem: "has a comma, which separates labels")) }
      if text.hasPrefix("-") { report(.badLabel(text, field, problem: "starts with `-`")) }
      if text.unicodeScalars.count > 50 { report(.badLabel(text, field, problem: "is longer than 50 characters")) }
      // GitHub's labels are the same whatever their case.
      if !seen.insert(text.lowercased()).inserted { report(.badLabel(text, field, problem: "stands twice")) }
    }
    return labels.map(\.text)
  }

  /// `policy`.
  mutating func policy(_ field: Field) -> Policy {
    var policy = Policy()
    guard let fields = section(.policy, field) else { return policy }
    let second = Duration.seconds(1)
    if let value = duration(fields["minimum-monitor"], atLeast: .zero) { policy.minimumMonitor = value }
    if let value = duration(fields["seal"], atLeast: .seconds(60)) { policy.sealLifetime = value }
    if let value = integer(fields["allowed-errors"], in: 0...1_000_000) { policy.allowedErrors = value }
    if let value = integer(fields["log-tail"], in: 1...100_000) { policy.logTail = value }
    if let value = integer(fields["health-failures"], in: 1...1000) { policy.healthFailures = value }
    if let value = duration(fields["every"], atLeast: second) { policy.probeInterval = value }
    if let value = duration(fields["lock"], atLeast: .seconds(30)) { policy.lockLifetime = value }
    if let words = strings(fields["error-words"], expecting: "a list of words") {
      policy.errorWords = words.map(\.text)
    }
    if let deadlines = fields["deadlines"] { policy.deadlines = self.deadlines(deadlines) }
    if let skip = fields["skip"] {
      _ = choice(skip, among: ["refuse", "warn", "allow"])
      report(.notInForce(skip))
    }
    if let window = fields["window"] {
      checkWindow(window)
      report(.notInForce(window))
    }
    return policy
  }

  private mutating func deadlines(_ field: Field) -> Deadlines {
    var deadlines = Deadlines()
    guard let fields = section(.deadlines, field) else { return deadlines }
    let second = Duration.seconds(1)
    if let value = duration(fields["validate"], atLeast: second) { deadlines.validate = value }
    if let value = duration(fields["promote"], atLeast: second) { deadlines.promote = value }
    if let value = duration(fields["merge"], atLeast: second) { deadlines.merge = value }
    if let value = duration(fields["sync"], atLeast: second) { deadlines.sync = value }
    if let value = duration(fields["rollout"], atLeast: second) { deadlines.rollout = value }
    if let value = duration(fields["rollback"], atLeast: second) { deadlines.rollback = value }
    return deadlines
  }

  /// The shape of `policy.window`, which no statement obeys yet.
  private mutating func checkWindow(_ field: Field) {
    guard let fields = section(.window, field) else { return }
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    if let field = fields["days"] {
      if field.node.elements != nil {
        for (_, day) in strings(field, expecting: "a list of days") ?? [] { _ = choice(day, among: days) }
      } else {
        _ = choice(field, among: ["weekdays", "weekends", "daily"] + days)
      }
    }
    for key in ["from", "to"] {
      let expected = "a time such as \"18:00\""
      guard let field = fields[key], let text = text(field, expecting: expected) else { continue }
      if !Self.isClockTime(text) { report(.badTimeWindow(text, field, expected: expected)) }
    }
    if let field = fields["zone"], let text = string(field) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let isZone = parts.allSatisfy { part in
        part.utf8.first.map(isLetter) ?? false
          && part.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-_+".utf8.contains($0) }
      }
      if !isZone { report(.badTimeWindow(text, field, expected: "a time zone such as Europe/London")) }
    }
  }

  private static func isClockTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = Int(text.prefix(2)),
      let minute = Int(text.suffix(2)), bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ":") })
    else { return false }
    return hour < 24 && minute < 60
  }
}
