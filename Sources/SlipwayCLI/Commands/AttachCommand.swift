import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookDiagnostics
import RunbookInterpreter

/// Where submitted runs are.
struct JobPlaceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The context of the cluster that runs it; by default that of the environments, where they have one.",
      valueName: "name"
    )
  )
  var context: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The namespace that it runs in.", valueName: "name"))
  var namespace = "slipway"

  /// As they must be given again to reach the same place.
  var words: String {
    (context.map { " --context \(visible($0))" } ?? "") + (namespace == "slipway" ? "" : " -n \(visible(namespace))")
  }

  /// - Throws: ``EarlyExit`` where the environments are reached by several contexts and none was named.
  func context(of fleet: Fleet, _ input: Input) throws -> String? {
    if let context { return context }
    let all = Set(fleet.environments.map(\.context))
    guard all.count == 1, let only = all.first else {
      let names = all.compactMap(\.self).sorted().map(visible).joined(separator: ", ")
      throw input.fail(ExitStatus.usage, "--context names the cluster that runs it: one of \(names)")
    }
    return only
  }

  /// Follows a run to its end, and closes the roads.
  func attach(_ jobs: RunnerJobs, to name: String, _ screen: Screen) async throws -> Int32 {
    let attachment = RunnerAttachment(jobs, to: name, in: namespace) {
      Screen.write(visible($0) + "\n", to: 1)
    } say: {
      screen.say("slipway: \(visible($0))")
    }
    let task = Task { try await attachment.follow() }
    let command = "slipway attach \(name)\(words)"
    let interrupts = Interrupts(goingOn: command) { _ in task.cancel() }
    let result = await task.result
    await jobs.close()
    if let status = interrupts.exitStatus {
      screen.say("slipway: the run goes on in the cluster; follow it again with: \(command)")
      return status
    }
    switch try result.get() {
    case .exited(let status): return status
    case .failed(let reason):
      screen.say("slipway: \(name) did not come to its own end: \(visible(reason))")
    case .gone: screen.say("slipway: there is no run \(name) in the namespace \(visible(namespace)) (any more)")
    }
    return ExitStatus.undetermined
  }
}

struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Follows a run that was submitted to a cluster, to its end.",
    discussion: """
      Writes what the run writes, from its beginning. Ctrl-C leaves the run alone. Exit status: that of the run; 4 when \
      it did not come to an end of its own.
      """
  )

  @Argument(help: "The name that `slipway submit` printed.")
  var name: String

  @OptionGroup var place: JobPlaceOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      let context = try place.context(configurationOptions, input)
      return try await place.attach(RunnerJobs(context: context), to: try input.jobName(name), screen)
    }
  }
}

struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Ends a run that was submitted to a cluster.",
    discussion: """
      The run is stopped as by Ctrl-C: it finishes the write that it is at, and no other. Waits until it is gone. What \
      it had promoted stays; `slipway abort` on its journal takes it back. Exit status: 0; 4 when it is not gone in time.
      """
  )

  @Argument(help: "The name that `slipway submit` printed.")
  var name: String

  @OptionGroup var place: JobPlaceOptions
  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      let name = try input.jobName(name)
      let jobs = RunnerJobs(context: try place.context(configurationOptions, input))
      let result: Result<Bool, any Error>
      do {
        result = .success(try await jobs.cancel(name, in: place.namespace, within: .seconds(90)))
      } catch {
        result = .failure(error)
      }
      await jobs.close()
      let wasThere = try result.get()
      let place = "the namespace \(visible(place.namespace))"
      screen.say(wasThere ? "\(name) is gone" : "slipway: there is no run \(name) in \(place)")
      return wasThere ? ExitStatus.ok : ExitStatus.usage
    }
  }
}

extension JobPlaceOptions {
  /// The context that was named, or the configuration's one; a configuration is needed only to find it.
  fileprivate func context(_ options: ConfigurationOptions, _ input: Input) throws -> String? {
    if let context { return context }
    return try context(of: input.fleetRequired(options.config).fleet, input)
  }
}

extension Input {
  /// - Throws: ``EarlyExit`` for what no Job can be called.
  fileprivate func jobName(_ name: String) throws -> String {
    let run = name.hasPrefix("slipway-") ? name : "slipway-\(name)"
    guard RunID(run) != nil else {
      throw fail(ExitStatus.usage, "`\(visible(name))` names no run; `slipway submit` printed its name")
    }
    return run
  }
}
