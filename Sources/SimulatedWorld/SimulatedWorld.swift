public import PromotionModel

/// A whole outside in memory on virtual time, the same from the same seed: a GitOps repository, a forge with a reviewer,
/// Argo CD, clusters with Deployments and pods, health endpoints and logs.
///
/// Everything that is awaited from it must run inside ``VirtualTime/run(_:)`` of its ``time``. Nothing ticks: when nothing
/// happens outside, no work is done however long that takes.
public struct SimulatedWorld: Sendable {
  public let time: VirtualTime
  let simulation: Simulation
  /// The programs that runs have started.
  public let commands: SimulatedCommands
  let standIns: StandIns

  /// A world before anything happens in it. Making one reads and writes many files; each world that begins there costs
  /// next to nothing.
  public struct Beginning: Sendable {
    let outside: Outside

    /// - Parameters:
    ///   - contents: what the environments declare and run at first; nil takes ``FleetContents/invented(for:)``.
    ///   - start: what the clock shows at first. The repository's history lies before it.
    /// - Throws: ``WorldError`` when no files can be made in the layout that the configuration describes.
    public init(fleet: Fleet, contents: FleetContents? = nil, start: Timestamp = VirtualTime.usualStart) throws {
      var outside = Outside(fleet: fleet, seed: 0, faults: [], start: start)
      try outside.seed(contents ?? .invented(for: fleet))
      outside.readManifests()
      self.outside = outside
    }

    /// As a description says. The world's clock begins at its time, where it names one.
    /// - Throws: ``WorldError`` when the description says what cannot be.
    public init(fleet: Fleet, description: FleetDescription) throws {
      var outside = Outside(fleet: fleet, seed: 0, faults: [], start: description.time ?? VirtualTime.usualStart)
      try outside.seed(description)
      self.outside = outside
    }
  }

  /// - Parameters:
  ///   - standIns: who stands in for people, programs and variables.
  ///   - memory: how far back the worlds look that go on from this one (``waypoint(before:during:)``); nil: none does.
  /// - Throws: ``WorldError`` when a fault speaks of what the fleet does not have.
  public init(
    _ beginning: Beginning,
    seed: UInt64,
    faults: [Fault] = [],
    standIns: StandIns = StandIns(),
    limits: VirtualTime.Limits = VirtualTime.Limits(),
    memory: Duration? = nil
  ) throws {
    var outside = beginning.outside
    outside.chance = Chance(seed: seed)
    outside.faults = FaultState(planned: faults)
    try outside.checkFaults()
    outside.planFaults()
    time = VirtualTime(start: outside.start, limits: limits)
    simulation = Simulation(outside, time: time, memory: memory)
    self.standIns = standIns
    commands = SimulatedCommands(standIns.programs, simulation)
  }

  /// A world from a beginning of its own.
  /// - Throws: ``WorldError`` when no files can be made in the layout that the configuration describes, and when a fault
  ///   speaks of what the fleet does not have.
  public init(
    fleet: Fleet,
    seed: UInt64,
    faults: [Fault] = [],
    contents: FleetContents? = nil,
    standIns: StandIns = StandIns(),
    start: Timestamp = VirtualTime.usualStart,
    limits: VirtualTime.Limits = VirtualTime.Limits()
  ) throws {
    self = try SimulatedWorld(
      Beginning(fleet: fleet, contents: contents, start: start),
      seed: seed,
      faults: faults,
      standIns: standIns,
      limits: limits
    )
  }

  /// A world that begins as a description says.
  /// - Throws: ``WorldError`` when the description says what cannot be.
  public init(
    fleet: Fleet,
    seed: UInt64,
    faults: [Fault] = [],
    description: FleetDescription,
    standIns: StandIns = StandIns(),
    limits: VirtualTime.Limits = VirtualTime.Limits()
  ) throws {
    self = try SimulatedWorld(
      Beginning(fleet: fleet, description: description),
      seed: seed,
      faults: faults,
      standIns: standIns,
      limits: limits
    )
  }

  /// A world that goes on from a waypoint: what happens from there on is what would have happened if these faults had been
  /// there from the beginning.
  /// - Parameter faults: such that the waypoint ``Waypoint/precedes(_:)`` them.
  /// - Throws: ``WorldError`` when a fault speaks of what the fleet does not have.
  public init(
    _ waypoint: Waypoint,
    faults: [Fault],
    limits: VirtualTime.Limits = VirtualTime.Limits()
  ) throws {
    let outside = waypoint.outside(with: faults)
    try outside.checkFaults()
    time = VirtualTime(waypoint.clock, limits: limits)
    simulation = Simulation(waypoint.simulation, outside, time: time)
    standIns = waypoint.standIns
    commands = SimulatedCommands(standIns.programs, simulation, after: waypoint.programs)
  }

  public var clock: SimulatedClock { SimulatedClock(time: time) }
  public var repository: SimulatedRepository { SimulatedRepository(simulation: simulation) }
  public var cluster: SimulatedCluster { SimulatedCluster(simulation: simulation) }
  public var delivery: SimulatedDelivery { SimulatedDelivery(simulation: simulation) }
  public var forge: SimulatedForge { SimulatedForge(simulation: simulation) }
  public var probes: SimulatedProbes { SimulatedProbes(simulation: simulation) }

  /// The world as a run sees it; without a forge where the configuration names none.
  public var world: World {
    let hasForge = simulation.look { $0.fleet.pullRequest != nil }
    let measures = simulation.look(\.hasMetrics)
    var reading = WorldReading(
      clock: clock,
      repository: repository,
      cluster: cluster,
      forge: hasForge ? forge : nil,
      probes: probes,
      surroundings: Surroundings(
        variables: standIns,
        zones: standIns.zones,
        people: SimulatedPerson(standIns.person, simulation),
        metrics: measures ? SimulatedMetrics(simulation: simulation) : nil
      )
    )
    reading.foresight = SimulatedForesight(simulation: simulation)
    return World(
      reading: reading,
      writing: WorldWriting(
        repository: repository,
        delivery: delivery,
        forge: hasForge ? forge : nil,
        commands: commands,
        announcer: SimulatedAnnouncer(simulation: simulation)
      )
    )
  }

  // MARK: The run's process

  /// Whether the process of the run is gone, by a fault: then no call has an effect until ``startProcess()``.
  public var isProcessGone: Bool { simulation.isProcessGone }

  /// - Parameter act: called once the process is gone, from within the call that ended it.
  public func whenProcessIsGone(_ act: @escaping @Sendable () -> Void) { simulation.whenProcessIsGone(act) }

  /// Ends the process of the run, as a power cut does.
  public func endProcess() { simulation.endProcess() }

  /// - Parameter act: called when a person interrupts the run, by a fault, from within the call at which that is.
  public func whenInterrupted(_ act: @escaping @Sendable () -> Void) { simulation.whenInterrupted(act) }

  /// When the process of the run was interrupted; nil: it was not.
  public var interrupted: Timestamp? { simulation.interrupted }

  /// From here on nothing goes wrong any more: the network and every server are there, whoever was to review comes, and no
  /// call fails. Images stay as they are, and what others did stays done.
  public func endTroubles() { simulation.update { $0.endTroubles() } }

  /// Another process begins, once every task of the one before has come to its end.
  public func startProcess() { simulation.startProcess() }

  // MARK: Inspection, without virtual time

  /// The tag that a service's file has at the head of the configured branch.
  public func tag(of service: ServiceName, in environment: EnvironmentName) -> String? {
    simulation.look { outside in
      outside.repository.head.flatMap { outside.tag(of: service, in: environment, at: $0) }
    }
  }

  /// The version that every pod of a service runs; nil while there are several, or none is ready.
  public func runningVersion(of service: ServiceName, in environment: EnvironmentName) -> Version? {
    simulation.look { outside in
      let pods = outside.deployments[Place(environment: environment, service: service)]?.living ?? []
      guard let image = pods.first?.image, pods.allSatisfy({ $0.image == image && $0.isReady }) else { return nil }
      return outside.fleet.service(service).flatMap { outside.version(ofImage: image, of: $0) }
    }
  }

  /// What Argo CD and the cluster of an environment would show now.
  public func snapshot(of environment: EnvironmentName) -> EnvironmentSnapshot {
    simulation.update { $0.snapshot(of: environment) }
  }

  /// Every announcement that arrived, oldest first.
  public var announcements: [ReceivedAnnouncement] { simulation.look(\.announcements) }

  /// How often each kind of call was made.
  public var calls: [Touch: Int] { simulation.look(\.calls.made) }

  /// Every call and event so far, a line each: two runs that did the same have the same.
  public var trace: [String] { simulation.look { $0.trace.map(\.description) } }
}
