import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import Rehearsal
import RunbookDiagnostics
import SimulatedWorld

struct ExploreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Runs a runbook once for everything that can go wrong, and lists what it does not survive.",
    usage: "slipway explore [<file> | -c <statements>] [<options>]",
    discussion: """
      In the simulated world, each call that the run makes goes wrong in every way it can, then what can go wrong \
      outside by itself, then two things at once. Each time what the run said is compared with what really is. A future \
      is safe when every service of production ends as promoted and healthy, or as before, or when the ending says \
      honestly that it could not be told. Exit status: 0 when every future is safe, 1 when one is not, or when the run \
      does not end well even if nothing goes wrong: what it does not come to is in no future.
      """
  )

  @OptionGroup var runbook: RunbookOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var beginning: FleetOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .long,
    help: ArgumentHelp("The seed: the same seed explores the same futures, to the byte.", valueName: "number")
  )
  var seed: UInt64 = 1

  @Option(
    name: .long,
    help: ArgumentHelp("How many futures to try in which two things go wrong.", valueName: "number")
  )
  var pairs = 500

  @Option(
    name: .long,
    help: ArgumentHelp("Only the futures whose name contains this text.", valueName: "text")
  )
  var only: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many futures run at a time; by default as many as there are cores. It changes nothing of what is found.",
      valueName: "number"
    )
  )
  var jobs: Int?

  func validate() throws {
    guard pairs >= 0 else { throw ValidationError("--pairs takes a number from 0") }
    guard jobs.map({ 1...1024 ~= $0 }) ?? true else { throw ValidationError("--jobs takes a number from 1 to 1024") }
  }

  /// This exploration, for a shell.
  private var again: String {
    var words = ["slipway", "explore"]
    if let line = runbook.line { words += ["-c", line] } else if let file = runbook.file { words.append(file) }
    if let config = configurationOptions.config { words += ["--config", config] }
    for value in inputOptions.set { words += ["--set", value] }
    if let fleet = beginning.record ?? beginning.fleet { words += ["--fleet", fleet] }
    if seed != 1 { words += ["--seed", "\(seed)"] }
    // Futures of pairs are drawn from those that were asked for.
    if pairs != 500 { words += ["--pairs", "\(pairs)"] }
    return words.map(ExploreMessages.shellWord).joined(separator: " ")
  }

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let source = try input.runbook(file: runbook.file, line: runbook.line)
      let configuration =
        try input.configuration(configurationOptions.config)
        ?? SourceText(name: "the embedded fleet", text: Rehearsal.standardConfiguration)
      let fleet = try input.fleet(configuration)
      let checked = try input.checked(source, fleet)
      let description = try await beginning.description(fleet, input, screen)
      let exploration = try Exploration(
        runbook: checked,
        source: source,
        configuration: configuration,
        seed: seed,
        inputs: try input.inputs(inputOptions.set, for: checked).values,
        standIns: StandIns(variables: host.allVariables, zones: SystemTimeZones()),
        description: description
      )
      var groups = UnsafeGroups()
      let isWanted: (@Sendable (String) -> Bool)? = only.map { text in { @Sendable name in name.contains(text) } }
      let summary = try await exploration.run(
        pairs: pairs,
        jobs: jobs ?? host.processors,
        isWanted: isWanted,
        found: { future in
          if output.json { Screen.write(try ExploreJSON.line(future), to: 1) } else { groups.add(future) }
        }
      )
      if let only, summary.total == 1, !"nothing goes wrong".contains(only) {
        throw input.fail(ExitStatus.usage, "no future's name contains `\(only)`")
      }
      if output.json {
        Screen.write(try ExploreJSON.line(summary, isWhole: only == nil), to: 1)
      } else {
        for group in groups.all {
          let story = ExploreMessages.story(
            group.shortest,
            in: source.name,
            like: group.more,
            command: again
          )
          for line in story.split(separator: "\n") { Screen.write(visible(String(line)) + "\n", to: 1) }
          Screen.write("\n", to: 1)
        }
        Screen.write(ExploreMessages.summary(summary, isWhole: only == nil) + "\n", to: 1)
      }
      return summary.unsafe == 0 && summary.undisturbed.exit == ExitStatus.ok ? ExitStatus.ok : ExitStatus.failed
    }
  }
}

/// Of the futures that break the same thing in the same place, the shortest story stands for all.
private struct UnsafeGroups {
  private(set) var all: [(key: String, shortest: UnsafeFuture, more: Int)] = []

  mutating func add(_ future: UnsafeFuture) {
    guard let index = all.firstIndex(where: { $0.key == future.key }) else {
      all.append((future.key, future, 0))
      return
    }
    all[index].more += 1
    if future.story.count < all[index].shortest.story.count { all[index].shortest = future }
  }
}

private enum ExploreJSON {
  private struct Unsafe: Encodable {
    var event = "unsafe"
    var future: String
    var ending: Ending?
    var exit: Int32?
    var line: Int
    var statement: String
    var harms: [Broken]
    var story: [Moment]
    var scenario: String?
  }

  private struct Broken: Encodable {
    var invariant: String
    var message: String
    var environment: EnvironmentName?
    var services: [ServiceName]
  }

  private struct Moment: Encodable {
    /// Seconds since the start.
    var at: Double
    var message: String
  }

  private struct Unreached: Encodable {
    var file: String
    var line: Int
    var statement: String
  }

  private struct Explored: Encodable {
    var event = "explored"
    var touches: [String: Int]
    var undisturbedExit: Int32?
    var journalWrites: Int
    var callFutures: Int
    var secondDeaths: Int
    var domainFutures: Int
    var answerFutures: Int
    var pairs: Int
    /// Left out where there are as many as were asked for.
    var missingPairs: Int?
    var resumed: Int
    /// Left out where not every future was tried.
    var unreached: [Unreached]?
    var futures: Int
    var unsafe: Int
    var exits: [String: Int]
  }

  static func line(_ future: UnsafeFuture) throws -> String {
    try line(
      Unsafe(
        future: future.name,
        ending: future.ending,
        exit: future.exit,
        line: future.line,
        statement: future.statement,
        harms: future.harms.map {
          Broken(
            invariant: $0.invariant.rawValue,
            message: $0.message,
            environment: $0.environment,
            services: $0.services
          )
        },
        story: future.story.map {
          Moment(at: Double($0.time.wholeNanoseconds / 1_000_000) / 1000, message: $0.words)
        },
        scenario: future.scenario
      )
    )
  }

  static func line(_ summary: Exploration.Summary, isWhole: Bool) throws -> String {
    try line(
      Explored(
        touches: Dictionary(uniqueKeysWithValues: summary.touches.map { ($0.touch.rawValue, $0.count) }),
        undisturbedExit: summary.undisturbed.exit,
        journalWrites: summary.writes,
        callFutures: summary.callFutures,
        secondDeaths: summary.secondDeaths,
        domainFutures: summary.domainFutures,
        answerFutures: summary.answerFutures,
        pairs: summary.pairs,
        missingPairs: summary.missingPairs > 0 ? summary.missingPairs : nil,
        resumed: summary.resumed,
        unreached: isWhole
          ? summary.unreached.map { Unreached(file: $0.file, line: $0.line, statement: $0.text) } : nil,
        futures: summary.total,
        unsafe: summary.unsafe,
        exits: Dictionary(uniqueKeysWithValues: summary.exits.map { ("\($0.key)", $0.value) })
      )
    )
  }

  private static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
