public import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// This machine and this user, as far as a run needs to know them: the only reader of environment variables.
public struct Host: Sendable, VariableReading {
  private let variables: [String: String]

  /// The process's own environment.
  public init() {
    var found: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
      let text = String(cString: pointer)
      if let equals = text.firstIndex(of: "=") {
        found[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    variables = found
  }

  public init(variables: [String: String]) { self.variables = variables }

  /// How many cores there are to work on.
  public var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// nil for a variable that is not set, or empty: the XDG specification and `NO_COLOR` hold both for the same.
  public func variable(_ name: String) -> String? {
    variables[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// All of them, for a rehearsal of what `env("NAME")` would read.
  public var allVariables: [String: String] { variables }

  /// Where the journal stands: `$XDG_STATE_HOME/slipway`, by default `~/.local/state/slipway`.
  public var stateDirectory: String { directory("XDG_STATE_HOME", otherwise: ".local/state") }

  /// What can be fetched again: `$XDG_CACHE_HOME/slipway`, by default `~/.cache/slipway`.
  public var cacheDirectory: String { directory("XDG_CACHE_HOME", otherwise: ".cache") }

  private func directory(_ name: String, otherwise: String) -> String {
    // The XDG specification: paths that are not absolute are ignored.
    if let base = variable(name), base.hasPrefix("/") { return "\(base)/slipway" }
    return "\(home)/\(otherwise)/slipway"
  }

  private var home: String {
    if let home = variable("HOME") { return home }
    guard let entry = getpwuid(getuid()) else { return "/" }
    return String(cString: entry.pointee.pw_dir)
  }

  public var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  /// `person@host`, or the job that a CI service runs.
  public var identity: String {
    if let actor = variable("GITHUB_ACTOR"), let run = variable("GITHUB_RUN_ID") {
      return "\(actor) in GitHub Actions run \(run)"
    }
    let person =
      variable("USER") ?? variable("LOGNAME") ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
    var name = [UInt8](repeating: 0, count: 256)
    let isKnown = name.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return false }
      return gethostname(start.assumingMemoryBound(to: CChar.self), buffer.count - 1) == 0
    }
    let host = isKnown ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
    return LocalPrograms.sanitize(line: "\(person ?? "somebody")@\(host)")
  }

  /// Where a run can be followed: the page of the job that a CI service runs; empty elsewhere.
  public var runURL: String {
    guard let server = variable("GITHUB_SERVER_URL"), let repository = variable("GITHUB_REPOSITORY"),
      let run = variable("GITHUB_RUN_ID")
    else { return variable("CI_JOB_URL") ?? variable("BUILD_URL") ?? "" }
    return "\(server)/\(repository)/actions/runs/\(run)"
  }

  /// 128 bits that nobody can guess, in hexadecimal digits.
  public func newSecret() -> String {
    (0..<2).map { _ in
      let digits = String(UInt64.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// A number that no other process has, on whatever machine.
  public var processNumber: UInt64 { UInt64.random(in: 1 ... .max) }

  /// A name for a new run: its time in UTC and four random digits.
  public func newRunID(at time: Timestamp) -> RunID {
    let digits = time.description.utf8.filter { (0x30...0x39).contains($0) }.prefix(14)
    let text = String(decoding: digits, as: UTF8.self)
    let suffix = String(UInt16.random(in: .min ... .max), radix: 16)
    let padded = String(repeating: "0", count: 4 - suffix.count) + suffix
    guard let id = RunID("\(text.prefix(8))-\(text.dropFirst(8))-\(padded)") else {
      preconditionFailure("digits and dashes are a run's name")
    }
    return id
  }
}
