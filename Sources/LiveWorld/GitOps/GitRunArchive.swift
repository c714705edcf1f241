public import PromotionModel

/// Runs in the GitOps repository: a ref `refs/slipway/runs/<run>` each. It names a commit without parents, so that the
/// server may forget former revisions; its message is the heading, and its only file, `run.json`, the contents, which a
/// clone without file contents does not bring.
public actor GitRunArchive: RunArchiving {
  private static let file = "run.json"
  private static let attempts = 8

  private let store: GitStore
  /// What this process has made of each run: a push whose answer was lost may have brought any of them.
  private var made: [RunID: Set<CommitID>] = [:]

  public init(fleet: Fleet, host: Host) {
    self.init(
      GitRepository(
        fleet: fleet,
        cacheDirectory: host.cacheDirectory,
        programs: LocalPrograms(),
        clock: SystemClock()
      )
    )
  }

  init(_ repository: GitRepository) { store = repository.store }

  /// Ends what was started; a later call starts it again.
  public func close() async { await store.close() }

  public func headings() async throws -> [String] { try await store.runMessages(GitNames.runPrefix + "*") }

  public func load(_ run: RunID) async throws -> ArchivedRun? {
    let ref = try Self.ref(run)
    var attempt = 0
    while true {
      attempt += 1
      guard let object = try await store.remoteRefs([ref])[ref] else { return nil }
      do {
        let heading = try await store.message(of: object)
        guard let file = try await store.listing([Self.file], at: object)[Self.file],
          let contents = try await store.contents([file.object])[file.object]
        else { throw store.nonsense("\(ref) is no run that Slipway stored") }
        return ArchivedRun(revision: object, heading: heading, contents: contents)
      } catch let error as WorldError where error.reason == .notFound && attempt < Self.attempts {
        // It was replaced between the answer and the fetch of what it named.
        try await store.clock.sleep(for: .milliseconds(50 * attempt))
      }
    }
  }

  public func store(_ contents: [UInt8], heading: String, of run: RunID, replacing revision: CommitID?) async throws
    -> ArchiveOutcome
  {
    let ref = try Self.ref(run)
    try await store.prepare()
    let object = try await make(contents, heading)
    made[run, default: []].insert(object)
    var expected = revision
    for attempt in 1...Self.attempts {
      let result = try await store.push([RefUpdate(ref: ref, from: expected, to: object)])
      if case .done = result { return .stored(object) }
      let now = try await store.remoteRefs([ref])[ref]
      if now == object { return .stored(object) }
      if now != expected {
        guard let now, made[run]?.contains(now) == true else { return .changed }
        expected = now
      } else if case .unclear(let error) = result {
        throw error
      }
      try await store.clock.sleep(for: .milliseconds(50 * attempt * attempt))
    }
    throw GitRepositoryWriter.outrun("run \(run)")
  }

  private func make(_ contents: [UInt8], _ heading: String) async throws -> CommitID {
    let time = store.clock.now().nanosecondsSinceEpoch / 1_000_000_000
    let ref = "refs/slipway-build/run"
    let message = Array(heading.utf8)
    var stream = Array(
      "feature done\ncommit \(ref)\nmark :1\ncommitter Slipway <slipway@localhost> \(time) +0000\n".utf8
    )
    stream += Array("data \(message.count)\n".utf8) + message
    stream += Array("\nM 100644 inline \(Self.file)\ndata \(contents.count)\n".utf8) + contents
    stream += Array("\n\nreset \(ref)\nfrom \(String(repeating: "0", count: 40))\n\nget-mark :1\ndone\n".utf8)
    let answer = try await store.git.output(["fast-import", "--quiet", "--date-format=raw"], input: stream)
    guard let object = CommitID(String(decoding: answer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) else {
      throw store.nonsense("fast-import did not name the object that it made")
    }
    return object
  }

  private static func ref(_ run: RunID) throws -> String {
    guard GitNames.isBranch(run.text), !run.text.contains("/") else {
      throw GitNames.refusal("a run's name", run.text)
    }
    return GitNames.runPrefix + run.text
  }
}
