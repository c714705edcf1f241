import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// `announce`, `freeze`, `thaw`, `confirm`, `require`, `run`, `show`.
extension Checker {
  mutating func announce(_ node: AnnounceStatement) -> Action? {
    let message: AnnounceAction.Message
    switch node.message {
    case .planned: message = .planned
    case .complete: message = .complete
    case .rolledBack: message = .rolledBack
    case .text(let literal):
      guard let setting = text(literal) else { return nil }
      message = .text(setting)
    }
    let place = node.to.map { text($0) }
    // Where none is configured the run itself says so: a runbook is good in one place and not in another.
    let places = fleet.announcements.places.map(\.name)
    if let place, let span = node.to?.span, !places.isEmpty, !places.contains(place) {
      report(CheckMessages.unknownWord(place, "place for announcements", among: places, at: span))
      return nil
    }
    return .announce(AnnounceAction(message: message, place: place))
  }

  mutating func freeze(_ node: FreezeStatement) -> Action? {
    let environment = environment(node.environment)
    let until = dateTime(node.until, "the end of a freeze")
    let reason = reason(node.because).setting
    let team = node.except.map { text($0) }
    let teams = fleet.policy.teams.keys.sorted()
    if let team, let span = node.except?.span, !teams.isEmpty, !teams.contains(team) {
      report(CheckMessages.unknownWord(team, "team", among: teams, at: span))
      return nil
    }
    guard let environment, let until, let reason else { return nil }
    return .freeze(FreezeAction(environment: environment, until: until, except: team, reason: reason))
  }

  mutating func thaw(_ node: ThawStatement) -> Action? {
    let environment = environment(node.environment)
    let reason = reason(node.because).setting
    guard let environment, let reason else { return nil }
    return .thaw(environment: environment, reason: reason)
  }

  mutating func confirm(_ node: ConfirmStatement) -> Action? {
    guard let question = node.question else { return .confirm(.checklist) }
    return text(question).map { .confirm(.question($0)) }
  }

  mutating func require(_ node: RequireStatement, _ span: SourceSpan) -> Action? {
    let requirement: RequireAction.Requirement?
    let shown: String
    switch node.requirement {
    case .condition(let expression):
      requirement = condition(expression).map { .condition($0) }
      shown = folded(source.text(expression.span))
    case .configuredWindow:
      (requirement, shown) = (.configuredWindow, "window")
      if fleet.policy.windows.isEmpty { report(CheckMessages.noWindow(at: span)) }
    case .window(let window):
      requirement = self.window(window).map { .window($0) }
      shown = folded("window " + source.text(self.span(of: window)))
    }
    let message = text(node.message)
    guard let requirement, message.isGood else { return nil }
    return .require(RequireAction(requirement: requirement, message: message.setting, text: shown))
  }

  private func span(of window: WindowNode) -> SourceSpan {
    let start = window.days.first?.span.start ?? window.from.span.start
    return SourceSpan(start: start, end: window.zone?.span.end ?? window.to.span.end)
  }

  private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
  private static let groups: [String: Set<Int>] = [
    "weekdays": [1, 2, 3, 4, 5], "weekends": [6, 7], "daily": Set(1...7),
  ]

  private mutating func window(_ node: WindowNode) -> CheckedWindow? {
    var days: Set<Int> = []
    var isGood = true
    for day in node.days {
      let word = text(day)
      if let index = Self.days.firstIndex(of: word) {
        days.insert(index + 1)
      } else if let group = Self.groups[word] {
        days.formUnion(group)
      } else {
        report(
          CheckMessages.unknownWord(
            word,
            "day",
            among: ["weekdays", "weekends", "daily"] + Self.days,
            at: day.span
          )
        )
        isGood = false
      }
    }
    let from = clockTime(node.from, "the beginning of a window")
    let to = clockTime(node.to, "the end of a window")
    let zone = node.zone.map { self.zone($0) }
    if let from = from?.known, let to = to?.known, from == to {
      report(CheckMessages.emptyWindow(at: node.from.span.union(node.to.span)))
      return nil
    }
    guard isGood, let from, let to else { return nil }
    if let zone, zone == nil { return nil }
    return CheckedWindow(days: days, from: from, to: to, zone: zone ?? nil)
  }

  /// A zone's name by its form: which there are is known to the machine that runs the runbook.
  private mutating func zone(_ literal: StringLiteral) -> String? {
    guard let name = constantText(literal, what: "a time zone") else { return nil }
    let isZone = name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      part.first.map { $0.isASCII && $0.isLetter } ?? false
        && part.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-_+".utf8.contains(byte)
        }
    }
    guard isZone else {
      report(CheckMessages.badZone(name, at: literal.span))
      return nil
    }
    return name
  }

  mutating func run(_ node: RunStatement) -> Action? {
    let within = node.within.map { duration($0, "a deadline") }
    let directory = text(node.directory)
    let command: ProgramAction.Command
    if node.isShell {
      guard let line = text(node.command) else { return nil }
      if let known = line.known, known.allSatisfy(\.isWhitespace) {
        report(CheckMessages.emptyCommand(at: node.command.span))
        return nil
      }
      command = .shell(line)
    } else {
      guard let segments = segments(node.command) else { return nil }
      switch CommandWords.split(segments) {
      case .failure(let problem):
        report(CheckMessages.badCommand(problem, at: node.command.span))
        return nil
      case .success(let words):
        guard !words.isEmpty else {
          report(CheckMessages.emptyCommand(at: node.command.span))
          return nil
        }
        if let sign = words.lazy.compactMap(\.shellSign).first {
          report(CheckMessages.shellSign(sign, at: node.command.span))
        }
        command = .words(words.map { Self.setting(of: $0.segments) })
      }
    }
    guard directory.isGood else { return nil }
    if let within, within == nil { return nil }
    return .run(ProgramAction(command: command, within: within ?? nil, directory: directory.setting))
  }

  mutating func show(_ node: ShowStatement, _ span: SourceSpan, _ flow: Flow) -> Action? {
    let subject: ShowAction.Subject
    switch node.subject {
    case .status: subject = .status
    case .versions: subject = .versions
    case .diff: subject = .diff
    case .history: subject = .history
    case .logs: subject = .logs
    case .pods: subject = .pods
    case .pullRequests: subject = .pullRequests
    }
    if let follow = node.follow, subject != .logs, subject != .pods {
      report(CheckMessages.followsNothing(subject.rawValue, at: follow))
      return nil
    }
    let follows = node.follow != nil
    let scope = node.scope
    if scope.environment == nil, scope.targets == nil {
      return .show(ShowAction(subject: subject, environment: nil, targets: nil, follows: follows))
    }
    // An environment alone shows all of its services, and services alone are shown in all environments.
    if scope.environment == nil, case .names(let found)? = scope.targets?.kind {
      if found.count == 1, isEnvironmentName(found[0]) {
        return environment(found[0]).map {
          .show(ShowAction(subject: subject, environment: $0, targets: nil, follows: follows))
        }
      }
      return targets(found).map {
        .show(ShowAction(subject: subject, environment: nil, targets: $0.targets, follows: follows))
      }
    }
    if let node = scope.environment, scope.targets == nil {
      return environment(node).map {
        .show(ShowAction(subject: subject, environment: $0, targets: nil, follows: follows))
      }
    }
    if scope.environment == nil, case .all? = scope.targets?.kind {
      return .show(ShowAction(subject: subject, environment: nil, targets: .all(except: []), follows: follows))
    }
    return place(scope, verb: "show \(subject.rawValue)", span, flow).map {
      .show(ShowAction(subject: subject, environment: $0.environment, targets: $0.targets, follows: follows))
    }
  }
}
