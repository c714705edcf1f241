import FoundationEssentials
import LiveWorld
import Testing

/// The real binary, run as a person runs it: `try await Slipway("check").runbook("…").fleet("…").expecting(exit: 65)`.
struct Slipway: Sendable {
  private var arguments: [String]
  private var files: [(name: String, bytes: [UInt8])] = []
  private var input: [UInt8] = []
  private var variables: [String: String?] = [:]
  private let folder: PrivateFolder
  private var subfolder = ""
  private var isDiskFull = false

  /// - Parameter folder: commands that share one share a journal and files.
  init(_ arguments: String..., in folder: PrivateFolder? = nil) throws {
    self.arguments = arguments
    self.folder = try folder ?? PrivateFolder()
  }

  /// The runbook's text, as the file that the command is given.
  func runbook(_ text: String, named name: String = "release.runbook") -> Slipway {
    file(name, Array(text.utf8)).argument(name)
  }

  /// The text of the `slipway.yaml` in the working directory.
  func fleet(_ text: String) -> Slipway { file("slipway.yaml", Array(text.utf8)) }

  func file(_ name: String, _ bytes: [UInt8]) -> Slipway {
    var copy = self
    copy.files.append((name, bytes))
    return copy
  }

  func argument(_ arguments: String...) -> Slipway {
    var copy = self
    copy.arguments += arguments
    return copy
  }

  func standardInput(_ text: String) -> Slipway {
    var copy = self
    copy.input = Array(text.utf8)
    return copy
  }

  /// nil takes the variable away.
  func variable(_ name: String, _ value: String?) -> Slipway {
    var copy = self
    copy.variables[name] = .some(value)
    return copy
  }

  /// Runs it in a folder below the one that has the files.
  func below(_ name: String) -> Slipway {
    var copy = file("\(name)/.keep", [])
    copy.subfolder = "/\(name)"
    return copy
  }

  /// Its standard output takes nothing.
  func onFullDisk() -> Slipway {
    var copy = self
    copy.isDiskFull = true
    return copy
  }

  /// Nothing is found but what the test has put into its own folder of programs.
  func ownProgramsOnly() -> Slipway { variable("PATH", folder.bin) }

  struct Outcome: Sendable {
    var status: Int32
    var stdout: String
    var stderr: String

    /// The lines of standard output, each of which must be a JSON object.
    func objects<Object: Decodable>(_ type: Object.Type) throws -> [Object] {
      try stdout.split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
  }

  /// Runs it, and records an issue for whatever is not as expected.
  @discardableResult
  func expecting(
    stdout: ExpectedText = .anything,
    stderr: ExpectedText = .anything,
    exit: Int32,
    _ location: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    for file in files { try folder.write(file.bytes, to: file.name) }
    let result = try await LocalPrograms().run(
      ProgramCall(
        isDiskFull ? "/bin/sh" : try Self.binary(),
        isDiskFull ? ["-c", "exec \"$0\" \"$@\" > /dev/full", try Self.binary()] + arguments : arguments,
        input: input,
        environment: folder.environment.merging(variables) { $1 },
        workingDirectory: folder.work + subfolder,
        timeout: .seconds(120),
        tool: "slipway"
      )
    )
    let outcome = Outcome(
      status: result.status,
      stdout: String(decoding: result.stdout, as: UTF8.self),
      stderr: String(decoding: result.stderr, as: UTF8.self)
    )
    let said = "standard output:\n\(outcome.stdout.prefix(4000))\nstandard error:\n\(outcome.stderr.prefix(4000))"
    #expect(outcome.status == exit, "\(said)", sourceLocation: location)
    for complaint in stdout.complaints(about: outcome.stdout) {
      Issue.record("standard output \(complaint)\n\(said)", sourceLocation: location)
    }
    for complaint in stderr.complaints(about: outcome.stderr) {
      Issue.record("standard error \(complaint)\n\(said)", sourceLocation: location)
    }
    return outcome
  }

  /// The program that was built with these tests: beside their bundle, or where the package builds by default.
  static func binary() throws -> String {
    let bundle = CommandLine.arguments[0]
    let beside = bundle.lastIndex(of: "/").map { String(bundle[..<$0]) + "/slipway" }
    let candidates = [beside, Project.path(".build/debug/slipway")].compactMap(\.self)
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(found, "slipway is not built: looked for \(candidates)")
  }
}

/// What a stream is to hold.
enum ExpectedText: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  case anything
  case exactly(String)
  case containing([String])

  static var nothing: ExpectedText { .exactly("") }
  static func containing(_ pieces: String...) -> ExpectedText { .containing(pieces) }

  init(stringLiteral value: String) { self = .exactly(value) }

  func complaints(about text: String) -> [String] {
    switch self {
    case .anything: []
    case .exactly(let expected): text == expected ? [] : ["is not \(expected.debugDescription)"]
    case .containing(let pieces): pieces.filter { !text.contains($0) }.map { "lacks \($0.debugDescription)" }
    }
  }
}
