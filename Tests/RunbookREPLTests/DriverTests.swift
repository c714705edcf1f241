import Dispatch
import PromotionModel
import SimulatedWorld
import Synchronization
import Testing

@testable import RunbookREPL

@Suite("Prompt: work while the terminal is looked after")
struct DriverTests {
  /// A terminal whose events are scripted; without any left, it waits until it is woken.
  private final class EventConsole: Console {
    private let state: Mutex<(wakes: [Wake], answers: [Typed], text: String)>
    private let woken = DispatchSemaphore(value: 0)
    let isTerminal = true
    let hasColor = false
    var columns: Int? { 80 }

    init(_ wakes: [Wake], answers: [Typed] = []) { state = Mutex((wakes, answers, "")) }

    var text: String { state.withLock { $0.text } }
    func line(_ prompt: Prompt) -> Typed { .end }
    func answer(_ prompt: Prompt) -> Typed {
      state.withLock { $0.answers.isEmpty ? .end : $0.answers.removeFirst() }
    }
    func key() -> Typed { .end }
    func remember(_ line: String) {}
    func show(_ text: String) {}
    func say(_ text: String) { state.withLock { $0.text += text } }
    func announce(_ lines: String) {}
    func wait(_ limit: Duration?) -> Wake {
      if let wake = state.withLock({ $0.wakes.isEmpty ? nil : $0.wakes.removeFirst() }) { return wake }
      woken.wait()
      return .woken
    }
    func wake() { woken.signal() }
    func echo(_ isOn: Bool) {}
    func close() {}
  }

  /// On a thread of its own, as in the command: the driver blocks it.
  private func drive<T: Sendable>(
    _ console: EventConsole,
    _ body: @escaping @Sendable (QuestionDesk) async -> T
  ) async -> Driver.Ended<T>? {
    let desk = QuestionDesk(name: "ada@laptop")
    return await withCheckedContinuation { continuation in
      DispatchQueue(label: "driver").async {
        let driver = Driver(console: console, clock: StandingClock(), desk: desk)
        continuation.resume(returning: driver.run { await body(desk) })
      }
    }
  }

  /// Until the task is cancelled.
  @Sendable private static func waitForEver() async -> Bool {
    let (stream, _) = AsyncStream.makeStream(of: Void.self)
    for await _ in stream {}
    return Task.isCancelled
  }

  @Test("a question of the work is asked until it is answered with yes or no")
  func question() async {
    for (answers, expected) in [
      (["maybe", "", "Y"], PersonAnswer.yes(by: "ada@laptop")), (["n"], .no(by: "ada@laptop")),
    ] {
      let console = EventConsole([], answers: answers.map { .text($0) })
      let ended = await drive(console) { desk in try? await desk.ask("Ready?") }
      #expect(ended?.value == expected && console.text == "Ready?\n")
    }
    let gone = await drive(EventConsole([], answers: [.end])) { desk in try? await desk.ask("Ready?") }
    #expect(gone?.value == .no(by: "ada@laptop"))
  }

  @Test("where a word is due, that word alone is a yes")
  func word() async {
    for (answer, expected) in [("production", true), (" production ", true), ("yes", false), ("y", false), ("", false)]
    {
      let console = EventConsole([], answers: [.text(answer)])
      let ended = await drive(console) { desk in try? await desk.decide("This is written.", typing: "production") }
      #expect(ended?.value == expected, "\(answer)")
    }
  }

  @Test("Ctrl-C stops the work; twice within a second asks to leave; a signal ends the process")
  func stopping() async {
    let once = await drive(EventConsole([.interrupted])) { _ in await Self.waitForEver() }
    #expect(once?.value == true && once?.wasInterrupted == true && once?.wantsToLeave == false)
    let twice = await drive(EventConsole([.interrupted, .interrupted])) { _ in await Self.waitForEver() }
    #expect(twice?.wantsToLeave == true)
    let signal = await drive(EventConsole([.terminated])) { _ in await Self.waitForEver() }
    #expect(signal?.isTerminated == true && signal?.wasInterrupted == false)
  }

  @Test("a question is withdrawn when the work is stopped")
  func withdrawn() async {
    let desk = QuestionDesk(name: "ada@laptop")
    let task = Task { try await desk.decide("Ready?") }
    while desk.next() == nil { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("a paced rehearsal takes its time, and stops when it is stopped")
  func pace() async throws {
    let time = VirtualTime()
    let asked = Mutex<[Duration]>([])
    try time.run(pace: { delay in
      asked.withLock { $0.append(delay) }
      return true
    }) {
      try await time.sleep(until: time.now + .seconds(30))
      try await time.sleep(until: time.now + .seconds(5))
    }
    #expect(asked.withLock { $0 } == [.seconds(30), .seconds(5)])
    let before = time.now
    #expect(throws: CancellationError.self) {
      try time.run(pace: { _ in false }) { try await time.sleep(until: time.now + .seconds(30)) }
    }
    #expect(time.now == before)
  }
}
