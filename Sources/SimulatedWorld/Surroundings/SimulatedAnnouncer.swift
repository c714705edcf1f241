public import PromotionModel

/// An announcement that arrived somewhere.
public struct ReceivedAnnouncement: Hashable, Sendable {
  public var time: Timestamp
  /// The name of the place.
  public var place: String
  public var announcement: Announcement
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
      outside.announcements.append(
        ReceivedAnnouncement(time: outside.now, place: place.name, announcement: announcement)
      )
    }
  }
}
