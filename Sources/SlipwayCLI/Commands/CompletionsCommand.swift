import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookDiagnostics

struct CompletionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Prints the script with which a shell completes slipway's commands and options.",
    discussion: """
      bash: slipway completions bash > ~/.local/share/bash-completion/completions/slipway. zsh: > _slipway, in a folder \
      of $fpath. fish: > ~/.config/fish/completions/slipway.fish. `make install` puts all three in their places.
      """
  )

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() async throws {
    let script =
      switch shell {
      case .bash: Slipway.completionScript(for: .bash)
      case .zsh: Slipway.completionScript(for: .zsh)
      case .fish: Slipway.completionScript(for: .fish)
      }
    try await exiting(Screen(host: Host(), color: nil)) {
      Screen.write(script.hasSuffix("\n") ? script : script + "\n", to: 1)
      return ExitStatus.ok
    }
  }
}

struct ManualCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Prints the manual page, for man.",
    discussion: "slipway manual | man -l - shows it; `make install` puts it where man finds it."
  )

  func run() async throws {
    try await exiting(Screen(host: Host(), color: nil)) {
      Screen.write(try Manual.page(), to: 1)
      return ExitStatus.ok
    }
  }
}
