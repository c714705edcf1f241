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
    if let value = duration(fields["soak"], atLeast: .zero) { policy.soak = value }
    if let value = integer(fields["allowed-errors"], in: 0...1_000_000) { policy.allowedErrors = value }
    if let value = integer(fields["log-tail"], in: 1...100_000) { policy.logTail = value }
    if let value = integer(fields["health-failures"], in: 1...1000) { policy.healthFailures = value }
    if let value = duration(fields["every"], atLeast: second) { policy.probeInterval = value }
    if let value = duration(fields["lock"], atLeast: .seconds(30)) { policy.lockLifetime = value }
    if let words = strings(fields["error-words"], expecting: "a list of words") {
      policy.errorWords = words.map(\.text)
    }
    policy.errorPatterns = linePatterns(fields["error-patterns"])
    policy.toleratedErrors = linePatterns(fields["tolerated-errors"])
    policy.errorAllowances = lineAllowances(fields["error-allowances"])
    if let deadlines = fields["deadlines"] { policy.deadlines = self.deadlines(deadlines) }
    versions(fields, &policy)
    teamsAndTimes(fields, &policy)
    if let prompt = fields["prompt"], let key = choice(prompt, among: Policy.PromptKey.allCases.map(\.rawValue)) {
      policy.promptKey = Policy.PromptKey(rawValue: key) ?? .name
    }
    if let window = fields["window"] { policy.window = self.window(window) }
    return policy
  }

  /// Regular expressions over lines of logs.
  mutating func linePatterns(_ field: Field?) -> [LinePattern] {
    (strings(field, expecting: "a list of regular expressions") ?? []).compactMap { linePattern($0, $1) }
  }

  private mutating func linePattern(_ text: String, _ field: Field) -> LinePattern? {
    do throws(LinePattern.Mistake) {
      return try LinePattern(text)
    } catch {
      report(.badLinePattern(text, field, problem: error.message))
      return nil
    }
  }

  /// Error lines that are let pass as long as they are few: a list of mappings.
  mutating func lineAllowances(_ field: Field?) -> [LineAllowance] {
    guard let field else { return [] }
    guard let elements = field.node.elements else {
      report(.wrongType(field, expected: "a list of mappings with `pattern` and `count`"))
      return []
    }
    return elements.enumerated().compactMap { index, element in
      let entry = Field(name: field.name, path: "\(field.path)[\(index)]", key: SourceSpan(element.span), node: element)
      guard let fields = section(.lineAllowance, entry) else { return nil }
      let pattern = fields["pattern"].flatMap { field in string(field).flatMap { linePattern($0, field) } }
      let count = integer(fields["count"], in: 1...1_000_000)
      let per = duration(fields["per"], atLeast: .seconds(1))
      guard let pattern, let count else { return nil }
      return LineAllowance(pattern, count: count, per: per ?? .seconds(60))
    }
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
    if let value = duration(fields["run"], atLeast: second) { deadlines.run = value }
    if let value = duration(fields["confirm"], atLeast: second) { deadlines.confirm = value }
    if let value = duration(fields["show"], atLeast: second) { deadlines.show = value }
    if let value = duration(fields["follow"], atLeast: second) { deadlines.follow = value }
    if let value = duration(fields["announce"], atLeast: second) { deadlines.announce = value }
    return deadlines
  }

  private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  /// `policy.window`; nil when any of it cannot be used.
  mutating func window(_ field: Field) -> PolicyWindow? {
    guard let fields = section(.window, field) else { return nil }
    let days = fields["days"].flatMap { self.days($0) }
    let from = fields["from"].flatMap { clockTime($0) }
    let to = fields["to"].flatMap { clockTime($0) }
    let zone = fields["zone"].flatMap { self.zone($0) }
    guard let days, let from, let to, let zone else { return nil }
    return PolicyWindow(days: days, from: from, to: to, zone: zone)
  }

  private mutating func days(_ field: Field) -> Set<Int>? {
    var names: [String] = []
    if field.node.elements != nil {
      for (_, day) in strings(field, expecting: "a list of days") ?? [] {
        if let name = choice(day, among: Self.days) { names.append(name) }
      }
    } else if let name = choice(field, among: ["weekdays", "weekends", "daily"] + Self.days) {
      switch name {
      case "weekdays": return [1, 2, 3, 4, 5]
      case "weekends": return [6, 7]
      case "daily": return Set(1...7)
      default: names = [name]
      }
    }
    let numbers = names.compactMap { name in Self.days.firstIndex(of: name).map { $0 + 1 } }
    return numbers.isEmpty ? nil : Set(numbers)
  }

  /// Minutes since midnight.
  private mutating func clockTime(_ field: Field) -> Int? {
    let expected = "a time such as \"18:00\""
    guard let text = text(field, expecting: expected) else { return nil }
    guard Self.isClockTime(text), let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)) else {
      report(.badTimeWindow(text, field, expected: expected))
      return nil
    }
    return hour * 60 + minute
  }

  private mutating func zone(_ field: Field) -> String? {
    guard let text = string(field) else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isZone = parts.allSatisfy { part in
      part.utf8.first.map(isLetter) ?? false
        && part.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-_+".utf8.contains($0) }
    }
    if isZone { return text }
    report(.badTimeWindow(text, field, expected: "a time zone such as Europe/London"))
    return nil
  }

  private static func isClockTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = Int(text.prefix(2)),
      let minute = Int(text.suffix(2)), bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ":") })
    else { return false }
    return hour < 24 && minute < 60
  }
}
