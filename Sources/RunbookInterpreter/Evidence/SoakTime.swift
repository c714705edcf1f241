import PromotionModel

/// How long the version that an environment declares of a service has run there (`policy.soak`). Both must be old enough: the
/// commit that brought its tag, by git, and the container that has run it longest without a restart, by the cluster's clock.
struct SoakTime {
  enum Verdict: Equatable {
    case enough(Duration)
    /// Since when it has run, and when that is long enough.
    case tooShort(Duration, enoughAt: Timestamp)
    case unknown(String)
  }

  let service: Service
  let tag: String
  let needed: Duration
  /// What was committed to the environment, newest first.
  let history: [DeclaredChange]
  let snapshot: EnvironmentSnapshot

  var verdict: Verdict {
    guard let newest = history.first else { return .unknown("git does not say since when it stands there") }
    guard newest.tag == tag else { return .unknown("git says \(newest.tag ?? "nothing") there by now, not \(tag)") }
    let pods = (snapshot.services[service.name]?.pods ?? []).filter { !$0.isTerminating && $0.isReady }
    let starts = pods.compactMap { pod -> Timestamp? in
      guard case .running(let since) = pod.container(of: service, atTag: tag)?.state else { return nil }
      return since
    }
    guard let oldest = starts.min() else { return .unknown("no ready pod says since when it runs \(tag)") }
    let since = max(newest.commit.time, oldest)
    let (ran, enough) = (max(.zero, snapshot.time - since), since + needed)
    return snapshot.time >= enough ? .enough(ran) : .tooShort(ran, enoughAt: enough)
  }

  /// The verdict in words, `api 1.3.0 …`; nil: it is long enough.
  func obstacle(in environment: EnvironmentName) -> String? {
    switch verdict {
    case .enough: nil
    case .tooShort(let ran, let at):
      "\(tag) has run in \(environment) for \(Self.text(ran)) of \(needed.runbookText): "
        + "long enough at \(AnnouncementText.time(at.roundedUp))"
    case .unknown(let why):
      "whether \(tag) has run in \(environment) for \(needed.runbookText) cannot be told: \(why)"
    }
  }

  /// In whole seconds.
  static func text(_ duration: Duration) -> String { Duration.seconds(duration.components.seconds).runbookText }
}

extension Timestamp {
  /// The whole minute that is not before it.
  fileprivate var roundedUp: Timestamp {
    let minute: Int64 = 60_000_000_000
    return Timestamp(nanosecondsSinceEpoch: (nanosecondsSinceEpoch + minute - 1) / minute * minute)
  }
}

extension StepContext {
  /// How long the versions of services have run in an environment, where the configuration asks for a time; `tags` are those
  /// that are to be promoted.
  func soakTimes(
    of tags: [ServiceName: String],
    in environment: EnvironmentName,
    _ snapshot: EnvironmentSnapshot? = nil
  ) async throws -> [SoakTime] {
    let asked = fleet.services.compactMap { service -> (service: Service, tag: String, needed: Duration)? in
      guard let tag = tags[service.name] else { return nil }
      let needed = service.soak ?? fleet.policy.soak
      return needed > .zero ? (service, tag, needed) : nil
    }
    guard !asked.isEmpty else { return [] }
    let history = try await reading.repository.history(of: asked.map(\.service.name), in: environment, limit: 1)
    let seen: EnvironmentSnapshot
    if let snapshot { seen = snapshot } else { seen = try await reading.cluster.snapshot(of: environment) }
    return asked.map { service, tag, needed in
      SoakTime(service: service, tag: tag, needed: needed, history: history[service.name] ?? [], snapshot: seen)
    }
  }
}
