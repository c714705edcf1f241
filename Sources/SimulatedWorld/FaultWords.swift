import PromotionModel

extension Fault.Effect {
  /// For people, in the words of a scenario's `given` where it has them: `production api crashes after 3m`.
  public var words: String {
    switch self {
    case .image(let fault): fault.words
    case .slowDelivery(let environment, let services, let delay):
      "\(environment) \(services.isEmpty ? "" : Self.list(services) + " ")syncs slowly by \(delay.runbookText)"
    case .foreignTag(let service, let environment, let version): "\(environment) \(service) moves to v\(version)"
    case .foreignCommits(let interval):
      interval.map { "foreign commits every \($0.runbookText)" } ?? "a foreign commit"
    case .liveImage(let service, let environment, let version):
      "\(environment) \(service) is set to v\(version) by hand"
    case .liveReplicas(let service, let environment, let replicas):
      "\(environment) \(service) is scaled to \(replicas) by hand"
    case .liveDeletion(let service, let environment): "\(environment) \(service) is deleted by hand"
    case .selfHeal(let environment, let services):
      "\(environment) \(services.isEmpty ? "" : Self.list(services) + " ")heals itself"
    case .autoscaled(let service, let environment, let replicas): "\(environment) \(service) scales to \(replicas)"
    case .podLost(let service, let environment, let loss): "\(environment) \(service) is \(loss.rawValue)"
    case .migration(let service, let environment, let migration):
      migration.fails
        ? "\(environment) \(service) cannot be migrated"
        : "\(environment) \(service) migrates for \(migration.duration.runbookText)"
    case .reviewer(let review): "the reviewer " + review.words
    case .networkLost(let duration): "the network is lost for \(duration.runbookText)"
    case .serverLost(let server, let duration): "\(server.words) away for \(duration.runbookText)"
    case .pushesRejected(let count): "\(count) \(count == 1 ? "push is" : "pushes are") rejected"
    case .foreignLock(let environment, let duration): "\(environment) is locked for \(duration.runbookText)"
    case .foreignFreeze(let environment, let duration): "\(environment) is frozen for \(duration.runbookText)"
    case .metric(let name, let service, let environment, let value):
      "metric \"\(name)\" of \(service) in \(environment) "
        + (value.map { "is \(MetricLimits.text($0))" } ?? "has no data")
    case .anotherCluster(let environment): "\(environment) leads to another cluster"
    case .call(let touch, let occurrence, let fault): "\(touch.rawValue) #\(occurrence) \(fault.words(of: touch))"
    }
  }

  private static func list(_ services: Set<ServiceName>) -> String {
    services.sorted().map(\.text).joined(separator: ", ")
  }
}

extension ImageFault {
  var words: String {
    let subject = (environment.map { "\($0) " } ?? "") + "\(service)"
    let which: String
    switch versions {
    case .any: which = ", whatever its version"
    case .new: which = ""
    case .exactly(let version): which = " at v\(version)"
    }
    func after(_ delay: Duration) -> String { delay > .zero ? " after \(delay.runbookText)" : "" }
    switch behaviour {
    case .crashes(let delay): return "\(subject) crashes\(after(delay))\(which)"
    case .cannotBePulled: return "\(subject) cannot be pulled\(which)"
    case .neverReady: return "\(subject) never becomes ready\(which)"
    case .health(.status(let status), let delay): return "\(subject) answers \(status)\(after(delay))\(which)"
    case .health(.unreachable, let delay): return "\(subject) does not answer\(after(delay))\(which)"
    case .logsErrors(let count, let window, let delay):
      let errors = "\(count) \(count == 1 ? "error" : "errors") per \(window.runbookText)"
      return "\(subject) logs \(errors)\(after(delay))\(which)"
    case .metric(let name, let value, let delay):
      let place = environment.map { " in \($0)" } ?? ""
      let what = value.map { "is \(MetricLimits.text($0))" } ?? "has no data"
      return "metric \"\(name)\" of \(service)\(place) \(what)\(after(delay))\(which)"
    case .alert(let name, let delay):
      let place = environment.map { " in \($0)" } ?? ""
      return "alert \"\(name)\" of \(service)\(place) fires\(after(delay))\(which)"
    case .anotherDigest: return "\(subject) is pushed again\(which)"
    }
  }
}

extension Review {
  var words: String {
    switch self {
    case .merges(let delay, let method):
      "merges" + (method.map { " by \($0.rawValue)" } ?? "") + " after \(delay.runbookText)"
    case .closes(let delay): "closes after \(delay.runbookText)"
    case .editsAndMerges(let delay, let service, let version, _):
      "edits \(service) to v\(version) after \(delay.runbookText)"
    case .neverComes: "never comes"
    }
  }
}

extension CallFault {
  public func words(of touch: Touch) -> String {
    switch (touch, self) {
    case (.programRun, .fails(.refused)): return "ends with status 1"
    case (.programRun, .fails(.missing)): return "is of a program that is not installed"
    case (.programRun, .hangs): return "does not end"
    case (.personAsk, .fails(.refused)): return "is answered no"
    case (.personAsk, .fails(.missing)): return "finds nobody there"
    case (.personAsk, .hangs): return "is not answered"
    default: return words
    }
  }

  private var words: String {
    switch self {
    case .fails(let reason): "fails: \(reason.rawValue)"
    case .answerLost: "has its effect, and the answer is lost"
    case .hangs(let duration): "hangs for \(duration.runbookText) and has no effect"
    case .late(let delay): "answers after \(delay.runbookText)"
    case .stale(let age): "answers what was true \(age.runbookText) before"
    case .processDies(let moment): "is when the process dies, right \(moment.rawValue) its effect"
    case .interrupted(.answered): "is when somebody presses Ctrl-C, right after its answer"
    case .interrupted(let moment): "is when somebody presses Ctrl-C, right \(moment.rawValue) its effect"
    }
  }
}

extension OutsideServer {
  fileprivate var words: String {
    switch self {
    case .git: "the git server is"
    case .forge: "the forge is"
    case .cluster: "every cluster is"
    case .delivery: "Argo CD is"
    }
  }
}
