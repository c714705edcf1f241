import PromotionModel
import Synchronization

/// Reads objects of the cache by one `git cat-file --batch` that is started when first needed and lives until ``close()``
/// or the end of this value. What other processes add to the cache it finds by itself.
///
/// Should this process die, the other sees the end of its input and ends too.
actor GitObjectDatabase {
  private let git: Git
  private let timeout: Duration
  private var session: GitObjectSession?
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameter timeout: of one request, however many objects it asks for.
  init(git: Git, timeout: Duration = .seconds(60)) { (self.git, self.timeout) = (git, timeout) }

  /// The objects that `names` (ids, or ids with what git lets follow them) stand for, in their order.
  /// - Throws: ``WorldError`` when git did not answer, or with what is no answer; the next request starts it anew.
  func objects(_ names: [String]) async throws -> [GitObject] {
    guard !names.isEmpty else { return [] }
    guard names.allSatisfy({ name in !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
      throw WorldError(tool: Git.tool, reason: .nonsense, message: "an object was asked for that has no plain name")
    }
    await enter()
    defer { leave() }
    while true {
      try Task.checkCancellation()
      let old = session.flatMap { $0.isOver ? nil : $0 }
      let current = old ?? GitObjectSession(git)
      session = current
      do {
        return try await current.ask(names, timeout: timeout)
      } catch is GitObjectSession.EndedUnasked where old != nil {
        // It had ended before it was asked, which nobody had seen yet.
        session = nil
      } catch let ended as GitObjectSession.EndedUnasked {
        session = nil
        throw ended.cause
      } catch {
        session = nil
        await current.close()
        throw error
      }
    }
  }

  /// Ends the process. A later request starts another.
  func close() async {
    await session?.close()
    session = nil
  }

  private func enter() async {
    guard isBusy else {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  private func leave() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }
}

/// One running `git cat-file --batch`; it ends with this value.
private final class GitObjectSession: Sendable {
  /// The process ended without a byte of an answer.
  struct EndedUnasked: Error { var cause: any Error }

  private let input: AsyncStream<[UInt8]>.Continuation
  private let answers = Answers()
  private let process: Task<Void, Never>

  init(_ git: Git) {
    let (stream, input) = AsyncStream<[UInt8]>.makeStream()
    self.input = input
    process = Task { [answers] in
      do {
        let result = try await git.serve(["cat-file", "--batch"], input: stream) { answers.take($0) }
        answers.end(git.failure(result))
      } catch {
        answers.end(error)
      }
    }
  }

  deinit {
    input.finish()
    process.cancel()
  }

  var isOver: Bool { answers.isOver }

  /// One request at a time.
  func ask(_ names: [String], timeout: Duration) async throws -> [GitObject] {
    let answers = answers
    let watchdog = Task {
      try await Task.sleep(for: timeout)
      answers.fail(
        WorldError(
          tool: Git.tool,
          reason: .timedOut,
          message: "cat-file gave no answer within \(timeout.runbookText), so it was ended"
        )
      )
    }
    defer { watchdog.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard answers.expect(names.count, continuation) else { return }
        input.yield(Array(names.map { $0 + "\n" }.joined().utf8))
      }
    } onCancel: {
      answers.fail(CancellationError())
    }
  }

  func close() async {
    input.finish()
    answers.fail(CancellationError())
    process.cancel()
    await process.value
  }

  /// What came back so far, and who waits for it.
  private final class Answers: Sendable {
    private struct State {
      var reader = GitObject.Reader()
      var objects: [GitObject] = []
      /// Of the request that is waited for, or of the last one.
      var expected = 0
      var received = 0
      var isNonsense = false
      var waiting: CheckedContinuation<[GitObject], any Error>?
      /// Why there will be no more answers.
      var failure: (any Error)?
    }
    private let state = Mutex(State())

    var isOver: Bool { state.withLock { $0.failure != nil } }

    /// - Returns: whether the answers can still come; otherwise the continuation is told so.
    func expect(_ count: Int, _ continuation: CheckedContinuation<[GitObject], any Error>) -> Bool {
      let failure = state.withLock { state in
        if state.failure == nil {
          (state.expected, state.received, state.waiting) = (count, 0, continuation)
        }
        return state.failure
      }
      if let failure { continuation.resume(throwing: failure) }
      return failure == nil
    }

    func take(_ piece: [UInt8]) {
      let done = state.withLock { state -> (CheckedContinuation<[GitObject], any Error>, [GitObject])? in
        guard state.failure == nil else { return nil }
        state.received += piece.count
        state.reader.append(piece)
        do throws(GitObject.Unreadable) {
          while let object = try state.reader.next() { state.objects.append(object) }
        } catch {
          state.isNonsense = true
        }
        let isWhole = state.objects.count >= state.expected
        // Nothing may come unasked, nor more than was asked for.
        if state.waiting == nil || state.received > Git.outputLimit || state.objects.count > state.expected
          || (isWhole && state.reader.pending > 0)
        {
          state.isNonsense = true
        }
        guard isWhole, !state.isNonsense, let waiting = state.waiting else { return nil }
        defer { (state.objects, state.waiting) = ([], nil) }
        return (waiting, state.objects)
      }
      if let (waiting, objects) = done { waiting.resume(returning: objects) }
      if state.withLock({ $0.isNonsense }) { fail(Self.nonsense) }
    }

    /// There will be no more answers; the first reason counts.
    func fail(_ error: any Error) {
      let waiting = state.withLock { state -> CheckedContinuation<[GitObject], any Error>? in
        state.failure = state.failure ?? error
        defer { state.waiting = nil }
        return state.waiting
      }
      waiting?.resume(throwing: error)
    }

    /// The process has ended, and this is why.
    func end(_ error: any Error) {
      let isUnasked = state.withLock { $0.waiting == nil || $0.received == 0 }
      fail(isUnasked ? EndedUnasked(cause: error) : error)
    }

    private static let nonsense = WorldError(
      tool: Git.tool,
      reason: .nonsense,
      message: "the answer of cat-file cannot be read"
    )
  }
}
