/// Unified diffs of bytes, as `git diff` writes them.
public enum UnifiedDiff {
  private static let contextLines = 3
  /// Beyond this many pairs of lines the differing middle is shown as replaced, so that the time stays bounded.
  private static let pairLimit = 4_000_000

  private typealias Line = ArraySlice<UInt8>
  private enum Mark: UInt8 { case same = 0x20, removed = 0x2D, added = 0x2B }

  /// - Parameters:
  ///   - from: nil when there was no file.
  ///   - to: nil when there is none any more.
  /// - Returns: headers and hunks; empty when nothing differs.
  public static func text(path: String, from: [UInt8]?, to: [UInt8]?) -> String {
    guard from != to else { return "" }
    // git ends a name that has a blank with a tab, so that readers know where it ends.
    let end = path.contains(" ") ? "\t\n" : "\n"
    var header = "diff --git a/\(path) b/\(path)\n"
    if from == nil { header += "new file mode 100644\n" }
    if to == nil { header += "deleted file mode 100644\n" }
    let body = hunks(from: from ?? [], to: to ?? [])
    guard !body.isEmpty else { return header }
    header += "--- " + (from == nil ? "/dev/null\n" : "a/\(path)\(end)")
    header += "+++ " + (to == nil ? "/dev/null\n" : "b/\(path)\(end)")
    return header + String(decoding: body, as: UTF8.self)
  }

  private static func hunks(from: [UInt8], to: [UInt8]) -> [UInt8] {
    let marked = marked(lines(of: from), lines(of: to))
    var result: [UInt8] = []
    var next = 0
    var oldLine = 1
    var newLine = 1
    while let first = marked[next...].firstIndex(where: { $0.mark != .same }) {
      var last = first
      var scan = first + 1
      while scan < marked.count, scan - last <= 2 * contextLines + 1 {
        if marked[scan].mark != .same { last = scan }
        scan += 1
      }
      let start = max(next, first - contextLines)
      let stop = min(marked.count, last + contextLines + 1)
      for line in marked[next..<start] { advance(line.mark, &oldLine, &newLine) }
      let hunk = marked[start..<stop]
      let oldCount = hunk.count { $0.mark != .added }
      let newCount = hunk.count { $0.mark != .removed }
      result += "@@ -\(range(oldLine, oldCount)) +\(range(newLine, newCount)) @@\n".utf8
      for (mark, line) in hunk {
        result.append(mark.rawValue)
        result += line
        if line.last != 0x0A { result += "\n\\ No newline at end of file\n".utf8 }
        advance(mark, &oldLine, &newLine)
      }
      next = stop
    }
    return result
  }

  private static func advance(_ mark: Mark, _ oldLine: inout Int, _ newLine: inout Int) {
    if mark != .added { oldLine += 1 }
    if mark != .removed { newLine += 1 }
  }

  /// `5,3`; `5` for one line; an empty range is named by the line before it.
  private static func range(_ start: Int, _ count: Int) -> String {
    switch count {
    case 0: "\(start - 1),0"
    case 1: "\(start)"
    default: "\(start),\(count)"
    }
  }

  /// The lines with their ends; the last may have none.
  private static func lines(of bytes: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      lines.append(bytes[start...index])
      start = index + 1
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
  }

  private static func marked(_ old: [Line], _ new: [Line]) -> [(mark: Mark, line: Line)] {
    let prefix = zip(old, new).prefix { $0 == $1 }.count
    let suffix = zip(old[prefix...].reversed(), new[prefix...].reversed()).prefix { $0 == $1 }.count
    let oldMiddle = Array(old[prefix..<(old.count - suffix)])
    let newMiddle = Array(new[prefix..<(new.count - suffix)])
    var result: [(mark: Mark, line: Line)] = old[..<prefix].map { (.same, $0) }
    let isBounded = oldMiddle.count * newMiddle.count <= pairLimit
    var removed = Set(oldMiddle.indices)
    var added = Set(newMiddle.indices)
    if isBounded {
      removed = []
      added = []
      for change in newMiddle.difference(from: oldMiddle) {
        switch change {
        case .remove(let offset, _, _): removed.insert(offset)
        case .insert(let offset, _, _): added.insert(offset)
        }
      }
    }
    var oldIndex = 0
    var newIndex = 0
    while oldIndex < oldMiddle.count || newIndex < newMiddle.count {
      if removed.contains(oldIndex) {
        result.append((.removed, oldMiddle[oldIndex]))
        oldIndex += 1
      } else if added.contains(newIndex) {
        result.append((.added, newMiddle[newIndex]))
        newIndex += 1
      } else {
        result.append((.same, oldMiddle[oldIndex]))
        oldIndex += 1
        newIndex += 1
      }
    }
    return result + old[(old.count - suffix)...].map { (.same, $0) }
  }
}
