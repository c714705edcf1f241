internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

/// An environment and where it is described.
struct EnvironmentEntry {
  var environment: Environment
  var field: Field
  var promotesFrom: Field?
  var name: EnvironmentName { environment.name }
}

/// A service and where it is described.
struct ServiceEntry {
  var service: Service
  var field: Field
}

extension ConfigurationReader {
  /// `environments`, in the order of the file.
  mutating func environments(_ field: Field) -> [EnvironmentEntry] {
    guard let entries = entries(field, expecting: "a mapping of environments by name") else { return [] }
    if entries.isEmpty { report(.nothingListed(field)) }
    let result = entries.map { environment($0) }
    let mayBeProtected = entries.contains { $0.node["protected"].map { $0.text != "false" } ?? false }
    if !entries.isEmpty, !mayBeProtected { report(.noProtectedEnvironment(at: field.key)) }
    return result
  }

  private mutating func environment(_ field: Field) -> EnvironmentEntry {
    let name = field.name
    if !isLabel(name) {
      report(
        .badName(
          name,
          "an environment",
          "Environments are named like Kubernetes labels: a-z, 0-9 and hyphens within, at most 63.",
          at: field.key
        )
      )
    } else {
      checkWord(name, .environment, at: field.key)
    }
    var entry = EnvironmentEntry(environment: Environment(name: EnvironmentName(name), namespace: ""), field: field)
    guard let fields = section(.environment, field) else { return entry }
    entry.environment.namespace = namespace(fields["namespace"]) ?? ""
    entry.environment.context = context(fields["context"])
    entry.environment.clusterUID = clusterUID(fields["cluster"])
    entry.environment.destination = destination(fields["destination"])
    entry.environment.isProtected = boolean(fields["protected"]) ?? false
    entry.promotesFrom = fields["promotes-from"]
    entry.environment.promotesFrom = string(fields["promotes-from"]).map { EnvironmentName($0) }
    return entry
  }

  /// `services`, in the order of the file.
  mutating func services(_ field: Field, environments: [EnvironmentName]) -> [ServiceEntry] {
    guard let entries = entries(field, expecting: "a mapping of services by name") else { return [] }
    if entries.isEmpty { report(.nothingListed(field)) }
    return entries.map { ServiceEntry(service: service($0, environments: environments), field: $0) }
  }

  private mutating func service(_ field: Field, environments: [EnvironmentName]) -> Service {
    let name = field.name
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    if !labels.allSatisfy({ isLabel($0) }) || name.utf8.count > 253 {
      report(
        .badName(
          name,
          "a service",
          "Services are named like Kubernetes labels, with dots between labels where needed: "
            + "a-z, 0-9, hyphens and dots within.",
          at: field.key
        )
      )
    } else {
      checkWord(name, .service, at: field.key)
    }
    var service = Service(name: ServiceName(name), tag: TagPattern(prefix: ""))
    guard let fields = section(.service, field) else { return service }
    if let tag = tagPattern(fields["tag"]) { service.tag = tag }
    image(fields["image"], into: &service)
    if let health = fields["health"] {
      service.health = webAddresses(health, service: service.name, environments: environments)
    }
    if let source = fields["source"], let name = string(source) {
      if Addresses.isForgeRepository(name) {
        service.source = name
      } else {
        report(.badValue(name, source, expected: "`owner/name`, as GitHub writes it"))
      }
    }
    if let dashboard = fields["dashboard"] {
      service.dashboards = webAddresses(dashboard, service: service.name, environments: environments)
    }
    if let run = fields["run"] { service.smokeTests = smokeTests(run, environments: environments) }
    service.migrations = fields["migrations"].flatMap { migrations($0) }
    service.isReversible = boolean(fields["reversible"]) ?? false
    service.soak = duration(fields["soak"], atLeast: .zero)
    service.allowedErrors = integer(fields["allowed-errors"], in: 0...1_000_000)
    service.toleratedErrors = linePatterns(fields["tolerated-errors"])
    service.errorAllowances = lineAllowances(fields["error-allowances"])
    if let metrics = fields["metrics"] { service.metrics = metricList(metrics, environments: environments) }
    return service
  }

  private mutating func tagPattern(_ field: Field?) -> TagPattern? {
    guard let field, let text = string(field) else { return nil }
    return checkedTagPattern(text, field)
  }

  private mutating func checkedTagPattern(_ text: String, _ field: Field) -> TagPattern? {
    guard let pattern = TagPattern(text) else {
      report(.badTagPattern(text, field, problem: "must have `{version}` once"))
      return nil
    }
    let around = pattern.prefix + pattern.suffix
    guard around.utf8.allSatisfy({ isDigit($0) || isLetter($0) || "-._/+@".utf8.contains($0) }) else {
      report(.badTagPattern(text, field, problem: "has characters that no tag has"))
      return nil
    }
    guard !around.hasPrefix("-"), !around.hasPrefix(".") else {
      report(.badTagPattern(text, field, problem: "starts with `\(around.prefix(1))`, as no tag does"))
      return nil
    }
    return pattern
  }

  /// `ghcr.io/acme/api:{version}`, or without a tag.
  private mutating func image(_ field: Field?, into service: inout Service) {
    guard let field, let text = string(field) else { return }
    let nameEnd = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
    let colon = text[nameEnd...].firstIndex(of: ":")
    let repository = String(text[..<(colon ?? text.endIndex)])
    guard Addresses.isImageRepository(repository) else {
      report(.badValue(text, field, expected: "an image such as `ghcr.io/acme/api:{version}`"))
      return
    }
    service.imageRepository = repository
    if let colon { service.imageTag = checkedTagPattern(String(text[text.index(after: colon)...]), field) }
  }

  /// A mapping from environments to URLs, or one URL with `{environment}` in it.
  private mutating func webAddresses(
    _ field: Field,
    service: ServiceName,
    environments: [EnvironmentName]
  ) -> [EnvironmentName: String] {
    var result: [EnvironmentName: String] = [:]
    if field.node.text != nil {
      guard let url = pattern(field, needing: ["environment"], allowing: Placeholders.place) else { return [:] }
      var problem: String?
      for name in environments {
        let filled = RepositorySettings.fill(url, service: service, environment: name)
        problem = problem ?? Addresses.webURLProblem(filled)
        result[name] = filled
      }
      if let problem { report(.badAddress(url, field, problem: problem)) }
      return result
    }
    let expected = "an URL with `{environment}`, or a mapping from environments to URLs"
    for entry in entries(field, expecting: expected) ?? [] {
      let name = EnvironmentName(entry.name)
      if !environments.contains(name) {
        report(.unknownEnvironment(name.text, among: environments.map(\.text), at: entry.key))
      }
      guard let url = pattern(entry, needing: [], allowing: Placeholders.place) else { continue }
      let filled = RepositorySettings.fill(url, service: service, environment: name)
      if let problem = Addresses.webURLProblem(filled) { report(.badAddress(url, entry, problem: problem)) }
      result[name] = filled
    }
    return result
  }

  mutating func namespace(_ field: Field?) -> String? {
    guard let field, let text = string(field) else { return nil }
    guard !isLabel(text) else { return text }
    report(
      .badName(
        text,
        "a namespace",
        "Kubernetes allows a-z, 0-9 and hyphens within, at most 63 characters.",
        at: field.span
      )
    )
    return nil
  }

  /// A context of kubeconfig: any name that kubectl cannot take for an option.
  mutating func context(_ field: Field?) -> String? {
    guard let field, let text = string(field) else { return nil }
    guard text.hasPrefix("-") else { return text }
    report(.badName(text, "a context", "It must not start with `-`.", at: field.span))
    return nil
  }

  /// The cluster as Applications name it: by the URL of its server, or by its name in Argo CD.
  private mutating func destination(_ field: Field?) -> String? {
    guard let field, let text = string(field, expecting: Self.clusterOfApplications) else { return nil }
    let lower = text.lowercased()
    if text.contains("://") || lower.hasPrefix("http:") || lower.hasPrefix("https:") {
      guard let problem = Addresses.webURLProblem(text) else { return text }
      report(.badAddress(text, field, problem: problem))
    } else if Addresses.isClusterName(text) {
      return text
    } else {
      report(.badValue(text, field, expected: Self.clusterOfApplications))
    }
    return nil
  }

  private static let clusterOfApplications = "the URL of a cluster's server, or a cluster's name in Argo CD"

  private mutating func clusterUID(_ field: Field?) -> String? {
    guard let field, let text = text(field, expecting: "the UID of the cluster's kube-system namespace") else {
      return nil
    }
    let isUID =
      text.utf8.count <= 128 && text.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
    guard !isUID else { return text }
    report(.badValue(text, field, expected: "the UID of the cluster's kube-system namespace"))
    return nil
  }
}
