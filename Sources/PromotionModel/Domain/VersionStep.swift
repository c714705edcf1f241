/// How far a version goes beyond another, by SemVer 2.0.0.
public enum VersionStep: String, Hashable, Comparable, Sendable, CaseIterable {
  case patch
  /// New features, and what is new to an environment.
  case minor
  /// What breaks something: also steps back, and (section 4) new features before 1.0.0.
  case major

  public static func < (a: VersionStep, b: VersionStep) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .patch: 0
    case .minor: 1
    case .major: 2
    }
  }

  /// - Parameter from: nil where there is none.
  public init(from: Version?, to: Version?) {
    guard let from, let to else {
      self = .minor
      return
    }
    if to < from || to.major != from.major {
      self = .major
    } else if to.major == 0, to.minor != from.minor {
      self = .major
    } else {
      self = to.minor != from.minor ? .minor : .patch
    }
  }

  /// The largest step of a change.
  public init(_ changes: ChangeSet, _ fleet: Fleet) {
    self =
      changes.services.map { change in
        let pattern = fleet.service(change.service)?.tag
        return VersionStep(
          from: change.fromTag.flatMap { pattern?.version(ofTag: $0) },
          to: pattern?.version(ofTag: change.toTag)
        )
      }.max() ?? .patch
  }
}

extension Version {
  /// The versions between two that the numbering leaves no doubt about, and that are not among `known`: every patch, and of
  /// every minor and major version one at least.
  public static func leftOut(from: Version, to: Version, known: [Version]) -> [String] {
    guard from < to else { return [] }
    func missing(_ range: Range<UInt64>, _ known: [UInt64], _ text: (UInt64) -> String) -> [String] {
      // As many as are shown, however far the numbers are apart.
      let known = Set(known)
      return range.lazy.filter { !known.contains($0) }.prefix(5).map(text)
    }
    func patches(_ range: Range<UInt64>) -> [String] {
      let known = known.filter { $0.major == to.major && $0.minor == to.minor && $0.prerelease.isEmpty }
      return missing(range, known.map(\.patch)) { "\(to.major).\(to.minor).\($0)" }
    }
    func minors(_ range: Range<UInt64>) -> [String] {
      missing(range, known.filter { $0.major == to.major }.map(\.minor)) { "\(to.major).\($0).x" }
    }
    if from.major == to.major, from.minor == to.minor {
      return from.patch < to.patch ? patches(from.patch + 1..<to.patch) : []
    }
    if from.major == to.major {
      return (from.minor + 1 < to.minor ? minors(from.minor + 1..<to.minor) : []) + patches(0..<to.patch)
    }
    let majors = from.major + 1 < to.major ? missing(from.major + 1..<to.major, known.map(\.major)) { "\($0).x.x" } : []
    return majors + minors(0..<to.minor) + patches(0..<to.patch)
  }
}
