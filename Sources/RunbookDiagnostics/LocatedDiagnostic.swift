/// A finding together with the text that it is about: a runbook's may stand in a file that it imports.
public struct LocatedDiagnostic: Sendable {
  public let diagnostic: Diagnostic
  public let source: SourceText

  public init(_ diagnostic: Diagnostic, in source: SourceText) {
    self.diagnostic = diagnostic
    self.source = source
  }

  public var isError: Bool { diagnostic.severity == .error }
}

extension DiagnosticRenderer {
  public func render(_ finding: LocatedDiagnostic) -> String { render(finding.diagnostic, in: finding.source) }
}
