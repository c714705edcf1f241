public import PromotionModel

/// The real outside of one fleet, to be looked at: what a dry run holds in place of a ``LiveWorld``.
///
/// It has no writing half at all, so nothing that is given it can change anything; and what it starts can change nothing
/// either: the programs are ``LookingPrograms``, the proxies and our own connections to them refuse all but GET.
public struct LiveReading: Sendable {
  public let reading: WorldReading
  private let proxies: KubectlProxies
  private let repository: GitRepository

  /// Starts nothing: every tool is started when it is first needed.
  public init(fleet: Fleet, host: Host, programs: any ProgramRunner = LocalPrograms()) {
    let programs = LookingPrograms(programs)
    let clock = SystemClock()
    let repository = GitRepository(
      fleet: fleet,
      cacheDirectory: host.cacheDirectory,
      programs: programs,
      clock: clock
    )
    let proxies = KubectlProxies(readOnly: true, programs: programs, clock: clock)
    reading = WorldReading(
      clock: clock,
      repository: repository,
      cluster: KubectlCluster(fleet: fleet, proxies: proxies, clock: clock),
      forge: fleet.pullRequest.map {
        GitHubForge(settings: $0, branch: fleet.repository.branch, programs: programs, clock: clock)
      },
      probes: CurlProbes(programs: programs),
      surroundings: Surroundings(
        variables: host,
        zones: SystemTimeZones(),
        metrics: PrometheusMetrics.configured(fleet: fleet, variables: host, programs: programs, proxies: proxies)
      )
    )
    (self.proxies, self.repository) = (proxies, repository)
  }

  /// Ends what was started.
  public func close() async {
    await proxies.close()
    await repository.close()
  }
}
