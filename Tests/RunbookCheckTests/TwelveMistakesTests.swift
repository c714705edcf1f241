import RunbookDiagnostics
import Testing

@Suite struct TwelveMistakesTests {
  /// Twelve different mistakes in one file: twelve findings, each with the caret under the word that is wrong.
  @Test func eachIsFoundAtItsWord() throws {
    let text = """
      runbook "Everything that can go wrong"
      input ticket "change ticket"
      let soak = 30
      validate stagin api, web
      validate staging api, wbe
      validate staging web, web
      wait (soak)
      require version of api in staging is "1.2.3"
      require ready of web in staging
      require health of api in staging is helthy
      retry 0 times { validate staging api }
      within 5m { wait 10m }
      wach(api)
      stop "{soka}"
      validate staging all
      """
    let due: [(code: String, line: Int, words: String)] = [
      ("SW3106", 2, "ticket"), ("SW3002", 4, "stagin"), ("SW3001", 5, "wbe"), ("SW3007", 6, "web"),
      ("SW3024", 7, "(soak)"), ("SW3025", 8, "version of api in staging is \"1.2.3\""),
      ("SW3027", 9, "ready of web in staging"), ("SW3051", 10, "helthy"), ("SW3047", 11, "0"), ("SW3032", 12, "5m"),
      ("SW3037", 13, "wach"), ("SW3023", 14, "soka"), ("SW3015", 15, "validate staging all"),
    ]
    let checked = Checked(text, fleet: try CaseFleet.load())
    let found = checked.findings.map { finding in
      let line = finding.source.line(at: finding.diagnostic.subject.start)
      return "\(finding.diagnostic.code) \(line) \(finding.source.text(finding.diagnostic.subject))"
    }
    #expect(found == due.map { "\($0.code) \($0.line) \($0.words)" }, "\(checked.rendered)")
    #expect(Set(due.map(\.code)).count >= 12)
  }
}
