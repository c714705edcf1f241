public import RunbookDiagnostics
import RunbookSyntax

/// Gives the texts of imported files, so that the checker touches no file itself.
public struct ImportResolver: Sendable {
  /// Why a file cannot be had, in words that follow "cannot be read: ".
  public struct Failure: Error, Hashable, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
  }

  /// The text of a file.
  ///
  /// The path is relative to the folder of the runbook that is checked (not of the file that imports it), uses `/`, ends
  /// in `.runbook`, never begins with `/`, and has `..` at its beginning only. The name of the text that is returned is
  /// what findings show.
  public let text: @Sendable (_ path: String) -> Result<SourceText, Failure>

  public init(_ text: @escaping @Sendable (_ path: String) -> Result<SourceText, Failure>) { self.text = text }

  /// Where there is no folder to import from.
  public static let none = ImportResolver { _ in .failure(Failure("nothing can be imported here")) }

  /// Gives what a former check has read: ``CheckedRunbook/imports``.
  public static func stored(_ texts: [String: String]) -> ImportResolver {
    ImportResolver { path in
      guard let text = texts[path] else { return .failure(Failure("it is not among the files of this run")) }
      return .success(SourceText(name: path, text: text))
    }
  }
}

/// The paths of `import`.
enum ImportPath {
  enum Problem: Error {
    case empty, absolute, notARunbook, strangeCharacters
  }

  private static let longest = 1024

  /// The path from the runbook's folder of what is written in the file `importer`, itself such a path; nil for the
  /// runbook.
  static func resolved(_ written: String, from importer: String?) -> Result<String, Problem> {
    guard !written.isEmpty else { return .failure(.empty) }
    // A backslash and a colon would make an absolute path of it elsewhere, and `~` looks like one.
    guard written.utf8.count <= longest, written.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
      !written.contains("\\"), !written.contains(":")
    else { return .failure(.strangeCharacters) }
    guard !written.hasPrefix("/"), !written.hasPrefix("~") else { return .failure(.absolute) }
    guard written.hasSuffix(".runbook") else { return .failure(.notARunbook) }
    var parts = importer.map { $0.split(separator: "/").dropLast().map(String.init) } ?? []
    for part in written.split(separator: "/").map(String.init) where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    let path = parts.joined(separator: "/")
    return path.utf8.count <= longest ? .success(path) : .failure(.strangeCharacters)
  }
}

/// A file that takes part in a check.
struct LoadedFile {
  let source: SourceText
  let tree: RunbookFile
  /// From the runbook's folder; nil for the runbook itself.
  let path: String?
  /// What can be called in it: its own procedures and those of the files that it imports.
  var procedures: [String: Procedure] = [:]
  /// Its own, in the order of the text.
  var own: [Procedure] = []
  /// Whether some of what it imports is not known, so that an unknown procedure may be one of those.
  var lacksImports = false
}

struct Procedure {
  /// Where it is declared: an index of ``Checker/files``.
  let file: Int
  let node: ProcedureDeclaration
  /// Of ``NameIndex``; no two procedures have the same.
  let definition: Int
}

extension Checker {
  /// The most files that one runbook imports, and how deep: links between folders can make endless ones.
  private static let mostFiles = 200
  private static let deepestImport = 32

  /// Declares the procedures of a file, and loads what it imports.
  ///
  /// - Parameter chain: the paths of the files that are being loaded, the runbook's name first.
  mutating func loadProcedures(of file: Int, chain: [String]) {
    let before = current
    current = file
    defer { current = before }
    for statement in files[file].tree.statements {
      guard case .procedure(let node) = statement.kind else { continue }
      declareProcedure(node, statement.span)
    }
    // What a file of scenarios imports is what it tests, and brings it no procedures.
    let isOfScenarios = file == 0 && files[file].tree.importsOfScenarios != nil
    var hasStranger = false
    for statement in files[file].tree.statements {
      switch statement.kind {
      case .importing(let node): if !isOfScenarios { importFile(node, chain: chain) }
      case .procedure, .malformed: break
      case .runbook, .input, .scenario, .given, .expect, .validate, .promote, .wait, .merge, .monitor, .verify,
        .rollback, .reconcile, .sync, .restart, .diagnose, .announce, .freeze, .thaw, .confirm, .require, .run, .show,
        .binding, .condition, .loop, .retry, .within, .call, .onFailure, .finally, .stop, .fail:
        // One finding a file: it is as a whole that it is no file of procedures.
        if file != 0, !hasStranger {
          report(CheckMessages.notInImport(at: statement.span))
          hasStranger = true
        }
      }
    }
  }

  private mutating func declareProcedure(_ node: ProcedureDeclaration, _ span: SourceSpan) {
    let name = text(node.name)
    let parameters = node.parameters.map { text($0.name) }
    let definition = names.define(
      .procedure,
      name,
      file: current,
      span: node.name.span,
      visible: files[current].tree.span,
      signature: "\(name)(\(parameters.joined(separator: ", ")))"
    )
    let procedure = Procedure(file: current, node: node, definition: definition)
    files[current].own.append(procedure)
    if Keyword.statements.contains(where: { $0.rawValue == name }) {
      report(CheckMessages.procedureNamedLikeStatement(name, at: node.name.span))
    } else if let first = files[current].procedures[name] {
      report(CheckMessages.duplicateProcedure(name, first: first.node.name.span, at: node.name.span))
    } else {
      files[current].procedures[name] = procedure
    }
  }

  private mutating func importFile(_ node: ImportDeclaration, chain: [String]) {
    guard let loaded = loadedFile(node, chain: chain) else {
      files[current].lacksImports = true
      return
    }
    if files[loaded].lacksImports || files[loaded].tree.statements.contains(where: isMalformed) {
      files[current].lacksImports = true
    }
    for procedure in files[loaded].own {
      let name = files[loaded].source.text(procedure.node.name.span)
      if let other = files[current].procedures[name] {
        guard other.definition != procedure.definition else { continue }
        report(CheckMessages.importedTwice(name, at: node.path.span))
      } else {
        files[current].procedures[name] = procedure
      }
    }
  }

  private mutating func loadedFile(_ node: ImportDeclaration, chain: [String]) -> Int? {
    guard let written = constantText(node.path, what: "the path of an import") else { return nil }
    let path: String
    switch ImportPath.resolved(written, from: files[current].path) {
    case .success(let resolved): path = resolved
    case .failure(let problem):
      report(CheckMessages.badImportPath(written, problem, at: node.path.span))
      return nil
    }
    if chain.contains(path) {
      report(CheckMessages.importCycle(path, at: node.path.span))
      return nil
    }
    if let index = files.firstIndex(where: { $0.path == path }) { return index }
    guard chain.count <= Self.deepestImport, files.count <= Self.mostFiles else {
      report(CheckMessages.tooManyImports(at: node.path.span))
      return nil
    }
    switch imports.text(path) {
    case .failure(let failure):
      report(CheckMessages.unreadableImport(path, failure.reason, at: node.path.span))
      return nil
    case .success(let source):
      let (tree, diagnostics) = parse(source)
      files.append(LoadedFile(source: source, tree: tree, path: path))
      let index = files.count - 1
      for diagnostic in diagnostics { report(diagnostic, in: index) }
      noteMalformed(in: tree.statements, source)
      loadProcedures(of: index, chain: chain + [path])
      return index
    }
  }
}
