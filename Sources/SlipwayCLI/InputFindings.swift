import PromotionModel
import Rehearsal
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What is wrong with a runbook, and with what it imports.
extension Input {
  /// The checked runbook; shows all findings, and stops at an error.
  ///
  /// - Parameter imports: nil reads the files beside the runbook.
  func checked(_ source: SourceText, _ fleet: Fleet, imports: ImportResolver? = nil) throws -> CheckedRunbook {
    let (runbook, _, findings) = examine(source, fleet, imports: imports)
    show(findings)
    return try usable(runbook, source)
  }

  /// A runbook that was checked, with what `--fail` says behind it: what is wrong with that is shown as it was typed.
  func checked(_ source: SourceText, _ fleet: Fleet, given events: [String]) throws -> CheckedRunbook {
    for event in events where !Rehearsal.isOneEvent(event) {
      throw fail(
        ExitStatus.usage,
        "--fail takes one event, such as 'production api crashes after 3m', not: \(visible(event))"
      )
    }
    let whole = Rehearsal.source(source, given: events)
    let (runbook, _, findings) = examine(whole, fleet)
    show(findings.compactMap { Rehearsal.located($0, behind: source, given: events) })
    let usable = try usable(runbook, source)
    // What one text opens, such as a string, another one may close.
    guard Rehearsal.events(of: usable).count == events.count else {
      throw fail(ExitStatus.usage, "--fail takes one event each time")
    }
    return usable
  }

  private func usable(_ runbook: CheckedRunbook?, _ source: SourceText) throws -> CheckedRunbook {
    guard let runbook else { throw EarlyExit(status: ExitStatus.runbookWrong) }
    guard !runbook.isEmpty else {
      throw fail(
        ExitStatus.runbookWrong,
        "\(visible(source.name)) has procedures or scenarios only: there is nothing to run"
      )
    }
    return runbook
  }

  /// Everything that is wrong with a runbook, and the runbook when that lets it run; with a file of scenarios comes the one
  /// that it tests.
  ///
  /// - Parameter fleet: nil looks at its form alone.
  func examine(_ source: SourceText, _ fleet: Fleet?, imports: ImportResolver? = nil)
    -> (runbook: CheckedRunbook?, tested: TestedRunbook?, findings: [LocatedDiagnostic])
  {
    let (file, syntax) = parse(source)
    let form = syntax.map { LocatedDiagnostic($0, in: source) }
    guard let fleet else { return (nil, nil, form) }
    let result = check(file, source: source, fleet: fleet, imports: imports ?? self.imports(of: source))
    // A statement that could not be read is not there for the checker: a warning that it is missing would mislead.
    let isUnreadable = form.contains(where: \.isError)
    return (
      isUnreadable ? nil : result.runbook, isUnreadable ? nil : result.tested,
      form + result.findings.filter { !isUnreadable || $0.isError }
    )
  }

  /// The files beside a runbook; beside what has no folder of its own, those of the working directory.
  func imports(of source: SourceText) -> ImportResolver {
    let folder = source.name.lastIndex(of: "/").map { String(source.name[...$0]) } ?? ""
    let input = self
    return ImportResolver { path in
      guard let bytes = input.read(path: folder + path) else {
        return .failure(ImportResolver.Failure(String(cString: strerror(errno))))
      }
      return .success(SourceText(name: folder + path, bytes: bytes))
    }
  }

  /// Shows findings file by file, those of each in the order of its text; the runbook's come first.
  func show(_ findings: [LocatedDiagnostic]) {
    var order: [String: Int] = [:]
    for finding in findings where order[finding.source.name] == nil { order[finding.source.name] = order.count }
    func rank(_ finding: LocatedDiagnostic) -> Int { order[finding.source.name] ?? 0 }
    let sorted = findings.enumerated().sorted { a, b in
      (rank(a.element), a.element.diagnostic.subject.start, a.offset)
        < (rank(b.element), b.element.diagnostic.subject.start, b.offset)
    }.map(\.element)
    GitHubJob(host)?.annotate(sorted)
    guard showsFindingsAsJSON else { return screen.show(sorted) }
    let renderer = JSONDiagnosticRenderer()
    for finding in sorted { Screen.write(renderer.render(finding), to: 1) }
  }
}
