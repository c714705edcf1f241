public import ArgumentParser

/// The command: one file a subcommand.
public struct Slipway: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "slipway",
    abstract: "Moves services from staging to production, by runbook.",
    discussion: """
      A runbook says what is to happen; slipway checks it, rehearses it with nothing at stake, runs it against your \
      GitOps repository, cluster and GitHub, and takes it back when it fails.
      """,
    version: "0.1.0",
    subcommands: [
      CheckCommand.self, FormatCommand.self, ExplainCommand.self, RunCommand.self, RehearseCommand.self,
      ExploreCommand.self, TestCommand.self, ReplCommand.self, StatusCommand.self, RunsCommand.self, ReportCommand.self,
      ResumeCommand.self,
      AbortCommand.self, LocksCommand.self, UnlockCommand.self, DoctorCommand.self, InitCommand.self,
      CompletionsCommand.self, ManualCommand.self,
      LanguageServerCommand.self,
      DebugCommand.self,
    ]
  )

  public init() {}
}
