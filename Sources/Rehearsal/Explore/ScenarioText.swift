import PromotionModel
import RunLog
import SimulatedWorld

/// An unsafe future as a `scenario` of the runbook: it fails as the runbook is, and passes once it is safe.
struct ScenarioText {
  /// nil when the forms of `given` cannot say what went wrong.
  let text: String?

  init(_ account: Account, fleet: Fleet) {
    let faults = account.future.faults
    // A scenario says once what the reviewer does: what was said last.
    let review = faults.lastIndex(where: \.isReview)
    let given = faults.enumerated().filter { !$1.isReview || $0 == review }.map { index, fault in
      Self.given(fault, began: account.world.time(ofFault: index).map { $0 - account.start }, account, fleet)
    }
    guard account.future.dyingWrite == nil, !account.future.goesOn, !given.isEmpty, given.allSatisfy({ $0 != nil })
    else {
      text = nil
      return
    }
    var lines = ["scenario \"\(Self.title(account.future.name))\" {"]
    lines += given.compactMap { $0 }.map { "  given \($0)" }
    // A runbook can be mended in more than one way: one goes back, another one stays with the new version rightly.
    text = (lines + ["  expect safe", "}"]).joined(separator: "\n")
  }

  private static func title(_ name: String) -> String {
    name.split(separator: "\"").joined(separator: "'").split(separator: "{").joined(separator: "{{")
      .split(separator: "}").joined(separator: "}}")
  }

  /// A fault in the forms of `given`; nil where there is none for it.
  /// - Parameter began: when it did, since the start of the run; nil when it never did.
  private static func given(_ fault: Fault, began: Duration?, _ account: Account, _ fleet: Fleet) -> String? {
    let late: Duration
    if case .after(let delay) = fault.start { late = delay } else if let began { late = began } else { return nil }
    switch fault.effect {
    case .image(let image):
      return Self.image(image, isFromTheStart: fault.start == .after(.zero), late: late, fleet)
    case .foreignTag(let service, let environment, let version):
      return "\(environment) \(quoted(service)) moves to v\(version)\(after(late))"
    case .liveImage(let service, let environment, let version):
      return "\(environment) \(quoted(service)) is set to v\(version) by hand\(after(late))"
    case .liveReplicas(let service, let environment, let replicas):
      return "\(environment) \(quoted(service)) is scaled to \(replicas) by hand\(after(late))"
    case .liveDeletion(let service, let environment):
      return "\(environment) \(quoted(service)) is deleted by hand\(after(late))"
    case .autoscaled(let service, let environment, let replicas):
      return "\(environment) \(quoted(service)) scales to \(replicas)\(after(late))"
    case .podLost(let service, let environment, let loss):
      return "\(environment) \(quoted(service)) is \(loss.rawValue)\(after(late))"
    case .migration(let service, let environment, let migration):
      return migration.fails
        ? "\(environment) \(quoted(service)) cannot be migrated\(after(late))"
        : "\(environment) \(quoted(service)) migrates for \(migration.duration.runbookText)\(after(late))"
    case .selfHeal(let environment, let services):
      guard services.count == 1, let service = services.first else { return nil }
      return "\(environment) \(quoted(service)) heals itself\(after(late))"
    case .slowDelivery(let environment, let services, let delay):
      guard services.count == 1, let service = services.first else { return nil }
      return "\(environment) \(quoted(service)) syncs slowly by \(delay.runbookText)"
    case .reviewer(.merges(let delay, let method)):
      return "the reviewer merges" + (method.map { " by \($0.rawValue)" } ?? "") + after(delay)
    case .reviewer(.closes(let delay)): return "the reviewer closes" + after(delay)
    case .reviewer(.neverComes): return "the reviewer never comes"
    case .reviewer(.editsAndMerges(let delay, let service, let version, nil)):
      return "the reviewer edits \(quoted(service)) to v\(version)" + after(delay)
    case .networkLost(let duration): return "the network is lost for \(duration.runbookText)\(after(late))"
    case .pushesRejected(let count): return "\(count) pushes are rejected\(after(late))"
    case .foreignCommits(let interval?): return "foreign commits every \(interval.runbookText)"
    case .foreignLock(let environment, let duration):
      return "\(environment) is locked for \(duration.runbookText)\(after(late))"
    case .foreignFreeze(let environment, let duration):
      return "\(environment) is frozen for \(duration.runbookText)\(after(late))"
    case .anotherCluster(let environment): return "\(environment) leads to another cluster\(after(late))"
    case .call(.programRun, let occurrence, let fault): return program(occurrence, fault, account)
    case .call(.personAsk, _, let fault): return person(fault, account)
    case .reviewer(.editsAndMerges), .foreignCommits(nil), .serverLost, .metric, .call: return nil
    }
  }

  private static func after(_ delay: Duration) -> String {
    delay > .zero ? " after \(whole(delay).runbookText)" : ""
  }

  private static func image(_ image: ImageFault, isFromTheStart: Bool, late: Duration, _ fleet: Fleet) -> String? {
    guard let environment = image.environment else { return nil }
    guard fleet.environment(environment)?.promotesFrom != nil else {
      // Where nothing is promoted to, `given` speaks of whatever runs there.
      guard image.versions == .any, image.behaviour.isAtOnce else { return nil }
      var named = image
      named.versions = .new
      return Fault.Effect.image(named).words + after(late)
    }
    guard image.versions == .new, isFromTheStart else { return nil }
    let subject = "\(environment) \(quoted(image.service))"
    switch image.behaviour {
    case .crashes(let delay): return "\(subject) crashes\(after(delay))"
    case .cannotBePulled: return "\(subject) cannot be pulled"
    case .neverReady: return "\(subject) never becomes ready"
    case .health(.status(let status), let delay): return "\(subject) answers \(status)\(after(delay))"
    case .logsErrors(let count, let window, let delay):
      let errors = count == 1 ? "error" : "errors"
      return "\(subject) logs \(count) \(errors) per \(window.runbookText)\(after(delay))"
    case .metric(let name, let value?, let delay):
      let subject = "metric \"\(name)\" of \(quoted(image.service)) in \(environment)"
      // Without a delay it would be so before the promotion too.
      return "\(subject) is \(MetricLimits.text(value)) after \(whole(max(delay, .seconds(1))).runbookText)"
    case .metric(let name, nil, let delay):
      let subject = "metric \"\(name)\" of \(quoted(image.service)) in \(environment)"
      return "\(subject) has no data after \(whole(max(delay, .seconds(1))).runbookText)"
    case .health(.unreachable, let delay): return "\(subject) does not answer\(after(delay))"
    case .alert(let name, let delay):
      return "alert \"\(name)\" of \(quoted(image.service)) in \(environment) fires\(after(delay))"
    case .anotherDigest: return "\(subject) is pushed again"
    }
  }

  /// `given` speaks of every program whose line begins so: of one that was started once.
  private static func program(_ occurrence: Int, _ fault: CallFault, _ account: Account) -> String? {
    let lines = account.world.commands.lines
    guard lines.indices.contains(occurrence - 1) else { return nil }
    let line = lines[occurrence - 1]
    guard lines.count(where: { $0.hasPrefix(line) }) == 1, line.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
      return nil
    }
    let text = line.reduce(into: "") { text, character in
      switch character {
      case "\\", "\"": text += "\\\(character)"
      case "{", "}": text += "\(character)\(character)"
      case _: text.append(character)
      }
    }
    switch fault {
    case .fails(.refused): return "program \"\(text)\" fails"
    case .hangs: return "program \"\(text)\" never ends"
    case .fails, .answerLost, .late, .stale, .processDies, .interrupted: return nil
    }
  }

  /// `given` speaks of every question: of one that was the only one.
  private static func person(_ fault: CallFault, _ account: Account) -> String? {
    guard account.world.calls[.personAsk] == 1 else { return nil }
    switch fault {
    case .fails(.refused): return "the person says no"
    case .hangs: return "the person never answers"
    case .fails, .answerLost, .late, .stale, .processDies, .interrupted: return nil
    }
  }

  /// A service is named as it is.
  private static func quoted(_ service: ServiceName) -> String { service.text }

  private static func whole(_ duration: Duration) -> Duration {
    .seconds(duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0))
  }
}

extension Fault {
  fileprivate var isReview: Bool { if case .reviewer = effect { true } else { false } }
}

extension ImageFault.Behaviour {
  /// Whether it is so from the start, and in a word of `given` that means the same wherever the image runs.
  fileprivate var isAtOnce: Bool {
    switch self {
    case .crashes(let delay), .health(_, let delay), .logsErrors(_, _, let delay), .alert(_, let delay): delay == .zero
    case .cannotBePulled, .neverReady, .anotherDigest: true
    case .metric: false
    }
  }
}
