import PromotionModel

extension GitOpsLayout {
  /// The line below which a file that Slipway makes for several entries gets them.
  static let recordMark = "<!-- slipway: the newest entry stands first -->"

  /// A file of the record with an entry added, every other byte as it was.
  ///
  /// It goes below the line ``recordMark``; else in front of the first heading of the second level (`## `), so that a title and
  /// what follows it stay on top; else to the end. An entry that is there already is not added again.
  /// - Parameter bytes: nil: there is no file yet.
  /// - Throws: ``PromotionModel/WorldError`` for a path that leads out of the repository, or to a service's file.
  func recorded(_ entry: RecordEntry, in bytes: [UInt8]?) throws(WorldError) -> [UInt8] {
    try RepositoryPath.check(entry.file)
    for environment in fleet.environments {
      for service in fleet.services where fleet.repository.file(of: service.name, in: environment.name) == entry.file {
        throw .refusal("\(entry.file) is the file of \(service.name) in \(environment.name), and cannot be a record")
      }
    }
    guard let bytes else {
      let isAlone = fleet.repository.records?.hasFilePerEntry ?? true
      return Array((isAlone ? entry.text : "# Releases\n\n\(Self.recordMark)\n\n" + entry.text).utf8)
    }
    let lines = ThreeWayMerge.lines(bytes)
    let hasReturns = lines.first?.suffix(2).elementsEqual([0x0D, 0x0A]) ?? false
    let text = Array((hasReturns ? entry.text.replacing("\n", with: "\r\n") : entry.text).utf8)
    if bytes.contains(text) { return bytes }
    let end: [UInt8] = hasReturns ? [0x0D, 0x0A] : [0x0A]
    guard let place = Self.place(in: lines) else {
      let isOpen = bytes.last.map { $0 != 0x0A } ?? false
      return bytes + (isOpen ? end : []) + (bytes.isEmpty ? [] : end) + text
    }
    let before = lines[..<place].joined()
    let isTight = place > 0 && !Self.isBlank(lines[place - 1])
    return Array(before) + (isTight ? end : []) + text + end + Array(lines[place...].joined())
  }

  /// The number of the line in front of which an entry goes; nil: behind the last.
  private static func place(in lines: [ArraySlice<UInt8>]) -> Int? {
    if let mark = lines.firstIndex(where: { trimmed($0).elementsEqual(recordMark.utf8) }) {
      // The blank line below it stays where it is.
      let next = mark + 1
      let place = next < lines.count && isBlank(lines[next]) ? next + 1 : next
      return place < lines.count ? place : nil
    }
    var isCode = false
    for (number, line) in lines.enumerated() {
      if line.starts(with: "```".utf8) || line.starts(with: "~~~".utf8) { isCode.toggle() }
      if !isCode, line.starts(with: "## ".utf8) { return number }
    }
    return nil
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { trimmed(line).isEmpty }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    let start = line.drop(while: isSpace)
    return start.dropLast(start.reversed().prefix(while: isSpace).count)
  }
}
