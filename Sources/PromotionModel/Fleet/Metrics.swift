/// `metrics` in the configuration: where measurements are asked for, and what they are called.
public struct MetricSettings: Sendable, Hashable {
  /// The Prometheus of each environment that has one.
  public var sources: [EnvironmentName: MetricSource]
  /// The name of the environment variable that holds the bearer token; the token itself is never in the configuration.
  public var tokenVariable: String?
  /// How long one question may take.
  public var timeout: Duration
  /// In the order of the file.
  public var metrics: [Metric]
  /// Which alerts are whose; nil: nobody looks at alerts.
  public var alerts: AlertSettings?

  public init(
    sources: [EnvironmentName: MetricSource] = [:],
    tokenVariable: String? = nil,
    timeout: Duration = .seconds(5),
    metrics: [Metric] = [],
    alerts: AlertSettings? = nil
  ) {
    (self.sources, self.tokenVariable, self.timeout, self.metrics) = (sources, tokenVariable, timeout, metrics)
    self.alerts = alerts
  }
}

/// The road to a Prometheus.
public enum MetricSource: Hashable, Sendable {
  /// An `http` or `https` URL, in front of `/api/v1/query`.
  case address(String)
  /// A Service of the environment's own cluster, through the API server's proxy.
  case service(namespace: String, name: String, port: String)
}

/// Which of Prometheus' alerts are about a service.
public struct AlertSettings: Sendable, Hashable {
  /// Labels that an alert must have, all of them, and their values; `{service}`, `{environment}` and `{namespace}` are filled in.
  public var labels: [String: String]
  /// Names of alerts that are about nothing that a release can break.
  public var ignored: Set<String>

  public init(labels: [String: String], ignored: Set<String> = []) { (self.labels, self.ignored) = (labels, ignored) }

  public static let placeholders = ["service", "environment", "namespace"]

  /// Whether an alert with these labels is about a service.
  public func isAbout(_ service: ServiceName, in environment: Environment, _ found: [String: String]) -> Bool {
    if let name = found["alertname"], ignored.contains(name) { return false }
    return labels.allSatisfy { label, pattern in
      let value = pattern.replacing("{service}", with: service.text)
        .replacing("{environment}", with: environment.name.text)
        .replacing("{namespace}", with: environment.namespace)
      return found[label] == value
    }
  }
}

/// A measurement of a service, as PromQL that comes to one number.
public struct Metric: Sendable, Hashable {
  public var name: String
  /// By environment; `{service}`, `{environment}`, `{namespace}` and `{window}` are filled in.
  public var queries: [EnvironmentName: String]
  /// What `{window}` is unless a runbook says `over`.
  public var window: Duration
  /// What `monitor` and `verify` hold it against; nil: they do not look at it.
  public var limits: MetricLimits?

  public init(
    _ name: String,
    queries: [EnvironmentName: String],
    window: Duration = .seconds(300),
    limits: MetricLimits? = nil
  ) {
    (self.name, self.queries, self.window, self.limits) = (name, queries, window, limits)
  }

  /// What can be filled in.
  public static let placeholders = ["service", "environment", "namespace", "window"]

  /// The query for a service. Braces of PromQL's own are left as they are: `{service}` alone is none.
  public func query(service: ServiceName, in environment: Environment, over window: Duration?) -> String? {
    queries[environment.name].map { query in
      query.replacing("{service}", with: service.text)
        .replacing("{environment}", with: environment.name.text)
        .replacing("{namespace}", with: environment.namespace)
        .replacing("{window}", with: Self.text(window ?? self.window))
    }
  }

  /// As PromQL writes a duration, in whole milliseconds, at least one.
  static func text(_ duration: Duration) -> String {
    let milliseconds = max(1, duration.wholeNanoseconds / 1_000_000)
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }
}

/// Between what a measurement is well.
public struct MetricLimits: Sendable, Hashable {
  public var atMost: Double?
  public var atLeast: Double?
  /// At most so many times its value before the promotion.
  public var atMostTimesBefore: Double?
  /// At least so many times its value before the promotion.
  public var atLeastTimesBefore: Double?
  /// Up to this value ``atMostTimesBefore`` does not count: twice next to nothing is next to nothing.
  public var tolerated: Double

  public init(
    atMost: Double? = nil,
    atLeast: Double? = nil,
    atMostTimesBefore: Double? = nil,
    atLeastTimesBefore: Double? = nil,
    tolerated: Double = 0
  ) {
    (self.atMost, self.atLeast) = (atMost, atLeast)
    (self.atMostTimesBefore, self.atLeastTimesBefore) = (atMostTimesBefore, atLeastTimesBefore)
    self.tolerated = tolerated
  }

  /// Whether the time before the promotion is needed to judge.
  public var comparesWithBefore: Bool { atMostTimesBefore != nil || atLeastTimesBefore != nil }

  /// What is wrong with a value, in words; nil when nothing is.
  /// - Parameter before: its value before the promotion; nil: there is none to compare with.
  public func problem(of value: Double, before: Double?) -> String? {
    if let atMost, value > atMost { return "\(Self.text(value)), at most \(Self.text(atMost))" }
    if let atLeast, value < atLeast { return "\(Self.text(value)), at least \(Self.text(atLeast))" }
    guard let before else { return nil }
    let than = "\(Self.text(value)), and it was \(Self.text(before)) before the promotion"
    if let most = atMostTimesBefore, value > before * most, value > tolerated {
      return "\(than): at most \(Self.text(most)) times that"
    }
    if let least = atLeastTimesBefore, value < before * least {
      return "\(than): at least \(Self.text(least)) times that"
    }
    return nil
  }

  /// A value that is well: what a rehearsal measures unless it is told otherwise.
  public var usualValue: Double {
    switch (atLeast, atMost) {
    case (let least?, let most?): (least + most) / 2
    case (let least?, nil): least > 0 ? least * 2 : least + 1
    case (nil, let most?): most > 0 ? most / 2 : most - 1
    case (nil, nil): tolerated > 0 ? tolerated : 1
    }
  }

  /// A value that is not well, where ``usualValue`` is what it was before.
  public var badValue: Double? {
    let usual = usualValue
    let candidates = [
      atMost.map { $0 + max(abs($0), 1) }, atLeast.map { $0 - max(abs($0), 1) },
      atMostTimesBefore.map { max(usual * $0, tolerated) * 2 + 1 }, atLeastTimesBefore.map { usual * $0 / 2 - 1 },
    ]
    return candidates.compactMap { $0 }.first { problem(of: $0, before: usual) != nil }
  }

  /// Four significant digits at most: `0.0213`, `150`.
  public static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 1000, scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    guard rounded == rounded.rounded(), abs(rounded) < 1e15 else { return "\(rounded)" }
    return "\(Int64(rounded))"
  }
}

extension Fleet {
  /// What a service's metric of that name is: its own, else that of all services.
  public func metric(_ name: String, of service: ServiceName) -> Metric? {
    self.service(service)?.metrics.first { $0.name == name } ?? metrics.metrics.first { $0.name == name }
  }

  /// Every metric of a service, by name, the fleet's first.
  public func metrics(of service: ServiceName) -> [Metric] {
    let own = self.service(service)?.metrics ?? []
    let common = metrics.metrics.map { metric in own.first { $0.name == metric.name } ?? metric }
    return common + own.filter { metric in !common.contains { $0.name == metric.name } }
  }

  /// What `monitor` and `verify` look at: metrics with limits, where the environment has a Prometheus.
  public func watchedMetrics(of service: ServiceName, in environment: EnvironmentName) -> [Metric] {
    guard metrics.sources[environment] != nil else { return [] }
    return metrics(of: service).filter { $0.limits != nil && $0.queries[environment] != nil }
  }

  /// Every name that a runbook may use.
  public var metricNames: [String] {
    var names: [String] = []
    for name in (metrics.metrics + services.flatMap(\.metrics)).map(\.name) where !names.contains(name) {
      names.append(name)
    }
    return names
  }
}
