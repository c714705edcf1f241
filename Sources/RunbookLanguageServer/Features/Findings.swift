import RunbookDiagnostics

/// Turns findings into the protocol's diagnostics.
struct ProtocolDiagnostics {
  /// More than these nobody reads, and an editor would choke on.
  static let most = 500

  let encoding: PositionEncoding
  let client: ClientCapabilities?

  /// The findings of a document, those of imported files at its beginning.
  func diagnostics(of analysis: Analysis, in document: OpenDocument) -> [ProtocolDiagnostic] {
    var shown: [ProtocolDiagnostic] = []
    for finding in analysis.findings.prefix(Self.most) {
      if finding.source.name == analysis.source.name {
        shown.append(diagnostic(finding.diagnostic, in: document.text, uri: document.uri))
      } else {
        shown.append(imported(finding, in: document))
      }
    }
    let rest = analysis.findings.count - shown.count
    if rest > 0 {
      let end = encoding.position(of: document.text.bytes.count, in: document.text)
      shown.append(
        ProtocolDiagnostic(
          range: TextRange(start: end, end: end),
          severity: severity(.note),
          code: "",
          source: "slipway",
          message: ServerMessages.moreFindings(rest)
        )
      )
    }
    return shown
  }

  func diagnostic(_ finding: Diagnostic, in text: DocumentText, uri: String) -> ProtocolDiagnostic {
    ProtocolDiagnostic(
      range: encoding.range(finding.subject.range, in: text),
      severity: severity(finding.severity),
      code: finding.code,
      source: "slipway",
      message: message(finding),
      relatedInformation: related(finding.notes, in: text, uri: uri)
    )
  }

  /// A finding of an imported file is shown where the file is imported from, with its own place beside it.
  private func imported(_ finding: LocatedDiagnostic, in document: OpenDocument) -> ProtocolDiagnostic {
    let text = DocumentText(bytes: finding.source.bytes)
    let uri = DocumentPath.uri(ofPath: finding.source.name)
    let place = Location(uri: uri, range: encoding.range(finding.diagnostic.subject.range, in: text))
    let name = finding.source.name.split(separator: "/").last.map(String.init) ?? finding.source.name
    let start = Position(line: 0, character: 0)
    return ProtocolDiagnostic(
      range: TextRange(start: start, end: start),
      severity: severity(finding.diagnostic.severity),
      code: finding.diagnostic.code,
      source: "slipway",
      message: ServerMessages.inImport(name, message(finding.diagnostic)),
      relatedInformation: showsRelated
        ? [.init(location: place, message: visible(finding.diagnostic.summary))] : nil
    )
  }

  private func message(_ finding: Diagnostic) -> String {
    visible(finding.summary) + (finding.detail.map { "\n" + visible($0) } ?? "")
  }

  private func related(_ notes: [Diagnostic.Note], in text: DocumentText, uri: String)
    -> [ProtocolDiagnostic.RelatedInformation]?
  {
    guard showsRelated, !notes.isEmpty else { return nil }
    return notes.map { note in
      let place = Location(uri: uri, range: encoding.range(note.span.range, in: text))
      return .init(location: place, message: visible(note.message))
    }
  }

  private var showsRelated: Bool { client?.textDocument?.publishDiagnostics?.relatedInformation == true }

  private func severity(_ severity: Severity) -> Int {
    switch severity {
    case .error: 1
    case .warning: 2
    case .note: 3
    }
  }
}

extension LanguageServer {
  /// The fixes of the findings in a range.
  mutating func codeActions(_ parameters: CodeActionParameters) throws(ResponseError) -> [CodeAction] {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let wanted = parameters.context.only ?? [CodeAction.quickFix]
    guard wanted.contains(where: { $0.isEmpty || $0 == CodeAction.quickFix }) else { return [] }
    let range = encoding.offsets(of: parameters.range, in: document.text)
    let diagnostics = ProtocolDiagnostics(encoding: encoding, client: client)
    var actions: [CodeAction] = []
    for finding in analysis.findings where finding.source.name == analysis.source.name {
      let subject = finding.diagnostic.subject.range
      guard subject.lowerBound <= range.upperBound, range.lowerBound <= subject.upperBound else { continue }
      for fix in finding.diagnostic.fixes {
        let edits = fix.replacements.map {
          TextEdit(range: encoding.range($0.span.range, in: document.text), newText: $0.text)
        }
        actions.append(
          CodeAction(
            title: visible(fix.message),
            diagnostics: [diagnostics.diagnostic(finding.diagnostic, in: document.text, uri: document.uri)],
            isPreferred: finding.diagnostic.fixes.count == 1 && fix.isCertain,
            edit: WorkspaceEdit(changes: [document.uri: edits])
          )
        )
      }
    }
    return actions
  }
}
