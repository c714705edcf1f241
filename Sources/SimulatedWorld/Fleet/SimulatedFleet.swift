public import PromotionModel

/// What a rehearsal starts from when there is no configuration: the fleet of the promotion guide.
public enum SimulatedFleet {
  /// A `slipway.yaml`.
  public static let configurationText = """
    # The fleet that `slipway rehearse` uses where there is no slipway.yaml: nothing in it exists.
    gitops:
      repository: https://forge.example/acme/cluster-gitops.git
      branch: main
      file: syrf/environments/{environment}/{service}/config.yaml
      tag: service.chartTag
      copy: tag
      set: { envName: "{environment}" }
    environments:
      staging:    { namespace: staging, context: staging }
      production: { namespace: production, context: production, promotes-from: staging, protected: true }
    services:
      api:
        tag: "api-v{version}"
        health: { staging: "https://staging-api.example/health", production: "https://api.example/health" }
      web:
        tag: "web-v{version}"
        health: { staging: "https://staging.example", production: "https://www.example" }
      project-management:
        tag: "pm-v{version}"
        health: { staging: "https://staging-api.example/pm/health", production: "https://api.example/pm/health" }
      docs:
        tag: "docs-v{version}"
    argocd: { namespace: argocd, application: "{service}-{environment}" }
    pull-request: { repository: acme/cluster-gitops, labels: [requires-review], merge: merge }

    """

  /// What runs in the fleet of ``configurationText`` at first: `docs` is disabled in production.
  public static let contents: FleetContents = {
    let (staging, production) = (EnvironmentName("staging"), EnvironmentName("production"))
    let (api, web, docs) = (ServiceName("api"), ServiceName("web"), ServiceName("docs"))
    let management = ServiceName("project-management")
    var contents = FleetContents()
    for (service, released, next) in [
      (api, (1, 2, 2), (1, 3, 0)), (web, (5, 0, 0), (5, 0, 1)), (management, (10, 44, 3), (10, 45, 0)),
      (docs, (0, 9, 0), (0, 10, 0)),
    ] {
      contents.versions[production, default: [:]][service] = version(released)
      contents.versions[staging, default: [:]][service] = version(next)
    }
    contents.disabled[production] = [docs]
    return contents
  }()

  private static func version(_ numbers: (Int, Int, Int)) -> Version? {
    Version("\(numbers.0).\(numbers.1).\(numbers.2)")
  }
}

/// The versions that the environments of a simulated world declare and run at first.
public struct FleetContents: Hashable, Sendable {
  /// A service without one has no file there.
  public var versions: [EnvironmentName: [ServiceName: Version]]
  /// The services whose files say that they are disabled.
  public var disabled: [EnvironmentName: Set<ServiceName>]
  /// nil: pull requests are merged without one.
  public var mergeQueue: MergeQueue?

  public init(
    versions: [EnvironmentName: [ServiceName: Version]] = [:],
    disabled: [EnvironmentName: Set<ServiceName>] = [:],
    mergeQueue: MergeQueue? = nil
  ) {
    (self.versions, self.disabled, self.mergeQueue) = (versions, disabled, mergeQueue)
  }

  /// Versions for any fleet: the first service runs 1.2.2 in the last environment and 1.3.0 in the one before, which
  /// it is promoted from; the second 2.2.2 and 2.3.0, and so on. Services that belong together (`policy.matching`) run what
  /// the first of them runs.
  public static func invented(for fleet: Fleet) -> FleetContents {
    var contents = FleetContents()
    let numbers = majorNumbers(of: fleet)
    for environment in fleet.environments {
      let ahead = distanceToEnd(environment.name, in: fleet)
      for (service, number) in zip(fleet.services, numbers) {
        let text = ahead == 0 ? "\(number).2.2" : "\(number).\(2 + ahead).0"
        contents.versions[environment.name, default: [:]][service.name] = Version(text)
      }
    }
    return contents
  }

  /// The first number of each service's versions: its place among them, from 1; the same for all that must match, by way of
  /// others as well.
  private static func majorNumbers(of fleet: Fleet) -> [Int] {
    var numbers = Array(1...max(fleet.services.count, 1))
    let places = Dictionary(fleet.services.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for group in fleet.policy.matching {
      let joined = Set(group.compactMap { places[$0].map { numbers[$0] } })
      guard let least = joined.min() else { continue }
      numbers = numbers.map { joined.contains($0) ? least : $0 }
    }
    return numbers
  }

  /// How many promotions lie between an environment and the last one that is promoted from it.
  private static func distanceToEnd(_ name: EnvironmentName, in fleet: Fleet) -> Int {
    var distance = 0
    var reached: Set<EnvironmentName> = [name]
    var level: Set<EnvironmentName> = [name]
    while true {
      let next = fleet.environments.filter { environment in
        environment.promotesFrom.map(level.contains) ?? false && !reached.contains(environment.name)
      }
      guard !next.isEmpty else { return distance }
      level = Set(next.map(\.name))
      reached.formUnion(level)
      distance += 1
    }
  }

  /// The version before: `1.2.1` before `1.2.2`, `1.2.0` before `1.3.0`; nil before `x.0.0`.
  static func predecessor(of version: Version) -> Version? {
    if version.patch > 0 { return Version("\(version.major).\(version.minor).\(version.patch - 1)") }
    return version.minor > 0 ? Version("\(version.major).\(version.minor - 1).0") : nil
  }
}
