/// Draws findings; every result ends in a line break.
public protocol DiagnosticRenderer: Sendable {
  func render(_ diagnostic: Diagnostic, in source: SourceText) -> String
}

extension DiagnosticRenderer {
  /// All findings one after the other, in the order given.
  public func render(_ diagnostics: [Diagnostic], in source: SourceText) -> String {
    var result = ""
    for diagnostic in diagnostics { result += render(diagnostic, in: source) }
    return result
  }
}
