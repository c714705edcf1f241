/// The wording of what the server says of itself and of what is asked of it.
enum ServerMessages {
  static let noConfiguration =
    "there is no slipway.yaml beside the runbook or above: names of services and environments are not checked"
  static let fileIsMissing = "there is no such file"
  static let nothingToRename = "no variable and no procedure stands here"

  static func moreFindings(_ count: Int) -> String {
    "\(count) more finding\(count == 1 ? " is" : "s are") not shown; `slipway check` shows them"
  }

  static func inImport(_ file: String, _ summary: String) -> String { "in \(file): \(summary)" }

  static let wrong = "Wrong:"
  static let right = "Right:"

  // MARK: Renaming

  static func renamedFromConfiguration(_ name: String) -> String {
    "`\(name)` is a name of the configuration: rename it in slipway.yaml"
  }

  static func ofTheRun(_ name: String) -> String { "`\(name)` is a value of the run, and not yours to rename" }

  static func importedFrom(_ file: String) -> String {
    "it is declared in \(file): rename it there"
  }

  static func notAName(_ text: String) -> String {
    "`\(text)` is no name: lower-case letters, digits and hyphens, beginning with a letter"
  }

  static func meansSomething(_ name: String) -> String {
    "`\(name)` means something to the language: take another name"
  }

  static func isService(_ name: String) -> String { "`\(name)` is a service of the configuration: take another name" }

  static func isEnvironment(_ name: String) -> String {
    "`\(name)` is an environment of the configuration: take another name"
  }

  static func isTaken(_ name: String, line: Int) -> String {
    "`\(name)` is declared on line \(line) already: take another name"
  }
}
