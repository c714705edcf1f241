public import PromotionModel

/// An announcement that arrived somewhere.
public struct ReceivedAnnouncement: Hashable, Sendable {
  public var time: Timestamp
  /// The name of the place.
  public var place: String
  public var announcement: Announcement
  /// How the protected environments really stood when it arrived.
  public var truth: [EnvironmentName: [ServiceName: ServiceTruth]]
}

/// Places that keep what they are sent.
struct SimulatedAnnouncer: Announcing {
  let simulation: Simulation

  /// Nothing stands in the way of a rehearsal: it sends nothing real.
  func obstacle(to place: AnnouncementPlace) -> String? { nil }

  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    try await simulation.call(.announce) { outside in
      // Comments can be looked through first, as the live world does.
      if case .pullRequestComment = place.road,
        outside.announcements.contains(where: { $0.place == place.name && $0.announcement.id == announcement.id })
      {
        return
      }
      let received = ReceivedAnnouncement(
        time: outside.now,
        place: place.name,
        announcement: announcement,
        truth: Self.truth(of: outside)
      )
      outside.announcements.append(received)
    }
  }

  private static func truth(of outside: Outside) -> [EnvironmentName: [ServiceName: ServiceTruth]] {
    let moment = SimulatedMoment(outside: outside)
    let names = outside.fleet.protectedEnvironments.map(\.name)
    return Dictionary(uniqueKeysWithValues: names.map { ($0, moment.truth(of: $0)) })
  }
}
