import PromotionModel
import Synchronization

@testable import SimulatedWorld

let staging = EnvironmentName("staging")
let production = EnvironmentName("production")
let api = ServiceName("api")
let web = ServiceName("web")

enum TestFleet {
  static func fleet(
    filePattern: String = "environments/{environment}/{service}/config.yaml",
    tagPath: String = "service.chartTag",
    mergeMethod: MergeMethod = .merge
  ) -> Fleet {
    Fleet(
      repository: RepositorySettings(
        url: "https://forge.example/acme/gitops.git",
        filePattern: filePattern,
        tagPath: tagPath,
        set: ["envName": "{environment}"]
      ),
      environments: [
        Environment(name: staging, namespace: "staging"),
        Environment(name: production, namespace: "production", promotesFrom: staging, isProtected: true),
      ],
      services: [service(api), service(web), service(ServiceName("project-management"), tag: "pm-v")],
      argocd: ArgoCDSettings(),
      pullRequest: PullRequestSettings(repository: "acme/gitops", mergeMethod: mergeMethod),
      policy: Policy()
    )
  }

  private static func service(_ name: ServiceName, tag: String? = nil) -> Service {
    Service(
      name: name,
      tag: TagPattern(prefix: tag ?? "\(name)-v"),
      health: [staging: "https://staging.example/\(name)", production: "https://\(name).example/health"]
    )
  }

  static func world(_ faults: [Fault] = [], seed: UInt64 = 7, fleet: Fleet = fleet()) throws -> SimulatedWorld {
    try SimulatedWorld(fleet: fleet, seed: seed, faults: faults)
  }
}

/// A run in a test: a promotion of the services to what staging declares.
struct TestRun: Sendable {
  let world: SimulatedWorld
  var run = "run-1"

  func message(_ step: String) -> CommitMessage {
    CommitMessage(
      subject: "promote(api): v1.3.0 → production",
      trailers: [Trailer(Trailer.run, run), Trailer(Trailer.step, step)]
    )
  }

  func plan(_ services: [ServiceName] = [api]) async throws -> ChangeSet {
    let head = try await world.repository.head().id
    let declared = try await world.repository.declared(staging, at: head)
    var tags: [ServiceName: String] = [:]
    for service in services { tags[service] = declared.services[service]?.tag }
    return try await world.repository.plan(
      PromotionRequest(source: staging, target: production, tags: tags),
      at: head
    )
  }

  @discardableResult
  func promote(_ services: [ServiceName] = [api]) async throws -> Commit {
    let outcome = try await world.repository.commit(try await plan(services), message: message("1"), under: nil)
    guard case .pushed(let commit) = outcome else { throw Unexpected(what: "\(outcome)") }
    return commit
  }

  /// Opens a pull request for the services.
  func propose(_ services: [ServiceName] = [api], branch: String = "production-promotion-1") async throws -> PullRequest
  {
    _ = try await world.repository.propose(
      try await plan(services),
      branch: branch,
      message: message("1"),
      under: nil
    )
    return try await world.forge.open(
      PullRequestDraft(
        branch: branch,
        base: "main",
        title: "Promote api",
        body: "- [x] checked",
        labels: ["requires-review"]
      )
    )
  }

  func claim(run: String? = nil, expiresIn lifetime: Duration = .seconds(600)) throws -> LockHolder {
    guard let id = RunID(run ?? self.run) else { throw Unexpected(what: "run") }
    return LockHolder(
      environment: production,
      run: id,
      holder: "ada@laptop",
      reason: "promote",
      plan: [],
      expires: world.time.now + lifetime
    )
  }

  /// The first snapshot of an environment that shows what is wanted, or nil when the time is over.
  func wait(
    for environment: EnvironmentName = production,
    within limit: Duration = .seconds(3600),
    until isWanted: @escaping @Sendable (EnvironmentSnapshot) -> Bool
  ) async throws -> EnvironmentSnapshot? {
    try await withThrowingTaskGroup(of: EnvironmentSnapshot?.self) { group in
      group.addTask {
        for await case .seen(let snapshot) in world.cluster.observe(environment) where isWanted(snapshot) {
          return snapshot
        }
        return nil
      }
      group.addTask {
        try await world.clock.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}

struct Unexpected: Error {
  var what: String
}

extension EnvironmentSnapshot {
  func workload(_ service: ServiceName) -> WorkloadSnapshot? { services[service]?.workloads.first }
  func application(_ service: ServiceName) -> ApplicationSnapshot? { services[service]?.application }
}

/// What concurrent parts of a test write down.
final class Record<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func add(_ element: Element) { elements.withLock { $0.append(element) } }
  var all: [Element] { elements.withLock { $0 } }
}
