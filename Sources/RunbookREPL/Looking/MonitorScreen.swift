import PromotionModel
import RunLog
import RunReport
import RunbookDiagnostics
import RunbookInterpreter
import Synchronization

/// A `monitor` as a screen of its own: how it is in letters that can be read from across a room, how much evidence there is,
/// and a line a service. What is told of the statement otherwise comes when the screen is gone.
final class MonitorScreen: RunLogSink {
  private struct State {
    var gathered = Duration.zero
    var needed: Duration?
    var environment = ""
    var entries: [FleetLook.Entry] = []
    var bad: [String] = []
    var isBlind = false
    var last = ""
    var told = ""
    var isOver = false
  }

  private let state = Mutex(State())
  private let hasColor: Bool
  private let columns: @Sendable () -> Int
  private let write: @Sendable (String) -> Void
  private let report: ConsoleReport

  init(hasColor: Bool, columns: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void) {
    (self.hasColor, self.columns, self.write) = (hasColor, columns, write)
    let told = Told()
    report = ConsoleReport(style: ConsoleReport.Style(color: hasColor), write: { told.add($0) })
    self.told = told
    write("\u{1B}[?1049h\u{1B}[?25l")
  }

  private let told: Told

  func emit(_ event: RunEvent) {
    let isPassing = state.withLock { state -> Bool in
      if let environment = event.environment { state.environment = environment.text }
      switch event.body {
      case .evidence(let gathered, let needed):
        (state.gathered, state.needed) = (gathered, needed)
        return true
      case .progress(let text):
        state.last = text
        return true
      case .badSign(let sign):
        state.bad.append([event.service?.text, sign].compactMap(\.self).joined(separator: ": "))
        return false
      case .sight(let isLost, let message):
        (state.isBlind, state.last) = (isLost, message)
        return false
      case .warning(let text):
        state.last = text
        return false
      case .runStarted, .stepStarted, .stepSkipped, .finding, .sealed, .planned, .wayBack, .lockTaken,
        .pullRequestOpened, .pullRequestChanged, .committed, .superseded, .previewed, .wouldWrite, .value, .confirmed,
        .programOutput, .shown, .logLine, .announced, .stepEnded, .runEnded:
        return false
      }
    }
    if !isPassing { report.emit(event) }
    draw()
  }

  /// What was just seen of the services.
  func take(_ entries: [FleetLook.Entry]) {
    state.withLock { $0.entries = entries }
    draw()
  }

  /// Gives the terminal back; what was told meanwhile is shown.
  func close() {
    state.withLock { $0.isOver = true }
    write("\u{1B}[?25h\u{1B}[?1049l" + told.text)
  }

  private func draw() {
    state.withLock { state in
      guard !state.isOver else { return }
      write("\u{1B}[H" + text(state).map { $0 + "\u{1B}[K\r\n" }.joined() + "\u{1B}[J")
    }
  }

  private func text(_ state: borrowing State) -> [String] {
    let width = max(20, columns() - 1)
    let (word, code) = verdict(state)
    var lines = [paint(pad(" monitor \(visible(state.environment))", to: width), "7;\(code)"), ""]
    let time = Self.clock(state.gathered) + (state.needed.map { " / " + Self.clock($0) } ?? "")
    // On a narrow screen the word matters more.
    let big = BigLetters.rows("\(word)   \(time)")
    lines += (big.allSatisfy { $0.count < width } ? big : BigLetters.rows(word)).map { paint(" " + $0, code) }
    lines.append("")
    if let needed = state.needed, needed > .zero {
      let share = min(1, Double(state.gathered.wholeNanoseconds) / Double(needed.wholeNanoseconds))
      let full = Int(Double(width - 2) * share)
      lines.append(
        " " + paint(String(repeating: "█", count: full), code) + String(repeating: "░", count: width - 2 - full)
      )
      lines.append("")
    }
    lines += rows(state.entries, width: width)
    for sign in state.bad.suffix(4) { lines += ["", paint(" \(visible(sign))", "1;31")] }
    if !state.last.isEmpty { lines += ["", paint(String(" \(visible(state.last))".prefix(width)), "2")] }
    return lines + ["", paint(" Ctrl-C stops watching and changes nothing.", "2")]
  }

  private func verdict(_ state: borrowing State) -> (word: String, code: String) {
    if !state.bad.isEmpty { return ("BAD", "1;31") }
    if state.isBlind { return ("BLIND", "33") }
    if state.entries.contains(where: { $0.trouble != nil || $0.isHealthy == false }) { return ("BAD", "1;31") }
    return state.gathered > .zero ? ("GOOD", "1;32") : ("WAIT", "33")
  }

  /// Spaced out, a line a service.
  private func rows(_ entries: [FleetLook.Entry], width columnCount: Int) -> [String] {
    let width = entries.map(\.service.text.count).max() ?? 0
    let versions = entries.map { $0.running.joined(separator: " ").count }.max() ?? 0
    return entries.flatMap { entry -> [String] in
      let running = visible(entry.running.joined(separator: " "))
      let line =
        " \(visible(entry.service.text).padded(to: width))   \(running.padded(to: versions))   "
        + "\(entry.ready)/\(entry.desired) ready   \(entry.restarts) restarts   "
        + "\(entry.errors.map { "\($0) errors" } ?? "errors unknown")   \(visible(entry.health ?? "-"))"
        + (entry.trouble.map { "   \(visible($0))" } ?? "")
      let isBad = entry.trouble != nil || entry.isHealthy == false
      return [paint(String(line.prefix(columnCount)), isBad ? "1;31" : entry.ready == entry.desired ? "1" : "33"), ""]
    }
  }

  private func pad(_ text: String, to width: Int) -> String { text.padded(to: width) }

  private func paint(_ text: String, _ code: String) -> String {
    hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// `12:34`, and from an hour on `1:02:34`.
  static func clock(_ duration: Duration) -> String {
    let seconds = max(0, duration.wholeNanoseconds / 1_000_000_000)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let clock = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return seconds >= 3600 ? "\(seconds / 3600):\(clock)" : clock
  }
}

private final class Told: Sendable {
  private let lines = Mutex("")
  var text: String { lines.withLock { $0 } }
  func add(_ text: String) { lines.withLock { $0 += text } }
}

extension Repl {
  /// The screen for what is about to run, where it is a single `monitor` that takes its time and somebody can see it.
  func monitorScreen(_ ready: SessionReader.Ready) -> (screen: MonitorScreen, scope: LookScope)? {
    let new = ready.runbook.body.statements.filter { $0.ordinal >= ready.first }
    guard console.isTerminal, new.count == 1, case .monitor(let action)? = new.first?.action,
      session.world.kind == .live || session.world.hasPace
    else { return nil }
    var services: [ServiceName]?
    switch action.targets {
    case .services(let named): services = named
    case .promoted: services = session.interpreter.promoted(to: action.environment)
    case .all, .computed: break
    }
    let console = console
    let screen = MonitorScreen(
      hasColor: console.hasColor,
      columns: { console.columns ?? 80 },
      write: { console.show($0) }
    )
    var scope = LookScope.all(settings.fleet)
    (scope.environments, scope.services) = ([action.environment], services)
    return (screen, scope)
  }

  /// A monitor with somebody who looks at the services for its screen meanwhile.
  func watching(
    _ screen: MonitorScreen,
    _ scope: LookScope,
    _ body: @escaping @Sendable () async -> [SessionInterpreter.Performed]
  ) -> @Sendable () async -> [SessionInterpreter.Performed] {
    let reading = session.world.world.reading
    let look = FleetLook(reading: reading, fleet: settings.fleet)
    let pause = settings.fleet.policy.probeInterval
    return {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          while !Task.isCancelled {
            if let entries = try? await scope.look(look) { screen.take(entries) }
            try? await reading.clock.sleep(for: pause)
          }
        }
        let performed = await body()
        group.cancelAll()
        return performed
      }
    }
  }
}
