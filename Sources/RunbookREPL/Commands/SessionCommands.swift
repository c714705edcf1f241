import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import RunbookSyntax

extension Repl {
  /// `:world [rehearsal|dry-run|live]`
  func changeWorld(_ name: String) {
    guard !name.isEmpty else { return say("This is \(session.world.kind.described).") }
    guard let kind = WorldKind(rawValue: name) else {
      let all = WorldKind.allCases.map(\.rawValue).joined(separator: ", ")
      return complain("There is no world `\(visible(name))`: \(all).")
    }
    if kind == .live, let absence = settings.worlds.absence { return complain("No live world: \(absence).") }
    let (settings, desk, console) = (settings, desk, console)
    let opened = driver.run { () -> Swift.Result<any SessionWorld, any Error> in
      do {
        return .success(try await settings.worlds.open(kind, people: desk) { console.say($0 + "\n") })
      } catch {
        return .failure(error)
      }
    }
    guard let opened, !opened.wasInterrupted else {
      return say("Stopped; this is still \(session.world.kind.described).")
    }
    do {
      let next = try Session(
        fleet: settings.fleet,
        configuration: settings.configuration,
        world: try opened.value.get(),
        imports: settings.imports,
        place: settings.place,
        desk: desk
      )
      leaveWorld()
      session = next
      readVersions()
      startLookout()
      say("This is \(kind.described). A new run begins: \(session.world.run).")
    } catch {
      complain("\(error)")
    }
  }

  /// The run of the world that is left comes to its end.
  private func leaveWorld() {
    lookout?.cancel()
    let (world, interpreter) = (session.world, session.interpreter)
    if !interpreter.waysBack.isEmpty { say(interpreter.remains + ".") }
    _ = driver.run(start: { world.start($0, done: $1) }) { await interpreter.end(.ok, message: "") }
    _ = driver.run { await world.close() }
  }

  /// `:vars`
  func showVariables() {
    let variables = session.interpreter.variables
    guard !variables.isEmpty else { return say("No variables: `let v = version of api in production` makes one.") }
    let width = variables.map(\.name.count).max() ?? 0
    for (name, value) in variables { show("\(name.padded(to: width))  \(visible(value))\n") }
  }

  /// `:inputs`
  func showInputs() {
    let inputs = session.runbook?.inputs ?? []
    guard !inputs.isEmpty else { return say("No inputs: `input ticket \"change ticket\"` declares one.") }
    let width = inputs.map(\.variable.name.count).max() ?? 0
    for input in inputs {
      let name = input.variable.name
      let value = session.inputs[name] ?? input.defaultValue.map { "\($0.text) (default)" } ?? "no value yet"
      let about = input.description.map { "  \($0)" } ?? ""
      show("\(name.padded(to: width))  \(visible(value))\(visible(about))\n")
    }
  }

  /// `:set NAME=VALUE`
  func set(_ text: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      return complain("Write :set NAME=VALUE.")
    }
    let (name, value) = (String(text[..<equals]).trimmed, String(text[text.index(after: equals)...]).trimmed)
    if name == "pace" { return setPace(value) }
    let former = session.inputs[name]
    session.inputs[name] = value
    guard let runbook = session.runbook, runbook.inputs.contains(where: { $0.variable.name == name }) else {
      return say("\(visible(name)) is kept for an `input \(visible(name))` to come.")
    }
    do {
      _ = try session.values(for: runbook)
    } catch {
      session.inputs[name] = former
      complain((error as? RunInputs.Problems)?.lines.joined(separator: "\n") ?? "\(error)")
    }
  }

  private func setPace(_ value: String) {
    guard session.world.kind != .live else { return complain("The live world has its own time.") }
    if value == "off" { return session.world.setPace(nil) }
    guard let speed = Double(value), speed > 0, speed <= 1_000_000 else {
      return complain("A pace is a number above 0, or `off`.")
    }
    session.world.setPace(speed)
  }

  /// `:load FILE`: its statements one by one, as if they were typed.
  func load(_ path: String) {
    guard !path.isEmpty else { return complain("Write :load FILE.") }
    guard let bytes = settings.files.read(path) else { return complain("\(visible(path)) cannot be read.") }
    let source = SourceText(name: path, bytes: bytes)
    let (file, findings) = parse(source)
    let errors = findings.filter { $0.severity == .error }
    guard errors.isEmpty else {
      show(errors.map { LocatedDiagnostic($0, in: source) })
      return stopAtFailure(.failed, "\(visible(path)) cannot be run", status: ExitStatus.runbookWrong)
    }
    for statement in file.statements {
      if case .scenario = statement.kind { continue }
      let text = source.text(statement.span)
      if console.isTerminal {
        say("\(prompt.text)\(visible(text.split(separator: "\n").first.map(String.init) ?? ""))")
      }
      let before = session.memoir.chapters.count
      let place = session.text.count
      evaluate(text, isPlayed: true)
      let ended = session.memoir.chapters.dropFirst(before)
      if session.text.count == place || ended.contains(where: { $0.ending != .ok }) || leaving != nil {
        return say("\(visible(path)): stopped here, the rest was not run.")
      }
    }
  }

  /// `:debug tokens|tree|plan STATEMENT`
  func debug(_ rest: String) {
    let words = rest.split(separator: " ", maxSplits: 1).map(String.init)
    let text = words.count > 1 ? words[1] : ""
    let source = SourceText(name: "typed", text: text)
    switch words.first {
    case "tokens":
      for token in tokens(of: source) {
        let place = source.position(at: token.span.start)
        show("\(place.line):\(place.column) \(token.kind) \(visible(source.text(token.span)))\n")
      }
    case "tree": show("\(TreeDump(parse(source).file, in: source))\n")
    case "plan": plan(text)
    case _: complain("Write :debug tokens STATEMENT, :debug tree STATEMENT or :debug plan STATEMENT.")
    }
  }

  /// What the checker makes of a statement.
  private func plan(_ text: String) {
    switch session.read(text) {
    case .nothing: say("Nothing to run.")
    case .wrong(let findings, _): show(findings)
    case .ready(let ready):
      for statement in ready.runbook.body.statements where statement.ordinal >= ready.first {
        show("\(statement.ordinal) \(statement.action.verb)\n  \(visible(String(describing: statement.action)))\n")
      }
    }
  }
}

extension WorldKind {
  var described: String {
    switch self {
    case .rehearsal: "a rehearsal: a simulated world, nothing is at stake"
    case .dryRun: "a dry run: a simulated world, as the real one was when it was read"
    case .live: "the LIVE world: what is done here is done"
    }
  }
}
