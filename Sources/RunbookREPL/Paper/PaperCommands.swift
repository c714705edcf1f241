import PromotionModel
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension Repl {
  /// `:save FILE`
  func save(_ path: String) {
    guard !path.isEmpty else { return complain("Write :save FILE.") }
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
      say("\(visible(path)): \(file.statements.count) statements; `slipway rehearse \(visible(path))` tries it.")
      show(findings.filter { !$0.isError })
    } catch {
      complain("\(visible(path)) cannot be written: \(visible("\(error)"))")
    }
  }

  /// `:timeline [FILE]`
  func timeline(_ path: String) {
    let text = Timeline(events: session.memoir.events, run: session.world.run, world: session.world.kind).markdown
    guard !path.isEmpty else { return show(text) }
    do {
      try settings.files.write(text, to: path)
      say("\(visible(path)) is written.")
    } catch {
      complain("\(visible(path)) cannot be written: \(visible("\(error)"))")
    }
  }

  /// `:undo`: what takes back what was done last; one key runs it.
  func undo() {
    let statements = session.memoir.wayBack(settings.fleet)
    guard !statements.isEmpty else { return say("This session has changed nothing that a statement could set back.") }
    guard console.isTerminal else { return show(statements.map { $0 + "\n" }.joined()) }
    offer(statements.joined(separator: "\n"))
  }
}
