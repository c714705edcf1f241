import FoundationEssentials
import PromotionModel
import RunLog
import Testing

@testable import RunStore

/// The machine dies while the last page of the journal is written: whatever is on the disk then, the journal opens, and holds
/// everything up to some write, and nothing of a later one.
@Suite struct TornJournalTests {
  private struct Story {
    /// What the journal held after each write, and how long its log was then.
    var states: [(copy: RunCopy?, length: Int)] = []
    var database = Data()
    var log = Data()
    var id: RunID
  }

  /// A run with the writes of a release; the files are taken while it is open, as a dead machine leaves them.
  private func story(_ folder: TemporaryFolder) throws -> Story {
    let path = folder.file("journal.sqlite")
    let journal = try SQLiteJournal(path: path)
    let run = try Sample.run("a", text: String(repeating: "validate staging api\n", count: 40))
    var story = Story(id: run.id)
    func log() throws -> Data { try #require(FileManager.default.contents(atPath: path + "-wal")) }
    func wrote() throws { story.states.append((try journal.copy(of: run.id), try log().count)) }
    try wrote()
    try journal.begin(run)
    try wrote()
    for ordinal in 0..<6 {
      let path = StepPath([.statement(ordinal)])
      try journal.intend(Sample.step(run, path))
      try wrote()
      try journal.note(Sample.note(run, path, "plan", String(repeating: "\(ordinal)", count: 3000)))
      try wrote()
      try journal.settle(run.id, step: path, outcome: StepOutcome(ending: .ok, message: "done", time: Sample.time(3)))
      try wrote()
    }
    try journal.end(run.id, ending: .ok, exit: 0, at: Sample.time(9))
    try wrote()
    story.database = try #require(FileManager.default.contents(atPath: path))
    story.log = try log()
    return story
  }

  private func reopened(_ story: Story, log: Data) throws -> RunCopy? {
    let folder = try TemporaryFolder()
    let path = folder.file("journal.sqlite")
    try story.database.write(to: URL(filePath: path))
    try log.write(to: URL(filePath: path + "-wal"))
    let journal = try SQLiteJournal(path: path)
    let found = try journal.copy(of: story.id)
    // It goes on: the next write is kept too.
    let next = try Sample.run("next")
    try journal.begin(next)
    #expect(try SQLiteJournal(path: path).run(next.id) == next)
    return found
  }

  @Test func `a log that was cut off anywhere holds all whole writes before`() throws {
    let folder = try TemporaryFolder()
    let story = try story(folder)
    let start = try #require(story.states.first).length
    var cuts = Set(stride(from: start, through: story.log.count, by: 1013))
    // Around the end of each write, to the byte.
    for state in story.states { cuts.formUnion([state.length - 1, state.length, state.length + 1]) }
    for cut in cuts.sorted() where (start...story.log.count).contains(cut) {
      let found = try reopened(story, log: story.log.prefix(cut))
      let expected = story.states.last { $0.length <= cut }?.copy
      #expect(found == expected, "cut at \(cut)")
    }
  }

  @Test(arguments: [1, 2, 20_261_126] as [UInt64])
  func `a last page of rubbish loses that write and none before`(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let story = try story(folder)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let index = Int.random(in: 2..<story.states.count, using: &random)
      let (begin, end) = (story.states[index - 1].length, story.states[index].length)
      guard begin < end else { continue }
      var log = story.log.prefix(end)
      // A page's end, or some bytes of it, did not reach the disk, or others did.
      let from = Int.random(in: begin..<end, using: &random)
      let to = min(end, from + Int.random(in: 1...4096, using: &random))
      let isZero = Bool.random(using: &random)
      for place in from..<to { log[place] = isZero ? 0 : UInt8.random(in: .min ... .max, using: &random) }
      let found = try reopened(story, log: log)
      let isWhole = log == story.log.prefix(end)
      #expect(
        found == story.states[isWhole ? index : index - 1].copy,
        "seed \(seed), write \(index), bytes \(from)..<\(to)"
      )
    }
  }

  /// Must show: at most 50 µs a step beside the fsync. Where the folder is in memory, a sync costs nothing: what remains is
  /// ours and SQLite's. A step is its intent and its outcome.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/shm"))) func `a step costs little beside the sync`()
    throws
  {
    let folder = "/dev/shm/slipway-journal-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try SQLiteJournal(path: folder + "/journal.sqlite")
    let run = try Sample.run("a")
    try journal.begin(run)
    let outcome = StepOutcome(ending: .ok, message: "promoted api, web and project-management", time: Sample.time(9))
    let clock = ContinuousClock()
    let count = 500
    var best = Duration.seconds(1)
    for round in 0..<5 {
      let took = try clock.measure {
        for ordinal in 0..<count {
          let path = StepPath([.statement(round), .iteration(ordinal)])
          try journal.intend(Sample.step(run, path))
          try journal.settle(run.id, step: path, outcome: outcome)
        }
      }
      best = min(best, took / count)
    }
    #expect(try journal.steps(of: run.id).count == 5 * count)
    print("a step costs \(best) in the journal, beside the sync")
    #if DEBUG
    // Without optimization, and beside other tests.
    #expect(best < .microseconds(250))
    #else
    #expect(best < .microseconds(50))
    #endif
  }
}
