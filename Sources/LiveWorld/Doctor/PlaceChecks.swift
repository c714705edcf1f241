import PromotionModel

/// What is around a run: health endpoints, places for announcements, zones.
struct PlaceChecks: Sendable {
  private let fleet: Fleet
  private let host: Host
  private let programs: any ProgramRunner
  private let clock: any WorldClock

  init(_ doctor: Doctor) {
    (fleet, host, programs, clock) = (doctor.fleet, doctor.host, doctor.programs, doctor.clock)
  }

  func health() async throws -> [CheckUp] {
    var targets: [(subject: String, target: ProbeTarget)] = []
    var without: [String] = []
    for environment in fleet.environments {
      for service in fleet.services {
        let subject = "\(environment.name) \(service.name)"
        if let url = service.health[environment.name] {
          targets.append((subject, ProbeTarget(service: service.name, url: url)))
        } else {
          without.append(subject)
        }
      }
    }
    var found: [CheckUp] = []
    if !targets.isEmpty {
      let results = try await CurlProbes(programs: programs).probe(targets.map(\.target))
      for (entry, result) in zip(targets, results) {
        switch result.answer {
        case .status(200): found.append(CheckUp("health", entry.subject, .good, "200 from \(entry.target.url)"))
        case .status(let status):
          found.append(
            CheckUp(
              "health",
              entry.subject,
              .warning,
              "\(status) from \(entry.target.url)",
              advice: "Is it the health endpoint? `diagnose \(entry.subject)` says more"
            )
          )
        case .unreachable(let why):
          found.append(
            CheckUp(
              "health",
              entry.subject,
              .warning,
              "no answer from \(entry.target.url): \(why)",
              advice: "Can it be reached from here? A run that cannot is undetermined"
            )
          )
        }
      }
    }
    if !without.isEmpty {
      let names =
        without.prefix(5).joined(separator: ", ") + (without.count > 5 ? " and \(without.count - 5) more" : "")
      found.append(CheckUp("health", "endpoints", .notChecked, "none is configured for \(names)"))
    }
    return found
  }

  /// Nothing is sent.
  func announcements() -> [CheckUp] {
    let forge = fleet.pullRequest.map { GitHubForge(settings: $0, programs: programs, clock: clock) }
    let announcer = LiveAnnouncer(variables: host, forge: forge, programs: programs)
    return fleet.announcements.places.map { place in
      if let obstacle = announcer.obstacle(to: place) {
        return CheckUp("announcements", place.name, .bad, obstacle, advice: "No announcement would reach it")
      }
      let what =
        switch place.road {
        case .webhook(let variable): "the address in \(variable) is one"
        case .pullRequestComment: "comments on pull requests"
        case .command(let words): "the program \(words.first ?? "")"
        }
      return CheckUp("announcements", place.name, .good, what + "; nothing was sent")
    }
  }

  func zones() -> [CheckUp] {
    let zones = Set(fleet.policy.windows.map(\.zone)).sorted()
    return zones.map { zone in
      do {
        _ = try SystemTimeZones().secondsAheadOfUTC(in: zone, at: clock.now())
        return CheckUp("time", zone, .good, "its rules are at hand")
      } catch let error as WorldError {
        return CheckUp("time", zone, error)
      } catch {
        return CheckUp("time", zone, .unknown, "\(error)")
      }
    }
  }
}
