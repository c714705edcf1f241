import ArgumentParser
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunbookDiagnostics
import RunbookInterpreter

/// Options that every subcommand takes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Write one JSON object a line to standard output.")
  var json = false

  @Flag(inversion: .prefixedNo, help: "Use colour or none, whatever NO_COLOR and the terminal say.")
  var color: Bool?

  func screen(_ host: Host) -> Screen { Screen(host: host, color: color) }
}

struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The configuration; by default $SLIPWAY_CONFIG, or slipway.yaml here or above.",
      valueName: "file"
    )
  )
  var config: String?
}

struct RunbookOptions: ParsableArguments {
  @Argument(help: "A runbook, or - for standard input.")
  var file: String?

  @Option(
    name: .customShort("c"),
    help: ArgumentHelp("Take this line instead of a file; `;` separates statements.", valueName: "statements")
  )
  var line: String?
}

struct InputOptions: ParsableArguments {
  @Option(
    name: .long,
    parsing: .singleValue,
    help: ArgumentHelp("The value of an input of the runbook; may be given for each.", valueName: "name=value")
  )
  var set: [String] = []
}

/// Which run: by its name, or by its pull request.
struct RunChoice: ParsableArguments {
  @Argument(help: ArgumentHelp("The run, as `slipway runs` names it.", valueName: "run"))
  var name: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The run that opened this pull request and is not at its end.", valueName: "number")
  )
  var pullRequest: Int?

  func validate() throws {
    guard (name == nil) != (pullRequest == nil) else {
      throw ValidationError("name one run, or give its --pull-request")
    }
    guard pullRequest ?? 1 > 0 else { throw ValidationError("--pull-request takes a number from 1") }
  }
}

/// Where runs are kept.
enum RunStorePlace: String, CaseIterable, ExpressibleByArgument {
  /// In the journal of this machine.
  case local
  /// There, and in the GitOps repository.
  case git
}

struct StoreOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "`git`: runs are kept in the GitOps repository too (refs/slipway/runs/…), and any machine can go on with them.",
      valueName: "place"
    )
  )
  var store = RunStorePlace.local
}

struct SuspendOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "Where `wait merge` or `confirm` would wait for people, store the run, say how it goes on, and exit 0."
  )
  var suspend = false
}

struct LockOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long a lock that another run holds is waited for; by default it is a refusal at once.",
      valueName: "duration"
    )
  )
  var waitLock: String?

  /// - Throws: ``EarlyExit`` for what is no duration of a runbook.
  func patience(_ input: Input) throws -> Duration {
    guard let waitLock else { return .zero }
    guard case .duration(let duration) = RunInputs.value(of: waitLock, as: .duration) else {
      throw input.fail(ExitStatus.usage, "--wait-lock takes a duration such as 10m, not `\(visible(waitLock))`")
    }
    return duration
  }
}

struct ReportOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also write a report of the run, as `slipway report` makes it: a page where the name ends in .html, else Markdown.",
      valueName: "file"
    )
  )
  var report: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Also write how each statement ended as JUnit XML.", valueName: "file")
  )
  var junit: String?

  /// Whether anything is to be made of what is told of a run.
  func isWanted(_ host: Host) -> Bool { report != nil || junit != nil || GitHubJob(host) != nil }

  /// Writes what was asked for, and what GitHub Actions takes. What cannot be written is said, and changes nothing about how
  /// the run ended.
  func write(_ run: RunID, _ journal: any Journal, _ input: Input) throws {
    guard isWanted(input.host), let record = try journal.run(run) else { return }
    let paper = try input.host.paper(of: record, journal)
    if let report {
      let isPage = [".html", ".htm"].contains { report.lowercased().hasSuffix($0) }
      write(isPage ? PageReport(paper).html : MarkdownReport(paper).text, to: report, input)
    }
    if let junit { write(JUnitRun(paper).text, to: junit, input) }
    GitHubJob(input.host)?.finish(paper, input.screen)
  }

  private func write(_ text: String, to path: String, _ input: Input) {
    do { try input.writeReport(text, to: path) } catch { /* It was said. */  }
  }
}

struct HeartbeatOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Away from a terminal, say that the run is alive after so much silence; 0s: never.",
      valueName: "duration"
    )
  )
  var heartbeat = "2m"

  /// - Returns: nil where a person sees the run anyway, or wants no such lines.
  /// - Throws: ``EarlyExit`` for what is no duration of a runbook.
  func interval(_ input: Input) throws -> Duration? {
    guard case .duration(let duration) = RunInputs.value(of: heartbeat, as: .duration) else {
      throw input.fail(ExitStatus.usage, "--heartbeat takes a duration such as 5m, not `\(visible(heartbeat))`")
    }
    return input.screen.isTerminal || duration <= .zero ? nil : max(duration, .seconds(1))
  }
}

/// Runs a subcommand's body and turns what it throws into an exit status with one line on standard error.
///
/// - Parameter unforeseen: the status for an error that is no ``EarlyExit``, such as a journal that cannot be written.
func exiting(
  _ screen: Screen,
  unforeseen: Int32 = ExitStatus.failed,
  _ body: () async throws -> Int32
) async throws {
  let status: Int32
  do {
    status = try await body()
  } catch let early as EarlyExit {
    status = early.status
  } catch {
    screen.say("slipway: \(visible("\(error)"))")
    status = unforeseen
  }
  throw ExitCode(screen.status(status))
}
