import PromotionModel

/// A service in an environment.
struct Place: Hashable, Comparable, Sendable {
  var environment: EnvironmentName
  var service: ServiceName

  static func < (a: Place, b: Place) -> Bool { (a.environment, a.service) < (b.environment, b.service) }
}

/// The state of something in each place. What is written is marked, so that what was not need not be shown anew.
struct PlaceTable<Value: Sendable>: Sendable {
  private var values: [Place: Value] = [:]
  private(set) var touched: Set<Place> = []

  var places: [Place] { values.keys.sorted() }

  subscript(place: Place) -> Value? {
    get { values[place] }
    _modify {
      touched.insert(place)
      yield &values[place]
    }
  }

  mutating func forgetTouched() { touched.removeAll(keepingCapacity: true) }
}

/// What is going to happen outside by itself.
enum Event: Hashable, Sendable {
  case faultBegins(Int)
  /// The next of the commits that a fault makes again and again.
  case foreignCommit(Int)
  case networkReturns
  case serverReturns(OutsideServer)
  case argoCompares(Place)
  case operationApplies(Place, Int)
  case hookEnds(Place, Int)
  case operationEnds(Place, Int)
  case operationDies(Place, Int)
  case controllerSees(Place)
  case progressDeadline(Place, Int)
  case pod(Place, name: String, PodStep)
  case review(Int)
  case approve(Int)
  case merge(Int, MergeMethod)
  case queueEnds(Int, entry: Int, String)
}

/// Everything outside the process as one value: a discrete event simulation without clock, tasks or locks of its own.
/// Calls of a run and events change it; what is to happen later goes on the ``agenda``.
struct Outside: Sendable {
  let fleet: Fleet
  let layout: LayoutMemory
  let texts = LogTexts()
  /// What the Application of each place is called.
  let applicationNames: [Place: String]
  let start: Timestamp
  var now: Timestamp
  var chance: Chance

  var repository = RepositoryState()
  /// What arrived at each place, oldest first.
  var announcements: [ReceivedAnnouncement] = []
  var forge = ForgeState()
  var applications = PlaceTable<ApplicationState>()
  var manifests: [Place: Manifest] = [:]
  var deployments = PlaceTable<DeploymentState>()
  /// What a description says of each place, and of the time before.
  var recorded: [Place: RecordedPlace] = [:]
  var past: RecordedPast?
  /// The digests of images that are known from outside, or were worked out already.
  var digests: [String: ImageDigest] = [:]
  /// How many Deployments were deleted by hand.
  var deletions = 0
  /// Whose Deployment was deleted by hand, once at least.
  var deleted: Set<Place> = []
  /// The images that ran in each place when the world began.
  var initialImages: [Place: String] = [:]

  var faults: FaultState
  var calls = TouchCounts()
  var trace: [TraceEntry] = []

  /// What each place showed last; without those that were written since.
  var shown: [EnvironmentName: [ServiceName: ServiceSnapshot]] = [:]

  /// What is to happen, in the order in which it was decided.
  var agenda: [(at: Timestamp, event: Event)] = []
  /// The environments that may look different since the observers were last told.
  var changed: Set<EnvironmentName> = []

  init(fleet: Fleet, seed: UInt64, faults: [Fault], start: Timestamp) {
    (self.fleet, self.start, now) = (fleet, start, start)
    layout = LayoutMemory(fleet: fleet)
    var names: [Place: String] = [:]
    for environment in fleet.environments.map(\.name) {
      for service in fleet.services.map(\.name) {
        let place = Place(environment: environment, service: service)
        names[place] = fleet.argocd.application(of: service, in: environment)
      }
    }
    applicationNames = names
    chance = Chance(seed: seed)
    self.faults = FaultState(planned: faults)
  }

  mutating func schedule(_ event: Event, after delay: Duration) { agenda.append((now + delay, event)) }

  mutating func handle(_ event: Event) {
    if let delay = delay(of: event) {
      schedule(event, after: delay)
      return
    }
    trace.append(TraceEntry(time: now, what: .event(event)))
    switch event {
    case .faultBegins(let index): beginFault(index)
    case .foreignCommit(let index): repeatForeignCommit(index)
    case .networkReturns: networkReturns()
    case .serverReturns(let server): serverReturns(server)
    case .argoCompares(let place): compare(place)
    case .operationApplies(let place, let number): applyOperation(place, number)
    case .hookEnds(let place, let number): endHook(place, number)
    case .operationEnds(let place, let number): endOperation(place, number)
    case .operationDies(let place, let number): killOperation(place, number)
    case .controllerSees(let place): controllerSees(place)
    case .progressDeadline(let place, let serial): progressDeadline(place, serial)
    case .pod(let place, let name, let step): podSteps(place, name, step)
    case .review(let number): review(number)
    case .approve(let number): approve(number)
    case .merge(let number, let method): merge(number, by: method, as: Self.reviewerName)
    case .queueEnds(let number, let entry, let person): queueEnds(number, entry: entry, by: person)
    }
  }
}

/// One thing that happened, for comparing runs.
struct TraceEntry: Hashable, Sendable, CustomStringConvertible {
  enum What: Hashable, Sendable {
    case call(Touch, Int)
    case event(Event)
  }

  var time: Timestamp
  var what: What

  var description: String {
    switch what {
    case .call(let touch, let number): "\(time) call \(touch.rawValue) #\(number)"
    case .event(let event): "\(time) event \(event)"
    }
  }
}
