import RunbookDiagnostics

/// What is said of variables, procedures, imports and scenarios.
extension CheckMessages {
  private static func didYouMean(_ nearest: String?) -> String { nearest.map { "; did you mean `\($0)`?" } ?? "" }

  private static func fix(_ span: SourceSpan, _ nearest: String?) -> [Diagnostic.Fix] {
    nearest.map { [.init("write `\($0)`", [.init(span, with: $0)])] } ?? []
  }

  private static let mostListed = 30

  private static func quoted(_ words: [String]) -> String {
    let listed = words.prefix(mostListed).map { "`\($0)`" }.joined(separator: ", ")
    return words.count > mostListed ? "\(listed), …" : listed
  }

  static func unknownName(_ name: String, nearest: String?, isState: Bool, variables: [String], at span: SourceSpan)
    -> Diagnostic
  {
    let known =
      variables.isEmpty
      ? "No variable, service or environment is called so." : "Variables that can be used here: \(quoted(variables))."
    return make(
      code: .unknownName,
      summary: "unknown name `\(name)`" + didYouMean(nearest),
      detail: isState ? "A state is understood beside a fact: `health of api in production is \(name)`." : known,
      subject: span,
      fixes: fix(span, nearest)
    )
  }

  static func usedBeforeLet(_ name: String, declared: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .usedBeforeLet,
      summary: "`\(name)` is used before its `let`",
      subject: span,
      notes: [.init("declared here", at: declared)]
    )
  }

  static func mayHaveNoValue(_ name: String, declared: SourceSpan?, at span: SourceSpan) -> Diagnostic {
    make(
      code: .mayHaveNoValue,
      summary: "`\(name)` may have no value yet when this handler runs",
      detail: "A handler answers any statement of its block, those before the `let` too. Put the `let` in front of the "
        + "block, or make an `input` of it.",
      subject: span,
      notes: declared.map { [.init("declared here", at: $0)] } ?? []
    )
  }

  static func failureOutsideHandler(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .failureOutsideHandler,
      summary: "`\(name)` is known in `on failure` only",
      subject: span
    )
  }

  // MARK: Names that are taken

  static func variableNamedLike(_ what: String, _ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .nameTaken,
      summary: "`\(name)` is the name of \(what)",
      detail: "Whoever reads the runbook aloud could not tell which is meant.",
      subject: span
    )
  }

  static func variableNamedLikeWord(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(code: .nameTaken, summary: "`\(name)` means something else already", subject: span)
  }

  static func procedureNamedLikeStatement(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .nameTaken,
      summary: "`\(name)` is a statement, so no procedure can be called so",
      subject: span
    )
  }

  static func variableTwice(_ name: String, first: SourceSpan?, at span: SourceSpan) -> Diagnostic {
    make(
      code: .nameTaken,
      summary: "`\(name)` is the name of another variable",
      detail: "A variable keeps its value, and none hides another.",
      subject: span,
      notes: first.map { [.init("declared here", at: $0)] } ?? []
    )
  }

  static func secondTitle(first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .declaredTwice,
      summary: "a runbook has one title",
      subject: span,
      notes: [.init("the first", at: first)]
    )
  }

  static func duplicateProcedure(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .declaredTwice,
      summary: "there is a procedure `\(name)` already",
      subject: span,
      notes: [.init("declared here", at: first)]
    )
  }

  static func duplicateScenario(_ title: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .declaredTwice,
      summary: "there is a scenario “\(title)” already",
      subject: span,
      notes: [.init("declared here", at: first)]
    )
  }

  static func importedTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .declaredTwice,
      summary: "this file brings a procedure `\(name)`, and there is one already",
      subject: span
    )
  }

  static func unusedInput(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .unusedInput,
      severity: .warning,
      summary: "nothing uses the input `\(name)`",
      detail: "Whoever sets it expects that it changes something.",
      subject: span
    )
  }

  static func unusedVariable(_ name: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    make(code: .unusedVariable, severity: .warning, summary: "nothing uses the \(what) `\(name)`", subject: span)
  }

  // MARK: Declarations

  static func declarationInBlock(_ word: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .declarationInBlock,
      summary: "`\(word)` stands at the top level of a file only",
      subject: span
    )
  }

  static func inputNotLiteral(at span: SourceSpan) -> Diagnostic {
    make(
      code: .inputNotLiteral,
      summary: "the default of an input is a literal, a service, or a list of them",
      detail: "It is read before anything runs, as `--set` is.",
      subject: span
    )
  }

  static func inputIsEnvironment(at span: SourceSpan) -> Diagnostic {
    make(
      code: .environmentNotKnown,
      summary: "an input cannot be an environment",
      detail: "Which environments a runbook touches is checked before it runs: write them where they are used.",
      subject: span
    )
  }

  static func environmentNotKnown(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .environmentNotKnown,
      summary: "which environment `\(name)` is cannot be known before the run",
      detail: "Which environments a runbook touches is checked before it runs: write the environment itself.",
      subject: span
    )
  }

  // MARK: Procedures

  static func unknownProcedure(_ name: String, nearest: String?, known: [String], at span: SourceSpan) -> Diagnostic {
    make(
      code: .unknownProcedure,
      summary: "unknown procedure `\(name)`" + didYouMean(nearest),
      detail: known.isEmpty ? "This file declares none and imports none." : "Known here: \(quoted(known)).",
      subject: span,
      fixes: fix(span, nearest)
    )
  }

  static func unknownParameter(_ name: String, nearest: String?, _ signature: String, at span: SourceSpan) -> Diagnostic
  {
    make(
      code: .badArguments,
      summary: "`\(signature)` has no parameter `\(name)`" + didYouMean(nearest),
      subject: span,
      fixes: fix(span, nearest)
    )
  }

  static func superfluousArgument(_ signature: String, at span: SourceSpan) -> Diagnostic {
    make(code: .badArguments, summary: "`\(signature)` takes nothing more", subject: span)
  }

  static func argumentTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(code: .badArguments, summary: "`\(name)` is given twice", subject: span)
  }

  static func missingArgument(_ name: String, _ signature: String, at span: SourceSpan) -> Diagnostic {
    make(code: .badArguments, summary: "`\(signature)` needs `\(name)`, which has no default", subject: span)
  }

  static func recursion(_ name: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .recursion,
      summary: "`\(name)` would call itself",
      detail: "What a runbook does is known before it runs, so no procedure leads back to itself; `retry` repeats.",
      subject: span
    )
  }

  static func expansionTooLarge(limit: Int, at span: SourceSpan) -> Diagnostic {
    make(
      code: .expansionTooLarge,
      summary: "the calls of this runbook come to more than \(limit) statements, or are nested too deep",
      detail: "Each call is checked with what it is called with. Procedures that call others several times multiply.",
      subject: span
    )
  }

  // MARK: Imports

  static func unreadableImport(_ path: String, _ reason: String, at span: SourceSpan) -> Diagnostic {
    make(code: .unreadableImport, summary: "`\(path)` cannot be read: \(reason)", subject: span)
  }

  static func badImportPath(_ path: String, _ problem: ImportPath.Problem, at span: SourceSpan) -> Diagnostic {
    let summary =
      switch problem {
      case .empty: "the path of an import is empty"
      case .absolute: "`\(path)` is no path from the folder of this file"
      case .notARunbook: "`\(path)` does not end in `.runbook`"
      case .strangeCharacters: "the path of an import has characters that it cannot have, or too many"
      }
    return make(
      code: .badImportPath,
      summary: summary,
      detail: "A path is written from the folder of the file that imports, with `/`: `import \"common.runbook\"`.",
      subject: span
    )
  }

  static func importCycle(_ path: String, at span: SourceSpan) -> Diagnostic {
    make(code: .importCycle, summary: "`\(path)` is being imported already: imports lead in a circle", subject: span)
  }

  static func tooManyImports(at span: SourceSpan) -> Diagnostic {
    make(
      code: .expansionTooLarge,
      summary: "too many files are imported, or one leads to the next too often",
      detail: "A link between folders can lead back to where it stands.",
      subject: span
    )
  }

  static func notInImport(at span: SourceSpan) -> Diagnostic {
    make(
      code: .notInImport,
      summary: "an imported file has procedures and imports only",
      detail: "What stands here would never run.",
      subject: span
    )
  }

  // MARK: Scenarios

  static func scenariosOfSeveral(at span: SourceSpan) -> Diagnostic {
    make(
      code: .notInImport,
      summary: "a file of scenarios imports the one runbook that it tests",
      detail: "Write the scenarios of another runbook into a file of their own.",
      subject: span
    )
  }

  static func nothingToTest(_ path: String, at span: SourceSpan) -> Diagnostic {
    make(
      code: .nothingToRun,
      summary: "`\(path)` has nothing to run that scenarios could test",
      detail: "Procedures are tested by a runbook that calls them, with scenarios in it or beside it.",
      subject: span
    )
  }

  static func outsideScenario(_ word: String, at span: SourceSpan) -> Diagnostic {
    make(code: .outsideScenario, summary: "`\(word)` stands in a scenario only", subject: span)
  }

  static func notInScenario(at span: SourceSpan) -> Diagnostic {
    make(
      code: .notInScenario,
      summary: "a scenario has `given` and `expect` only",
      detail: "It tests the runbook that it stands in.",
      subject: span
    )
  }

  static func scenarioExpectsNothing(at span: SourceSpan) -> Diagnostic {
    make(
      code: .notInScenario,
      summary: "this scenario expects nothing, so it proves nothing",
      detail: "Add what must hold at the end, such as `expect failed at monitor`.",
      subject: span
    )
  }

  /// - Parameter known: the lines of the programs that the runbook starts.
  static func noSuchProgram(_ line: String, among known: [String], at span: SourceSpan) -> Diagnostic {
    let best = nearest(line, among: known)
    let these = known.filter { !$0.isEmpty }
    return make(
      code: .unknownWord,
      summary: "no `run` starts a program \"\(line)\"" + (best.map { "; did you mean \"\($0)\"?" } ?? ""),
      detail: these.isEmpty ? "The runbook starts none." : "It starts these: \(quoted(these)).",
      subject: span
    )
  }

  static func saidTwice(of whom: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    make(
      code: .contradiction,
      summary: "what the \(whom) does is said twice",
      detail: "A scenario has one \(whom), and says once what is done.",
      subject: span,
      notes: [.init("the first time", at: first)]
    )
  }

  static func okAtVerb(at span: SourceSpan) -> Diagnostic {
    make(
      code: .notInScenario,
      summary: "a run ends ok as a whole, not at a statement",
      detail: "Write `expect ok`. What failed, was refused or could not be told has a statement that decided it.",
      subject: span
    )
  }

  static func unknownWord(_ word: String, _ what: String, among words: [String], at span: SourceSpan) -> Diagnostic {
    let best = nearest(word, among: words)
    return make(
      code: .unknownWord,
      summary: "unknown \(what) `\(word)`" + didYouMean(best),
      detail: "One of these is due: \(quoted(words)).",
      subject: span,
      fixes: fix(span, best)
    )
  }

  static func unknownExitStatus(_ number: Int, _ known: [Int], at span: SourceSpan) -> Diagnostic {
    make(
      code: .outOfRange,
      summary: "no run ends with the exit status \(number)",
      detail: "A run ends with \(known.map(String.init).joined(separator: ", ")).",
      subject: span
    )
  }
}
