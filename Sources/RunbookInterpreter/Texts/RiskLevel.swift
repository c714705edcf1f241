import PromotionModel

/// How much may go wrong with a change, as the guide's announcement names it: by the largest step that a version makes.
enum RiskLevel: String, Comparable {
  /// Patches.
  case low = "Low"
  /// New features, and what is new to the environment.
  case medium = "Medium"
  /// Changes that break something, and steps back.
  case high = "High"

  static func < (a: RiskLevel, b: RiskLevel) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .low: 0
    case .medium: 1
    case .high: 2
    }
  }

  /// A step from one version to another; nil where there is none.
  init(from: Version?, to: Version?) {
    switch VersionStep(from: from, to: to) {
    case .patch: self = .low
    case .minor: self = .medium
    case .major: self = .high
    }
  }
}
