import ArgumentParser
import FoundationEssentials

/// The manual page in mdoc (mdoc(7)), made of what the commands say of themselves, so that it is never behind them.
enum Manual {
  /// What ArgumentParser tells of a command (`--experimental-dump-help`).
  struct Tool: Decodable { var command: Command }
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?

    var shown: [Argument] {
      (arguments ?? []).filter { $0.shouldDisplay != false && !["help", "version"].contains($0.valueName) }
    }
  }
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }
    var kind: String
    var shouldDisplay: Bool?
    var isOptional: Bool?
    var isRepeating: Bool?
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var defaultValue: String?
  }

  static func tool() throws -> Tool { try JSONDecoder().decode(Tool.self, from: Data(Slipway._dumpHelp().utf8)) }

  static func page() throws -> String { page(of: try tool().command) }

  static func page(of command: Command) -> String {
    var lines = [
      ".Dd November 26, 2026", ".Dt SLIPWAY 1", ".Os", ".Sh NAME", ".Nm slipway",
      ".Nd moves services from staging to production, by runbook", ".Sh SYNOPSIS", ".Nm", ".Ar command",
      ".Op Ar arguments", ".Sh DESCRIPTION",
    ]
    lines += paragraph(command.discussion ?? "")
    lines += [
      ".Pp", "The language of runbooks, the configuration and the events of a run are described in the project's",
      ".Pa grammar",
      "and", ".Pa docs", "folders.", ".Sh COMMANDS",
    ]
    for subcommand in command.subcommands ?? []
    where subcommand.shouldDisplay != false && subcommand.commandName != "help" {
      lines += self.lines(of: subcommand)
    }
    lines += ending
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of command: Command) -> [String] {
    var lines = [".Ss slipway \(command.commandName)"]
    lines.append(".Nm \(command.commandName)")
    for argument in command.shown { lines.append(synopsis(argument)) }
    lines.append(".Pp")
    lines += paragraph(command.abstract ?? "")
    if let discussion = command.discussion, !discussion.isEmpty {
      lines.append(".Pp")
      lines += paragraph(discussion)
    }
    let described = command.shown.filter { !($0.abstract ?? "").isEmpty }
    if !described.isEmpty {
      lines.append(".Bl -tag -width indent")
      for argument in described {
        lines.append(".It " + heading(argument))
        lines += paragraph(argument.abstract ?? "")
      }
      lines.append(".El")
    }
    return lines
  }

  private static func synopsis(_ argument: Argument) -> String {
    let dots = argument.isRepeating == true ? " ..." : ""
    return (argument.isOptional == false ? "." : ".Op ") + heading(argument) + dots
  }

  /// `Fl -json`, `Fl c Ar statements`, `Ar file`.
  private static func heading(_ argument: Argument) -> String {
    let value = word(argument.valueName ?? "value")
    guard argument.kind != "positional" else { return "Ar \(value)" }
    let names = (argument.names ?? []).map { "Fl \(word(String($0.text.dropFirst())))" }
    let joined = names.joined(separator: " , ")
    return argument.kind == "option" ? "\(joined) Ar \(value)" : joined
  }

  /// In the order of mdoc(7).
  private static let ending = [
    ".Sh ENVIRONMENT", ".Bl -tag -width indent", ".It Ev SLIPWAY_CONFIG",
    "the configuration, where no option names one", ".It Ev XDG_STATE_HOME",
    "where the journal of runs is kept; by default", ".Pa ~/.local/state", ".It Ev XDG_CACHE_HOME",
    "where the repository is cached; by default", ".Pa ~/.cache", ".It Ev NO_COLOR", "no colour, where it is set",
    ".El", ".Pp", "git, kubectl, gh and curl read their own: the logins are theirs.", ".Sh FILES",
    ".Bl -tag -width indent", ".It Pa slipway.yaml",
    "the configuration, looked for from the working directory upward", ".El", ".Sh EXIT STATUS",
    ".Bl -tag -width indent", ".It 0", "ok", ".It 1", "failed", ".It 2", "refused: production was not changed", ".It 3",
    "failed; what was done was taken back, and seen to be so", ".It 4", "it could not be told, or the time was up",
    ".It 64", "the command line is wrong", ".It 65", "the runbook is wrong; nothing was touched", ".It 66",
    "the configuration is wrong or missing; nothing was touched", ".It 130 , 143",
    "interrupted by SIGINT, SIGTERM; can be resumed", ".El", ".Sh EXAMPLES",
    "A first configuration, a look whether all is in order, a rehearsal, and the run:", ".Bd -literal -offset indent",
    "slipway init git@github.com:acme/cluster-gitops.git", "slipway doctor", "slipway rehearse release.runbook",
    "slipway run release.runbook", ".Ed", ".Sh SEE ALSO", ".Xr curl 1 ,", ".Xr git 1", ".Pp",
    "kubectl and gh say what they do with their option", ".Fl -help .",
  ]

  // MARK: Text

  /// Words that mdoc must not read as its own: lines that begin with a dot or an apostrophe, backslashes. Each sentence is a
  /// line: the page's reader sets the space between them.
  private static func paragraph(_ text: String) -> [String] {
    text.split(separator: "\n").flatMap(sentences).map { line in
      let escaped = line.replacing("\\", with: "\\e")
      return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }
  }

  private static func sentences(_ line: Substring) -> [String] {
    var found: [String] = []
    var sentence = ""
    for word in line.split(separator: " ") {
      sentence += sentence.isEmpty ? word : " " + word
      // A mark of its end may stand in quotes or parentheses.
      let end = word.reversed().first { !")\"'`".contains($0) }
      if let end, ".!?".contains(end) {
        found.append(sentence)
        sentence = ""
      }
    }
    return sentence.isEmpty ? found : found + [sentence]
  }

  /// One argument of a macro.
  private static func word(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("\"", with: "\\(dq")
    return escaped.contains(" ") ? "\"\(escaped)\"" : escaped
  }
}
