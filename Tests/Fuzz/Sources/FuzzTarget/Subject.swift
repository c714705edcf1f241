import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax

/// Parser and formatter as they are; or, with `PLANTED_n`, with a defect such as one could make, to see that it is found.
/// No seed shows any of them.
enum Subject {
  static func parse(_ source: SourceText) -> (file: RunbookFile, diagnostics: [Diagnostic]) {
    let (file, findings) = RunbookSyntax.parse(source)
    #if PLANTED_1
    // The comment behind the last statement of a file is forgotten where the file ends without a line break.
    if let last = file.comments.after.last, last.span.end == source.span.end {
      let comments = Comments(after: file.comments.after.dropLast())
      return (RunbookFile(statements: file.statements, comments: comments, span: file.span), findings)
    }
    #elseif PLANTED_2
    // What is expected at the end of a text points one byte too far.
    return (
      file,
      findings.map { finding in
        guard finding.subject.isEmpty, finding.subject.end == source.span.end, source.bytes.last != 10 else {
          return finding
        }
        let span = SourceSpan(start: finding.subject.start, end: finding.subject.end + 1)
        return Diagnostic(code: finding.code, summary: finding.summary, subject: span)
      }
    )
    #endif
    return (file, findings)
  }

  static func format(_ file: RunbookFile, _ source: SourceText) -> String {
    let text = RunbookFormat.format(file, source: source)
    #if PLANTED_3
    // A double negation is taken for none, which is logic and no layout.
    return text.replacing("not not ", with: "")
    #else
    return text
    #endif
  }
}
