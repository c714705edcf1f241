internal import PromotionModel
internal import RunbookDiagnostics

/// Words that a runbook means something by where a name could stand.
enum LanguageWords {
  /// Those that no service or environment may be called.
  static let reserved = ["all", "promoted"]
  /// What a service cannot be called besides, whatever the environments are: whoever reads `rollback production` aloud
  /// means the environment.
  static let environments = ["production", "staging"]
  /// Those that must be quoted where they are names.
  static let quoted: Set<String> = [
    "allowing", "and", "at", "because", "by", "commit", "downgrade", "else", "error", "errors", "even", "every",
    "except", "fail", "failure", "finally", "for", "from", "if", "import", "in", "input", "is", "let", "merge",
    "monitor", "not", "on", "or", "otherwise", "per", "pr", "procedure", "promote", "require", "restart", "restarts",
    "retry", "revert", "rollback", "rollout", "runbook", "scenario", "stop", "sync", "to", "undetermined", "undo",
    "unstaged", "until", "validate", "validation", "verify", "wait", "within", "without",
  ]
}

/// What a name is for, as messages call it.
enum NamedThing: String {
  case service = "a service"
  case environment = "an environment"
}

extension ConfigurationReader {
  /// Whether the language takes a name for something else.
  mutating func checkWord(_ name: String, _ what: NamedThing, at span: SourceSpan) {
    let isService = what == .service
    if LanguageWords.reserved.contains(name) || (isService && LanguageWords.environments.contains(name)) {
      report(.reservedName(name, what.rawValue, at: span))
    } else if LanguageWords.quoted.contains(name) || DurationText.duration(name) != nil || Version(name) != nil
      || name.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") })
    {
      report(.nameNeedsQuotes(name, what.rawValue, at: span))
    }
  }

  mutating func checkNames(_ environments: [EnvironmentEntry], _ services: [ServiceEntry]) {
    for service in services where !LanguageWords.environments.contains(service.service.name.text) {
      guard let environment = environments.first(where: { $0.name.text == service.service.name.text }) else { continue }
      report(
        .environmentNamedLikeService(
          service.service.name.text,
          environment: environment.field.key,
          at: service.field.key
        )
      )
    }
  }

  /// The environments so that each comes after the one it promotes from, otherwise as in the file; reports names that
  /// are not there and circles.
  mutating func ordered(_ environments: [EnvironmentEntry]) -> [Environment] {
    let names = environments.map(\.name)
    for entry in environments {
      guard let from = entry.environment.promotesFrom, let field = entry.promotesFrom else { continue }
      if !names.contains(from) { report(.unknownEnvironment(from.text, among: names.map(\.text), at: field.span)) }
    }
    var waiting = environments
    var result: [Environment] = []
    while let next = waiting.firstIndex(where: { entry in
      guard let from = entry.environment.promotesFrom else { return true }
      return !waiting.contains { $0.name == from }
    }) {
      result.append(waiting.remove(at: next).environment)
    }
    reportCycles(waiting)
    return result
  }

  /// - Parameter waiting: environments each of which promotes from another of them.
  private mutating func reportCycles(_ waiting: [EnvironmentEntry]) {
    var reported: Set<EnvironmentName> = []
    for start in waiting {
      var way = [start]
      while let from = way.last?.environment.promotesFrom, let next = waiting.first(where: { $0.name == from }) {
        if let first = way.firstIndex(where: { $0.name == next.name }) {
          let circle = way[first...]
          guard let field = circle.first?.promotesFrom, reported.isDisjoint(with: circle.map(\.name)) else { break }
          report(.promotionCycle(circle.map(\.name.text) + [next.name.text], at: field.span))
          reported.formUnion(circle.map(\.name))
          break
        }
        way.append(next)
      }
    }
  }

  /// Two services that would be promoted in one file would take each other's versions.
  mutating func checkFiles(
    _ repository: RepositorySettings,
    _ gitops: Field?,
    _ environments: [EnvironmentEntry],
    _ services: [ServiceEntry]
  ) {
    guard let gitops else { return }
    var owners: [String: String] = [:]
    for environment in environments {
      // Where the paths in a file tell its services apart, one of them stands for all.
      for service in repository.isFileShared ? services.prefix(1) : services[...] {
        let file = repository.file(of: service.service.name, in: environment.name)
        let owner = "`\(service.service.name)` in `\(environment.name)`"
        if let other = owners.updateValue(owner, forKey: file) {
          let span = gitops.node["file"].map { SourceSpan($0.span) } ?? gitops.key
          report(.sameFile(file, other, owner, at: span))
          return
        }
        if repository.records?.covers(file) == true, let records = gitops.node["records"] {
          report(.sameFile(file, "the record of releases", owner, at: SourceSpan(records.span)))
          return
        }
      }
    }
  }

  /// Two pull requests that both write at the top of one file cannot both be merged.
  mutating func checkRecords(_ repository: RepositorySettings, _ gitops: Field?, hasForge: Bool) {
    guard hasForge, let records = repository.records, !records.hasFilePerEntry,
      let node = gitops?.node["records"]
    else { return }
    report(.sharedRecord(records.filePattern, at: SourceSpan(node.span)))
  }

  /// An Application is known by its name and the cluster that Argo CD runs in.
  mutating func checkApplications(
    _ argocd: ArgoCDSettings,
    _ field: Field?,
    _ environments: [EnvironmentEntry],
    _ services: [ServiceEntry]
  ) {
    var owners: [[String]: String] = [:]
    for environment in environments {
      for service in services {
        let name = argocd.application(of: service.service.name, in: environment.name)
        let owner = "`\(service.service.name)` in `\(environment.name)`"
        let context = argocd.context ?? environment.environment.context ?? ""
        if let other = owners.updateValue(owner, forKey: [context, name]) {
          let span = field?.node["application"].map { SourceSpan($0.span) } ?? field?.key ?? service.field.key
          report(.sameApplication(name, other, owner, at: span))
          return
        }
      }
    }
  }

  mutating func checkPlaces(_ environments: [EnvironmentEntry]) {
    var places: [[String?]: EnvironmentName] = [:]
    for entry in environments where !entry.environment.namespace.isEmpty {
      let place = [entry.environment.context, entry.environment.clusterUID, entry.environment.namespace]
      if let other = places.updateValue(entry.name, forKey: place) {
        report(.samePlace(entry.name.text, other.text, at: entry.field.key))
      }
    }
  }
}
