public import PromotionModel

/// The real outside of one fleet: git, kubectl, gh and curl.
public struct LiveWorld: Sendable {
  public let world: World
  /// What was started, by program.
  public let programs: ProgramCounter
  private let proxies: KubectlProxies
  private let repository: GitRepository

  /// Starts nothing: every tool is started when it is first needed.
  /// - Parameter people: who is asked; nil: the person at the terminal of this process, if there is one.
  public init(fleet: Fleet, host: Host, people: (any PersonAsking)? = nil) {
    let counter = ProgramCounter()
    let programs = LocalPrograms(counter: counter)
    let clock = SystemClock()
    let repository = GitRepository(
      fleet: fleet,
      cacheDirectory: host.cacheDirectory,
      programs: programs,
      clock: clock
    )
    let proxies = KubectlProxies(readOnly: false, programs: programs, clock: clock)
    let forge = fleet.pullRequest
    world = World(
      reading: WorldReading(
        clock: clock,
        repository: repository,
        cluster: KubectlCluster(fleet: fleet, proxies: proxies, clock: clock),
        forge: forge.map {
          GitHubForge(settings: $0, branch: fleet.repository.branch, programs: programs, clock: clock)
        },
        probes: CurlProbes(programs: programs),
        surroundings: Surroundings(
          variables: host,
          zones: SystemTimeZones(),
          people: people ?? TerminalPerson(name: host.identity),
          metrics: PrometheusMetrics.configured(fleet: fleet, variables: host, programs: programs, proxies: proxies)
        )
      ),
      writing: WorldWriting(
        repository: GitRepositoryWriter(repository),
        delivery: ArgoDelivery(fleet: fleet, proxies: proxies),
        forge: forge.map {
          GitHubForgeWriter(settings: $0, branch: fleet.repository.branch, programs: programs, clock: clock)
        },
        commands: LocalCommands(programs: programs),
        announcer: LiveAnnouncer(
          variables: host,
          forge: forge.map {
            GitHubForge(settings: $0, branch: fleet.repository.branch, programs: programs, clock: clock)
          },
          programs: programs
        )
      )
    )
    (self.programs, self.proxies, self.repository) = (counter, proxies, repository)
  }

  /// Ends what was started for as long as the run.
  public func close() async {
    await proxies.close()
    await repository.close()
  }
}
