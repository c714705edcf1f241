import LiveWorld
import PromotionModel
import Synchronization
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A time that moves when somebody waits, and then lets the rest of the test run.
final class SteppingClock: WorldClock {
  private let time = Mutex(Timestamp(secondsSinceEpoch: 1_795_000_000))

  func now() -> Timestamp { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }

  func sleep(until deadline: Timestamp) async throws {
    try await Task.sleep(for: min(.milliseconds(20), max(.zero, deadline - now())))
    time.withLock { $0 = max($0, deadline) }
  }
}

/// Lets something happen right before, or right after, each call of a git subcommand.
struct InterruptedPrograms: ProgramRunner {
  let programs: any ProgramRunner
  let subcommand: String
  var before: @Sendable (Int) async throws -> Void = { _ in }
  /// Takes the place of the result.
  var after: @Sendable (ProgramResult) async throws -> ProgramResult = { $0 }
  private let count = Counter()

  final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
      value.withLock {
        $0 += 1
        return $0
      }
    }
  }

  init(
    _ programs: any ProgramRunner,
    at subcommand: String,
    before: @escaping @Sendable (Int) async throws -> Void = { _ in },
    after: @escaping @Sendable (ProgramResult) async throws -> ProgramResult = { $0 }
  ) {
    (self.programs, self.subcommand, self.before, self.after) = (programs, subcommand, before, after)
  }

  func run(_ call: ProgramCall) async throws -> ProgramResult {
    guard call.arguments.contains(subcommand) else { return try await programs.run(call) }
    try await before(count.next())
    return try await after(try await programs.run(call))
  }
}

/// A bare repository in a folder of its own, with a home of its own, and a clone in which others work.
struct GitOpsFixture: Sendable {
  let folder: String
  let fleet: Fleet
  let clock = SteppingClock()
  let counter = ProgramCounter()

  var url: String { "file://\(folder)/remote.git" }
  var cache: String { "\(folder)/cache" }
  var programs: LocalPrograms { LocalPrograms(counter: counter, environment: environment) }
  var environment: [String: String?] {
    [
      "HOME": folder, "XDG_CONFIG_HOME": folder, "GIT_CONFIG_GLOBAL": "\(folder)/gitconfig", "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_AUTHOR_NAME": nil, "GIT_AUTHOR_EMAIL": nil, "GIT_COMMITTER_NAME": nil, "GIT_COMMITTER_EMAIL": nil,
      "EMAIL": nil,
    ]
  }

  static let production = EnvironmentName("production")
  static let staging = EnvironmentName("staging")

  /// Runs `body` with a repository of `services` at 1.2.0 in production and 1.3.0 in staging; all is gone afterwards.
  static func with(
    services: [String] = ["api", "web", "pm"],
    files: [String: String] = [:],
    records: String? = nil,
    body: (GitOpsFixture) async throws -> Void
  ) async throws {
    var template = Array("/tmp/slipway-gitops-XXXXXX\0".utf8CString)
    guard let made = mkdtemp(&template) else { throw CancellationError() }
    let fixture = GitOpsFixture(folder: String(cString: made), services: services, records: records)
    do {
      try await fixture.create(services, files)
      try await body(fixture)
    } catch {
      try await fixture.remove()
      throw error
    }
    try await fixture.remove()
  }

  private init(folder: String, services: [String], records: String?) {
    self.folder = folder
    var fleet = Fleet(
      repository: RepositorySettings(
        url: "file://\(folder)/remote.git",
        filePattern: "apps/{environment}/{service}.yaml",
        tagPath: "service.chartTag"
      ),
      environments: [
        Environment(name: Self.staging, namespace: "staging"),
        Environment(name: Self.production, namespace: "production", promotesFrom: Self.staging, isProtected: true),
      ],
      services: services.map { Service(name: ServiceName($0), tag: TagPattern(prefix: "\($0)-v")) },
      argocd: ArgoCDSettings(),
      pullRequest: nil,
      policy: Policy()
    )
    fleet.repository.records = records.map { RecordSettings(filePattern: $0) }
    self.fleet = fleet
  }

  private func create(_ services: [String], _ files: [String: String]) async throws {
    try await git(["config", "--file", "\(folder)/gitconfig", "user.name", "Rita Release"])
    try await git(["config", "--file", "\(folder)/gitconfig", "user.email", "rita@example.org"])
    try await git(["init", "--quiet", "--bare", "--initial-branch=main", "\(folder)/remote.git"])
    try await git(["-C", "\(folder)/remote.git", "config", "uploadpack.allowFilter", "true"])
    try await git(["-C", "\(folder)/remote.git", "config", "uploadpack.allowAnySHA1InWant", "true"])
    var all = files
    for service in services {
      all["apps/production/\(service).yaml"] = Self.file(service, "1.2.0")
      all["apps/staging/\(service).yaml"] = Self.file(service, "1.3.0")
    }
    all["README.md"] = "Other teams work here too.\n"
    try await push(all, message: "Everything as it is")
  }

  private func remove() async throws {
    _ = try await programs.run("rm", ["-rf", "--", folder], timeout: .seconds(60), tool: "rm")
  }

  /// The file of a service, with what a byte-exact edit must keep.
  static func file(_ service: String, _ version: String) -> String {
    "# deployed by Argo CD\r\nservice:\n  chartTag:   '\(service)-v\(version)'   # the version\n  note: \"🚢 ünchanged\"\n"
  }

  @discardableResult func git(_ arguments: [String], input: String = "", environment: [String: String?] = [:])
    async throws
    -> String
  {
    let result = try await LocalPrograms(environment: self.environment).run(
      "git",
      arguments,
      input: Array(input.utf8),
      environment: environment,
      timeout: .seconds(60),
      tool: "git"
    )
    try #require(result.isSuccess, "git \(arguments): \(String(decoding: result.stderr, as: UTF8.self))")
    return String(decoding: result.stdout, as: UTF8.self)
  }

  /// Commits files to a branch of the remote, in its own object store, as somebody else would.
  @discardableResult func push(
    _ files: [String: String?],
    message: String,
    author: String = "Olga Other",
    branch: String = "main"
  ) async throws -> CommitID {
    let remote = "--git-dir=\(folder)/remote.git"
    let known = try await git([remote, "for-each-ref", "refs/heads/\(branch)"])
    var stream = "feature done\ncommit refs/heads/\(branch)\n"
    let time = clock.now().nanosecondsSinceEpoch / 1_000_000_000
    clock.advance(.seconds(1))
    stream +=
      "author \(author) <other@example.org> \(time) +0000\ncommitter \(author) <other@example.org> \(time) +0000\n"
    stream += "data \(message.utf8.count)\n\(message)\n"
    if !known.isEmpty { stream += "from refs/heads/\(branch)^0\n" }
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      stream += text.map { "M 100644 inline \(path)\ndata \($0.utf8.count)\n\($0)\n" } ?? "D \(path)\n"
    }
    try await git([remote, "fast-import", "--quiet", "--date-format=raw"], input: stream + "done\n")
    return try await tip(branch)
  }

  func tip(_ branch: String = "main") async throws -> CommitID {
    let text = try await git(["--git-dir=\(folder)/remote.git", "rev-parse", "refs/heads/\(branch)"])
    return try #require(CommitID(String(text.prefix { $0 != "\n" })))
  }

  func show(_ path: String, at revision: String = "main") async throws -> String {
    try await git(["--git-dir=\(folder)/remote.git", "show", "\(revision):\(path)"])
  }

  /// The paths that changed between two commits.
  func changed(_ from: CommitID, _ to: CommitID) async throws -> [String] {
    try await git(["--git-dir=\(folder)/remote.git", "diff", "--name-only", from.text, to.text])
      .split(separator: "\n").map(String.init)
  }

  func repository(_ programs: (any ProgramRunner)? = nil, cache: String? = nil) -> GitRepository {
    GitRepository(fleet: fleet, cacheDirectory: cache ?? self.cache, programs: programs ?? self.programs, clock: clock)
  }

  func request(_ versions: [String: String]) -> PromotionRequest {
    PromotionRequest(
      source: Self.staging,
      target: Self.production,
      tags: Dictionary(uniqueKeysWithValues: versions.map { (ServiceName($0.key), "\($0.key)-v\($0.value)") })
    )
  }

  func message(_ subject: String = "promote(api): v1.3.0 → production", run: String = "run-1", step: String = "1")
    -> CommitMessage
  {
    CommitMessage(
      subject: subject,
      body: "Why: a test.",
      trailers: [Trailer(Trailer.run, run), Trailer(Trailer.step, step)]
    )
  }

  func claim(_ run: String, lasting: Duration = .seconds(600), pullRequest: String? = nil) throws -> LockHolder {
    LockHolder(
      environment: Self.production,
      run: try #require(RunID(run)),
      holder: "rita@host",
      reason: "promotion",
      plan: ["production/api api-v1.2.0 -> api-v1.3.0"],
      pullRequest: pullRequest,
      expires: clock.now() + lasting
    )
  }
}
