import ArgumentParser
import FoundationEssentials
import LiveWorld
import PromotionModel
import RunbookDiagnostics
import RunbookInterpreter

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks whether everything is there that a run needs, and says what to do where it is not.",
    usage: "slipway doctor [--within <duration>] [<options>]",
    discussion: """
      Programs and their versions, logins, rights, the repository, the clusters, Argo CD, health endpoints, places for \
      announcements, the folder of the journal. It asks and changes nothing: a push is only asked about, no announcement \
      is sent. Exit status: 0 when all is in order, warnings included; 1 when something is not, or could not be told; 66 \
      without a configuration.
      """
  )

  @Option(
    name: .long,
    help: ArgumentHelp("How long one check may take; all are made at once (default: 25s).", valueName: "duration")
  )
  var within: String?

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen) {
      let input = Input(host: host, screen: screen)
      let patience = try patience(input)
      let (fleet, source) = try input.fleetRequired(configurationOptions.config)
      var found = [CheckUp("configuration", source.name, .good, Self.summary(fleet))]
      found.append(journal(host, screen))
      found += try await Doctor(fleet: fleet, host: host, patience: patience).examine()
      let redactor = Redactor()
      for place in fleet.announcements.places {
        if case .webhook(let variable) = place.road, let secret = host.variable(variable) { redactor.keep(secret) }
      }
      found = found.map { redactor.cleaned($0) }
      Screen.write(output.json ? try Self.json(found) : Self.text(found, hasColor: screen.hasColor), to: 1)
      let wrong = found.count { $0.result == .bad || $0.result == .unknown }
      if !output.json {
        screen.say(
          wrong == 0 ? "everything that a run needs is there" : "\(wrong) of \(found.count) checks need somebody"
        )
      }
      return wrong == 0 ? ExitStatus.ok : ExitStatus.failed
    }
  }

  private func patience(_ input: Input) throws -> Duration {
    guard let within else { return .seconds(25) }
    guard case .duration(let duration) = RunInputs.value(of: within, as: .duration), duration > .zero else {
      throw input.fail(ExitStatus.usage, "--within takes a duration such as 10s, not `\(visible(within))`")
    }
    return duration
  }

  private static func summary(_ fleet: Fleet) -> String {
    "\(fleet.services.count) services in \(fleet.environments.map(\.name.text).joined(separator: ", "))"
  }

  private func journal(_ host: Host, _ screen: Screen) -> CheckUp {
    do {
      _ = try Session(host: host, screen: screen, asJSON: output.json).journal()
      return CheckUp("state", "journal", .good, "can be written: \(host.stateDirectory)")
    } catch {
      return CheckUp(
        "state",
        "journal",
        .bad,
        "\(error)",
        advice: "Without it no run begins: look at the folder's rights"
      )
    }
  }

  // MARK: How it is shown

  static func text(_ found: [CheckUp], hasColor: Bool) -> String {
    let areas = found.map(\.area.count).max() ?? 0
    var text = ""
    for check in found {
      let word = check.result.rawValue
      let shown = hasColor ? colored(word, check.result) : word
      text += shown + String(repeating: " ", count: max(0, 12 - word.count))
      text += check.area + String(repeating: " ", count: areas - check.area.count + 2)
      text += visible("\(check.subject): \(check.message)") + "\n"
      if let advice = check.advice, check.result != .good {
        text += String(repeating: " ", count: 12) + "-> " + visible(advice) + "\n"
      }
    }
    return text
  }

  private static func colored(_ word: String, _ result: Finding.Result) -> String {
    let code =
      switch result {
      case .good: "32"
      case .warning, .unknown: "33"
      case .bad: "1;31"
      case .notChecked: "2"
      }
    return "\u{1B}[\(code)m\(word)\u{1B}[0m"
  }

  private struct Line: Encodable {
    var area: String
    var subject: String
    var result: String
    var message: String
    var advice: String?
  }

  private static func json(_ found: [CheckUp]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try found.map { check in
      let line = Line(
        area: check.area,
        subject: check.subject,
        result: check.result.rawValue,
        message: check.message,
        advice: check.advice
      )
      return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
    }.joined()
  }
}

extension Redactor {
  fileprivate func cleaned(_ check: CheckUp) -> CheckUp {
    var check = check
    check.subject = clean(check.subject)
    check.message = clean(check.message)
    check.advice = check.advice.map(clean)
    return check
  }
}
