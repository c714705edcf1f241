import FoundationEssentials
import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct TimeZoneTests {
  private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

  /// What `TZ=<zone> date -d @<seconds> +%z` says: the first and last second of summer time, far in the past, far ahead.
  @Test(
    arguments: [
      ("Europe/London", "2026-03-29T00:59:59Z", 0), ("Europe/London", "2026-03-29T01:00:00Z", 3600),
      ("Europe/London", "2026-10-25T00:59:59Z", 3600), ("Europe/London", "2026-10-25T01:00:00Z", 0),
      ("Europe/London", "2101-07-01T12:00:00Z", 3600), ("Europe/London", "1970-07-01T12:00:00Z", 3600),
      ("America/New_York", "2026-07-04T12:00:00Z", -14_400), ("America/New_York", "2026-12-25T12:00:00Z", -18_000),
      ("Asia/Kolkata", "2026-07-04T12:00:00Z", 19_800), ("Australia/Sydney", "2026-01-04T12:00:00Z", 39_600),
      ("Australia/Sydney", "2050-07-04T12:00:00Z", 36_000), ("UTC", "2026-07-04T12:00:00Z", 0),
      ("Asia/Kathmandu", "2060-07-04T12:00:00Z", 20_700),
    ]
  )
  func offsetsAreThoseOfTheSystemsDatabase(zone: String, text: String, seconds: Int) throws {
    #expect(try SystemTimeZones().secondsAheadOfUTC(in: zone, at: time(text)) == seconds)
  }

  /// The last second before each change of the clocks that windows are tested with, and the first after it.
  @Test(
    arguments: [
      ("Europe/London", "2026-03-29T01:00:00Z", 0, 3600), ("Europe/London", "2026-10-25T01:00:00Z", 3600, 0),
      ("Europe/London", "2027-03-28T01:00:00Z", 0, 3600), ("Europe/London", "2027-10-31T01:00:00Z", 3600, 0),
      ("Europe/London", "2028-03-26T01:00:00Z", 0, 3600), ("Europe/London", "2028-10-29T01:00:00Z", 3600, 0),
      ("America/New_York", "2026-03-08T07:00:00Z", -18_000, -14_400),
      ("America/New_York", "2026-11-01T06:00:00Z", -14_400, -18_000),
      ("America/St_Johns", "2026-03-08T05:30:00Z", -12_600, -9000),
      ("America/St_Johns", "2026-11-01T04:30:00Z", -9000, -12_600),
      ("America/Santiago", "2026-04-05T03:00:00Z", -10_800, -14_400),
      ("America/Santiago", "2026-09-06T04:00:00Z", -14_400, -10_800),
      ("Australia/Sydney", "2026-04-04T16:00:00Z", 39_600, 36_000),
      ("Australia/Sydney", "2026-10-03T16:00:00Z", 36_000, 39_600),
      ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 39_600, 37_800),
      ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", 37_800, 39_600),
      ("Pacific/Auckland", "2026-04-04T14:00:00Z", 46_800, 43_200),
      ("Pacific/Auckland", "2026-09-26T14:00:00Z", 43_200, 46_800),
      ("Pacific/Auckland", "2027-04-03T14:00:00Z", 46_800, 43_200),
      ("Asia/Kolkata", "2027-01-01T00:00:00Z", 19_800, 19_800),
      ("Pacific/Kiritimati", "2027-01-01T00:00:00Z", 50_400, 50_400),
      ("Pacific/Honolulu", "2027-01-01T00:00:00Z", -36_000, -36_000),
    ]
  )
  func changesOfWindowsAreThoseOfTheSystemsDatabase(zone: String, at text: String, before: Int, after: Int) throws {
    let zones = SystemTimeZones()
    #expect(try zones.secondsAheadOfUTC(in: zone, at: time(text) + .seconds(-1)) == before)
    #expect(try zones.secondsAheadOfUTC(in: zone, at: time(text)) == after)
  }

  /// Every zone of this machine against the `date` of this machine, at moments drawn from a seed.
  @Test(arguments: [
    "Europe/London", "Europe/Dublin", "America/St_Johns", "America/Nuuk", "Africa/Casablanca", "Asia/Gaza",
  ])
  func offsetsAgreeWithDate(zone: String) async throws {
    var seconds: [Int64] = []
    var state: UInt64 = 17
    for _ in 0..<40 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      seconds.append(Int64(state >> 33) % 3_000_000_000 + 300_000_000)
    }
    let input = seconds.map { "@\($0)" }.joined(separator: "\n")
    let result = try await LocalPrograms().run(
      "date",
      ["-f", "-", "+%:::z"],
      input: Array(input.utf8),
      environment: ["TZ": zone],
      timeout: .seconds(30),
      tool: "date"
    )
    // Only GNU's `date` reads moments from its input.
    guard result.isSuccess else { return }
    let lines = String(decoding: result.stdout, as: UTF8.self).split(separator: "\n")
    try #require(lines.count == seconds.count)
    for (moment, line) in zip(seconds, lines) {
      let parts = line.dropFirst().split(separator: ":").compactMap { Int($0) }
      let magnitude = zip(parts, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
      let offset = try SystemTimeZones().secondsAheadOfUTC(in: zone, at: Timestamp(secondsSinceEpoch: moment))
      #expect(offset == (line.hasPrefix("-") ? -magnitude : magnitude), "\(zone) at \(moment), seed 17")
    }
  }

  @Test(arguments: [
    "Europe/Londn", "../../etc/passwd", "/etc/passwd", "", "Europe//London", "Europe/..", "posixrules\0",
  ])
  func whatIsNoZoneIsNotRead(zone: String) throws {
    #expect(throws: WorldError.self) {
      try SystemTimeZones().secondsAheadOfUTC(in: zone, at: time("2026-01-01T00:00:00Z"))
    }
  }

  @Test(
    arguments: [
      ("GMT0BST,M3.5.0/1,M10.5.0", "2040-07-01T00:00:00Z", 3600), ("<+0330>-3:30", "2040-07-01T00:00:00Z", 12_600),
      ("EST5EDT,M3.2.0,M11.1.0", "2040-01-01T00:00:00Z", -18_000),
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2040-01-01T00:00:00Z", 39_600),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-07-01T00:00:00Z", -3600),
      ("EST5EDT,J60,J300", "2040-02-29T23:59:59Z", -18_000),
      ("EST5EDT,J60,J300", "2040-03-01T12:00:00Z", -14_400), ("XXX0YYY,59,300/4", "2040-02-29T12:00:00Z", 3600),
      ("UTC0", "2040-01-01T00:00:00Z", 0),
    ]
  )
  func rulesForAllTimeToComeAreRead(rule: String, text: String, seconds: Int) throws {
    let rule = try #require(ZoneRule(rule))
    #expect(rule.offset(at: try time(text).nanosecondsSinceEpoch / 1_000_000_000) == seconds)
  }

  @Test(arguments: [
    "", "X", "GMT", "GMT0BST", "GMT0BST,M13.1.0,M1.1.0", "GMT0BST,M3.5.0/1", "<+03", "GMT0BST,M3.5.0,M10.5.0x",
  ])
  func otherRulesAreNone(rule: String) { #expect(ZoneRule(rule) == nil) }

  @Test func damagedFilesAreNoZones() throws {
    let whole = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/London"))
    let bytes = [UInt8](whole)
    #expect(ZoneFile(bytes) != nil)
    for length in stride(from: 0, to: min(bytes.count, 400), by: 7) {
      #expect(ZoneFile(Array(bytes.prefix(length))) == nil)
    }
    var state: UInt64 = 3
    for _ in 0..<500 {
      var damaged = bytes
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
      _ = ZoneFile(damaged)?.offset(at: Int64(state >> 30))
    }
  }
}

@Suite struct CommandsTests {
  private final class Lines: Sendable {
    private let all = Mutex<[CommandOutput]>([])
    var lines: [CommandOutput] { all.withLock { $0 } }
    func add(_ line: CommandOutput) { all.withLock { $0.append(line) } }
  }

  private func run(_ form: OutsideCommand.Form, in directory: String? = nil) async throws -> (
    status: Int32, lines: [CommandOutput]
  ) {
    let lines = Lines()
    let commands = LocalCommands(programs: LocalPrograms())
    let status = try await commands.run(OutsideCommand(form, directory: directory)) { lines.add($0) }
    return (status, lines.lines)
  }

  @Test func argumentsReachTheProgramAsTheyAre() async throws {
    let (status, lines) = try await run(.words(["printf", "%s\\n", "a b", "$HOME; rm -rf /", "*", ""]))
    #expect(status == 0)
    #expect(lines.map(\.text) == ["a b", "$HOME; rm -rf /", "*", ""])
  }

  @Test func shellIsAShell() async throws {
    let (status, lines) = try await run(.shell("pwd; echo oops >&2; exit 7"), in: "/")
    #expect(status == 7)
    #expect(lines.contains(CommandOutput(.output, "/")))
    #expect(lines.contains(CommandOutput(.error, "oops")))
  }

  @Test func linesAreFitForATerminal() async throws {
    let (_, lines) = try await run(
      .shell("printf '\\033[31mred\\033[0m\\r\\n10%%\\r20%%\\r30%%\\nhttps://ada:secret@x/y\\nlast'")
    )
    #expect(lines.map(\.text) == ["red", "30%", "https://***@x/y", "last"])
  }

  @Test func manyLinesAndLongOnesPass() async throws {
    let (status, lines) = try await run(.shell("seq 1 20000; head -c 1000000 /dev/zero | tr '\\0' x"))
    #expect(status == 0)
    #expect(lines.count == 20_001)
    #expect((lines.last?.text.count ?? 0) <= 401)
  }

  @Test func programWithoutATerminalReadsNothing() async throws {
    let (status, lines) = try await run(.shell("cat; test -t 0 || echo none"))
    #expect(status == 0)
    #expect(lines.map(\.text) == ["none"])
  }

  @Test func missingProgramIsNamed() async throws {
    await #expect { try await run(.words(["slipway-no-such-program"])) } throws: { error in
      (error as? WorldError)?.reason == .missing
    }
  }

  @Test func cancelledProgramIsGoneWithItsChildren() async throws {
    let mark = "86398.\(ContinuousClock.now.hashValue.magnitude % 10_000_000)"
    let task = Task { try await run(.shell("sleep \(mark) & sleep \(mark)")) }
    try await Task.sleep(for: .milliseconds(400))
    task.cancel()
    _ = await task.result
    let left = try await LocalPrograms().run("ps", ["-eo", "args"], timeout: .seconds(10), tool: "ps")
    #expect(!String(decoding: left.stdout, as: UTF8.self).contains(mark))
  }
}

@Suite struct PersonTests {
  @Test func withoutATerminalNobodyIsAskedAndNothingHangs() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let person = TerminalPerson(name: "ada@laptop", input: ends[0], output: ends[1])
    #expect(person.absence != nil)
    #expect(try await person.ask("Go on?") == .nobody("there is no terminal to ask on"))
  }

  /// A pseudo-terminal: what is typed is the answer.
  @Test(arguments: [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("perhaps\ny\n", true)])
  func answersAreTyped(typed: String, isYes: Bool) async throws {
    let terminal = try PseudoTerminal()
    let person = TerminalPerson(name: "ada@laptop", input: terminal.side, output: terminal.side)
    #expect(person.absence == nil)
    async let answer = person.ask("Go on \u{1B}[2J?")
    // What is typed before the question is thrown away.
    let shown = try await terminal.read(until: "[y/N]")
    #expect(shown.contains("Go on ?"))
    terminal.write(typed)
    #expect(try await answer == (isYes ? .yes(by: "ada@laptop") : .no(by: "ada@laptop")))
  }

  @Test func cancellationEndsTheQuestion() async throws {
    let terminal = try PseudoTerminal()
    let person = TerminalPerson(name: "ada@laptop", input: terminal.side, output: terminal.side)
    let task = Task { try await person.ask("Go on?") }
    _ = try await terminal.read(until: "[y/N]")
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
