import RunbookDiagnostics

/// What can be asked of the prompt itself, beside the statements of the language.
enum PromptCommand: String, CaseIterable {
  case help, explain, status, watch, world, vars, inputs, set, load, save, timeline, undo, debug, quit

  /// How it is written.
  var usage: String {
    switch self {
    case .help: ":help [VERB]"
    case .explain: ":explain CODE"
    case .status: "status [ENVIRONMENT] [SERVICES]"
    case .watch: "watch STATEMENT"
    case .world: ":world [rehearsal|dry-run|live]"
    case .vars: ":vars"
    case .inputs: ":inputs"
    case .set: ":set NAME=VALUE"
    case .load: ":load FILE"
    case .save: ":save FILE"
    case .timeline: ":timeline [FILE]"
    case .undo: ":undo"
    case .debug: ":debug tokens|tree|plan STATEMENT"
    case .quit: ":quit"
    }
  }

  /// A line about it.
  var summary: String {
    switch self {
    case .help: "the statements, or how one is written"
    case .explain: "what a finding means"
    case .status: "services by environments, on one screen"
    case .watch: "a statement again and again, until Ctrl-C"
    case .world: "which world this is, or another one; a new run begins there"
    case .vars: "the variables and their values"
    case .inputs: "the inputs and their values"
    case .set: "the value of an input; `pace=60` plays rehearsals at 60 times the speed of a clock, `pace=off` at once"
    case .load: "runs the statements of a file, up to the first that goes wrong"
    case .save: "writes what was done as a runbook"
    case .timeline: "what happened and when, in Markdown, for the post-mortem"
    case .undo: "proposes the way back of what was done last"
    case .debug: "looks into the language itself"
    case .quit: "leaves; so does Ctrl-D"
    }
  }

  /// Words that people type without a colon.
  private static let bare: [String: PromptCommand] = [
    "help": .help, "status": .status, "watch": .watch, "undo": .undo, "quit": .quit, "exit": .quit,
  ]

  enum Line: Equatable {
    case command(PromptCommand, String)
    case unknown(String)
  }

  /// The command of a line and what follows it; nil for statements.
  static func find(_ line: String) -> Line? {
    let words = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" })
    guard let first = words.first else { return nil }
    let rest = words.count > 1 ? String(words[1]).trimmed : ""
    guard first.hasPrefix(":") else { return bare[String(first)].map { .command($0, rest) } }
    let name = String(first.dropFirst())
    return PromptCommand(rawValue: name).map { .command($0, rest) } ?? .unknown(name)
  }
}

extension Repl {
  func perform(_ line: PromptCommand.Line) {
    switch line {
    case .unknown(let name):
      let near = nearest(name, among: PromptCommand.allCases.map(\.rawValue)).map { "; did you mean :\($0)?" } ?? "."
      say("There is no command :\(visible(name))\(near) `:help` lists them.")
      stopAtFailure(.failed, "there is no such command", status: 64)
    case .command(let command, let rest): perform(command, rest)
    }
  }

  private func perform(_ command: PromptCommand, _ rest: String) {
    switch command {
    case .help: help(rest)
    case .explain: explain(rest)
    case .status: status(rest)
    case .watch: watch(rest)
    case .world: changeWorld(rest)
    case .vars: showVariables()
    case .inputs: showInputs()
    case .set: set(rest)
    case .load: load(rest)
    case .save: save(rest)
    case .timeline: timeline(rest)
    case .undo: undo()
    case .debug: debug(rest)
    case .quit: leave()
    }
  }

  /// Something was asked for that cannot be had.
  func complain(_ message: String) {
    say(message)
    stopAtFailure(.failed, message, status: 64)
  }
}
