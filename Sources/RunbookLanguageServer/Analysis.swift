import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

/// Everything that is known of one version of a document.
struct Analysis: Sendable {
  let source: SourceText
  let file: RunbookFile
  /// Those of the form alone are empty where the document can be laid out.
  let syntax: [Diagnostic]
  /// All of them, in the order of the text; those of imported files behind.
  let findings: [LocatedDiagnostic]
  /// nil without a configuration.
  let names: NameIndex?
  let fleet: Fleet?
  /// Whether other files had a say: it imports some.
  var dependsOnFiles: Bool {
    file.statements.contains { if case .importing = $0.kind { true } else { false } }
  }

  /// - Parameter fleet: nil looks at the form alone.
  init(_ source: SourceText, fleet: Fleet?, imports: ImportResolver) {
    let (file, syntax) = parse(source)
    (self.source, self.file, self.syntax, self.fleet) = (source, file, syntax, fleet)
    guard let fleet else {
      findings = syntax.map { LocatedDiagnostic($0, in: source) }
      names = nil
      return
    }
    let result = check(file, source: source, fleet: fleet, imports: imports)
    let isUnreadable = syntax.contains { $0.severity == .error }
    // A statement that could not be read is not there for the checker: a warning that it is missing would mislead.
    let checked = result.findings.filter { !isUnreadable || $0.isError }
    findings = (syntax.map { LocatedDiagnostic($0, in: source) } + checked).enumerated().sorted { left, right in
      let isLeftOwn = left.element.source.name == source.name
      let isRightOwn = right.element.source.name == source.name
      guard isLeftOwn == isRightOwn else { return isLeftOwn }
      return (isLeftOwn ? left.element.diagnostic.subject.start : 0, left.offset)
        < (isRightOwn ? right.element.diagnostic.subject.start : 0, right.offset)
    }.map(\.element)
    names = result.names
  }
}
