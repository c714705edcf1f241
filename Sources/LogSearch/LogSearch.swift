public import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds the error lines of logs: those with one of the words, whatever the case, as `grep -i` does, or with a part that one of the
/// patterns matches, but for those that are let pass.
///
/// Whole logs are searched for all words at once; only lines in which something is found are cut out, compared and counted.
/// A pattern takes part in that with a text that its lines must have; one without any costs a look at every line.
public struct LogSearch: Sendable {
  private let search: WordSearch
  /// From here on the words are those of patterns.
  private let plainWords: Int
  private let patterns: [LinePattern]
  private let tolerated: [LinePattern]
  private let allowances: [LinePattern]
  private let looksAtEveryLine: Bool

  /// - Parameters:
  ///   - words: empty ones count for nothing.
  ///   - tolerated: lines that these match are no error lines.
  ///   - allowances: error lines that these match are held back until ``ErrorLines/settle(_:_:)`` has counted them.
  public init(
    words: [String],
    patterns: [LinePattern] = [],
    tolerated: [LinePattern] = [],
    allowances: [LinePattern] = []
  ) {
    let words = words.filter { !$0.isEmpty }.map { Array($0.lowercased().utf8) }
    plainWords = words.count
    search = WordSearch(words + patterns.map(\.literal).filter { !$0.isEmpty })
    (self.patterns, self.tolerated, self.allowances) = (patterns, tolerated, allowances)
    looksAtEveryLine = patterns.contains { $0.literal.isEmpty }
  }

  /// - Parameters:
  ///   - log: lines, each with its RFC 3339 time and a space in front as the server writes them, or without. What stands in
  ///     the time itself is not searched.
  ///   - after: lines up to this time were counted before, and are passed over.
  public func scan(_ log: [UInt8], after: Timestamp? = nil) -> ErrorLines {
    var found = ErrorLines()
    log.withUnsafeBytes { scan($0, after: after, into: &found) }
    return found
  }

  private func scan(_ log: UnsafeRawBufferPointer, after: Timestamp?, into found: inout ErrorLines) {
    var folded = FoldedLine()
    var place = 0
    while place < log.count {
      let line: Line
      if looksAtEveryLine {
        line = Line(log, around: place)
        guard isError(line) else {
          place = line.end + 1
          continue
        }
      } else {
        guard let (hit, word) = search.next(in: log, from: place) else { break }
        line = Line(log, around: hit)
        if hit < line.text || (word >= plainWords && !isError(line)) {
          // In the server's time, or no more than the beginning of what a pattern wants: there may be more in the line.
          place = hit < line.text ? line.text : line.end + 1
          continue
        }
      }
      place = line.end + 1
      if let after, let time = line.time, time <= after { continue }
      let text = UnsafeRawBufferPointer(rebasing: log[line.text..<line.end])
      if tolerated.contains(where: { $0.matches(text) }) {
        found.tolerated += 1
        continue
      }
      folded.fold(text)
      if let rule = allowances.firstIndex(where: { $0.matches(text) }) {
        found.hold(text, folded, at: line.time, for: rule)
      } else {
        found.add(text, folded, at: line.time)
      }
      if let time = line.time { found.newest = max(found.newest ?? time, time) }
    }
    if let last = newest(log), after.map({ last > $0 }) ?? true { found.newest = max(found.newest ?? last, last) }
  }

  /// Whether the text of a line has a word or matches a pattern.
  private func isError(_ line: Line) -> Bool {
    let text = line.slice
    var place = 0
    while let (hit, word) = search.next(in: text, from: place) {
      if word < plainWords { return true }
      place = hit + 1
    }
    return patterns.contains { $0.matches(text) }
  }

  /// The time of the last line that has one: a container's lines come in order.
  private func newest(_ log: UnsafeRawBufferPointer) -> Timestamp? {
    var end = log.count
    // Lines without one in the middle are the rest of longer ones; a log without any times has none at its end either.
    for _ in 0..<100 where end > 0 {
      let line = Line(log, around: end - 1)
      if let time = line.time { return time }
      end = line.start
    }
    return nil
  }

  /// Which instructions this machine searches with: `avx2`, `ssse3`, `neon`, or `portable` for none.
  public static var way: String { WordSearch.way }
}

/// One line of a log, without its newline.
private struct Line {
  private let log: UnsafeRawBufferPointer
  let start: Int
  let end: Int
  /// Where its text begins, behind the server's time.
  let text: Int
  let time: Timestamp?

  /// The line that the byte at `place` belongs to; a newline belongs to the line that it ends.
  init(_ log: UnsafeRawBufferPointer, around place: Int) {
    var start = place
    while start > 0, log[start - 1] != 0x0A { start -= 1 }
    let end = memchr(log.baseAddress! + place, 0x0A, log.count - place).map {
      $0 - UnsafeMutableRawPointer(mutating: log.baseAddress!)
    }
    (self.log, self.start, self.end) = (log, start, end ?? log.count)
    // `2026-11-23T22:30:00.000000000Z ` at most, or with an offset.
    let head = UnsafeRawBufferPointer(rebasing: log[start..<min(self.end, start + 41)])
    guard head.count > 20, head[4] == UInt8(ascii: "-") else {
      (text, time) = (start, nil)
      return
    }
    let length = head.firstIndex(of: 0x20) ?? head.count
    time = length <= 40 ? Timestamp(utf8: Array(head[..<length])[...]) : nil
    text = time == nil ? start : min(self.end, start + length + 1)
  }

  var slice: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: log[text..<end]) }
}
