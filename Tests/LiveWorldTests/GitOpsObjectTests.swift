import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

/// The one process that reads the cache's objects.
@Suite struct GitOpsObjectTests {
  private static let id = String(repeating: "a", count: 40)

  /// Answers in the place of `git cat-file --batch`; each start has its own answers to each request.
  private final class ScriptedGit: ProgramRunner {
    enum Move: Sendable {
      case say(String)
      case end
      case nothing
    }
    private let moves: [[Move]]
    private let count = Mutex(0)
    var starts: Int { count.withLock { $0 } }

    init(_ moves: [[Move]]) { self.moves = moves }

    func run(_ call: ProgramCall) async throws -> ProgramResult {
      let start = count.withLock {
        $0 += 1
        return $0
      }
      let input = try #require(call.inputStream)
      var moves = start <= moves.count ? moves[start - 1][...] : []
      for await _ in input {
        switch moves.popFirst() ?? .nothing {
        case .say(let text): call.onOutput?(Array(text.utf8))
        case .end: return ProgramResult(status: 128, stderr: Array("fatal: early EOF".utf8))
        case .nothing: break
        }
      }
      try Task.checkCancellation()
      return ProgramResult(status: 0)
    }
  }

  private func database(_ programs: any ProgramRunner, timeout: Duration = .seconds(30)) -> GitObjectDatabase {
    GitObjectDatabase(git: Git(programs: programs, directory: "/nowhere", url: "/nowhere"), timeout: timeout)
  }

  private static let answer = "\(id) blob 3\nabc\n"
  private static let object = GitObject(name: id, content: .init(kind: .blob, bytes: Array("abc".utf8)))

  @Test func whatEndedBetweenRequestsIsStartedAgain() async throws {
    // Both as it is seen in time, and as it is only seen by asking.
    let git = ScriptedGit([[.say(Self.answer), .end], [.say(Self.answer)]])
    let database = database(git)
    for _ in 1...2 { #expect(try await database.objects([Self.id]) == [Self.object]) }
    #expect(git.starts == 2)
  }

  @Test func whatNeverAnswersIsNotStartedForEver() async throws {
    let git = ScriptedGit([[.end], [.end]])
    let database = database(git)
    await #expect { try await database.objects([Self.id]) } throws: {
      ($0 as? WorldError)?.message.contains("early EOF") == true
    }
    #expect(git.starts == 1)
  }

  @Test(arguments: [
    "\(id) blob 9\nx\n" + answer, "\(id) blob -1\n\n", "\(id) blob x\n", "what is this\n", answer + answer,
    "\(id) blob 999999999999\n", String(repeating: "x", count: 5000), "\n",
  ])
  func aBadAnswerIsAnErrorAndTheNextIsAnother(said: String) async throws {
    let git = ScriptedGit([[.say(said)], [.say(Self.answer)]])
    let database = database(git, timeout: .seconds(2))
    await #expect { try await database.objects([Self.id]) } throws: { ($0 as? WorldError)?.reason == .nonsense }
    #expect(try await database.objects([Self.id]) == [Self.object])
    #expect(git.starts == 2)
  }

  @Test func anAnswerThatStopsInTheMiddleTimesOut() async throws {
    let git = ScriptedGit([[.say("\(Self.id) blob 9\nabc")], [.say(Self.answer)]])
    let database = database(git, timeout: .milliseconds(200))
    await #expect { try await database.objects([Self.id]) } throws: { ($0 as? WorldError)?.reason == .timedOut }
    #expect(try await database.objects([Self.id]) == [Self.object])
  }

  @Test func anAnswerCutShortByTheEndIsAnError() async throws {
    let git = ScriptedGit([[.say("\(Self.id) blob 9\nabc"), .end], [.say(Self.answer)]])
    let database = database(git, timeout: .milliseconds(200))
    await #expect(throws: WorldError.self) { try await database.objects([Self.id]) }
    #expect(try await database.objects([Self.id]) == [Self.object])
  }

  @Test func aCancelledReadLeavesNothingBehind() async throws {
    let git = ScriptedGit([[.nothing], [.say(Self.answer)]])
    let database = database(git)
    let task = Task { try await database.objects([Self.id]) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let starts = git.starts
    #expect(starts <= 1)
  }

  @Test func onlyPlainNamesAreAskedFor() async throws {
    let git = ScriptedGit([])
    for name in ["", "a b", "a\nb", "ü"] {
      await #expect(throws: WorldError.self) { try await database(git).objects([name]) }
    }
    #expect(git.starts == 0)
  }

  @Test func answersAreReadByTheirSizes() throws {
    let hostile = "\(Self.id) missing\n\(Self.id) blob 3\n"
    var reader = GitObject.Reader()
    var objects: [GitObject] = []
    for byte in "\(Self.id) blob \(hostile.utf8.count)\n\(hostile)\n\(Self.id) missing\n".utf8 {
      reader.append([byte])
      while let object = try reader.next() { objects.append(object) }
    }
    #expect(objects.count == 2)
    #expect(objects.first?.content?.bytes == Array(hostile.utf8))
    #expect(objects.last?.content == nil)
    #expect(reader.pending == 0)
  }

  @Test func treesAreReadOrRefused() throws {
    let id = [UInt8](repeating: 0xAB, count: 20)
    let tree = Array("100664 a b".utf8) + [0] + id + Array("40000 d".utf8) + [0] + id
    let entries = try #require(GitTreeEntry.read(tree, idLength: 40))
    #expect(entries.map(\.mode) == ["100644", "040000"])
    #expect(entries.map(\.name) == [Array("a b".utf8), Array("d".utf8)])
    #expect(entries.allSatisfy { $0.object == String(repeating: "ab", count: 20) })
    for length in 1..<tree.count where length != 31 {
      #expect(GitTreeEntry.read(Array(tree.prefix(length)), idLength: 40) == nil, "\(length)")
    }
    #expect(GitTreeEntry.read(Array("9 x".utf8) + [0] + id, idLength: 40) == nil)
  }

  @Test func oneProcessServesUntilItIsClosed() async throws {
    try await GitOpsFixture.with { fixture in
      /// The ids of the processes that read this cache.
      func readers() async throws -> [String] {
        let list = try await LocalPrograms().run("ps", ["-eo", "pid,args"], timeout: .seconds(10), tool: "ps")
        return String(decoding: list.stdout, as: UTF8.self).split(separator: "\n")
          .filter { $0.contains(fixture.folder) && $0.contains("cat-file --batch") && !$0.contains("defunct") }
          .compactMap { $0.split(separator: " ").first.map(String.init) }
      }
      let recorder = RecordingPrograms(fixture.programs)
      let repository = fixture.repository(recorder)
      let head = try await repository.head().id
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 1...8 {
          group.addTask {
            let declared = try await repository.declared(GitOpsFixture.production, at: head)
            #expect(declared.services[ServiceName("api")]?.tag == "api-v1.2.0")
          }
        }
        try await group.waitForAll()
      }
      #expect(recorder.count("cat-file") == 1)
      let running = try await readers()
      #expect(running.count == 1)
      // Whoever ends it does no harm.
      for id in running { _ = try await LocalPrograms().run("kill", ["-9", id], timeout: .seconds(10), tool: "kill") }
      let pushed = try await fixture.push(["x": "1\n"], message: "More")
      #expect(try await repository.head().id == pushed)
      #expect(recorder.count("cat-file") == 2)
      await repository.close()
      #expect(try await readers() == [])
      #expect(try await repository.contains(head, in: pushed))
      let again = try await fixture.push(["x": "2\n"], message: "More")
      #expect(try await repository.head().id == again)
      await repository.close()
      #expect(try await readers() == [])
    }
  }

  @Test(.timeLimit(.minutes(1))) func theProcessEndsWithItsStore() async throws {
    try await GitOpsFixture.with { fixture in
      let (ended, end) = AsyncStream<Void>.makeStream()
      let watched = WatchedPrograms(programs: fixture.programs) { end.finish() }
      do {
        let repository = fixture.repository(watched)
        let head = try await repository.head().id
        #expect(try await head == fixture.tip())
      }
      // Ends only when the reader has: the test's own limit is the one on waiting.
      for await _ in ended {}
    }
  }

  /// Tells when `cat-file` has ended.
  private struct WatchedPrograms: ProgramRunner {
    var programs: any ProgramRunner
    var onEnd: @Sendable () -> Void

    func run(_ call: ProgramCall) async throws -> ProgramResult {
      defer { if call.arguments.contains("cat-file") { onEnd() } }
      return try await programs.run(call)
    }
  }
}
