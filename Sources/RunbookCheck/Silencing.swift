import RunbookDiagnostics
import RunbookSyntax

/// Comments that silence a warning: `# allow SW3104: hotfix, watched by hand`, on the line that the warning is about or
/// in front of it. Several codes have commas between them. What is an error cannot be silenced.
struct Silencing {
  private struct Allowance {
    let file: Int
    /// The line that it is about.
    let line: Int
    let code: String
    let span: SourceSpan
    let hasReason: Bool
    var silenced = 0
  }

  private var allowances: [Allowance] = []

  init(trees: [RunbookFile], sources: [SourceText]) {
    for (file, (tree, source)) in zip(trees, sources).enumerated() {
      let comments = TreeWalk.comments(of: tree).map(\.span)
      let own = Set(comments.filter { Self.isAlone($0, source) }.map { source.line(at: $0.start) })
      for span in comments {
        var line = source.line(at: span.start)
        // Comments on lines of their own are about the first line behind them that is none.
        while own.contains(line) { line += 1 }
        allowances += Self.allowances(span, source).map {
          Allowance(file: file, line: line, code: $0.code, span: $0.span, hasReason: $0.hasReason)
        }
      }
    }
    self.sources = sources
  }

  private let sources: [SourceText]

  private static func isAlone(_ span: SourceSpan, _ source: SourceText) -> Bool {
    let start = source.span(ofLine: source.line(at: span.start)).start
    return source.bytes[Int(start)..<Int(span.start)].allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  /// The codes in `# allow SW3104, SW3103: reason`; none in a comment that says something else.
  private static func allowances(_ span: SourceSpan, _ source: SourceText)
    -> [(code: String, span: SourceSpan, hasReason: Bool)]
  {
    let bytes = source.bytes[span.range]
    var position = bytes.startIndex + 1
    func skipBlanks() {
      while position < bytes.endIndex, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }
    skipBlanks()
    guard bytes[position...].starts(with: "allow".utf8) else { return [] }
    position += 5
    var codes: [SourceSpan] = []
    repeat {
      skipBlanks()
      let start = position
      while position < bytes.endIndex, bytes[position] > 0x20, bytes[position] != 0x2C, bytes[position] != 0x3A {
        position += 1
      }
      let word = source.text(SourceSpan(start..<position))
      // `# allow the caches to warm up` is a comment like any other.
      guard word.uppercased().hasPrefix("SW"), word.dropFirst(2).first?.isNumber == true else { break }
      codes.append(SourceSpan(start..<position))
      skipBlanks()
      guard position < bytes.endIndex, bytes[position] == 0x2C else { break }
      position += 1
    } while position < bytes.endIndex
    let rest = position < bytes.endIndex ? source.text(SourceSpan(position..<bytes.endIndex)) : ""
    let hasReason = rest.hasPrefix(":") && rest.dropFirst().contains { !$0.isWhitespace }
    return codes.map { (source.text($0), $0, hasReason) }
  }

  /// The findings that are left, with those about the comments themselves.
  func applied(to findings: [Checker.Found]) -> [Checker.Found] {
    guard !allowances.isEmpty else { return findings }
    var allowances = allowances
    var index: [String: [Int]] = [:]
    for (number, allowance) in allowances.enumerated() where allowance.hasReason {
      index["\(allowance.file):\(allowance.line):\(allowance.code)", default: []].append(number)
    }
    var left: [Checker.Found] = []
    for finding in findings {
      let line = sources[finding.file].line(at: finding.diagnostic.subject.start)
      let matching = index["\(finding.file):\(line):\(finding.diagnostic.code)"] ?? []
      guard finding.diagnostic.severity == .warning, !matching.isEmpty else {
        left.append(finding)
        continue
      }
      for number in matching { allowances[number].silenced += 1 }
    }
    // Where something is wrong, a warning may be missing because of that.
    let isWrong = findings.contains { $0.diagnostic.severity == .error }
    for allowance in allowances {
      let finding = Self.finding(about: allowance, isWrong: isWrong)
      if let finding { left.append(Checker.Found(diagnostic: finding, file: allowance.file)) }
    }
    return left
  }

  private static func finding(about allowance: Allowance, isWrong: Bool) -> Diagnostic? {
    let (code, span) = (allowance.code, allowance.span)
    guard let page = Explanation.of(code) else {
      let nearest = nearest(code, among: Explanation.all.filter { $0.severity == .warning }.map(\.code))
      return CheckMessages.silencedUnknownCode(code, nearest: nearest, at: span)
    }
    guard page.severity == .warning else { return CheckMessages.silencedError(code, at: span) }
    guard allowance.hasReason else { return CheckMessages.silencedWithoutReason(code, at: span) }
    return allowance.silenced == 0 && !isWrong ? CheckMessages.silencedNothing(code, at: span) : nil
  }
}
