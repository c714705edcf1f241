import PromotionModel
import RunbookDiagnostics
import RunbookInterpreter

/// Keeps an eye on the live world while somebody types, and says what changes there. It looks by the same watches as the
/// statements do, so nothing is asked again and again for it.
struct Lookout: Sendable {
  let reading: WorldReading
  let fleet: Fleet
  let hasColor: Bool
  let announce: @Sendable (String) -> Void

  /// Until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for environment in fleet.environments {
        group.addTask { await watch(environment.name) }
      }
    }
  }

  private func watch(_ environment: EnvironmentName) async {
    var standings = Standings(fleet: fleet)
    var isLost = false
    for await observation in reading.cluster.observe(environment) {
      let time = reading.clock.now().wholeSecond
      switch observation {
      case .seen(let snapshot):
        if isLost { say("\(environment) is seen again", .good, time) }
        isLost = false
        for change in standings.take(snapshot) { say("\(environment)/\(change.text)", change.tone, time) }
      case .lost(let error):
        if !isLost { say("\(environment) cannot be seen: \(error)", .caution, time) }
        isLost = true
      }
    }
  }

  enum Tone { case good, caution, bad }

  private func say(_ text: String, _ tone: Tone, _ time: Timestamp) {
    let line = "\(time)  \(visible(text))"
    guard hasColor else { return announce(line + "\n") }
    let code =
      switch tone {
      case .good: "32"
      case .caution: "33"
      case .bad: "1;31"
      }
    announce("\u{1B}[\(code)m\(line)\u{1B}[0m\n")
  }

  /// How each service of an environment stood when it was last seen.
  struct Standings {
    struct Standing: Equatable {
      /// The tags of its pods; several while a rollout goes on.
      var running: [String]
      var isReady: Bool
      var trouble: String?
      var isDegraded: Bool
    }

    struct Change: Equatable {
      var text: String
      var tone: Tone
    }

    let fleet: Fleet
    private var known: [ServiceName: Standing] = [:]
    /// What each ran when it last ran one version alone.
    private var settled: [ServiceName: [String]] = [:]

    init(fleet: Fleet) { self.fleet = fleet }

    /// - Returns: what is worth a line: nothing at the first look, which is where a person began.
    mutating func take(_ snapshot: EnvironmentSnapshot) -> [Change] {
      var changes: [Change] = []
      for service in fleet.services {
        guard let seen = snapshot.services[service.name] else { continue }
        let now = Self.standing(service, seen)
        let before = known.updateValue(now, forKey: service.name)
        guard let before else {
          settled[service.name] = now.running
          continue
        }
        changes += self.changes(service.name, before, now)
      }
      return changes
    }

    private mutating func changes(_ name: ServiceName, _ before: Standing, _ now: Standing) -> [Change] {
      var changes: [Change] = []
      if let trouble = now.trouble, before.trouble == nil {
        changes.append(Change(text: "\(name): \(trouble)", tone: .bad))
      }
      if now.isDegraded, !before.isDegraded { changes.append(Change(text: "\(name): Degraded", tone: .bad)) }
      if now.running.count == 1, now.isReady, let former = settled[name], former != now.running {
        let from = former.isEmpty ? "nothing" : former.joined(separator: " and ")
        changes.append(Change(text: "\(name) runs \(now.running[0]) now, and ran \(from)", tone: .caution))
        settled[name] = now.running
      } else if !now.isReady, before.isReady, now.running == before.running, now.trouble == nil {
        changes.append(Change(text: "\(name) is not ready", tone: .caution))
      } else if now.isReady, now.trouble == nil,
        before.trouble != nil || !before.isReady && now.running == before.running
      {
        changes.append(Change(text: "\(name) is ready again", tone: .good))
      }
      return changes
    }

    private static func standing(_ service: Service, _ seen: ServiceSnapshot) -> Standing {
      let look = FleetLook.glance(service, seen)
      return Standing(
        running: look.running,
        isReady: look.ready == look.desired,
        trouble: look.trouble,
        isDegraded: look.state == .degraded
      )
    }
  }
}

extension Repl {
  /// Begins to look out where something real can happen.
  func startLookout() {
    lookout?.cancel()
    lookout = nil
    guard session.world.kind == .live, console.isTerminal else { return }
    let console = console
    let lookout = Lookout(
      reading: session.world.world.reading,
      fleet: settings.fleet,
      hasColor: console.hasColor,
      announce: { console.announce($0) }
    )
    self.lookout = Task.detached { await lookout.run() }
  }
}
