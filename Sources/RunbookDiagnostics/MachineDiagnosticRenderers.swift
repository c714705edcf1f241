/// Writes a finding as one JSON object on one line.
///
/// Keys: `code`, `severity`, `summary`, `detail` (where there is one), `file`, the place, `notes` (`message` and place)
/// and `fixes` (`message`, `replacements` of place and `text`). A place is `line`, `column`, `endLine`, `endColumn`, from
/// one and in Unicode scalars, and `start`, `end`, in bytes from zero.
public struct JSONDiagnosticRenderer: DiagnosticRenderer {
  public init() {}

  public func render(_ diagnostic: Diagnostic, in source: SourceText) -> String {
    var fields = [
      "\"code\":\(jsonString(diagnostic.code))", "\"severity\":\(jsonString(diagnostic.severity.rawValue))",
      "\"summary\":\(jsonString(diagnostic.summary))",
    ]
    if let detail = diagnostic.detail { fields.append("\"detail\":\(jsonString(detail))") }
    fields.append("\"file\":\(jsonString(source.name))")
    fields.append(place(diagnostic.subject, in: source))
    let notes = diagnostic.notes.map { "{\"message\":\(jsonString($0.message)),\(place($0.span, in: source))}" }
    fields.append("\"notes\":[\(notes.joined(separator: ","))]")
    let fixes = diagnostic.fixes.map { fix in
      let replacements = fix.replacements.map { "{\(place($0.span, in: source)),\"text\":\(jsonString($0.text))}" }
      return "{\"message\":\(jsonString(fix.message)),\"replacements\":[\(replacements.joined(separator: ","))]}"
    }
    fields.append("\"fixes\":[\(fixes.joined(separator: ","))]")
    return "{\(fields.joined(separator: ","))}\n"
  }

  private func place(_ span: SourceSpan, in source: SourceText) -> String {
    let start = source.position(at: span.start)
    let end = source.position(at: span.end)
    return "\"line\":\(start.line),\"column\":\(start.column),\"endLine\":\(end.line),\"endColumn\":\(end.column),"
      + "\"start\":\(span.start),\"end\":\(span.end)"
  }
}

/// Writes a finding as a workflow command of GitHub Actions, which shows it in the pull request's diff.
///
/// Escapes follow `toolkit/packages/core/src/command.ts` of GitHub's own library: `%`, CR and LF in messages, `:` and `,`
/// in properties too.
public struct GitHubDiagnosticRenderer: DiagnosticRenderer {
  public init() {}

  public func render(_ diagnostic: Diagnostic, in source: SourceText) -> String {
    let start = source.position(at: diagnostic.subject.start)
    let end = source.position(at: diagnostic.subject.end)
    var properties = "file=\(property(source.name)),line=\(start.line),endLine=\(end.line),col=\(start.column)"
    // GitHub refuses an end column of another line.
    if start.line == end.line { properties += ",endColumn=\(end.column)" }
    properties += ",title=\(property(diagnostic.code))"
    var message = visible(diagnostic.summary)
    if let detail = diagnostic.detail { message += "\n" + visible(detail) }
    for fix in diagnostic.fixes { message += "\nhelp: " + visible(fix.message) }
    return "::\(command(diagnostic.severity)) \(properties)::\(escaped(message, ""))\n"
  }

  private func command(_ severity: Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .note: "notice"
    }
  }

  private func property(_ text: String) -> String {
    escaped(visible(text), ":,")
  }

  private func escaped(_ text: String, _ more: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if "%\r\n".unicodeScalars.contains(scalar) || more.unicodeScalars.contains(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
