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
}
