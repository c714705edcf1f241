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
    guard let from, let to else {
      self = .medium
      return
    }
    if to < from || to.major != from.major {
      self = .high
    } else if to.major == 0, to.minor != from.minor {
      // SemVer 2.0.0, section 4: before 1.0.0 anything may change.
      self = .high
    } else {
      self = to.minor != from.minor ? .medium : .low
    }
  }
}
