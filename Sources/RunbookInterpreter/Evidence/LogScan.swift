import PromotionModel

/// Counts error lines in logs, byte by byte: a line counts when it has one of the words, whatever the case, as
/// `grep -i error` of the guide does.
struct LogScan {
  /// Lower case, ASCII letters folded.
  private let words: [[UInt8]]

  init(words: [String]) { self.words = words.map { $0.lowercased() }.filter { !$0.isEmpty }.map { Array($0.utf8) } }

  struct Result: Hashable {
    var errorLines = 0
    /// The times of the error lines that carry one.
    var errorTimes: [Timestamp] = []
    /// The time of the newest line, where lines carry one.
    var newest: Timestamp?
    /// The first error line found, without control characters, at most 160 characters.
    var example: String?
  }

  /// How many lines are error lines; when they were written is not looked at.
  func count(_ log: [UInt8]) -> Result {
    var result = Result()
    var start = log.startIndex
    while start < log.endIndex {
      let end = log[start...].firstIndex(of: 0x0A) ?? log.endIndex
      let line = log[start..<end]
      start = end + 1
      guard words.contains(where: { Self.contains(line, $0) }) else { continue }
      let found = scan(Array(line))
      result.errorLines += found.errorLines
      if result.example == nil { result.example = found.example }
    }
    return result
  }

  /// - Parameter after: lines up to this time were counted before, and are passed over.
  func scan(_ log: [UInt8], after: Timestamp? = nil) -> Result {
    var result = Result()
    var start = log.startIndex
    while start < log.endIndex {
      let end = log[start...].firstIndex(of: 0x0A) ?? log.endIndex
      let line = log[start..<end]
      start = end + 1
      // The server puts an RFC 3339 time and a space in front of each line.
      let space = line.firstIndex(of: 0x20) ?? line.endIndex
      let time = space - line.startIndex <= 40 ? Timestamp(utf8: line[..<space]) : nil
      if let time {
        if let after, time <= after { continue }
        result.newest = max(result.newest ?? time, time)
      }
      let text = time == nil ? line : line[space...].dropFirst()
      guard words.contains(where: { Self.contains(text, $0) }) else { continue }
      result.errorLines += 1
      if let time { result.errorTimes.append(time) }
      if result.example == nil { result.example = Self.shown(text) }
    }
    return result
  }

  private static func contains(_ line: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    guard line.count >= word.count else { return false }
    let first = word[0]
    return line.withUnsafeBufferPointer { line in
      var start = 0
      while start <= line.count - word.count {
        if folded(line[start]) == first {
          var length = 1
          while length < word.count, folded(line[start + length]) == word[length] { length += 1 }
          if length == word.count { return true }
        }
        start += 1
      }
      return false
    }
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  /// Hostile text, made fit for a terminal and for Markdown.
  /// - Parameter most: the most characters that are kept.
  static func shown(_ line: ArraySlice<UInt8>, most: Int = 160) -> String {
    let text = String(decoding: line.prefix(max(400, most * 4)), as: UTF8.self)
    var shown = ""
    for scalar in text.unicodeScalars.prefix(most) {
      if (0x20...0x7E).contains(scalar.value) {
        shown.unicodeScalars.append(scalar)
        continue
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: shown += "·"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
