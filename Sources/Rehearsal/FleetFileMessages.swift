import RunbookDiagnostics

/// All that is said of a fleet description that cannot be read.
extension Diagnostic {
  static func fleetNotYAML(_ problem: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW2201", summary: "the fleet description is no YAML: \(problem)", subject: span)
  }

  static func fleetIsNoMapping(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW2202",
      summary: "a fleet description begins with `repository:`",
      detail: "`slipway rehearse --from live --record FILE` writes one.",
      subject: SourceSpan(Int(span.start)..<Int(span.start))
    )
  }

  static func fleetKeyTwice(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW2203", summary: "`\(key)` stands twice", subject: span)
  }

  static func fleetUnknownKey(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW2204",
      summary: "a fleet description knows no `\(key)` here",
      detail: "docs/rehearsal.md lists what it knows.",
      subject: span
    )
  }

  static func fleetValue(_ problem: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(code: "SW2205", summary: problem, subject: span)
  }

  /// A service or an environment that the configuration does not have: what is said of it would count for nothing.
  static func fleetUnknownName(_ what: String, _ name: String, among known: [String], at span: SourceSpan) -> Diagnostic
  {
    let best = nearest(name, among: known)
    return Diagnostic(
      code: "SW2204",
      summary: "the configuration has no \(what) `\(name)`" + (best.map { "; did you mean `\($0)`?" } ?? ""),
      detail: "It has these: \(known.map { "`\($0)`" }.joined(separator: ", ")).",
      subject: span,
      fixes: best.map { [.init("write `\($0)`", [.init(span, with: $0)])] } ?? []
    )
  }

  static func fleetUnusedFile(_ path: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      code: "SW2206",
      severity: .warning,
      summary: "no service has its file at `\(path)`",
      detail: "`gitops.file` in slipway.yaml says where they are; this one counts for nothing.",
      subject: span
    )
  }
}
