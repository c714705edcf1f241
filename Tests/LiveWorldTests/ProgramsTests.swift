import LiveWorld
import PromotionModel
import Testing

@Suite struct ProgramsTests {
  let counter = ProgramCounter()
  var programs: LocalPrograms { LocalPrograms(counter: counter) }

  @Test func inputOfAnySizePassesThrough() async throws {
    let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let result = try await programs.run("cat", [], input: input, timeout: .seconds(30), tool: "cat")
    #expect(result.status == 0)
    #expect(result.stdout == input)
    #expect(counter.byProgram == ["cat": 1])
  }

  @Test func inputThatIsNotReadIsNoError() async throws {
    let input = [UInt8](repeating: 65, count: 1_000_000)
    let result = try await programs.run("false", [], input: input, timeout: .seconds(30), tool: "false")
    #expect(result.status == 1)
  }

  @Test func environmentIsAddedToAndTakenFrom() async throws {
    let result = try await programs.run(
      "env",
      [],
      environment: ["SLIPWAY_TEST": "a b;$c", "HOME": nil],
      workingDirectory: "/",
      timeout: .seconds(30),
      tool: "env"
    )
    let lines = String(decoding: result.stdout, as: UTF8.self).split(separator: "\n")
    #expect(lines.contains("SLIPWAY_TEST=a b;$c"))
    #expect(!lines.contains { $0.hasPrefix("HOME=") })
    #expect(lines.contains { $0.hasPrefix("PATH=") })
  }

  @Test func missingProgramIsNamed() async throws {
    await #expect {
      try await programs.run("slipway-no-such-program", [], timeout: .seconds(5), tool: "git")
    } throws: { error in
      guard let error = error as? WorldError else { return false }
      return error.reason == .missing && error.message.contains("slipway-no-such-program") && error.advice != nil
    }
  }

  @Test func timeoutEndsTheWholeGroup() async throws {
    // `env` becomes `timeout`, which starts `sleep` as its child: all of the group must go.
    let mark = "86399.\(ContinuousClock.now.hashValue.magnitude % 10_000_000)"
    await #expect {
      try await programs.run(
        "timeout",
        ["--foreground", "86400", "sleep", mark],
        timeout: .milliseconds(300),
        tool: "sleep"
      )
    } throws: { ($0 as? WorldError)?.reason == .timedOut }
    let left = try await programs.run("ps", ["-eo", "args"], timeout: .seconds(10), tool: "ps")
    #expect(!String(decoding: left.stdout, as: UTF8.self).contains(mark))
  }

  @Test func whatDoesNotListenIsEndedToo() async throws {
    let mark = "86397.\(ContinuousClock.now.hashValue.magnitude % 10_000_000)"
    await #expect {
      try await programs.run(
        "sh",
        ["-c", "(trap '' TERM; sleep \(mark); sleep \(mark)) & sleep \(mark)"],
        timeout: .milliseconds(300),
        tool: "sh"
      )
    } throws: { ($0 as? WorldError)?.reason == .timedOut }
    let left = try await programs.run("ps", ["-eo", "args"], timeout: .seconds(10), tool: "ps")
    #expect(!String(decoding: left.stdout, as: UTF8.self).contains(mark))
  }

  @Test func cancellationEndsTheProgram() async throws {
    let programs = programs
    let task = Task { try await programs.run("sleep", ["86398"], timeout: .seconds(600), tool: "sleep") }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func tooMuchOutputIsNonsense() async throws {
    await #expect {
      try await programs.run("yes", [], timeout: .seconds(30), outputLimit: 100_000, tool: "yes")
    } throws: { ($0 as? WorldError)?.reason == .nonsense }
  }

  @Test func aSignalIsANegativeStatus() async throws {
    let result = try await programs.run(
      "timeout",
      ["--signal=KILL", "0.1", "sleep", "100"],
      timeout: .seconds(30),
      tool: "sleep"
    )
    #expect(result.status == -9 || result.status == 137)
  }

  @Test func outputIsHandedOnAsItComes() async throws {
    let seen = AsyncStream<[UInt8]>.makeStream()
    let call = ProgramCall(
      "cat",
      [],
      input: Array("one\n".utf8),
      timeout: nil,
      tool: "cat",
      onOutput: { seen.continuation.yield($0) }
    )
    let result = try await programs.run(call)
    seen.continuation.finish()
    var all: [UInt8] = []
    for await piece in seen.stream { all += piece }
    #expect(all == Array("one\n".utf8))
    #expect(result.stdout.isEmpty)
  }

  @Test func aProgramAnswersAsItIsAsked() async throws {
    let (questions, ask) = AsyncStream<[UInt8]>.makeStream()
    let (answers, seen) = AsyncStream<[UInt8]>.makeStream()
    var call = ProgramCall("cat", [], input: Array("0".utf8), timeout: nil, tool: "cat", onOutput: { seen.yield($0) })
    call.inputStream = questions
    let running = Task { [programs, call] in try await programs.run(call) }
    var got: [UInt8] = []
    for await piece in answers {
      got += piece
      if got.count < 4 { ask.yield(Array(String(got.count).utf8)) } else { ask.finish() }
      if got.count == 4 { break }
    }
    #expect(got == Array("0123".utf8))
    #expect(try await running.value.isSuccess)
  }

  @Test func aProgramThatEndsLeavesItsStreamOfInput() async throws {
    let (questions, ask) = AsyncStream<[UInt8]>.makeStream()
    var call = ProgramCall("false", [], timeout: .seconds(30), tool: "false")
    call.inputStream = questions
    #expect(try await programs.run(call).status == 1)
    ask.finish()
  }

  @Test(arguments: [
    ("fatal: could not read from https://user:s3cret@example.org/x.git\n", "https://***@example.org/x.git", "s3cret"),
    ("authorization: token abcdef123456 tail", "authorization: ***", "abcdef"),
    ("sent Bearer abc.def-ghi", "Bearer ***", "abc.def"),
    ("token ghp_0123456789abcdefghijABCDEFGHIJ012345 said", "token *** said", "ghp_"),
    ("github_pat_11ABCDEFG0123456789_abcdef", "***", "github_pat"),
    ("a\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07}b\u{202E}c", "ared bc", "\u{1B}"),
    ("one\r\n\n  two  \n", "one; two", "\n"),
  ])
  func messagesAreSafe(said: String, kept: String, gone: String) {
    let text = LocalPrograms.sanitize(Array(said.utf8), limit: 500)
    #expect(text.contains(kept))
    #expect(!text.contains(gone))
  }

  @Test func messagesAreShort() {
    #expect(LocalPrograms.sanitize([UInt8](repeating: 65, count: 100), limit: 10) == "AAAAAAAAAA…")
    #expect(LocalPrograms.sanitize([0xFF, 0xFE, 0x41], limit: 10).hasSuffix("A"))
  }
}
