/// The messages of the guide that a run fills in.
public enum AnnouncementKind: String, Sendable, Hashable, CaseIterable, Codable {
  case planned, complete
  case rolledBack = "rolled-back"
}

/// `announce` in the configuration: where announcements go, and how they read.
public struct AnnouncementSettings: Sendable, Hashable {
  /// In the order of the file.
  public var places: [AnnouncementPlace]
  /// Templates that replace the guide's.
  public var templates: [AnnouncementKind: String]

  public init(places: [AnnouncementPlace] = [], templates: [AnnouncementKind: String] = [:]) {
    (self.places, self.templates) = (places, templates)
  }

  /// What a template may name in braces. A line whose placeholders are all empty is left out of the message.
  public static let placeholders = [
    "environment", "services", "time", "changes", "validated", "risk", "rollback", "status", "monitoring", "reason",
    "run",
  ]
}

/// Somewhere an announcement can be sent.
public struct AnnouncementPlace: Sendable, Hashable {
  public enum Road: Sendable, Hashable {
    /// A webhook that takes `{"text": …}`, as Slack's do. The URL is a secret: only the name of the environment variable
    /// that holds it is known here.
    case webhook(variable: String)
    /// A comment on the pull request of the run's last promotion.
    case pullRequestComment
    /// A program and its arguments, which is given the message on its standard input.
    case command([String])
  }

  public var name: String
  public var road: Road

  public init(_ name: String, _ road: Road) { (self.name, self.road) = (name, road) }
}
