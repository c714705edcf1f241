import FoundationEssentials
import LiveWorld
import PromotionModel

/// A terminal of its own (tmux) with a program in it: keys are pressed, and the screen is read as a person reads it.
public final class TerminalSession: Sendable {
  /// Something that a screen did not show in time, with the screen.
  public struct NeverShown: Error, CustomStringConvertible {
    public let what: String
    public let screen: [String]
    public var description: String { "never shown: \(what)\n\(screen.joined(separator: "\n"))" }
  }

  /// tmux did not do what it was asked.
  public struct Failed: Error, CustomStringConvertible {
    public let description: String
  }

  private let socket: String
  private let environment: [String: String?]
  private let folder: String
  private let tmux = LocalPrograms()

  /// - Parameters:
  ///   - lines: what the shell of the terminal runs; it stays when that ends, so that its last screen can be read.
  ///   - folder: where it runs.
  ///   - socket: a path that is free; it may have 107 bytes.
  public init(
    _ lines: String,
    in folder: String,
    socket: String,
    environment: [String: String?],
    width: Int = 100,
    height: Int = 30
  ) async throws {
    (self.folder, self.socket) = (folder, socket)
    self.environment = environment.merging(["LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "TMUX": nil]) { $1 }
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
      folder,
      "\(lines); echo \"[ended $?]\"; exec sleep 3600"
    )
  }

  /// The terminal goes, and with it what runs in it.
  public func close() async throws { try await run("kill-server") }

  @discardableResult
  private func run(_ arguments: String..., input: [UInt8] = []) async throws -> String {
    let result = try await tmux.run(
      ProgramCall(
        "tmux",
        ["-S", socket] + arguments,
        input: input,
        environment: environment,
        workingDirectory: folder,
        timeout: .seconds(20),
        tool: "tmux"
      )
    )
    guard result.isSuccess else {
      throw Failed(description: "tmux \(arguments): \(String(decoding: result.stderr, as: UTF8.self))")
    }
    return String(decoding: result.stdout, as: UTF8.self)
  }

  /// Presses keys by their names (`Enter`, `Tab`, `C-c`).
  public func press(_ keys: String...) async throws { for key in keys { try await run("send-keys", key) } }
  /// Types text, letter by letter.
  public func type(_ text: String) async throws { try await run("send-keys", "-l", text) }

  public func enter(_ text: String) async throws {
    try await type(text)
    try await press("Enter")
  }

  /// Pastes as terminals do where a program asks them to mark what is pasted.
  public func paste(_ text: String) async throws {
    try await run("load-buffer", "-", input: Array(text.utf8))
    try await run("paste-buffer", "-p")
  }

  public func resize(width: Int, height: Int) async throws {
    try await run("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// The lines of the screen, without blanks at their ends.
  public func screen() async throws -> [String] {
    try await run("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = String(line)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  /// Waits until the screen shows something.
  /// - Returns: the screen then.
  /// - Throws: ``NeverShown``.
  @discardableResult
  public func shows(_ wanted: String, seconds: Int = 15) async throws -> [String] {
    try await shows(wanted, seconds: seconds) { lines in lines.contains { $0.contains(wanted) } }
  }

  /// - Parameter what: what is waited for, in words.
  @discardableResult
  public func shows(_ what: String, seconds: Int = 15, _ isShown: ([String]) -> Bool) async throws -> [String] {
    let clock = SystemClock()
    let deadline = clock.now() + .seconds(Int64(seconds))
    var lines: [String] = []
    while clock.now() < deadline {
      lines = try await screen()
      if isShown(lines) { return lines }
      try await clock.sleep(for: .milliseconds(30))
    }
    throw NeverShown(what: what, screen: lines)
  }

  /// The last line that is not empty.
  public static func last(_ lines: [String]) -> String { lines.last { !$0.isEmpty } ?? "" }
}
