import FoundationEssentials
import PromotionModel

/// The `git` program over one bare cache repository.
///
/// The cache's own configuration names no remote and no partial clone: a read of an object that is not there says so
/// rather than fetching it alone. What does talk to the server is told the remote on its command line.
struct Git: Sendable {
  static let tool = "git"
  /// The name the remote goes by on our command lines; not `origin`, which a user's configuration may give another URL.
  static let remote = "slipway"

  /// More bytes than this are no answer.
  static let outputLimit = 256 << 20

  let programs: any ProgramRunner
  let directory: String
  let url: String

  /// What a call may do, which decides what it is told and how long it may take.
  enum Kind {
    /// Reads and writes the cache alone.
    case local
    /// Asks the server, or pushes.
    case remote
    /// Fetches objects, without the contents of files unless they are asked for by name.
    case fetch
  }

  /// - Throws: ``WorldError`` when git could not be run at all; a status other than 0 is a result.
  func run(
    _ arguments: [String],
    _ kind: Kind = .local,
    input: [UInt8] = [],
    environment: [String: String?] = [:]
  ) async throws -> ProgramResult {
    try await programs.run(call(arguments, kind, input: input, environment: environment))
  }

  /// A call that reads what `input` brings until that ends, and hands on what it writes as it comes.
  func serve(
    _ arguments: [String],
    input: AsyncStream<[UInt8]>,
    onOutput: @escaping @Sendable ([UInt8]) -> Void
  ) async throws -> ProgramResult {
    var call = call(arguments, .local)
    (call.inputStream, call.onOutput, call.timeout) = (input, onOutput, nil)
    return try await programs.run(call)
  }

  private func call(
    _ arguments: [String],
    _ kind: Kind,
    input: [UInt8] = [],
    environment: [String: String?] = [:]
  ) -> ProgramCall {
    var settings = Self.settings
    switch kind {
    case .local: break
    case .remote: settings.append("remote.\(Self.remote).url=\(url)")
    case .fetch:
      settings += [
        "remote.\(Self.remote).url=\(url)", "remote.\(Self.remote).promisor=true",
        "remote.\(Self.remote).partialclonefilter=blob:none",
      ]
    }
    let timeout: Duration =
      switch kind {
      case .local: .seconds(60)
      case .remote: .seconds(90)
      case .fetch: .seconds(600)
      }
    return ProgramCall(
      "git",
      ["--git-dir=\(directory)", "--no-pager", "--literal-pathspecs"] + settings.flatMap { ["-c", $0] } + arguments,
      input: input,
      environment: Self.environment.merging(environment, uniquingKeysWith: { $1 }),
      timeout: timeout,
      outputLimit: Self.outputLimit,
      tool: Self.tool
    )
  }

  /// Runs git and returns what it wrote.
  /// - Throws: ``WorldError``, classified by what git said, for any status but 0.
  func output(
    _ arguments: [String],
    _ kind: Kind = .local,
    input: [UInt8] = [],
    environment: [String: String?] = [:]
  ) async throws -> [UInt8] {
    let result = try await run(arguments, kind, input: input, environment: environment)
    guard result.isSuccess else { throw failure(result) }
    return result.stdout
  }

  /// What a failing call said; where that is that the cache is damaged, it is set aside.
  func failure(_ result: ProgramResult) -> WorldError {
    let error = GitFailure.error(result)
    return GitFailure.isDamage(result) ? setAside(because: error) : error
  }

  /// Moves a damaged cache out of the way: everything in it stands on the server, and the next call makes it anew, so that no
  /// rescue hangs on it (rule 7).
  /// - Returns: an error after which it is worth asking again.
  func setAside(because cause: WorldError) -> WorldError {
    let aside = "\(directory).damaged"
    var damage = cause
    do {
      if FileManager.default.fileExists(atPath: aside) { try FileManager.default.removeItem(atPath: aside) }
      try FileManager.default.moveItem(atPath: directory, toPath: aside)
    } catch {
      damage.advice = "The cache is damaged: remove \(directory), it is made anew"
      return damage
    }
    damage.reason = .unreachable
    damage.message = "the cache was damaged, is kept as \(aside) and made anew (\(cause.message))"
    damage.advice = nil
    return damage
  }

  /// Settings that hold for every call, whatever the user's configuration says: no hooks, no housekeeping in the middle
  /// of a run, no transports that run commands, and output in the one form that is read here.
  private static let settings = [
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false",
    "protocol.ext.allow=never", "fetch.recurseSubmodules=false", "push.followTags=false", "push.recurseSubmodules=no",
    "i18n.commitEncoding=UTF-8", "i18n.logOutputEncoding=UTF-8", "log.showSignature=false", "log.follow=false",
    "diff.renames=false", "color.ui=false",
  ]

  /// Nothing asks, nothing is translated, and no variable of the caller points git at another repository or makes it
  /// write its headers to standard error. Credential helpers, ssh and their settings stay as the user has them.
  private static let environment: [String: String?] = [
    "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_DIR": nil, "GIT_COMMON_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil, "GIT_NAMESPACE": nil,
    "GIT_OBJECT_DIRECTORY": nil, "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil, "GIT_EXTERNAL_DIFF": nil,
    "GIT_TRACE": nil, "GIT_TRACE_CURL": nil, "GIT_TRACE_PACKET": nil, "GIT_CURL_VERBOSE": nil,
    "GIT_QUARANTINE_PATH": nil, "GIT_SHALLOW_FILE": nil, "GIT_GRAFT_FILE": nil,
  ]
}
