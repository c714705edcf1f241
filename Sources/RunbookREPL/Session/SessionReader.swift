import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

/// Reads what was typed, with what the session knows.
struct SessionReader {
  let fleet: Fleet
  let imports: ImportResolver
  /// The values of the session's variables, as a runbook writes them.
  var literals: [String: String] = [:]

  /// What was typed, read and checked.
  enum Reading {
    /// White space and comments.
    case nothing
    /// It cannot be done; `meant` is what it was most likely meant to be, where that is certain.
    case wrong([LocatedDiagnostic], meant: String?)
    case ready(Ready)
  }

  struct Ready {
    /// The whole session, the new statements included.
    var runbook: CheckedRunbook
    /// The session's text with them.
    var text: SessionText
    /// The place of the first of them.
    var first: Int
    /// What is worth knowing and no error.
    var warnings: [LocatedDiagnostic]
  }

  /// What a file must be told and a prompt need not: what follows is not typed yet.
  private static let aboutWhatFollows: Set<String> = Set(
    [
      CheckCode.noRollback, .noMonitor, .maybeNoPullRequest, .unusedInput, .unusedVariable, .noWindow,
    ].map(\.rawValue)
  )

  func read(_ typed: String, after session: SessionText) -> Reading {
    let source = SourceText(name: "typed", text: typed)
    let (file, syntax) = parse(source)
    guard !file.statements.isEmpty || syntax.contains(where: { $0.severity == .error }) else { return .nothing }
    let new = SessionText.entries(of: file, in: source)
    var known = session
    for variable in new.compactMap(\.variable) { known.discardVariable(variable) }
    // Statements of the past on which nothing can rely any more are taken out, one round after the other.
    for _ in 0...2 * session.count {
      let (runbook, findings, stale) = check(typed, after: known)
      guard stale.isEmpty else {
        for place in stale { known.retire(place, literals) }
        continue
      }
      let own = syntax.map { LocatedDiagnostic($0, in: source) } + findings
      guard let runbook, !own.contains(where: \.isError) else {
        return .wrong(own.filter(\.isError), meant: meant(typed, after: known))
      }
      var text = known
      text.append(new)
      return .ready(Ready(runbook: runbook, text: text, first: known.count, warnings: own))
    }
    return .nothing
  }

  /// - Returns: the findings in what was typed, with places in that; `stale`: earlier statements that are wrong now.
  private func check(_ typed: String, after session: SessionText)
    -> (runbook: CheckedRunbook?, findings: [LocatedDiagnostic], stale: [Int])
  {
    let past = session.text
    let length = past.utf8.count
    let source = SourceText(name: "typed", text: past + typed)
    let result = RunbookCheck.check(parse(source).file, source: source, fleet: fleet, imports: imports)
    let shown = SourceText(name: "typed", text: typed)
    var findings: [LocatedDiagnostic] = []
    var stale: [Int] = []
    for finding in result.findings {
      guard finding.source.name == source.name else {
        if finding.isError { findings.append(finding) }
        continue
      }
      if Int(finding.diagnostic.subject.start) < length {
        if finding.isError, let place = session.place(at: Int(finding.diagnostic.subject.start)) { stale.append(place) }
      } else if finding.isError || !Self.aboutWhatFollows.contains(finding.diagnostic.code) {
        findings.append(LocatedDiagnostic(finding.diagnostic.moved(by: length), in: shown))
      }
    }
    return (result.runbook, findings, stale)
  }

  /// What was typed with every certain correction made; nil where it is then still wrong.
  private func meant(_ typed: String, after session: SessionText) -> String? {
    func findings(_ source: SourceText) -> [Diagnostic] {
      let syntax = parse(source).diagnostics
      guard !syntax.contains(where: { $0.severity == .error }) else { return syntax.filter { $0.severity == .error } }
      let text = source.text(source.span)
      return check(text, after: session).findings.filter(\.isError).map(\.diagnostic)
    }
    guard let outcome = Fixing.all(SourceText(name: "typed", text: typed), findings) else { return nil }
    let fixed = SourceText(name: "typed", bytes: outcome.bytes)
    guard findings(fixed).isEmpty else { return nil }
    return fixed.text(fixed.span)
  }
}

extension Diagnostic {
  /// The finding in a text that begins so many bytes later; what speaks of the part in front is left out.
  fileprivate func moved(by length: Int) -> Diagnostic {
    func moved(_ span: SourceSpan) -> SourceSpan? {
      guard Int(span.start) >= length else { return nil }
      return SourceSpan(Int(span.start) - length..<Int(span.end) - length)
    }
    return Diagnostic(
      code: code,
      severity: severity,
      summary: summary,
      detail: detail,
      subject: moved(subject) ?? SourceSpan(0..<0),
      notes: notes.compactMap { note in moved(note.span).map { Note(note.message, at: $0) } },
      fixes: fixes.compactMap { fix in
        let replacements = fix.replacements.compactMap { item in
          moved(item.span).map { Replacement($0, with: item.text) }
        }
        return replacements.count == fix.replacements.count ? Fix(fix.message, replacements) : nil
      }
    )
  }
}
