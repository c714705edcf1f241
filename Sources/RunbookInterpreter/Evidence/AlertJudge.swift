import PromotionModel

/// What a look at alerts came to.
enum AlertReading: Sendable {
  case notAsked
  case firing([FiringAlert])
  case unknown(String)
}

/// Alerts that began to fire since the promotion are definite bad signs; those that fired before count for nothing until they
/// have ended.
struct AlertJudge: Sendable {
  /// Alerts that fired before, by their ids; nil: not known yet.
  private var former: Set<String>?
  /// Whether what fires at the first look may come from the promotion.
  private let mayBeNew: Bool
  /// Alerts of which nobody knows whether they fired before.
  private var doubtful: Set<String> = []

  /// - Parameters:
  ///   - before: the alerts that fired before the promotion; nil: nobody looked.
  ///   - isPromoted: whether this run promoted any of the services.
  init(before: [String]?, isPromoted: Bool) {
    former = before.map { Set($0) }
    mayBeNew = isPromoted
  }

  init(_ step: StepContext, _ services: [ServiceName], in environment: EnvironmentName) {
    let promotions = services.compactMap { step.memory.promotion(of: $0, in: environment) }
    let known = promotions.compactMap(\.alertsBefore)
    self.init(
      before: known.count == promotions.count && !known.isEmpty ? known.flatMap(\.self) : nil,
      isPromoted: !promotions.isEmpty
    )
  }

  /// The alerts that are bad signs, and those of which that cannot be told.
  mutating func judge(_ alerts: [FiringAlert]) -> (new: [FiringAlert], doubtful: [FiringAlert]) {
    let ids = Set(alerts.map(\.id))
    if former == nil {
      if mayBeNew { doubtful = ids }
      former = ids
    }
    // What has ended and fires again is new.
    former?.formIntersection(ids)
    doubtful.formIntersection(ids)
    return (
      alerts.filter { former?.contains($0.id) != true }, alerts.filter { doubtful.contains($0.id) }
    )
  }

  mutating func judge(_ reading: AlertReading, of services: [ServiceName], _ verdict: inout ProbeJudge.Verdict) {
    switch reading {
    case .notAsked: break
    case .unknown(let why):
      for service in services {
        verdict.unhealthy[service] = verdict.unhealthy[service] ?? "alerts cannot be told: \(why)"
      }
    case .firing(let alerts):
      let (new, doubtful) = judge(alerts)
      for alert in new { verdict.signs.append((alert.service, alert.words)) }
      for alert in doubtful {
        verdict.unhealthy[alert.service] =
          verdict.unhealthy[alert.service] ?? "\(alert.words), and whether it did before is not known"
      }
    }
  }
}

extension FiringAlert {
  var words: String { "the alert \(name) fires" + (summary.isEmpty ? "" : ": \(summary)") }
}

extension StepContext {
  /// Whether alerts of an environment are looked at.
  func looksAtAlerts(in environment: EnvironmentName) -> Bool {
    reading.surroundings.metrics != nil && fleet.metrics.alerts != nil && fleet.metrics.sources[environment] != nil
  }

  /// The alerts that fire before a promotion; that they could not be had is said.
  func alertsBefore(_ services: [ServiceName], in environment: EnvironmentName) async -> [String]? {
    guard looksAtAlerts(in: environment) else { return nil }
    switch await reading.alertReading(of: services, in: environment) {
    case .notAsked: return nil
    case .firing(let alerts):
      for alert in alerts {
        emit(.warning("\(alert.words), before anything is changed"), environment: environment, service: alert.service)
      }
      return alerts.map(\.id)
    case .unknown(let why):
      emit(.warning("whether alerts fire before the promotion cannot be told: \(why)"), environment: environment)
      return nil
    }
  }
}

extension WorldReading {
  /// Never throws: that nobody answered is an answer.
  func alertReading(of services: [ServiceName], in environment: EnvironmentName) async -> AlertReading {
    guard let metrics = surroundings.metrics else { return .notAsked }
    do {
      return .firing(try await metrics.alerts(of: services, in: environment))
    } catch {
      return .unknown("\(error)")
    }
  }
}
