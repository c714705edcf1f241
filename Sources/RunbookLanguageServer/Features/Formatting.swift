import RunbookDiagnostics
import RunbookFormat

extension LanguageServer {
  /// The document in the one layout; nil where it cannot be read, since what is not understood must not be moved.
  mutating func formatting(_ parameters: TextDocumentParameters) throws(ResponseError) -> [TextEdit]? {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    guard !analysis.syntax.contains(where: { $0.severity == .error }) else { return nil }
    let formatted = Array(format(analysis.file, source: analysis.source).utf8)
    guard let change = Self.change(from: document.text.bytes, to: formatted) else { return [] }
    let text = String(decoding: formatted[change.new], as: UTF8.self)
    return [TextEdit(range: encoding.range(change.old, in: document.text), newText: text)]
  }

  /// The lines that differ, from the first to the last; nil when none do. So the editor keeps its place elsewhere.
  static func change(from old: [UInt8], to new: [UInt8]) -> (old: Range<Int>, new: Range<Int>)? {
    let (before, after) = (lines(of: old), lines(of: new))
    let shorter = min(before.count, after.count)
    var head = 0
    while head < shorter, old[before[head]] == new[after[head]] { head += 1 }
    if head == before.count, head == after.count { return nil }
    var tail = 0
    while tail < shorter - head, old[before[before.count - 1 - tail]] == new[after[after.count - 1 - tail]] {
      tail += 1
    }
    func range(_ lines: [Range<Int>], _ end: Int) -> Range<Int> {
      let start = head < lines.count ? lines[head].lowerBound : end
      let last = lines.count - tail
      return start..<max(start, last < lines.count ? lines[last].lowerBound : end)
    }
    return (range(before, old.count), range(after, new.count))
  }

  /// Each line with its line break.
  private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
      lines.append(start..<index + 1)
      start = index + 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }
}
