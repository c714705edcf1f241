import FoundationEssentials
import RunLog
import RunReport
import Synchronization
import Testing

/// What a sink wrote.
final class Recording: Sendable {
  private let parts = Mutex<[String]>([])
  var write: @Sendable (String) -> Void { { part in self.parts.withLock { $0.append(part) } } }
  var written: [String] { parts.withLock { $0 } }
  var text: String { written.joined() }
}

/// Files that say how the log looks. `RECORD=1 swift test` writes them anew; the difference is then read in git.
enum Transcript {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts")

  static func check(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["RECORD"] == "1" { try Data(text.utf8).write(to: file) }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(text == expected, "differs from \(name)", sourceLocation: sourceLocation)
  }

  /// Escape sequences as they can be read in a file: `␛[K`, `␍`.
  static func visible(_ text: String) -> String {
    text.split(separator: "\u{1B}", omittingEmptySubsequences: false).joined(separator: "␛")
      .split(separator: "\r", omittingEmptySubsequences: false).joined(separator: "␍")
  }

  static func console(_ events: [RunEvent], _ style: ConsoleReport.Style = .init()) -> String {
    let recording = Recording()
    let report = ConsoleReport(style: style, write: recording.write)
    for event in events { report.emit(event) }
    return recording.text
  }

  static func json(_ events: [RunEvent]) -> String {
    let recording = Recording()
    let report = JSONLines(write: recording.write)
    for event in events { report.emit(event) }
    return recording.text
  }
}
