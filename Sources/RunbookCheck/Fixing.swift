public import RunbookDiagnostics

/// Applies the corrections that findings carry.
public enum Fixing {
  /// A text with corrections made, and what was done, in the order of the text.
  public struct Outcome: Sendable {
    public let bytes: [UInt8]
    public let applied: [Change]
  }

  public struct Change: Hashable, Sendable {
    /// The line of the finding, from 1, in the text before this round.
    public let line: Int
    public let code: String
    /// What the correction does, in the imperative.
    public let message: String
  }

  /// Makes every correction that is certain: that of a finding which has one, no guess, and no other. Of corrections that touch
  /// the same place the first is made; the next round sees what is left.
  ///
  /// - Returns: nil where there is nothing to correct.
  public static func round(_ source: SourceText, _ findings: [Diagnostic]) -> Outcome? {
    let certain = findings.filter { $0.fixes.count == 1 && $0.fixes[0].isCertain }.sorted {
      $0.subject.start < $1.subject.start
    }
    var taken: [Diagnostic.Replacement] = []
    var changes: [Change] = []
    for finding in certain {
      let fix = finding.fixes[0]
      guard !fix.replacements.isEmpty, let result = fix.applied(to: source), result != source.bytes,
        !fix.replacements.contains(where: { new in taken.contains { touches($0.span, new.span) } })
      else { continue }
      taken += fix.replacements
      changes.append(Change(line: source.line(at: finding.subject.start), code: finding.code, message: fix.message))
    }
    guard !taken.isEmpty, let bytes = Diagnostic.Fix("", taken).applied(to: source) else { return nil }
    return Outcome(bytes: bytes, applied: changes)
  }

  /// Whether two replacements overlap, or meet where one inserts.
  private static func touches(_ a: SourceSpan, _ b: SourceSpan) -> Bool {
    a.start < b.end && b.start < a.end || (a.isEmpty || b.isEmpty) && a.start <= b.end && b.start <= a.end
  }

  /// The most rounds; each makes corrections that the one before made possible.
  private static let mostRounds = 20

  /// Rounds until nothing is left to correct.
  ///
  /// - Parameter findings: what is wrong with a text.
  /// - Returns: nil where there was nothing to correct.
  public static func all(_ source: SourceText, _ findings: (SourceText) -> [Diagnostic]) -> Outcome? {
    var source = source
    var applied: [Change] = []
    // A text that was seen before would come again and again.
    var seen: Set<[UInt8]> = [source.bytes]
    for _ in 0..<mostRounds {
      guard let outcome = round(source, findings(source)), seen.insert(outcome.bytes).inserted else { break }
      source = SourceText(name: source.name, bytes: outcome.bytes)
      applied += outcome.applied
    }
    return applied.isEmpty ? nil : Outcome(bytes: source.bytes, applied: applied)
  }
}
