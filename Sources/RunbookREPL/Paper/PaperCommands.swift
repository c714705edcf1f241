import PromotionModel
import Rehearsal
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension Repl {
  /// `:save FILE`
  func save(_ path: String) {
    guard !path.isEmpty else { return complain("Write :save FILE.") }
    guard isFree(path) else { return }
    let chapters = session.memoir.chapters
    let events = session.memoir.events
    let run = "\(session.world.run)"
    let paper = RunbookPaper(
      chapters: chapters,
      events: events,
      declarations: session.declarations,
      fleet: settings.fleet,
      title: "Session \(run) of \(settings.clock.now().wholeSecond)"
    )
    guard let text = paper.text else { return complain("Nothing was done that a runbook could say.") }
    // What is written must be of use: it is checked like any other before it is.
    let source = SourceText(name: path, text: text)
    let (file, syntax) = parse(source)
    let findings =
      syntax.map { LocatedDiagnostic($0, in: source) }
      + check(file, source: source, fleet: settings.fleet, imports: settings.imports).findings
    let errors = findings.filter(\.isError)
    guard errors.isEmpty else {
      show(errors)
      return complain("The session does not make a runbook that checks, so nothing was written.")
    }
    do {
      try settings.files.write(text, to: path)
      written.insert(path)
      let fleet = try saveFleet(beside: path).map { " --fleet \(visible($0))" } ?? ""
      say(
        "\(visible(path)): \(file.statements.count) statements; `slipway rehearse \(visible(path))\(fleet)` tries it."
      )
      show(findings.filter { !$0.isError })
    } catch {
      complain("\(visible(path)) cannot be written: \(visible("\(error)"))")
    }
  }

  /// A file of others is not written over at a prompt.
  private func isFree(_ path: String) -> Bool {
    if written.contains(path) || settings.files.read(path) == nil { return true }
    complain("\(visible(path)) is there already: nothing was written.")
    return false
  }

  /// The fleet as it was before the session changed it, so that what was done can be rehearsed where it was done.
  private func saveFleet(beside path: String) throws -> String? {
    guard let before = session.before else { return nil }
    let name = (path.hasSuffix(".runbook") ? String(path.dropLast(8)) : path) + ".fleet.yaml"
    let policy = settings.fleet.policy
    let text = try FleetFile.text(before, keepingLinesWith: policy.errorWords, or: policy.errorPatterns)
    try settings.files.write(text, to: name)
    return name
  }

  /// `:timeline [FILE]`
  func timeline(_ path: String) {
    let text = Timeline(events: session.memoir.events, run: session.world.run, world: session.world.kind).markdown
    guard !path.isEmpty else { return show(text) }
    guard isFree(path) else { return }
    do {
      try settings.files.write(text, to: path)
      written.insert(path)
      say("\(visible(path)) is written.")
    } catch {
      complain("\(visible(path)) cannot be written: \(visible("\(error)"))")
    }
  }

  /// `:undo`: what takes back what was done last, or closes the pull request that proposes it; one key runs it.
  func undo() {
    let (statements, pull) = session.memoir.wayBack(settings.fleet)
    if let pull {
      say("Pull request #\(pull.number) is open, and changes nothing until it is merged: \(visible(pull.url))")
      guard !statements.isEmpty else { return say("No statement says what was before it: close it where it is.") }
      say("This closes it:")
    }
    guard !statements.isEmpty else { return say("This session has changed nothing that a statement could set back.") }
    guard console.isTerminal else { return show(statements.map { $0 + "\n" }.joined()) }
    offer(statements.joined(separator: "\n"))
  }
}
