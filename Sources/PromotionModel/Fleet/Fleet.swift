/// What `slipway.yaml` describes: the services, the environments they run in, and where each says its version.
public struct Fleet: Sendable, Hashable {
  public var repository: RepositorySettings
  /// Ordered so that an environment comes after the one it promotes from.
  public var environments: [Environment]
  /// In the order of the file.
  public var services: [Service]
  public var argocd: ArgoCDSettings
  /// nil when no forge is configured: then `promote … by pr` is an error of the checker.
  public var pullRequest: PullRequestSettings?
  public var policy: Policy
  public var announcements: AnnouncementSettings
  public var metrics: MetricSettings

  public init(
    repository: RepositorySettings,
    environments: [Environment],
    services: [Service],
    argocd: ArgoCDSettings,
    pullRequest: PullRequestSettings?,
    policy: Policy,
    announcements: AnnouncementSettings = AnnouncementSettings(),
    metrics: MetricSettings = MetricSettings()
  ) {
    (self.repository, self.environments, self.services) = (repository, environments, services)
    (self.argocd, self.pullRequest, self.policy) = (argocd, pullRequest, policy)
    (self.announcements, self.metrics) = (announcements, metrics)
  }

  public func environment(_ name: EnvironmentName) -> Environment? { environments.first { $0.name == name } }
  public func service(_ name: ServiceName) -> Service? { services.first { $0.name == name } }
  /// The allowances of services that have one of their own.
  public var allowedErrors: [ServiceName: Int] {
    Dictionary(services.compactMap { service in service.allowedErrors.map { (service.name, $0) } }) { first, _ in first
    }
  }
  public var protectedEnvironments: [Environment] { environments.filter(\.isProtected) }
}

/// A cluster, a namespace and an Application destination (rule 6 of the language).
public struct Environment: Sendable, Hashable {
  public var name: EnvironmentName
  public var namespace: String
  /// The kubeconfig context that reaches it; nil takes kubeconfig's current one.
  public var context: String?
  /// The UID of the cluster's `kube-system` namespace, where pinned: another cluster is refused.
  public var clusterUID: String?
  /// The cluster as `spec.destination` of the Applications must have it: the `server` URL or the `name`. nil: the one
  /// that Argo CD runs in.
  public var destination: String?
  public var promotesFrom: EnvironmentName?
  public var isProtected: Bool

  public init(
    name: EnvironmentName,
    namespace: String,
    context: String? = nil,
    clusterUID: String? = nil,
    destination: String? = nil,
    promotesFrom: EnvironmentName? = nil,
    isProtected: Bool = false
  ) {
    (self.name, self.namespace, self.context, self.clusterUID) = (name, namespace, context, clusterUID)
    (self.destination, self.promotesFrom, self.isProtected) = (destination, promotesFrom, isProtected)
  }
}

public struct Service: Sendable, Hashable {
  public var name: ServiceName
  public var tag: TagPattern
  /// The health URL of each environment that has one. None: shown as not checked, never as healthy.
  public var health: [EnvironmentName: String]
  /// The image of the service's container with its tag left out (`ghcr.io/acme/api`), where configured.
  public var imageRepository: String?
  /// How the image's own tag spells the version, where it is neither the service's tag nor the bare version.
  public var imageTag: TagPattern?
  /// Where its measurements can be looked at, by environment: linked in messages.
  public var dashboards: [EnvironmentName: String]
  /// Where its source is, `owner/name` on the forge, whose tags are those of the service.
  public var source: String?
  /// Its own metrics; of the same name, they stand in for the fleet's.
  public var metrics: [Metric] = []
  /// What `validate` and `verify` run when everything else is well.
  public var smokeTests: [SmokeTest] = []
  /// Which Jobs migrate its data; nil: those of its Application.
  public var migrations: MigrationJobs?
  /// Whether the version before works with the data that a migration leaves: only then the way back of a version that brings
  /// one is proven (rule 3 of the language).
  public var isReversible = false
  /// How long a version of it must have run where it comes from, in place of the policy's.
  public var soak: Duration?
  /// Error lines that are let pass, in place of the policy's.
  public var allowedErrors: Int?
  /// Lines that are no error lines of it, whatever words they have.
  public var toleratedErrors: [LinePattern] = []
  /// Error lines of it that are let pass as long as they are few, besides the policy's.
  public var errorAllowances: [LineAllowance] = []

  public init(
    name: ServiceName,
    tag: TagPattern,
    health: [EnvironmentName: String] = [:],
    imageRepository: String? = nil,
    imageTag: TagPattern? = nil,
    dashboards: [EnvironmentName: String] = [:]
  ) {
    (self.name, self.tag, self.health) = (name, tag, health)
    self.dashboards = dashboards
    (self.imageRepository, self.imageTag) = (imageRepository, imageTag)
  }

  /// Whether `image` is this service's image at `tag`: its repository fits, where configured, and its own tag is the
  /// service's tag, the bare version, or the version with a `v`.
  public func isImage(_ image: String, atTag tag: String) -> Bool {
    if imageRepository == nil, imageTag == nil, let ends = Self.plainly(image, ends: tag) { return ends }
    let (repository, imageTag) = Self.parts(of: image)
    guard let imageTag else { return false }
    if let known = imageRepository, known != repository { return false }
    if let pattern = self.imageTag {
      guard let version = self.tag.version(ofTag: tag) else { return false }
      return pattern.tag(version) == imageTag
    }
    if imageTag == tag { return true }
    // A version ends the tag as it ends the image's own: most images are told apart without reading it.
    guard tag.utf8.dropLast(self.tag.suffix.utf8.count).last == imageTag.utf8.last else { return false }
    guard let version = self.tag.version(ofTag: tag) else { return false }
    return imageTag == version.description || imageTag == "v\(version)"
  }

  /// The tag that this service's file would carry for `image`; nil when the image is not this service's, or has no
  /// version that can be read. An image that carries only the bare version counts only where it is configured.
  public func tag(ofImage image: String) -> String? {
    let (repository, imageTag) = Self.split(image: image)
    guard let imageTag, imageRepository == nil || imageRepository == repository else { return nil }
    if let pattern = self.imageTag { return pattern.version(ofTag: imageTag).map(tag.tag) }
    if tag.version(ofTag: imageTag) != nil { return imageTag }
    return imageRepository == nil ? nil : Version(imageTag).map(tag.tag)
  }

  /// `registry:5000/name:tag@sha256:…` → (`registry:5000/name`, `tag`).
  static func split(image: String) -> (repository: String, tag: String?) {
    let (repository, tag) = parts(of: image)
    return (String(repository), tag.map(String.init))
  }

  /// Whether a reference without a digest ends in that tag; nil where it takes a closer look.
  private static func plainly(_ image: String, ends tag: String) -> Bool? {
    image.utf8.withContiguousStorageIfAvailable { image -> Bool? in
      tag.utf8.withContiguousStorageIfAvailable { tag -> Bool? in
        let colon = image.count - tag.count - 1
        guard colon >= 0, image[colon] == 0x3A else { return nil }
        for index in 0..<tag.count {
          let byte = tag[index]
          guard byte == image[colon + 1 + index], byte != 0x2F, byte != 0x40 else { return nil }
        }
        for index in 0..<colon where image[index] == 0x40 { return false }
        return true
      } ?? nil
    } ?? nil
  }

  /// Byte by byte: it is asked for every container of every look.
  private static func parts(of image: String) -> (repository: Substring, tag: Substring?) {
    let end = image.utf8.firstIndex(of: 0x40) ?? image.endIndex
    let name = image[..<end]
    guard let colon = name.utf8.lastIndex(of: 0x3A), !name.utf8[colon...].contains(0x2F) else { return (name, nil) }
    return (name[..<colon], name[name.utf8.index(after: colon)...])
  }
}
