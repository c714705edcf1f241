public import PromotionModel
public import RunbookDiagnostics
internal import YAMLEdit

/// Reads `slipway.yaml`.
public enum FleetConfiguration {
  /// The fleet that a configuration describes, and everything that is wrong with it.
  ///
  /// All mistakes are found in one go, each at the key or value it is about. Warnings alone do not keep the fleet back.
  /// Nothing outside of the text is looked at.
  /// - Returns: the fleet, nil when there is an error; and the findings in the order of the text.
  public static func load(_ source: SourceText) -> (Fleet?, [Diagnostic]) {
    var reader = ConfigurationReader()
    let fleet = fleet(source, &reader)
    let findings = reader.diagnostics.sorted {
      ($0.subject.start, $0.subject.end, $0.code) < ($1.subject.start, $1.subject.end, $1.code)
    }
    return (findings.contains { $0.severity == .error } ? nil : fleet, findings)
  }

  private static func fleet(_ source: SourceText, _ reader: inout ConfigurationReader) -> Fleet? {
    let document: YAMLDocument
    do throws(YAMLError) {
      document = try YAMLDocument(bytes: source.bytes, limits: YAMLLimits(bytes: 1 << 20, depth: 16, nodes: 100_000))
    } catch {
      let end = min(error.place.offset + 1, source.bytes.count)
      reader.report(.notYAML(error.message, at: SourceSpan(min(error.place.offset, end)..<end)))
      return nil
    }
    guard let root = document.root else {
      reader.report(.emptyConfiguration(at: SourceSpan(0..<0)))
      return nil
    }
    if document.roots.count > 1 { reader.report(.severalDocuments(at: SourceSpan(document.roots[1].span))) }
    for duplicate in document.duplicates where duplicate.document == 0 {
      func span(_ place: YAMLPlace) -> SourceSpan {
        SourceSpan(place.offset..<place.offset + duplicate.key.utf8.count)
      }
      reader.report(.duplicateKey(duplicate.key, first: span(duplicate.first), at: span(duplicate.repeated)))
    }
    reader.reportAliases(in: root)
    return reader.fleet(root)
  }
}

extension ConfigurationReader {
  /// The whole configuration, as far as it can be read.
  fileprivate mutating func fleet(_ root: YAMLNode) -> Fleet? {
    let start = SourceSpan(Int(root.span.lowerBound)..<Int(root.span.lowerBound))
    let whole = Field(name: "", path: "", key: start, node: root)
    guard let sections = section(.root, whole) else { return nil }
    let environments = sections["environments"].map { self.environments($0) } ?? []
    let names = environments.map(\.name)
    let services = sections["services"].map { self.services($0, environments: names) } ?? []
    let repository = sections["gitops"].flatMap { gitops($0) }
    let argocd = sections["argocd"].map { self.argocd($0) } ?? ArgoCDSettings()
    let pullRequest = sections["pull-request"].flatMap { self.pullRequest($0) }
    let policy = sections["policy"].map { self.policy($0) } ?? Policy()
    let announcements = sections["announce"].map { self.announcements($0, hasForge: pullRequest != nil) }
    let metrics = sections["metrics"].map { self.metrics($0, environments: names) }
    checkNames(environments, services)
    let ordered = ordered(environments)
    guard let repository else { return nil }
    checkFiles(repository, sections["gitops"], environments, services)
    checkRecords(repository, sections["gitops"], hasForge: pullRequest != nil)
    checkApplications(argocd, sections["argocd"], environments, services)
    checkPlaces(environments)
    checkMatching(policy, sections["policy"], services.map(\.service.name))
    return Fleet(
      repository: repository,
      environments: ordered,
      services: services.map(\.service),
      argocd: argocd,
      pullRequest: pullRequest,
      policy: policy,
      announcements: announcements ?? AnnouncementSettings(),
      metrics: metrics ?? MetricSettings()
    )
  }
}
