public import PromotionModel

/// A `slipway.yaml` to begin with: what is known as keys, what could not be told as comments that say how to write it.
public struct ConfigurationDraft: Sendable {
  public struct Environment: Sendable {
    public var name: EnvironmentName
    public var namespace: String
    /// Where the namespace is a guess: what it was made of.
    public var namespaceDoubt: String?
    public var context: String?
    public var clusterUID: String?
    public var destination: String?
    public var promotesFrom: EnvironmentName?
    public var isProtected: Bool

    public init(
      name: EnvironmentName,
      namespace: String,
      namespaceDoubt: String? = nil,
      context: String? = nil,
      clusterUID: String? = nil,
      destination: String? = nil,
      promotesFrom: EnvironmentName? = nil,
      isProtected: Bool = false
    ) {
      (self.name, self.namespace, self.namespaceDoubt) = (name, namespace, namespaceDoubt)
      (self.context, self.clusterUID, self.destination) = (context, clusterUID, destination)
      (self.promotesFrom, self.isProtected) = (promotesFrom, isProtected)
    }
  }

  public struct Service: Sendable {
    public var name: ServiceName
    /// `api-v{version}`
    public var tag: String
    /// Where the pattern is a guess: what was seen.
    public var tagDoubt: String?

    public init(name: ServiceName, tag: String, tagDoubt: String? = nil) {
      (self.name, self.tag, self.tagDoubt) = (name, tag, tagDoubt)
    }
  }

  /// What was read, for the first line.
  public var origin: String
  public var repository: String
  public var branch: String
  public var filePattern: String
  public var tagPath: String
  public var enabledPath: String?
  /// Paths that hold the environment's name.
  public var set: [String]
  public var environments: [Environment]
  public var services: [Service]
  public var argocdNamespace: String?
  /// nil: not told, and the default stands.
  public var applicationPattern: String?
  /// `owner/name` on GitHub.
  public var forge: String?
  /// Further things that could not be told.
  public var doubts: [String]

  public init(
    origin: String,
    repository: String,
    branch: String,
    filePattern: String,
    tagPath: String,
    enabledPath: String? = nil,
    set: [String] = [],
    environments: [Environment],
    services: [Service],
    argocdNamespace: String? = nil,
    applicationPattern: String? = nil,
    forge: String? = nil,
    doubts: [String] = []
  ) {
    (self.origin, self.repository, self.branch) = (origin, repository, branch)
    (self.filePattern, self.tagPath, self.enabledPath, self.set) = (filePattern, tagPath, enabledPath, set)
    (self.environments, self.services) = (environments, services)
    (self.argocdNamespace, self.applicationPattern) = (argocdNamespace, applicationPattern)
    (self.forge, self.doubts) = (forge, doubts)
  }

  /// How many things the text says could not be told.
  public var doubtCount: Int { lines.count { $0.contains(Self.mark) } }

  private static let mark = "# could not tell: "

  public var text: String { lines.map { $0 + "\n" }.joined() }

  private var lines: [String] {
    var lines = [
      "# Made by `slipway init` from \(Self.comment(origin)). Read it, correct what is wrong, then try `slipway doctor`.",
      "gitops:",
      "  repository: \(Self.quoted(repository))",
      "  branch: \(Self.quoted(branch))",
      "  file: \(Self.quoted(filePattern))",
      "  tag: \(Self.quoted(tagPath))",
    ]
    if let enabledPath { lines.append("  enabled: \(Self.quoted(enabledPath))") }
    if !set.isEmpty {
      let values = set.map { "\(Self.quoted($0)): \"{environment}\"" }
      lines.append("  set: { \(values.joined(separator: ", ")) }")
    }
    lines.append("environments:")
    for environment in environments { lines += self.lines(of: environment) }
    lines.append("services:")
    for service in services {
      if let doubt = service.tagDoubt { lines.append("  " + Self.mark + Self.comment(doubt)) }
      lines.append("  \(Self.quoted(service.name.text)): { tag: \(Self.quoted(service.tag)) }")
    }
    let first = services.first?.name.text ?? "api"
    let place = environments.last?.name.text ?? "production"
    lines.append(
      "  " + Self.mark + "where services answer 200; under \(Self.comment(first)), for one: "
        + "health: { \(Self.comment(place)): \"https://\(Self.comment(first)).example.org/health\" }"
    )
    lines.append("argocd:")
    lines.append("  namespace: \(Self.quoted(argocdNamespace ?? "argocd"))")
    lines.append("  application: \(Self.quoted(applicationPattern ?? "{service}-{environment}"))")
    if applicationPattern == nil {
      lines.append("  " + Self.mark + "how Applications are named; this is the usual way")
    }
    if let forge {
      lines += ["pull-request:", "  repository: \(Self.quoted(forge))"]
    } else {
      lines.append(Self.mark + "where pull requests are opened; pull-request: { repository: owner/name }")
    }
    lines += doubts.map { Self.mark + Self.comment($0) }
    return lines
  }

  private func lines(of environment: Environment) -> [String] {
    var lines = ["  \(Self.quoted(environment.name.text)):"]
    if let doubt = environment.namespaceDoubt { lines.append("    " + Self.mark + Self.comment(doubt)) }
    lines.append("    namespace: \(Self.quoted(environment.namespace))")
    if let context = environment.context { lines.append("    context: \(Self.quoted(context))") }
    if let uid = environment.clusterUID { lines.append("    cluster: \(Self.quoted(uid))") }
    if let destination = environment.destination { lines.append("    destination: \(Self.quoted(destination))") }
    if let from = environment.promotesFrom { lines.append("    promotes-from: \(Self.quoted(from.text))") }
    if environment.isProtected { lines.append("    protected: true") }
    return lines
  }

  // MARK: Text from outside

  /// A scalar of YAML that is read back as exactly this text, and as a string.
  static func quoted(_ text: String) -> String {
    let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain =
      text.utf8.first.map(isLetter) == true && !words.contains(text.lowercased())
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-._/".utf8.contains($0) }
    guard !isPlain else { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || isUnseen(scalar):
        result += "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
        result += String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Text for a comment: on its line, and as it looks.
  private static func comment(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(300) {
      let isUnsafe = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || isUnseen(scalar)
      result.unicodeScalars.append(isUnsafe ? " " : scalar)
    }
    return result
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
