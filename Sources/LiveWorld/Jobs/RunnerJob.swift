import FoundationEssentials
public import PromotionModel

/// A run that is given to a cluster: a Kubernetes Job, and the files that it runs from.
///
/// The Job is never tried again by itself: a run that broke off is resumed, which looks first, not repeated.
public struct RunnerJob: Sendable {
  /// Names the Job, the ConfigMap and, in the labels, their pods; a DNS label.
  public var name: String
  public var namespace: String
  /// The container image that has slipway, git, kubectl, gh and curl.
  public var image: String
  public var serviceAccount: String
  /// What follows `slipway`, with paths below ``filesFolder``.
  public var arguments: [String]
  /// By path below ``filesFolder``: relative, without `..`.
  public var files: [String: String]
  /// Secrets whose keys become environment variables: `GH_TOKEN`, the addresses of webhooks.
  public var secrets: [String]
  /// A secret whose key `config` is the kubeconfig, for clusters other than the one that the Job runs in.
  public var kubeconfigSecret: String?
  /// After which Kubernetes ends the Job.
  public var limit: Duration
  /// git over https logs in as gh does.
  public var usesGitHubLogin: Bool

  public static let filesFolder = "/slipway"
  /// Where the journal and the caches are; gone with the pod.
  static let stateFolder = "/state"
  /// The most that a ConfigMap holds is 1 MiB, the names of its keys included.
  static let mostBytes = 1_000_000
  /// A run stops within 2 s of the signal; the rest is the container's own.
  static let graceSeconds = 30

  public init(
    name: String,
    namespace: String,
    image: String,
    serviceAccount: String,
    arguments: [String],
    files: [String: String],
    secrets: [String],
    kubeconfigSecret: String?,
    limit: Duration,
    usesGitHubLogin: Bool
  ) {
    (self.name, self.namespace, self.image, self.serviceAccount) = (name, namespace, image, serviceAccount)
    (self.arguments, self.files, self.secrets) = (arguments, files, secrets)
    (self.kubeconfigSecret, self.limit, self.usesGitHubLogin) = (kubeconfigSecret, limit, usesGitHubLogin)
  }

  /// Jobs and pods that are this run's.
  static func selector(_ name: String) -> String { "app.kubernetes.io/name=slipway,app.kubernetes.io/instance=\(name)" }

  /// The objects in the order in which they are made: what `--dry-run` shows, and nothing else is sent.
  /// - Throws: ``WorldError`` when the files are too large for a ConfigMap.
  public func objects() throws -> [String] {
    [try configMap(), try job()].map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Objects

  private var labels: [String: String] {
    [
      "app.kubernetes.io/name": "slipway", "app.kubernetes.io/instance": name,
      "app.kubernetes.io/managed-by": "slipway",
    ]
  }
  private var metadata: JobManifest.Metadata { JobManifest.Metadata(name: name, namespace: namespace, labels: labels) }

  /// A ConfigMap's keys have no `/`: they are numbered, and the volume gives each its path.
  private var keys: [(key: String, path: String)] {
    files.keys.sorted().enumerated().map { ("file-\($0.offset)", $0.element) }
  }

  func configMap() throws -> [UInt8] {
    let size = files.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    guard size <= Self.mostBytes else {
      throw WorldError(
        tool: "kubectl",
        reason: .refused,
        message: "the runbook and its files come to \(size) bytes, and a ConfigMap holds \(Self.mostBytes)"
      )
    }
    var data: [String: String] = [:]
    for (key, path) in keys { data[key] = files[path] }
    return try Self.json(JobManifest.ConfigMap(metadata: metadata, data: data))
  }

  func job() throws -> [UInt8] {
    var mounts = [
      JobManifest.Mount(name: "files", mountPath: Self.filesFolder, readOnly: true),
      JobManifest.Mount(name: "state", mountPath: Self.stateFolder, readOnly: false),
      JobManifest.Mount(name: "tmp", mountPath: "/tmp", readOnly: false),
    ]
    var volumes = [
      JobManifest.Volume(
        name: "files",
        configMap: .init(name: name, items: keys.map { .init(key: $0.key, path: $0.path) })
      ),
      JobManifest.Volume(name: "state", emptyDir: .init()),
      JobManifest.Volume(name: "tmp", emptyDir: .init()),
    ]
    var kubeconfig = "\(Self.filesFolder)/\(InClusterKubeconfig.path)"
    if let kubeconfigSecret {
      kubeconfig = "/kubeconfig/config"
      mounts.append(JobManifest.Mount(name: "kubeconfig", mountPath: "/kubeconfig", readOnly: true))
      volumes.append(JobManifest.Volume(name: "kubeconfig", secret: .init(secretName: kubeconfigSecret)))
    }
    var variables = [
      "HOME": Self.stateFolder, "XDG_STATE_HOME": Self.stateFolder, "XDG_CACHE_HOME": "\(Self.stateFolder)/cache",
      "KUBECONFIG": kubeconfig, "SLIPWAY_JOB": "\(namespace)/\(name)",
    ]
    if usesGitHubLogin {
      variables["GIT_CONFIG_COUNT"] = "1"
      variables["GIT_CONFIG_KEY_0"] = "credential.helper"
      variables["GIT_CONFIG_VALUE_0"] = "!gh auth git-credential"
    }
    let container = JobManifest.Container(
      image: image,
      args: arguments,
      env: variables.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) },
      envFrom: secrets.map { .init(secretRef: .init(name: $0)) },
      volumeMounts: mounts
    )
    let pod = JobManifest.Pod(
      serviceAccountName: serviceAccount,
      terminationGracePeriodSeconds: Self.graceSeconds,
      containers: [container],
      volumes: volumes
    )
    return try Self.json(
      JobManifest.Job(
        metadata: metadata,
        spec: .init(
          activeDeadlineSeconds: max(1, limit.components.seconds),
          template: .init(metadata: .init(labels: labels), spec: pod)
        )
      )
    )
  }

  static func json(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}

/// The kubeconfig of a Job that reaches no cluster but its own: the contexts of the configuration all lead there, with the
/// service account that Kubernetes gives the pod.
public enum InClusterKubeconfig {
  /// Below ``RunnerJob/filesFolder``.
  public static let path = "kubeconfig"
  private static let mounted = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// JSON, which is YAML.
  public static func text(for fleet: Fleet) throws -> String {
    var names: [String] = []
    for name in fleet.environments.map(\.context) + [fleet.argocd.context] {
      if let name, !names.contains(name) { names.append(name) }
    }
    let first = names.first ?? "here"
    if names.isEmpty { names = [first] }
    let file = File(
      clusters: [.init(cluster: .init(certificateAuthority: "\(mounted)/ca.crt"))],
      users: [.init(user: .init(tokenFile: "\(mounted)/token"))],
      contexts: names.map { .init(name: $0) },
      currentContext: first
    )
    return String(decoding: try RunnerJob.json(file), as: UTF8.self) + "\n"
  }

  private struct File: Encodable {
    enum CodingKeys: String, CodingKey {
      case apiVersion, kind, clusters, users, contexts
      case currentContext = "current-context"
    }
    struct Cluster: Encodable {
      struct Value: Encodable {
        enum CodingKeys: String, CodingKey {
          case server
          case certificateAuthority = "certificate-authority"
        }
        let server = "https://kubernetes.default.svc"
        var certificateAuthority: String
      }
      let name = "here"
      var cluster: Value
    }
    struct User: Encodable {
      struct Value: Encodable { var tokenFile: String }
      let name = "runner"
      var user: Value
    }
    struct Context: Encodable {
      struct Value: Encodable {
        let cluster = "here"
        let user = "runner"
      }
      var name: String
      let context = Value()
    }
    let apiVersion = "v1"
    let kind = "Config"
    var clusters: [Cluster]
    var users: [User]
    var contexts: [Context]
    var currentContext: String
  }
}
