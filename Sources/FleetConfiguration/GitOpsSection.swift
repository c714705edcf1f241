internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `gitops`: the repository and where versions stand in it.
  mutating func gitops(_ field: Field) -> RepositorySettings? {
    guard let fields = section(.gitops, field) else { return nil }
    let url = repositoryAddress(fields["repository"])
    let branch = branch(fields["branch"])
    let tag = valuePath(fields["tag"])
    let file = filePattern(fields["file"], isShared: tag?.contains("{service}") == true)
    let enabled = valuePath(fields["enabled"])
    let copy = fields["copy"].flatMap { copyRule($0) }
    let set = fields["set"].map { self.set($0, tag: tag) } ?? [:]
    let records = fields["records"].flatMap { self.records($0) }
    guard let url, let file, let tag else { return nil }
    var settings = RepositorySettings(url: url, filePattern: file, tagPath: tag, set: set)
    if let branch { settings.branch = branch }
    if let enabled { settings.enabledPath = enabled }
    if let copy { settings.copy = copy }
    settings.records = records
    if settings.isFileShared { checkShared(settings, fields) }
    return settings
  }

  /// In one file for all services, each value that is read or written must be one service's own.
  private mutating func checkShared(_ settings: RepositorySettings, _ fields: [String: Field]) {
    if let enabled = fields["enabled"], !settings.saysWhatIsEnabled { report(.missingPlaceholder("service", enabled)) }
    if let copy = fields["copy"] {
      switch settings.copy {
      case .tag: break
      case .file: report(.sharedFileCopied(copy))
      case .paths(let paths):
        if !paths.allSatisfy({ $0.contains("{service}") }) { report(.missingPlaceholder("service", copy)) }
      }
    }
    if let set = fields["set"], !settings.set.keys.allSatisfy({ $0.contains("{service}") }) {
      report(.missingPlaceholder("service", set))
    }
  }

  private mutating func repositoryAddress(_ field: Field?) -> String? {
    guard let field, let text = string(field) else { return nil }
    guard let problem = Addresses.repositoryProblem(text) else { return text }
    report(.badAddress(text, field, problem: problem))
    return nil
  }

  private mutating func branch(_ field: Field?) -> String? {
    guard let field, let text = string(field) else { return nil }
    guard let problem = Addresses.branchProblem(text) else { return text }
    report(.badAddress(text, field, problem: problem))
    return nil
  }

  /// - Parameter isShared: the paths in the file tell its services apart.
  private mutating func filePattern(_ field: Field?, isShared: Bool) -> String? {
    let needed = isShared ? Placeholders.place.filter { $0 != "service" } : Placeholders.place
    guard let field, let text = pattern(field, needing: needed, allowing: Placeholders.place) else { return nil }
    // Names are labels, so what is filled in brings neither a slash nor a leading dash or dot.
    let sample = RepositorySettings.fill(text, service: ServiceName("x"), environment: EnvironmentName("x"))
    guard let problem = Addresses.filePathProblem(sample) else { return text }
    report(.badFilePath(text, field, problem: problem))
    return nil
  }

  /// `gitops.records`: the path of entries, or a mapping.
  private mutating func records(_ field: Field) -> RecordSettings? {
    guard field.node.pairs != nil else { return recordFile(field).map { RecordSettings(filePattern: $0) } }
    guard let fields = section(.records, field) else { return nil }
    let entry = fields["entry"].flatMap { template($0, allowing: RecordSettings.entryPlaceholders) }
    return fields["file"].flatMap { recordFile($0) }.map { RecordSettings(filePattern: $0, template: entry) }
  }

  private mutating func recordFile(_ field: Field) -> String? {
    let known = RecordSettings.filePlaceholders
    guard let text = pattern(field, needing: [], allowing: known) else { return nil }
    let settings = RecordSettings(filePattern: text)
    // A file that changes with the day, and is no entry's own, is one that two runs share by chance.
    if text.contains("{date}"), !settings.hasFilePerEntry {
      report(.missingPlaceholder("run", field))
      return nil
    }
    let sample = settings.file(in: EnvironmentName("x"), date: "2026-01-05", entry: "x")
    guard let problem = Addresses.filePathProblem(sample) else { return text }
    report(.badFilePath(text, field, problem: problem))
    return nil
  }

  private mutating func copyRule(_ field: Field) -> CopyRule? {
    if field.node.elements != nil {
      guard let paths = strings(field, expecting: "a list of paths") else { return nil }
      return .paths(paths.compactMap { valuePath($0.field) })
    }
    guard field.node.text != nil else {
      if field.node.pairs != nil { report(.wrongType(field, expected: "tag, file or a list of paths")) }
      return nil
    }
    switch choice(field, among: ["tag", "file"]) {
    case "tag": return .tag
    case "file": return .file
    case _: return nil
    }
  }

  private mutating func set(_ field: Field, tag: String?) -> [String: String] {
    var result: [String: String] = [:]
    for entry in entries(field) ?? [] {
      let path = entry.name
      let isKnown = checkedPattern(path, entry, needing: [], allowing: Placeholders.place)
      guard isKnown, checkedValuePath(path, entry, at: entry.key) else { continue }
      if let tag, (try? YAMLPath(tag)) == (try? YAMLPath(path)) { report(.setsTag(entry)) }
      guard let template = text(entry, expecting: "a value") else { continue }
      if checkedPattern(template, entry, needing: [], allowing: Placeholders.place) { result[path] = template }
    }
    return result
  }
}
