internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `metrics`: where Prometheus is, and what is asked of it.
  mutating func metrics(_ field: Field, environments: [EnvironmentName]) -> MetricSettings {
    var settings = MetricSettings()
    guard let fields = section(.metrics, field) else { return settings }
    if let address = fields["address"] {
      settings.sources = sources(address, environments, expecting: "an URL, or a mapping from environments to URLs") {
        reader,
        text,
        field in
        guard let problem = Addresses.webURLProblem(text) else { return .address(text) }
        reader.report(.badAddress(text, field, problem: problem))
        return nil
      }
    }
    if let service = fields["service"] {
      if fields["address"] != nil { report(.wrongType(service, expected: "left out, as there is an `address`")) }
      let expected = "a Service such as `monitoring/prometheus:9090`"
      settings.sources = sources(
        service,
        environments,
        expecting: "\(expected), or a mapping from environments to them"
      ) {
        reader,
        text,
        field in
        if let source = Self.service(text) { return source }
        reader.report(.badValue(text, field, expected: expected))
        return nil
      }
    }
    if settings.sources.isEmpty, fields["address"] == nil, fields["service"] == nil {
      report(.missingKey("address", in: field))
    }
    if let token = fields["token"], let variable = string(token) {
      settings.tokenVariable = variable
      if !Self.isVariable(variable) {
        // What stands here may be the token itself, so it is not repeated.
        report(.wrongType(token, expected: "the name of the environment variable that holds the token"))
      }
    }
    if let value = duration(fields["timeout"], atLeast: .milliseconds(100)) { settings.timeout = value }
    if let queries = fields["queries"] { settings.metrics = metricList(queries, environments: environments) }
    if let alerts = fields["alerts"] {
      var labels: [String: String] = [:]
      for entry in entries(alerts, expecting: "a mapping of labels and their values") ?? [] {
        labels[entry.name] = pattern(entry, needing: [], allowing: AlertSettings.placeholders)
      }
      if alerts.node.pairs?.isEmpty == true { report(.emptyValue(alerts)) }
      let ignored = (strings(fields["ignored-alerts"], expecting: "a list of names of alerts") ?? []).map(\.text)
      settings.alerts = AlertSettings(labels: labels, ignored: Set(ignored))
    } else if let ignored = fields["ignored-alerts"] {
      report(.wrongType(ignored, expected: "left out, as there are no `alerts`"))
    }
    return settings
  }

  /// Metrics by name.
  mutating func metricList(_ field: Field, environments: [EnvironmentName]) -> [Metric] {
    (entries(field, expecting: "a mapping of metrics by name") ?? []).compactMap { metric($0, environments) }
  }

  private mutating func metric(_ field: Field, _ environments: [EnvironmentName]) -> Metric? {
    let isName = field.name.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_.".utf8.contains($0) }
    if !isName || field.name.isEmpty {
      let rule = "It may have letters, digits, hyphens, dots and underscores."
      report(.badName(field.name, "a metric", rule, at: field.key))
    }
    // The query alone, or a mapping.
    if field.node.text != nil { return Metric(field.name, queries: queries(field, environments)) }
    guard let fields = section(.metric, field) else { return nil }
    var metric = Metric(field.name, queries: fields["query"].map { queries($0, environments) } ?? [:])
    if let window = duration(fields["over"], atLeast: .seconds(1)) { metric.window = window }
    var limits = MetricLimits()
    limits.atMost = number(fields["at-most"])
    limits.atLeast = number(fields["at-least"])
    if let most = fields["at-most-times-before"], let value = number(most) {
      if value < 1 { report(.badValue("\(value)", most, expected: "at least 1: it may be what it was before")) }
      limits.atMostTimesBefore = value
    }
    if let least = fields["at-least-times-before"], let value = number(least) {
      if !(0...1).contains(value) {
        report(.badValue("\(value)", least, expected: "between 0 and 1: it may be what it was before"))
      }
      limits.atLeastTimesBefore = value
    }
    if let tolerated = number(fields["tolerate"]) { limits.tolerated = tolerated }
    if limits.atMost != nil || limits.atLeast != nil || limits.comparesWithBefore { metric.limits = limits }
    if let most = limits.atMost, let least = limits.atLeast, least > most, let field = fields["at-least"] {
      report(.badValue("\(least)", field, expected: "no more than `at-most`"))
    }
    return metric
  }

  /// One query for all environments, or one for each of them.
  private mutating func queries(_ field: Field, _ environments: [EnvironmentName]) -> [EnvironmentName: String] {
    guard field.node.text == nil else {
      guard let query = query(field) else { return [:] }
      return Dictionary(environments.map { ($0, query) }, uniquingKeysWith: { first, _ in first })
    }
    var result: [EnvironmentName: String] = [:]
    for entry in entries(field, expecting: "a query, or a mapping from environments to queries") ?? [] {
      let name = EnvironmentName(entry.name)
      if !environments.contains(name) {
        report(.unknownEnvironment(name.text, among: environments.map(\.text), at: entry.key))
      }
      if let query = query(entry) { result[name] = query }
    }
    return result
  }

  /// PromQL, in one line or several. A name alone between braces is no PromQL, so it is a placeholder.
  private mutating func query(_ field: Field) -> String? {
    guard let text = field.node.text, field.node.scalarType == .string else {
      report(.wrongType(field, expected: "a query in PromQL"))
      return nil
    }
    let query = text.split { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
    guard !query.allSatisfy({ $0 == " " }) else {
      report(.emptyValue(field))
      return nil
    }
    guard visible(query) == query else {
      report(.controlCharacters(field))
      return nil
    }
    let names = Placeholders.names(in: query).filter { name in
      name.utf8.first.map(isLetter) == true
        && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_".utf8.contains($0) }
    }
    for name in names where !Metric.placeholders.contains(name) {
      report(.unknownPlaceholder(name, field, among: Metric.placeholders))
    }
    return query
  }

  /// `0.05`, `5%`
  private mutating func number(_ field: Field?) -> Double? {
    let expected = "a number such as 0.05, or a percentage such as 5%"
    guard let field, let text = text(field, expecting: expected) else { return nil }
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    let isPlain = digits.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    guard isPlain, let value = Double(digits), value.isFinite else {
      report(.wrongType(field, expected: expected))
      return nil
    }
    return text.hasSuffix("%") ? value / 100 : value
  }

  private mutating func sources(
    _ field: Field,
    _ environments: [EnvironmentName],
    expecting expected: String,
    _ source: (inout Self, String, Field) -> MetricSource?
  ) -> [EnvironmentName: MetricSource] {
    var result: [EnvironmentName: MetricSource] = [:]
    if field.node.text != nil {
      guard let text = pattern(field, needing: [], allowing: [Placeholders.environment]) else { return [:] }
      for name in environments {
        let filled = text.replacing("{environment}", with: name.text)
        guard let source = source(&self, filled, field) else { return [:] }
        result[name] = source
      }
      return result
    }
    for entry in entries(field, expecting: expected) ?? [] {
      let name = EnvironmentName(entry.name)
      if !environments.contains(name) {
        report(.unknownEnvironment(name.text, among: environments.map(\.text), at: entry.key))
      }
      guard let text = pattern(entry, needing: [], allowing: [Placeholders.environment]) else { continue }
      result[name] = source(&self, text.replacing("{environment}", with: name.text), entry)
    }
    return result
  }

  /// `namespace/name:port`; the port is a number or a name.
  private static func service(_ text: String) -> MetricSource? {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, isLabel(halves[0]) else { return nil }
    let parts = halves[1].split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, isLabel(parts[0]), isLabel(parts[1]) else { return nil }
    return .service(namespace: String(halves[0]), name: String(parts[0]), port: String(parts[1]))
  }
}
