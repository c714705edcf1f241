import LiveWorld
import PromotionModel
import RunLog

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The folder that a `slipway.yaml` stands in: its relative paths are from there, wherever the command is typed.
struct ConfigurationFolder {
  /// Absolute.
  let path: String

  init(path: String) { self.path = path }

  /// - Parameter file: the path of a configuration, from the working directory.
  init(of file: String, _ host: Host) {
    guard let slash = file.lastIndex(of: "/") else {
      path = host.workingDirectory
      return
    }
    let folder = String(file[..<slash])
    path = file.hasPrefix("/") ? folder : "\(host.workingDirectory)/\(folder)"
  }

  var exists: Bool { access(path.isEmpty ? "/" : path, F_OK) == 0 }

  /// A path as it is meant from everywhere.
  func anchored(_ path: String) -> String { path.hasPrefix("/") ? path : "\(self.path)/\(path)" }

  /// The fleet with its local repository, its announcing programs and its smoke tests found from everywhere.
  func anchored(_ fleet: Fleet) -> Fleet {
    var fleet = fleet
    let url = fleet.repository.url
    // What has a colon is a URL, or `host:path`.
    if !url.contains(":") { fleet.repository.url = anchored(url) }
    for index in fleet.announcements.places.indices {
      if case .command(let words) = fleet.announcements.places[index].road {
        fleet.announcements.places[index].road = .command(anchored(program: words, in: path))
      }
    }
    for service in fleet.services.indices {
      for test in fleet.services[service].smokeTests.indices {
        let directory = fleet.services[service].smokeTests[test].directory.map { anchored($0) }
        fleet.services[service].smokeTests[test].directory = directory
        let words = fleet.services[service].smokeTests[test].words
        fleet.services[service].smokeTests[test].words = anchored(program: words, in: directory ?? path)
      }
    }
    return fleet
  }

  /// A program without a slash is looked for in PATH.
  private func anchored(program words: [String], in folder: String) -> [String] {
    guard let program = words.first, program.contains("/"), !program.hasPrefix("/") else { return words }
    return ["\(folder)/\(program)"] + words.dropFirst()
  }
}
