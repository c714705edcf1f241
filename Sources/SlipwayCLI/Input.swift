import FoundationEssentials
import FleetConfiguration
import LiveWorld
import PromotionModel
import Rehearsal
import RunLog
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter
import SimulatedWorld

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A reason to end before anything runs; was said on standard error already.
struct EarlyExit: Error {
  let status: Int32
  /// What was said, for reports.
  var message = ""
}

/// Reads runbooks and configurations, and says everything that is wrong with them.
struct Input {
  let host: Host
  let screen: Screen
  /// Findings go to standard output as JSON, not to standard error as text.
  var showsFindingsAsJSON = false

  /// The largest file that is read.
  private static let limit = 64 << 20

  /// - Parameter file: a path, or `-` for standard input.
  func runbook(file: String?, line: String?) throws -> SourceText {
    if let line {
      guard file == nil else { throw fail(ExitStatus.usage, "give a file or `-c`, not both") }
      return SourceText(name: "-c", text: line)
    }
    guard let file else { throw fail(ExitStatus.usage, "give a runbook: a file, `-`, or -c 'validate staging api'") }
    guard let bytes = file == "-" ? read(descriptor: 0) : read(path: file) else {
      throw fail(ExitStatus.runbookWrong, "\(visible(file)) cannot be read: \(String(cString: strerror(errno)))")
    }
    return SourceText(name: file, bytes: bytes)
  }

  /// The configuration that is named, or `SLIPWAY_CONFIG`, or the `slipway.yaml` found upward from the working
  /// directory; nil when none is.
  func configuration(_ named: String?) throws -> SourceText? {
    if let path = named ?? host.variable("SLIPWAY_CONFIG") {
      guard let bytes = read(path: path) else {
        throw unreadable(path)
      }
      return SourceText(name: path, bytes: bytes)
    }
    var folder = host.workingDirectory
    while true {
      let path = (folder == "/" ? "" : folder) + "/slipway.yaml"
      if let bytes = read(path: path) { return SourceText(name: path, bytes: bytes) }
      // One that is there and cannot be read is not passed over for another further up.
      guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path) }
      guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
  }

  private func unreadable(_ path: String) -> EarlyExit {
    fail(ExitStatus.configurationWrong, "\(visible(path)) cannot be read: \(String(cString: strerror(errno)))")
  }

  /// The fleet that a configuration describes, with its relative paths from the configuration's folder; a warning does not
  /// stop it.
  func fleet(_ source: SourceText) throws -> Fleet {
    try fleet(source, in: ConfigurationFolder(of: source.name, host)) { name, path in
      guard let bytes = read(path: path) else { throw unreadable(path) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// The fleet of a run that is gone on with: with its calendars as they were, and its paths from where its configuration
  /// stood, or from here on a machine that has no such folder.
  func fleet(of record: RunRecord) throws -> Fleet {
    let source = SourceText(name: "the configuration of \(record.id)", text: record.configuration)
    let stored = record.place.map { ConfigurationFolder(path: $0.folder) }
    let folder = stored.flatMap { $0.exists ? $0 : nil } ?? ConfigurationFolder(path: host.workingDirectory)
    return try fleet(source, in: folder) { name, path in
      if let text = record.place?.calendars[name] { return text }
      // An older slipway kept none. One that is no longer there stops no rescue, and is not passed over in silence.
      guard let bytes = read(path: path) else {
        screen.say("slipway: warning: \(visible(path)) is not there: its days without a window are not kept")
        return ""
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func fleet(
    _ source: SourceText,
    in folder: ConfigurationFolder,
    calendar: (_ name: String, _ path: String) throws -> String
  ) throws -> Fleet {
    let (fleet, findings) = FleetConfiguration.load(source)
    show(findings.map { LocatedDiagnostic($0, in: source) })
    guard var fleet else { throw EarlyExit(status: ExitStatus.configurationWrong) }
    for name in fleet.policy.calendars {
      let path = folder.anchored(name)
      let text = try calendar(name, path)
      do {
        fleet.policy.blackouts += try HolidayCalendar.read(text)
      } catch {
        throw fail(ExitStatus.configurationWrong, "\(visible(path)):\(error.line): \(visible(error.message))")
      }
    }
    return folder.anchored(fleet)
  }

  /// What a run keeps of the surroundings of its configuration, to be gone on with from anywhere.
  func place(of source: SourceText, _ fleet: Fleet) -> ConfigurationPlace {
    let folder = ConfigurationFolder(of: source.name, host)
    let texts = fleet.policy.calendars.compactMap { name in
      read(path: folder.anchored(name)).map { (name, String(decoding: $0, as: UTF8.self)) }
    }
    return ConfigurationPlace(folder: folder.path, calendars: Dictionary(texts) { first, _ in first })
  }

  func fleetRequired(_ named: String?) throws -> (fleet: Fleet, source: SourceText) {
    guard let source = try configuration(named) else {
      throw fail(
        ExitStatus.configurationWrong,
        "there is no slipway.yaml here or above; name one with --config or SLIPWAY_CONFIG (see docs/configuration.md), "
          + "or try `slipway rehearse`, which needs none"
      )
    }
    return (try fleet(source), source)
  }

  /// The fleet that a file describes.
  /// - Parameter fleet: that of the configuration.
  func description(_ path: String, of fleet: Fleet) throws -> FleetDescription {
    guard let bytes = read(path: path) else {
      throw unreadable(path)
    }
    let source = SourceText(name: path, bytes: bytes)
    let (description, findings) = FleetFile.read(source, for: fleet)
    show(findings.map { LocatedDiagnostic($0, in: source) })
    guard let description else { throw EarlyExit(status: ExitStatus.configurationWrong) }
    return description
  }

  /// Writes a file for this user alone, whole or not at all.
  func write(_ text: String, to path: String) throws {
    let made = path + ".new"
    let descriptor = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unwritable(path) }
    let isWhole = Screen.write(Array(text.utf8), to: descriptor)
    guard close(descriptor) == 0, isWhole, rename(made, path) == 0 else {
      let error = unwritable(path)
      unlink(made)
      throw error
    }
  }

  private func unwritable(_ path: String) -> EarlyExit {
    fail(ExitStatus.configurationWrong, "\(visible(path)) cannot be written: \(String(cString: strerror(errno)))")
  }

  /// The values of a runbook's inputs; says everything that is wrong with what was given, and stops at it: it is the
  /// command that is wrong, not the runbook.
  func inputs(_ given: [String], for runbook: CheckedRunbook) throws -> (
    values: [String: Value], texts: [String: String]
  ) {
    do {
      return try RunInputs.read(given, for: runbook.inputs)
    } catch {
      for line in error.lines { screen.say("slipway: \(visible(line))") }
      throw EarlyExit(status: ExitStatus.usage, message: error.lines.joined(separator: "\n"))
    }
  }

  func fail(_ status: Int32, _ message: String) -> EarlyExit {
    screen.say("slipway: \(message)")
    return EarlyExit(status: status, message: message)
  }

  /// The bytes of a file; nil, with `errno`, where it cannot be read.
  func read(path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return read(descriptor: descriptor)
  }

  private func read(descriptor: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= Self.limit {
      let count = Self.read(descriptor, into: &buffer)
      guard count >= 0 else { return nil }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
    errno = EFBIG
    return nil
  }

  /// What is there, or waits until something is.
  ///
  /// - Returns: the number of bytes, 0 at the end, less where it cannot be read.
  static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int {
    let size = buffer.count
    return buffer.withUnsafeMutableBytes { readRetrying(descriptor, $0.baseAddress, size) }
  }

  private static func readRetrying(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
    while true {
      #if canImport(Darwin)
      let count = Darwin.read(descriptor, buffer, size)
      #elseif canImport(Glibc)
      let count = Glibc.read(descriptor, buffer, size)
      #elseif canImport(Musl)
      let count = Musl.read(descriptor, buffer, size)
      #endif
      if count >= 0 || errno != EINTR { return count }
    }
  }
}
