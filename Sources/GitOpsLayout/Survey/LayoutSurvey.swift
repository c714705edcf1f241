public import PromotionModel

/// Where versions stand in a repository that nobody has described yet: what `slipway init` proposes, from the names of files
/// and from what is in them. A proposal is a guess that says what it was made of; nothing relies on it unread.
public struct LayoutSurvey: Hashable, Sendable {
  public struct SurveyedService: Hashable, Sendable {
    public var name: ServiceName
    /// `api-v{version}`; nil: its tags have no semantic version, or not the same prefix everywhere.
    public var tagPattern: String?
    /// The tags that were seen, by environment.
    public var tags: [EnvironmentName: String]
  }

  /// `apps/{service}/overlays/{environment}/kustomization.yaml`
  public var filePattern: String
  public var tagPath: String
  /// nil: as by default, or files do not say.
  public var enabledPath: String?
  /// Paths that name the environment in every file.
  public var set: [String]
  /// In the order in which versions are promoted.
  public var environments: [EnvironmentName]
  /// The last of them, where its name says that it is production.
  public var production: EnvironmentName?
  public var services: [SurveyedService]
  /// What kustomizations say about their namespace.
  public var namespaces: [EnvironmentName: String]
  /// Files that fit the pattern and have a tag.
  public var files: Int

  /// The best reading of a repository's files; nil when no version is found beside the name of an environment.
  public static func propose(_ files: [String: [UInt8]]) -> LayoutSurvey? {
    var shapes: [String: [SurveyedPath]] = [:]
    for path in files.keys.sorted() where isCandidate(path) {
      for reading in SurveyedPath.readings(of: path) { shapes[reading.pattern, default: []].append(reading) }
    }
    let surveys = shapes.sorted { $0.key < $1.key }.compactMap { pattern, readings in
      survey(pattern, readings, files)
    }
    return surveys.max { ($0.rank, $1.value.filePattern) < ($1.rank, $0.value.filePattern) }?.value
  }

  /// Files that may carry a version: YAML, and no template or chart, whose braces are no YAML and whose versions are others'.
  public static func isCandidate(_ path: String) -> Bool {
    guard path.hasSuffix(".yaml") || path.hasSuffix(".yml"), path.utf8.count <= 300 else { return false }
    let components = path.split(separator: "/")
    return !components.contains { ["templates", ".github", ".git", "node_modules", "vendor"].contains($0) }
      && !["Chart.yaml", "Chart.lock", "slipway.yaml"].contains(components.last ?? "")
  }

  private struct Ranked {
    var rank: Int
    var value: LayoutSurvey
  }

  private struct Cell {
    var reading: SurveyedPath
    var file: SurveyedFile
  }

  private static func survey(_ pattern: String, _ readings: [SurveyedPath], _ files: [String: [UInt8]]) -> Ranked? {
    let cells = readings.compactMap { reading in
      files[reading.path].flatMap { SurveyedFile($0, reading) }.map { Cell(reading: reading, file: $0) }
    }
    guard let tagPath = tagPath(cells) else { return nil }
    let tagged = cells.compactMap { cell in
      cell.file.tags.first { $0.path == tagPath }.map { (cell: cell, tag: $0.text) }
    }
    let environments = Set(tagged.map(\.cell.reading.environment))
      .sorted { (EnvironmentWords.rank($0) ?? 0, $0) < (EnvironmentWords.rank($1) ?? 0, $1) }
    guard environments.count > 1 else { return nil }
    let services = Set(tagged.map(\.cell.reading.service)).sorted().map { name in
      service(name, tagged.filter { $0.cell.reading.service == name }.map { ($0.cell.reading.environment, $0.tag) })
    }
    var set = tagged.first?.cell.file.environmentPaths ?? []
    for entry in tagged { set.formIntersection(entry.cell.file.environmentPaths) }
    var namespaces: [EnvironmentName: String] = [:]
    for environment in environments {
      let said = Set(tagged.filter { $0.cell.reading.environment == environment }.compactMap(\.cell.file.namespace))
      if said.count == 1, let namespace = said.first { namespaces[EnvironmentName(environment)] = namespace }
    }
    let named = tagged.count { $0.cell.file.namesService }
    let rank = tagged.count * 1000 + services.count { $0.tagPattern != nil } * 100 + named * 10 + services.count
    return Ranked(
      rank: rank,
      value: LayoutSurvey(
        filePattern: pattern,
        tagPath: tagPath,
        enabledPath: enabledPath(tagged.map(\.cell.file), beside: tagPath),
        set: set.filter { $0 != tagPath }.sorted(),
        environments: environments.map { EnvironmentName($0) },
        production: environments.last.flatMap {
          EnvironmentWords.rank($0) == EnvironmentWords.production ? EnvironmentName($0) : nil
        },
        services: services,
        namespaces: namespaces,
        files: tagged.count
      )
    )
  }

  /// The path that most files have with a version, then with the likeliest key.
  private static func tagPath(_ cells: [Cell]) -> String? {
    var scores: [String: (versions: Int, weight: Int)] = [:]
    for cell in cells {
      for tag in cell.file.tags {
        let isVersion = SurveyedFile.pattern(of: tag.text) != nil
        scores[tag.path, default: (0, tag.weight)].versions += isVersion ? 1 : 0
      }
    }
    let best = scores.filter { $0.value.versions > 0 }.max { one, other in
      let (a, b) = (one.value, other.value)
      return (a.versions, a.weight, other.key.utf8.count, other.key) < (
        b.versions, b.weight, one.key.utf8.count, one.key
      )
    }
    return best?.key
  }

  private static func service(_ name: String, _ tags: [(environment: String, tag: String)]) -> SurveyedService {
    let prefixes = Set(tags.map { SurveyedFile.pattern(of: $0.tag)?.prefix })
    var pattern: String?
    if prefixes.count == 1, let prefix = prefixes.first ?? nil, !prefix.contains("{"), !prefix.contains("}") {
      pattern = prefix + "{version}"
    }
    return SurveyedService(
      name: ServiceName(name),
      tagPattern: pattern,
      tags: Dictionary(tags.map { (EnvironmentName($0.environment), $0.tag) }, uniquingKeysWith: { first, _ in first })
    )
  }

  /// The path of `enabled` that every file which has one has: beside the tag, else at the top.
  private static func enabledPath(_ files: [SurveyedFile], beside tagPath: String) -> String? {
    let parent = tagPath.lastIndex(of: ".").map { String(tagPath[...$0]) } ?? ""
    let found = files.map(\.enabledPaths).reduce(into: Set<String>()) { $0.formUnion($1) }
    let chosen = [parent + "enabled", "enabled"].first(where: found.contains)
    return chosen == "service.enabled" ? nil : chosen
  }
}
