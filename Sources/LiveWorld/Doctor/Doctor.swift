public import PromotionModel

/// One thing that a run needs, and whether it is in order.
public struct CheckUp: Hashable, Sendable {
  /// `tools`, `repository`, `forge`, `cluster`, `rights`, `health`, `announcements`, …
  public var area: String
  /// What of it: `git`, `production`, `production api`.
  public var subject: String
  public var result: Finding.Result
  public var message: String
  /// What to do, where something is to be done.
  public var advice: String?

  public init(_ area: String, _ subject: String, _ result: Finding.Result, _ message: String, advice: String? = nil) {
    (self.area, self.subject, self.result) = (area, subject, result)
    (self.message, self.advice) = (message, advice)
  }

  /// An error of a tool: what could not be told is *unknown*, what the tool said no to is *bad*.
  init(_ area: String, _ subject: String, _ error: WorldError) {
    self.init(
      area,
      subject,
      error.isTransient ? .unknown : .bad,
      "\(error.tool) \(error.reason.rawValue): \(error.message)",
      advice: error.advice
    )
  }
}

/// Looks whether everything is there that a run needs: programs, logins, rights, servers. It changes nothing: it asks, and
/// pushes nothing but a question (`git push --dry-run`).
public struct Doctor: Sendable {
  let fleet: Fleet
  let host: Host
  let programs: any ProgramRunner
  let clock: any WorldClock
  /// How long one check may take; all are made at once.
  let patience: Duration

  public init(
    fleet: Fleet,
    host: Host,
    programs: any ProgramRunner = LocalPrograms(),
    patience: Duration = .seconds(25)
  ) {
    (self.fleet, self.host, self.programs, self.patience) = (fleet, host, programs, patience)
    clock = SystemClock()
  }

  /// All checks, in an order that does not change with what answers first.
  public func examine() async throws -> [CheckUp] {
    let proxies = KubectlProxies(readOnly: false, programs: programs, clock: clock)
    let repository = GitRepository(
      fleet: fleet,
      cacheDirectory: host.cacheDirectory,
      programs: programs,
      clock: clock
    )
    var checks: [(area: String, subject: String, check: @Sendable () async throws -> [CheckUp])] = []
    for tool in Tool.all(for: fleet) {
      checks.append(("tools", tool.name, { [try await tool.check(programs)] }))
    }
    checks.append(("repository", fleet.repository.url, { try await RepositoryCheck(repository).run() }))
    if let settings = fleet.pullRequest {
      let forge = GitHubForge(settings: settings, programs: programs, clock: clock)
      checks.append(("forge", settings.repository, { try await ForgeCheck(forge: forge, settings: settings).run() }))
    }
    for environment in fleet.environments {
      let check = ClusterCheck(environment: environment, fleet: fleet, proxies: proxies, clock: clock)
      checks.append(("cluster", environment.name.text, { try await check.run() }))
      checks.append(("rights", environment.name.text, { try await check.rights() }))
    }
    checks.append(("health", "endpoints", { try await PlaceChecks(self).health() }))
    checks.append(("announcements", "places", { PlaceChecks(self).announcements() }))
    checks.append(("time", "zones", { PlaceChecks(self).zones() }))
    do {
      let found = try await run(checks)
      await proxies.close()
      await repository.close()
      return found
    } catch {
      await proxies.close()
      await repository.close()
      throw error
    }
  }

  private func run(
    _ checks: [(area: String, subject: String, check: @Sendable () async throws -> [CheckUp])]
  ) async throws -> [CheckUp] {
    let patience = patience
    return try await withThrowingTaskGroup(of: (Int, [CheckUp]).self) { group in
      for (index, entry) in checks.enumerated() {
        group.addTask {
          do {
            return (index, try await Self.within(patience, entry.check))
          } catch let error as WorldError {
            return (index, [CheckUp(entry.area, entry.subject, error)])
          }
        }
      }
      var found = [[CheckUp]](repeating: [], count: checks.count)
      for try await (index, checkUps) in group { found[index] = checkUps }
      return found.flatMap { $0 }
    }
  }

  /// - Throws: ``WorldError`` when it takes longer; what was begun is told to end, and not waited for.
  private static func within<Value: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let (outcomes, outcome) = AsyncStream.makeStream(of: Result<Value, any Error>.self)
    let work = Task {
      do {
        outcome.yield(.success(try await body()))
      } catch {
        outcome.yield(.failure(error))
      }
    }
    let alarm = Task {
      try await Task.sleep(for: limit)
      outcome.yield(.failure(Self.late(limit)))
    }
    defer {
      work.cancel()
      alarm.cancel()
    }
    for await first in outcomes { return try first.get() }
    // The stream ends without an element only when this task was cancelled.
    throw CancellationError()
  }

  private static func late(_ limit: Duration) -> WorldError {
    WorldError(
      tool: "slipway",
      reason: .timedOut,
      message: "it was not known within \(limit.runbookText)",
      advice: "Look whether the network and the servers are up"
    )
  }
}
