import PromotionModel
import RunbookCompletion
import Synchronization

/// The versions that services have had, as the world told them last: read in the background, so that Tab never waits.
final class VersionCatalogue: Sendable {
  private let known = Mutex<[EnvironmentName: [ServiceName: [KnownVersion]]]>([:])

  /// Newest first; of all environments where none is named.
  func of(_ service: ServiceName, in environment: EnvironmentName?) -> [KnownVersion] {
    let known = known.withLock { $0 }
    let places = environment.map { [$0] } ?? known.keys.sorted()
    var seen: Set<Version> = []
    return places.flatMap { known[$0]?[service] ?? [] }.filter { seen.insert($0.version).inserted }
  }

  /// Reads what can be read; what cannot is not offered.
  func read(_ reading: WorldReading, _ fleet: Fleet) async {
    guard (try? await reading.repository.head()) != nil else { return }
    for environment in fleet.environments.map(\.name) {
      let names = fleet.services.map(\.name)
      guard let history = try? await reading.repository.history(of: names, in: environment, limit: 20) else { continue }
      var found: [ServiceName: [KnownVersion]] = [:]
      for service in fleet.services {
        found[service.name] = (history[service.name] ?? []).compactMap { change in
          guard let tag = change.tag, let version = service.tag.version(ofTag: tag) else { return nil }
          return KnownVersion(
            version,
            about: "\(environment) since \(change.commit.time.wholeSecond), \(change.commit.author)"
          )
        }
      }
      known.withLock { [found] in $0[environment] = found }
    }
  }
}

extension Repl {
  /// Has the catalogue read again, behind whatever runs in the world.
  func readVersions() {
    guard console.isTerminal else { return }
    let (versions, world, fleet) = (versions, session.world, settings.fleet)
    _ = world.start({ await versions.read(world.world.reading, fleet) }, done: {})
  }
}
