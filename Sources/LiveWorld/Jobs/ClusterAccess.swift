public import PromotionModel

/// The rights that a run needs in its clusters, and no more, as objects for `kubectl apply`.
public enum ClusterAccess {
  /// What a runbook may ask of a cluster beyond looking, which every run does.
  public enum Need: CaseIterable, Hashable, Sendable {
    /// Argo CD is told to look again, or to end an operation: whatever brings or takes back a version.
    case delivery
    /// Workloads are restarted, or set back to a former template.
    case workloads
    /// What may be wrong is looked for further: events, nodes, addresses, use of resources.
    case diagnosis
  }

  /// Who may do it.
  public struct Account: Hashable, Sendable {
    public var name: String
    public var namespace: String

    public init(name: String, namespace: String) { (self.name, self.namespace) = (name, namespace) }
  }

  /// YAML with a service account, and for each cluster its roles and their bindings.
  ///
  /// - Parameter context: only what belongs into this one's cluster; nil: one section after the other.
  public static func manifest(
    for fleet: Fleet,
    needs: Set<Need>,
    account: Account,
    context only: String? = nil
  ) -> String {
    var contexts: [String?] = []
    for context in fleet.environments.map(\.context) + [fleet.argocd.context]
    where !contexts.contains(context) && (only == nil || context == only) {
      // Argo CD without a context of its own is in each environment's.
      if context != nil || fleet.environments.contains(where: { $0.context == nil }) { contexts.append(context) }
    }
    return contexts.map { section($0, fleet, needs, account) }.joined(separator: "---\n")
  }

  private static func section(_ context: String?, _ fleet: Fleet, _ needs: Set<Need>, _ account: Account) -> String {
    let option = context.map { " --context=\(LocalPrograms.sanitize(line: $0))" } ?? ""
    var documents = [serviceAccount(account)]
    documents += bound("ClusterRole", "slipway-\(account.namespace)", in: nil, rules(.cluster, needs), account)
    var namespaces: [String] = []
    for environment in fleet.environments where environment.context == context {
      if !namespaces.contains(environment.namespace) { namespaces.append(environment.namespace) }
    }
    for namespace in namespaces {
      documents += bound("Role", "slipway", in: namespace, rules(.environment, needs), account)
    }
    if (fleet.argocd.context ?? context) == context {
      documents += bound("Role", "slipway-argocd", in: fleet.argocd.namespace, rules(.argocd, needs), account)
    }
    for (namespace, names) in prometheuses(context, fleet).sorted(by: { $0.key < $1.key }) {
      let rule = ClusterRule(
        place: .environment,
        group: "",
        resources: ["services/proxy"],
        names: names.sorted(),
        verbs: ["get"]
      )
      documents += bound("Role", "slipway-metrics", in: namespace, [rule], account)
    }
    return "# For kubectl\(option) apply -f -\n" + documents.joined(separator: "---\n")
  }

  // MARK: Rules

  private static func rules(_ place: ClusterRule.Place, _ needs: Set<Need>) -> [ClusterRule] {
    ClusterRule.all.filter { rule in rule.place == place && rule.need.map(needs.contains) ?? true }
  }

  /// The Services, by namespace, behind which the environments of a context have their Prometheus.
  private static func prometheuses(_ context: String?, _ fleet: Fleet) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for environment in fleet.environments where environment.context == context {
      guard case .service(let namespace, let name, let port) = fleet.metrics.sources[environment.name] else { continue }
      found[namespace, default: []].insert("\(name):\(port)")
    }
    return found
  }

  // MARK: YAML

  private static func serviceAccount(_ account: Account) -> String {
    """
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: \(quoted(account.name))
      namespace: \(quoted(account.namespace))

    """
  }

  private static func bound(
    _ kind: String,
    _ name: String,
    in namespace: String?,
    _ rules: [ClusterRule],
    _ account: Account
  ) -> [String] {
    let place = namespace.map { "  namespace: \(quoted($0))\n" } ?? ""
    let head = "metadata:\n  name: \(quoted(name))\n\(place)"
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: \(kind)\n\(head)rules:\n" + rules.map(yaml).joined()
    let binding = """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: \(kind)Binding
      \(head)roleRef:
        apiGroup: rbac.authorization.k8s.io
        kind: \(kind)
        name: \(quoted(name))
      subjects:
        - kind: ServiceAccount
          name: \(quoted(account.name))
          namespace: \(quoted(account.namespace))

      """
    return [role, binding]
  }

  private static func yaml(_ rule: ClusterRule) -> String {
    var text = "  - apiGroups: \(list([rule.group]))\n    resources: \(list(rule.resources))\n"
    if !rule.names.isEmpty { text += "    resourceNames: \(list(rule.names))\n" }
    return text + "    verbs: \(list(rule.verbs))\n"
  }

  private static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ", "))]" }

  /// A double-quoted scalar: what stands in it is text, whatever it is.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\x\(digits.count < 2 ? "0" : "")\(digits)"
      case _: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
