import PromotionModel

// What Argo CD does before it applies a Deployment: it takes phases and waves in order, and goes on once everything of the
// one before is complete (https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/).

extension Outside {
  /// How often an automated sync is tried again when a part of it fails, and after how long: twice as long each time.
  private static let mostRetries = 5
  private static let firstPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(180)

  /// The Job of the first wave is made, or made anew (`BeforeHookCreation`).
  mutating func beginHook(_ place: Place, _ number: Int, _ migration: Migration) {
    applications[place]?.operation?.job = .active
    applications[place]?.operation?.message = "waiting for completion of hook batch/Job/\(Self.job(of: place))"
    changed.insert(place.environment)
    schedule(.hookEnds(place, number), after: migration.duration)
  }

  mutating func endHook(_ place: Place, _ number: Int) {
    guard let application = applications[place], let operation = application.operation, operation.number == number,
      operation.phase == "Running", operation.job == .active
    else { return }
    changed.insert(place.environment)
    guard application.migration?.fails == true else {
      applications[place]?.operation?.job = .complete
      applyOperation(place, number)
      return
    }
    applications[place]?.operation?.job = .failed
    let failure = "one or more synchronization tasks completed unsuccessfully"
    // What somebody asked for is tried once.
    guard operation.mark == nil, operation.retries < Self.mostRetries else {
      finish(place, phase: "Failed", message: failure)
      compare(place)
      return
    }
    var pause = Self.firstPause
    for _ in 0..<operation.retries { pause = min(pause * 2, Self.longestPause) }
    applications[place]?.operation?.retries += 1
    applications[place]?.operation?.message = "\(failure). Retrying attempt #\(operation.retries + 1)."
    schedule(.operationApplies(place, number), after: pause)
  }

  /// The Jobs of an Application: that of the last operation which had one.
  func jobs(of place: Place) -> [JobSnapshot] {
    guard let state = applications[place]?.operation?.job else { return [] }
    return [JobSnapshot(name: Self.job(of: place), state: state)]
  }

  private static func job(of place: Place) -> String { "\(place.service)-migrate" }
}
