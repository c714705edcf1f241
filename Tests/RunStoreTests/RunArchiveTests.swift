import FoundationEssentials
import PromotionModel
import RunLog
import Synchronization
import Testing

@testable import RunStore

/// A run is kept outside of its machine: before each effect, without secrets, by one process at a time.
@Suite struct RunArchiveTests {
  @Test func `what is stored is read back, and nothing is stored twice`() async throws {
    let setting = try Setting()
    let archivist = setting.archivist()
    try await archivist.store(always: true)
    try setting.fill()
    try await archivist.store()
    try await archivist.store()
    #expect(await setting.archive.stores == 2)
    let kept = try #require(try await RunArchiveReader(setting.archive).run(setting.record.id))
    var expected = try #require(try setting.journal.copy(of: setting.record.id))
    let own = try #require(expected.notes.first { $0.key == ArchivedJournal.revisionKey })
    expected.notes.removeAll { $0.key == ArchivedJournal.revisionKey }
    #expect(kept.copy.record == expected.record)
    #expect(kept.copy.steps == expected.steps)
    #expect(kept.copy.notes.dropLast() == expected.notes[...])
    // Both journals know which revision they stand on.
    #expect(kept.copy.notes.last?.value == kept.revision.text)
    #expect(own.value == kept.revision.text)
    #expect(kept.heading.pullRequests == [7])
    try await archivist.store(always: true)
    #expect(await setting.archive.stores == 3)
  }

  @Test func `a journal that adopts a run has it as the other had it`() async throws {
    let setting = try Setting()
    let archivist = setting.archivist()
    try setting.fill()
    try await archivist.store()
    let kept = try #require(try await RunArchiveReader(setting.archive).run(setting.record.id))
    let folder = try TemporaryFolder()
    let other = try SQLiteJournal(path: folder.file("journal.sqlite"))
    try other.adopt(kept.copy)
    #expect(try other.copy(of: setting.record.id) == kept.copy)
    #expect(try ArchivedJournal.revision(of: setting.record.id, in: other) == kept.revision)
    // Once more, over what it knew of the run; other runs stay.
    let neighbour = try Sample.run("b")
    try other.begin(neighbour)
    try other.note(Sample.note(setting.record, Sample.second, "stray", "1"))
    try other.adopt(kept.copy)
    #expect(try other.copy(of: setting.record.id) == kept.copy)
    #expect(try other.run(neighbour.id) == neighbour)
  }

  @Test func `of two processes that go on with a run one wins, and the other does nothing more`() async throws {
    let setting = try Setting()
    try await setting.archivist().store(always: true)
    let revision = try #require(try await RunArchiveReader(setting.archive).run(setting.record.id)).revision
    let lost = Mutex(0)
    let first = setting.archivist(replacing: revision, process: 2) { lost.withLock { $0 += 1 } }
    let second = setting.archivist(replacing: revision, process: 3) { lost.withLock { $0 += 1 } }
    try await first.store(always: true)
    let effects = Effects(archive: setting.archive)
    let writing = ArchivedWriting(second).writing(effects.writing)
    for _ in 1...3 {
      await #expect(throws: RunTakenUp(run: setting.record.id)) {
        try await writing.commands.run(OutsideCommand(.words(["true"]))) { _ in }
      }
    }
    #expect(lost.withLock { $0 } == 1)
    #expect(effects.seen.isEmpty)
    try await first.store(always: true)
  }

  @Test func `an effect finds its intent stored, and is not made where it cannot be`() async throws {
    let setting = try Setting()
    let archivist = setting.archivist()
    let effects = Effects(archive: setting.archive)
    let writing = ArchivedWriting(archivist).writing(effects.writing)
    let step = Sample.step(setting.record, Sample.first, verb: "run")
    try setting.archived.intend(step)
    _ = try await writing.commands.run(OutsideCommand(.words(["true"]))) { _ in }
    #expect(effects.seen.map { $0.contains("\"verb\":\"run\"") } == [true])
    await setting.archive.set(isReachable: false)
    try setting.archived.intend(Sample.step(setting.record, Sample.second))
    await #expect(throws: WorldError.self) {
      try await writing.commands.run(OutsideCommand(.words(["true"]))) { _ in }
    }
    #expect(effects.seen.count == 1)
    // What could not be stored then is stored with what follows.
    await setting.archive.set(isReachable: true)
    _ = try await writing.commands.run(OutsideCommand(.words(["true"]))) { _ in }
    #expect(effects.seen.count == 2)
  }

  @Test func `what rescues is done without the archive, and nothing else is`() async throws {
    let setting = try Setting()
    let archivist = setting.archivist()
    try await archivist.store(always: true)
    let effects = Effects(archive: setting.archive)
    let delivery = RecordedDelivery()
    var world = effects.writing
    world.delivery = delivery
    let writing = ArchivedWriting(archivist).writing(world)
    let (api, production) = (ServiceName("api"), EnvironmentName("production"))
    await setting.archive.set(isReachable: false)
    let rescue: [DeliveryOrder] = [.suspendAutoSync(by: "a"), .undo(toTag: "v1"), .restoreAutoSync]
    try await writing.delivery.terminateOperations(of: [api], in: production)
    for order in rescue { _ = try await writing.delivery.carryOut(order, for: api, in: production) }
    #expect(delivery.orders == rescue && delivery.terminations == 1)
    // It was asked for once, not before each: a server that hangs would hold up every step of a rescue.
    #expect(await setting.archive.refusals == 1)
    for order in [DeliveryOrder.restart(at: Sample.time(1)), .sync(mark: "m", replacing: false)] {
      await #expect(throws: WorldError.self) {
        try await writing.delivery.carryOut(order, for: api, in: production)
      }
    }
    #expect(delivery.orders == rescue)
    // Once it is back, everything is stored before each again.
    await setting.archive.set(isReachable: true)
    try await archivist.store(always: true)
    let stores = await setting.archive.stores
    for order in rescue { _ = try await writing.delivery.carryOut(order, for: api, in: production) }
    #expect(await setting.archive.stores == stores + rescue.count)
    // What another process goes on with is not rescued from here.
    await setting.archive.takeUp(setting.record.id)
    for order in rescue + rescue {
      await #expect(throws: RunTakenUp(run: setting.record.id)) {
        try await writing.delivery.carryOut(order, for: api, in: production)
      }
    }
    #expect(delivery.orders == rescue + rescue)
  }

  @Test func `secrets stay behind, and what rests on them is worked out anew`() async throws {
    let setting = try Setting()
    let secret = "s3cr\"et\\ü\n🔑word"
    setting.redactor.keep(secret)
    try setting.fill()
    let journal = setting.archived
    try journal.note(Sample.note(setting.record, Sample.first, "secret", "\"whatever\""))
    let failure = try RunArchiveText.json(["message": "said \(secret) and https://ada:pw@host/x"])
    try journal.note(Sample.note(setting.record, Sample.second, "failure", failure))
    let outcome = StepOutcome(ending: .ok, message: "it is \(secret)", time: Sample.time(4))
    try journal.settle(setting.record.id, step: Sample.first, outcome: outcome)
    try await setting.archivist().store()
    let contents = await setting.archive.text(setting.record.id)
    #expect(!contents.contains("et\\\\ü"))
    #expect(!contents.contains("whatever"))
    #expect(!contents.contains("pw@"))
    let kept = try #require(try await RunArchiveReader(setting.archive).run(setting.record.id)).copy
    #expect(kept.steps.first { $0.step == Sample.first }?.outcome == nil)
    #expect(kept.notes.contains { $0.value == #"{"message":"said *** and https://***@host/x"}"# })
    // This machine has it all.
    #expect(try setting.journal.steps(of: setting.record.id).first { $0.step == Sample.first }?.outcome == outcome)
  }

  @Test(arguments: [1, 2, 20_261_126] as [UInt64])
  func `JSON stays JSON, whatever the secrets and the texts are`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pieces = ["\"", "\\", "\n", "ü", "🚢", "{", ":", ",", "a", "secret", "\u{1B}", "\u{0}", "/", "=", " "]
    func text(_ length: ClosedRange<Int>) -> String {
      (0..<Int.random(in: length, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }
    for _ in 0..<300 {
      let redactor = Redactor()
      let secret = text(3...8)
      redactor.keep(secret)
      var texts: [String: String] = [:]
      for index in 0..<5 {
        texts["k\(index)"] = text(0...6) + (Bool.random(using: &random) ? secret : "") + text(0...6)
      }
      let clean = RunArchiveText.clean(json: try RunArchiveText.json(texts), redactor)
      let back = try JSONDecoder().decode([String: String].self, from: Data(clean.utf8))
      #expect(back == texts.mapValues(redactor.clean), "seed \(seed): \(texts), secret \(secret)")
    }
  }

  @Test func `what looks like a login keeps a run from being stored`() throws {
    var record = try Sample.run("a")
    #expect(RunArchiveReader.secrets(in: record).isEmpty)
    record.text = "run \"curl https://ada:pw@host/\""
    record.inputs = ["token": "ghp_0123456789abcdefghij", "soak": "30m"]
    #expect(RunArchiveReader.secrets(in: record) == ["the runbook", "the input `token`"])
  }

  @Test func `a damaged or newer run is no run`() async throws {
    let setting = try Setting()
    try await setting.archivist().store(always: true)
    let reader = RunArchiveReader(setting.archive)
    await setting.archive.spoil(setting.record.id) { $0.contents = Array("rubbish".utf8) }
    await #expect(throws: JournalError.self) { try await reader.run(setting.record.id) }
    await setting.archive.spoil(setting.record.id) {
      $0.heading = $0.heading.replacing("\"format\":1", with: "\"format\":2")
    }
    await #expect(throws: JournalError.self) { try await reader.run(setting.record.id) }
    await setting.archive.spoil(setting.record.id) { $0.heading = "x" }
    #expect(try await reader.headings().isEmpty)
  }
}

/// A run of a journal, and an archive.
private struct Setting {
  let journal = MemoryJournal()
  let archive = ArchiveInMemory()
  let archived: ArchivedJournal
  let record: RunRecord
  let redactor = Redactor()

  init() throws {
    archived = ArchivedJournal(journal)
    record = try Sample.run("a", text: "validate staging api # ünï 🚢")
    try archived.begin(record)
  }

  func archivist(
    replacing revision: CommitID? = nil,
    process: UInt64 = 1,
    onLoss: @escaping @Sendable () -> Void = {}
  ) -> RunArchivist {
    RunArchivist(
      run: record.id,
      journal: archived,
      archive: archive,
      replacing: revision,
      redactor: redactor,
      rules: RunArchivist.Rules(
        isSecret: { $0.key == "secret" },
        isResult: { $0.key == "secret" },
        pullRequests: { $0.contains { $0.key == "promotion" } ? [7] : [] }
      ),
      holder: "ada@laptop",
      clock: StandingClock(),
      process: process,
      onLoss: onLoss
    )
  }

  func fill() throws {
    for path in [Sample.first, Sample.second] {
      try archived.intend(Sample.step(record, path))
      try archived.note(Sample.note(record, path, "promotion", #"{"a":"é\n"}"#))
    }
    let outcome = StepOutcome(ending: .ok, message: "done", time: Sample.time(3))
    try archived.settle(record.id, step: Sample.second, outcome: outcome)
    try archived.note(Sample.note(record, StepPath(), "end", "null"))
  }
}

private struct StandingClock: WorldClock {
  func now() -> Timestamp { Sample.time(9) }
  func sleep(until deadline: Timestamp) async throws {}
}

private actor ArchiveInMemory: RunArchiving {
  private var runs: [RunID: ArchivedRun] = [:]
  private(set) var stores = 0
  private(set) var refusals = 0
  private var isReachable = true

  /// Another process stores a revision of its own.
  func takeUp(_ run: RunID) {
    if let object = CommitID(String(repeating: "f", count: 40)) { runs[run]?.revision = object }
  }
  func set(isReachable: Bool) { self.isReachable = isReachable }
  func text(_ run: RunID) -> String { String(decoding: runs[run]?.contents ?? [], as: UTF8.self) }
  func spoil(_ run: RunID, _ change: @Sendable (inout ArchivedRun) -> Void) {
    if var kept = runs[run] {
      change(&kept)
      runs[run] = kept
    }
  }
  func headings() async throws -> [String] { runs.values.map(\.heading) }
  func load(_ run: RunID) async throws -> ArchivedRun? { runs[run] }
  func store(_ contents: [UInt8], heading: String, of run: RunID, replacing revision: CommitID?) async throws
    -> ArchiveOutcome
  {
    guard isReachable else {
      refusals += 1
      throw WorldError(tool: "archive", reason: .unreachable, message: "gone")
    }
    guard runs[run]?.revision == revision else { return .changed }
    stores += 1
    let digits = String(stores, radix: 16)
    guard let object = CommitID(String(repeating: "0", count: 40 - digits.count) + digits) else { return .changed }
    runs[run] = ArchivedRun(revision: object, heading: heading, contents: contents)
    return .stored(object)
  }
}

/// Writes down what the archive holds when an effect is made.
private final class Effects: CommandRunning {
  private let archive: ArchiveInMemory
  private let all = Mutex<[String]>([])

  init(archive: ArchiveInMemory) { self.archive = archive }

  var seen: [String] { all.withLock { $0 } }
  var writing: WorldWriting {
    WorldWriting(repository: NoRepository(), delivery: NoDelivery(), forge: nil, commands: self)
  }

  func run(_ command: OutsideCommand, output: @escaping @Sendable (CommandOutput) -> Void) async throws -> Int32 {
    let text = await archive.text(try Sample.id("a"))
    all.withLock { $0.append(text) }
    return 0
  }
}

private final class RecordedDelivery: DeliveryWriting {
  private let all = Mutex<(orders: [DeliveryOrder], terminations: Int)>(([], 0))

  var orders: [DeliveryOrder] { all.withLock { $0.orders } }
  var terminations: Int { all.withLock { $0.terminations } }

  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {}
  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    all.withLock { $0.terminations += 1 }
  }
  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    all.withLock { $0.orders.append(order) }
    return .accepted([])
  }
}

private struct NoDelivery: DeliveryWriting {
  func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {}
  func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {}
  func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  { throw WorldError(tool: "kubectl", reason: .refused, message: "nothing is delivered here") }
}

private struct NoRepository: RepositoryWriting {
  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    .lostLock(nil)
  }
  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  { .lostLock(nil) }
  func deleteBranch(_ branch: String, at tip: CommitID) async throws {}
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome { .lost }
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome { .lost }
  func releaseLock(_ lease: LockLease) async throws {}
  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  { .done }
}
