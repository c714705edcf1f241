import RunbookCheck
import RunbookDiagnostics
import Testing

@Suite struct FixingTests {
  private func fixed(_ text: String) throws -> (text: String, applied: [Fixing.Change])? {
    let fleet = try CaseFleet.load()
    let outcome = Fixing.all(SourceText(name: "test.runbook", text: text)) { source in
      Checked(source.text(source.span), fleet: fleet).findings.map(\.diagnostic)
    }
    return outcome.map { (String(decoding: $0.bytes, as: UTF8.self), $0.applied) }
  }

  @Test func correctsUntilNothingIsLeft() throws {
    let outcome = try #require(
      try fixed("valdate stagin apy, wbe # as always\nrollback production api v1.2.2\nwait 5min\n")
    )
    #expect(outcome.text == "validate staging api, web # as always\nrollback production api to v1.2.2\nwait 5m\n")
    #expect(outcome.applied.count == 6)
    #expect(Set(outcome.applied.map(\.line)) == [1, 2, 3])
    #expect(Set(outcome.applied.map(\.code)).isSuperset(of: ["SW1002", "SW1018", "SW1019", "SW3001", "SW3002"]))
  }

  @Test func leavesAloneWhatIsNotCertain() throws {
    #expect(try fixed("validate staging api\n") == nil)
    #expect(try fixed("validate staging xyzzy\nmonitor 5m production api\n") == nil)
  }

  /// A version that has to be filled up or cut may be another one that was meant: shown, and not written.
  @Test(arguments: ["vv1", "1.2", "30x", "v1.2"])
  func guessesNoVersion(word: String) throws {
    #expect(try fixed("rollback production api to \(word)\n") == nil)
    let fleet = try CaseFleet.load()
    let findings = Checked("rollback production api to \(word)\n", fleet: fleet).findings
    #expect(findings.contains { $0.diagnostic.fixes.contains { !$0.isCertain } })
  }

  @Test func writesAVersionThatStandsThereWhole() throws {
    let outcome = try #require(try fixed("rollback production api to vv1.2.2\n"))
    #expect(outcome.text == "rollback production api to v1.2.2\n")
  }

  @Test func placesAndTeamsAreNamesOfTheConfiguration() throws {
    let places = "announce: { places: { team: { webhook: TEAM_HOOK } } }"
    let fleet = try CaseFleet.load(
      CaseFleet.text.replacing("policy: { ", with: "policy: { teams: { on-call: [ada] }, ") + "\n\(places)\n"
    )
    let text = "announce planned to taem\nfreeze production until 2030-01-01T00:00Z except oncall because \"x\"\n"
    let found = Checked(text, fleet: fleet).findings.map(\.diagnostic)
    #expect(found.map(\.code) == ["SW3051", "SW3051"])
    #expect(found.map(\.summary).allSatisfy { $0.contains("did you mean") })
  }

  @Test func keepsLineEnds() throws {
    let outcome = try #require(try fixed("validate stagin api\r\nwait 5m\r\n"))
    #expect(outcome.text == "validate staging api\r\nwait 5m\r\n")
  }

  private func finding(_ fixes: [[Diagnostic.Replacement]]) -> Diagnostic {
    Diagnostic(
      code: "SW0000",
      summary: "test",
      subject: fixes.first?.first?.span ?? SourceSpan(0..<0),
      fixes: fixes.map { .init("fix", $0) }
    )
  }

  @Test func correctionsThatTouchWaitForTheNextRound() throws {
    let source = SourceText(name: "test", text: "abcdef")
    let one = finding([[.init(SourceSpan(1..<3), with: "X")]])
    let overlapping = finding([[.init(SourceSpan(2..<4), with: "Y")]])
    let behind = finding([[.init(SourceSpan(3..<4), with: "Z")]])
    let inserting = finding([[.init(SourceSpan(3..<3), with: "I")]])
    #expect(Fixing.round(source, [one, overlapping]).map { String(decoding: $0.bytes, as: UTF8.self) } == "aXdef")
    #expect(Fixing.round(source, [one, behind]).map { String(decoding: $0.bytes, as: UTF8.self) } == "aXZef")
    #expect(Fixing.round(source, [one, inserting]).map { String(decoding: $0.bytes, as: UTF8.self) } == "aXdef")
    let undecided = finding([[.init(SourceSpan(1..<3), with: "X")], [.init(SourceSpan(1..<3), with: "Y")]])
    #expect(Fixing.round(source, [undecided]) == nil)
    #expect(Fixing.round(source, [finding([[.init(SourceSpan(0..<1), with: "a")]])]) == nil)
    #expect(Fixing.round(source, [finding([[.init(SourceSpan(4..<99), with: "a")]])]) == nil)
  }

  /// Two findings that would undo each other's corrections.
  @Test func circlesEnd() throws {
    let source = SourceText(name: "test", text: "a")
    let outcome = Fixing.all(source) { source in
      let other = source.bytes == [0x61] ? "b" : "a"
      return [finding([[.init(SourceSpan(0..<1), with: other)]])]
    }
    #expect(outcome?.bytes == Array("b".utf8))
  }
}
