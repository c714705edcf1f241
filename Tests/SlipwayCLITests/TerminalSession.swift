import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// A terminal of its own (tmux) with a program in it: keys are pressed, and the screen is read as a person reads it.
final class TerminalSession: Sendable {
  private let folder: PrivateFolder
  private let socket: String
  private let tmux = LocalPrograms()

  /// - Parameter lines: what the shell of the terminal runs; it stays when that ends, so that its last screen can be read.
  init(_ lines: String, in folder: PrivateFolder, width: Int = 100, height: Int = 30) async throws {
    self.folder = folder
    // A socket's path may have 107 bytes.
    socket = "\(folder.path)/t"
    try await run(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      "\(width)",
      "-y",
      "\(height)",
      "-c",
      folder.work,
      "\(lines); echo \"[ended $?]\"; exec sleep 600"
    )
  }

  /// The terminal goes, and with it what runs in it.
  func close() async throws { try await run("kill-server") }

  @discardableResult
  private func run(_ arguments: String..., input: [UInt8] = []) async throws -> String {
    let result = try await tmux.run(
      ProgramCall(
        "tmux",
        ["-S", socket] + arguments,
        input: input,
        environment: folder.environment.merging(["LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "TMUX": nil]) { $1 },
        workingDirectory: folder.work,
        timeout: .seconds(20),
        tool: "tmux"
      )
    )
    try #require(result.isSuccess, "tmux \(arguments): \(String(decoding: result.stderr, as: UTF8.self))")
    return String(decoding: result.stdout, as: UTF8.self)
  }

  /// Presses keys by their names (`Enter`, `Tab`, `C-c`).
  func press(_ keys: String...) async throws { for key in keys { try await run("send-keys", key) } }
  /// Types text, letter by letter.
  func type(_ text: String) async throws { try await run("send-keys", "-l", text) }

  func enter(_ text: String) async throws {
    try await type(text)
    try await press("Enter")
  }

  /// Pastes as terminals do where a program asks them to mark what is pasted.
  func paste(_ text: String) async throws {
    try await run("load-buffer", "-", input: Array(text.utf8))
    try await run("paste-buffer", "-p")
  }

  func resize(width: Int, height: Int) async throws {
    try await run("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// The lines of the screen, without blanks at their ends.
  func screen() async throws -> [String] {
    try await run("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = String(line)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  /// Waits until the screen shows something.
  /// - Returns: the screen then.
  @discardableResult
  func shows(
    _ wanted: String,
    seconds: Int = 15,
    _ location: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    try await shows(wanted, seconds: seconds, location) { lines in lines.contains { $0.contains(wanted) } }
  }

  @discardableResult
  func shows(
    _ what: String,
    seconds: Int = 15,
    _ location: SourceLocation = #_sourceLocation,
    _ isShown: ([String]) -> Bool
  ) async throws -> [String] {
    let clock = SystemClock()
    let deadline = clock.now() + .seconds(Int64(seconds))
    var lines: [String] = []
    while clock.now() < deadline {
      lines = try await screen()
      if isShown(lines) { return lines }
      try await clock.sleep(for: .milliseconds(30))
    }
    Issue.record("never shown: \(what)\n\(lines.joined(separator: "\n"))", sourceLocation: location)
    throw CancellationError()
  }

  /// The last line that is not empty.
  static func last(_ lines: [String]) -> String { lines.last { !$0.isEmpty } ?? "" }
}
