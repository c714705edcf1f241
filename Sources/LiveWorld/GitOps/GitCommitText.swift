import PromotionModel

/// Reads commit objects.
enum GitCommitText {
  /// The commits that a commit comes after; nil when they cannot be read.
  static func parents(_ bytes: [UInt8]) -> [CommitID]? {
    var parents: [CommitID] = []
    for line in bytes.split(separator: newline, omittingEmptySubsequences: false) {
      if line.starts(with: "tree ".utf8) { continue }
      guard line.starts(with: "parent ".utf8) else { break }
      guard let parent = CommitID(String(decoding: line.dropFirst(7), as: UTF8.self)) else { return nil }
      parents.append(parent)
    }
    return parents
  }

  /// A commit and its whole message; nil when the object has no author or time. Names and subjects are sanitised here,
  /// so that nothing that somebody committed reaches a terminal as it is.
  static func read(_ bytes: [UInt8], id: CommitID) -> (Commit, message: String)? {
    let blank = bytes.indices.first { bytes[$0] == newline && $0 + 1 < bytes.count && bytes[$0 + 1] == newline }
    let header = String(decoding: bytes[..<(blank ?? bytes.count)], as: UTF8.self)
    let message = blank.map { String(decoding: bytes[($0 + 2)...], as: UTF8.self) } ?? ""
    var author: String?
    var time: Timestamp?
    for line in header.split(separator: "\n") {
      if author == nil, line.hasPrefix("author ") {
        author = String(line.dropFirst(7).prefix { $0 != "<" })
      } else if time == nil, line.hasPrefix("committer ") {
        let fields = line.split(separator: " ").suffix(2)
        if let text = fields.first, let seconds = Int64(text), seconds.magnitude < 9_000_000_000 {
          time = Timestamp(secondsSinceEpoch: seconds)
        }
      }
    }
    guard let author, let time else { return nil }
    let paragraphs = paragraphs(of: message)
    let name = LocalPrograms.sanitize(line: author, limit: 100)
    let subject = (paragraphs.first ?? []).joined(separator: " ")
    let commit = Commit(
      id: id,
      author: name.isEmpty ? "unknown" : name,
      time: time,
      subject: LocalPrograms.sanitize(line: subject, limit: 200),
      trailers: trailers(Array(paragraphs.dropFirst()))
    )
    return (commit, message)
  }

  /// The trailers of the last paragraph, and ours from any: a forge that squashes adds paragraphs of its own below.
  private static func trailers(_ paragraphs: [[String]]) -> [Trailer] {
    var found: [Trailer] = []
    for (index, lines) in paragraphs.enumerated() {
      let read = lines.map(trailer)
      let isBlock = index == paragraphs.count - 1 && read.allSatisfy { $0 != nil }
      found += read.compactMap { $0 }.filter { isBlock || $0.key.hasPrefix("Slipway-") }
    }
    return found
  }

  private static func trailer(_ line: String) -> Trailer? {
    guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
      line[..<colon].utf8.allSatisfy({
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
      })
    else { return nil }
    let value = line[line.index(after: colon)...]
    guard value.first == " " else { return nil }
    return Trailer(String(line[..<colon]), LocalPrograms.sanitize(line: String(value), limit: 1000))
  }

  private static func paragraphs(of message: String) -> [[String]] {
    var paragraphs: [[String]] = [[]]
    // A carriage return and a newline are one character in Swift, so lines are cut by scalars.
    for line in message.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = String(line.last == "\r" ? line.dropLast() : line)
      if text.allSatisfy({ $0 == " " || $0 == "\t" }) {
        if paragraphs.last?.isEmpty == false { paragraphs.append([]) }
      } else {
        paragraphs[paragraphs.count - 1].append(text)
      }
    }
    return paragraphs.filter { !$0.isEmpty }
  }

  private static let newline = UInt8(ascii: "\n")
}
