import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookCheck
import RunbookDiagnostics

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a finding: what it means, why it is one, and how it is put right.",
    usage: "slipway explain [<code>] [<options>]",
    discussion: "Without a code, lists them all. Exit status: 0, or 64 for a code that does not exist."
  )

  @Argument(help: "The code that stands behind a finding, such as SW3001.")
  var code: String?

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      guard let code else {
        for page in Explanation.all { Screen.write(output.json ? page.json : page.listed, to: 1) }
        return ExitStatus.ok
      }
      guard let page = Explanation.of(code.uppercased()) else {
        let nearest = Explanation.nearestCode(to: code.uppercased()).map { "; did you mean \($0)?" } ?? ""
        screen.say(
          "slipway: there is no code `\(visible(String(code.prefix(40))))`\(nearest) `slipway explain` lists them"
        )
        return ExitStatus.usage
      }
      Screen.write(output.json ? page.json : page.page, to: 1)
      return ExitStatus.ok
    }
  }
}
