/// Telling people what a run does.
public protocol Announcing: Sendable {
  /// Why nothing can be sent to a place, for people; nil when it can be tried. Sends nothing.
  func obstacle(to place: AnnouncementPlace) -> String?

  /// Hands one message to one place.
  ///
  /// - Throws: ``WorldError`` with ``WorldError/Reason/unreachable`` when the message surely did not arrive, and trying
  ///   again may help; any other reason when it was refused, or nobody can tell whether it arrived.
  func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws
}

public struct Announcement: Hashable, Sendable, Codable {
  /// The run and its step: a place that can look finds by it what was sent already.
  public var id: String
  /// Several lines, without secrets and without characters that steer a terminal.
  public var text: String
  /// The pull request to comment on.
  public var pullRequest: Int?

  public init(id: String, text: String, pullRequest: Int? = nil) {
    (self.id, self.text, self.pullRequest) = (id, text, pullRequest)
  }
}

/// Where nothing can be sent from.
public struct NoAnnouncer: Announcing {
  public init() {}

  public func obstacle(to place: AnnouncementPlace) -> String? { "nothing can be announced from here" }

  public func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    throw WorldError(tool: "announce", reason: .missing, message: "nothing can be announced from here")
  }
}
