public import PromotionModel
public import RunbookDiagnostics

/// What the names in a runbook and in the files that it imports mean: for completion, hover, "go to definition" and
/// renaming. There is one for a runbook with errors, too.
public struct NameIndex: Sendable {
  public enum Kind: String, Sendable {
    case input, constant, loopVariable, parameter, procedure
  }

  /// A name that a runbook declares.
  public struct Definition: Hashable, Sendable {
    /// Its place in ``NameIndex/definitions``.
    public let id: Int
    public let kind: Kind
    public let name: String
    /// The path of the imported file that has it, as ``ImportResolver`` is asked for it; nil in the runbook itself.
    public let file: String?
    /// The name where it is declared.
    public let span: SourceSpan
    /// Where the name can be used, in its file. Procedures can be used in the files that import theirs, too.
    public let visible: SourceSpan
    /// What its values are; nil for procedures, and where that depends on the call or is not known.
    public let type: ValueType?
    /// `watch(services, hold)` of a procedure; the description of an input.
    public let details: String?
  }

  /// What a name stands for.
  public enum Meaning: Hashable, Sendable {
    /// An ``Definition/id``.
    case definition(Int)
    case service(ServiceName)
    case environment(EnvironmentName)
    case runValue(RunValue)
  }

  /// A place where a name stands.
  public struct Use: Hashable, Sendable {
    /// As ``Definition/file``.
    public let file: String?
    public let span: SourceSpan
    public let meaning: Meaning
  }

  public let definitions: [Definition]
  /// In the order of the text of each file; declarations are no uses. In a procedure that is called with different
  /// things, one place may have several meanings.
  public let uses: [Use]
  /// The procedures that can be called in each file: its own and those that it imports.
  let callable: [String?: [Int]]

  /// What stands at an offset: a declared name where it is declared or used, a service, an environment, a run's value.
  ///
  /// - Parameter file: the path of an imported file; nil for the runbook.
  public func meaning(at offset: UInt32, in file: String? = nil) -> (meaning: Meaning, span: SourceSpan)? {
    func holds(_ span: SourceSpan) -> Bool { span.start <= offset && offset <= span.end }
    if let definition = definitions.first(where: { $0.file == file && holds($0.span) }) {
      return (.definition(definition.id), definition.span)
    }
    return uses.first { $0.file == file && holds($0.span) }.map { ($0.meaning, $0.span) }
  }

  /// All places of a declared name, the declaration first: what renaming changes.
  public func places(of definition: Int) -> [(file: String?, span: SourceSpan)] {
    guard definitions.indices.contains(definition) else { return [] }
    let declared = definitions[definition]
    return [(declared.file, declared.span)]
      + uses.filter { $0.meaning == .definition(definition) }.map { ($0.file, $0.span) }
  }

  /// The variables and procedures that can be named at an offset, the innermost first.
  public func visible(at offset: UInt32, in file: String? = nil) -> [Definition] {
    let procedures = callable[file] ?? []
    let variables = definitions.filter {
      $0.kind != .procedure && $0.file == file && $0.visible.start <= offset && offset <= $0.visible.end
    }
    return variables.sorted { $0.visible.start > $1.visible.start } + procedures.map { definitions[$0] }
  }
}

/// Collects a ``NameIndex`` while names are resolved.
struct NameIndexBuilder {
  private struct Place: Hashable {
    let file: Int
    let span: SourceSpan
  }

  private var definitions: [(kind: NameIndex.Kind, name: String, place: Place, visible: SourceSpan, details: String?)] =
    []
  private var types: [Int: ValueType?] = [:]
  private var ids: [Place: Int] = [:]
  private var uses: [NameUse] = []
  /// By file; set when the check is over.
  var paths: [String?] = []
  var callable: [String?: [Int]] = [:]

  private struct NameUse: Hashable {
    let place: Place
    let meaning: NameIndex.Meaning
  }

  /// A declaration; one that was seen before keeps its id, so that calls of a procedure do not multiply its names.
  mutating func define(
    _ kind: NameIndex.Kind,
    _ name: String,
    file: Int,
    span: SourceSpan,
    visible: SourceSpan,
    type: ValueType? = nil,
    signature: String? = nil
  ) -> Int {
    let id = reserve(kind, name, file: file, span: span, visible: visible, signature: signature)
    if let former = types[id], former != type { types[id] = .some(nil) } else { types[id] = .some(type) }
    return id
  }

  /// The id of a declaration whose type is not known yet.
  mutating func reserve(
    _ kind: NameIndex.Kind,
    _ name: String,
    file: Int,
    span: SourceSpan,
    visible: SourceSpan,
    signature: String? = nil
  ) -> Int {
    let place = Place(file: file, span: span)
    if let id = ids[place] { return id }
    definitions.append((kind, name, place, visible, signature))
    ids[place] = definitions.count - 1
    return definitions.count - 1
  }

  mutating func use(_ meaning: NameIndex.Meaning, file: Int, span: SourceSpan) {
    uses.append(NameUse(place: Place(file: file, span: span), meaning: meaning))
  }

  func definition(_ id: Int) -> (kind: NameIndex.Kind, name: String, file: Int, span: SourceSpan) {
    let found = definitions[id]
    return (found.kind, found.name, found.place.file, found.place.span)
  }

  var count: Int { definitions.count }

  /// In the order of the text. A procedure is looked at once for each call, so many stand there several times.
  private func distinctUses() -> [NameUse] {
    var distinct: [NameUse] = []
    for use in uses.sorted(by: { ($0.place.file, $0.place.span.start) < ($1.place.file, $1.place.span.start) }) {
      var index = distinct.count - 1
      while index >= 0, distinct[index].place == use.place, distinct[index] != use { index -= 1 }
      if index < 0 || distinct[index].place != use.place { distinct.append(use) }
    }
    return distinct
  }

  func finished() -> NameIndex {
    func path(_ file: Int) -> String? { paths.indices.contains(file) ? paths[file] : nil }
    return NameIndex(
      definitions: definitions.enumerated().map { id, definition in
        NameIndex.Definition(
          id: id,
          kind: definition.kind,
          name: definition.name,
          file: path(definition.place.file),
          span: definition.place.span,
          visible: definition.visible,
          type: types[id] ?? nil,
          details: definition.details
        )
      },
      uses: distinctUses().map {
        NameIndex.Use(file: path($0.place.file), span: $0.place.span, meaning: $0.meaning)
      },
      callable: callable
    )
  }
}
