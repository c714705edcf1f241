import RunbookCheck
import RunbookDiagnostics
import RunbookSyntax

extension LanguageServer {
  /// Where the name or the imported file at a place is declared.
  mutating func definition(_ parameters: PositionParameters) throws(ResponseError) -> [Location]? {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let offset = UInt32(clamping: encoding.offset(of: parameters.position, in: document.text))
    if let path = importedPath(at: offset, in: analysis), let folder = folder(of: document) {
      let start = Position(line: 0, character: 0)
      let uri = DocumentPath.uri(ofPath: DocumentPath.resolved(path, from: folder))
      return [Location(uri: uri, range: TextRange(start: start, end: start))]
    }
    guard let names = analysis.names, case .definition(let id)? = names.meaning(at: offset)?.meaning else { return nil }
    let definition = names.definitions[id]
    return location(definition.span, in: definition.file, of: document).map { [$0] }
  }

  /// All places of the name at a place.
  mutating func references(_ parameters: ReferenceParameters) throws(ResponseError) -> [Location]? {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let offset = UInt32(clamping: encoding.offset(of: parameters.position, in: document.text))
    guard let names = analysis.names, let meaning = names.meaning(at: offset)?.meaning else { return nil }
    let places: [(file: String?, span: SourceSpan)]
    if case .definition(let id) = meaning {
      places = Array(names.places(of: id).dropFirst(parameters.context.includeDeclaration ? 0 : 1))
    } else {
      places = names.uses.filter { $0.meaning == meaning }.map { ($0.file, $0.span) }
    }
    return places.compactMap { location($0.span, in: $0.file, of: document) }
  }

  /// The path that an `import` at a place writes.
  private func importedPath(at offset: UInt32, in analysis: Analysis) -> String? {
    for statement in analysis.file.statements {
      guard case .importing(let node) = statement.kind, node.path.span.start <= offset, offset <= node.path.span.end,
        node.path.interpolations.isEmpty
      else { continue }
      return node.path.value(in: analysis.source)
    }
    return nil
  }

  /// - Parameter file: the path of an imported file from the document's folder; nil for the document itself.
  private func location(_ span: SourceSpan, in file: String?, of document: OpenDocument) -> Location? {
    guard let file else {
      return Location(uri: document.uri, range: encoding.range(span.range, in: document.text))
    }
    guard let folder = folder(of: document) else { return nil }
    let path = DocumentPath.resolved(file, from: folder)
    if let open = documents.values.first(where: { $0.path == path }) {
      return Location(uri: open.uri, range: encoding.range(span.range, in: open.text))
    }
    guard let bytes = surroundings.file(path) else { return nil }
    return Location(
      uri: DocumentPath.uri(ofPath: path),
      range: encoding.range(span.range, in: DocumentText(bytes: bytes))
    )
  }

  // MARK: Renaming

  /// What would be renamed at a place.
  mutating func prepareRename(_ parameters: PositionParameters) throws(ResponseError) -> RenameTarget {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let (definition, span) = try renamed(at: parameters.position, in: document, analysis)
    return RenameTarget(range: encoding.range(span.range, in: document.text), placeholder: definition.name)
  }

  /// Renames a variable or a procedure wherever it stands: in its file, and in the open files that import it.
  mutating func rename(_ parameters: RenameParameters) throws(ResponseError) -> WorkspaceEdit {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let (definition, _) = try renamed(at: parameters.position, in: document, analysis)
    guard parameters.newName != definition.name else { return WorkspaceEdit(changes: [:]) }
    if let reason = refusal(of: parameters.newName, for: definition, in: analysis) {
      throw ResponseError(code: .requestFailed, message: reason)
    }
    var changes: [String: [TextEdit]] = [:]
    func edits(_ places: [SourceSpan], _ document: OpenDocument) -> [TextEdit] {
      Set(places).sorted { $0.start < $1.start }.map {
        TextEdit(range: encoding.range($0.range, in: document.text), newText: parameters.newName)
      }
    }
    let places = analysis.names?.places(of: definition.id) ?? []
    changes[document.uri] = edits(places.filter { $0.file == nil }.map(\.span), document)
    guard definition.kind == .procedure, let path = document.path else { return WorkspaceEdit(changes: changes) }
    for other in documents.values where other.uri != document.uri && other.isRunbook {
      guard let (other, analysis) = try? analyzed(other.uri), let names = analysis.names,
        let folder = folder(of: other),
        let imported = names.definitions.first(where: { candidate in
          guard let file = candidate.file, candidate.span == definition.span else { return false }
          return DocumentPath.resolved(file, from: folder) == path
        })
      else { continue }
      if let reason = refusal(of: parameters.newName, for: imported, in: analysis) {
        throw ResponseError(code: .requestFailed, message: reason)
      }
      let found = names.places(of: imported.id).filter { $0.file == nil }.map(\.span)
      if !found.isEmpty { changes[other.uri] = edits(found, other) }
    }
    return WorkspaceEdit(changes: changes)
  }

  private func renamed(at position: Position, in document: OpenDocument, _ analysis: Analysis) throws(ResponseError)
    -> (definition: NameIndex.Definition, span: SourceSpan)
  {
    let offset = UInt32(clamping: encoding.offset(of: position, in: document.text))
    guard let names = analysis.names, let (meaning, span) = names.meaning(at: offset) else {
      throw ResponseError(code: .requestFailed, message: ServerMessages.nothingToRename)
    }
    let reason: String
    switch meaning {
    case .definition(let id):
      guard let file = names.definitions[id].file else { return (names.definitions[id], span) }
      reason = ServerMessages.importedFrom(file)
    case .service(let name): reason = ServerMessages.renamedFromConfiguration(name.text)
    case .environment(let name): reason = ServerMessages.renamedFromConfiguration(name.text)
    case .runValue(let value): reason = ServerMessages.ofTheRun(value.rawValue)
    }
    throw ResponseError(code: .requestFailed, message: reason)
  }

  /// Why a name cannot be taken; nil when it can.
  private func refusal(of name: String, for definition: NameIndex.Definition, in analysis: Analysis) -> String? {
    let tokens = tokens(of: SourceText(name: "", text: name)).filter { $0.kind != .endOfFile }
    guard tokens.count == 1, let token = tokens.first, token.span.count == name.utf8.count, token.kind == .name else {
      return ServerMessages.notAName(visible(name))
    }
    if token.keyword != nil || RunValue(rawValue: name) != nil { return ServerMessages.meansSomething(name) }
    if analysis.fleet?.services.contains(where: { $0.name.text == name }) == true {
      return ServerMessages.isService(name)
    }
    if analysis.fleet?.environments.contains(where: { $0.name.text == name }) == true {
      return ServerMessages.isEnvironment(name)
    }
    let taken = analysis.names?.definitions.first { other in
      guard other.name == name, other.id != definition.id else { return false }
      // A procedure of another file can be called here as well.
      guard other.file == definition.file else { return other.kind == .procedure || definition.kind == .procedure }
      return other.visible.start <= definition.visible.end && definition.visible.start <= other.visible.end
    }
    return taken.map { ServerMessages.isTaken(name, line: analysis.source.line(at: $0.span.start)) }
  }
}
