import PromotionModel
import YAMLEdit

/// What a GitOps repository's files say of the services, and what they must say after a promotion or a return.
///
/// Pure functions on the bytes of files: the same for a real and a simulated repository, so that a change that is
/// shown beforehand is the one that is made. `files` always maps a path in the repository to the bytes of what is
/// there; a missing key means that there is no such file.
///
/// What stops a plan is thrown as ``PromotionModel/WorldError`` of the tool `GitOps repository`: `nonsense` where a file
/// is not YAML, `refused` where it is, but must not be read or edited (aliases, duplicate keys, paths that lead out of
/// the repository), `notFound` where a file or tag is missing. Messages name file, line and column.
public struct GitOpsLayout: Sendable {
  /// The tag in a ``PromotionModel/ServiceChange/toTag`` of a change that takes a service's file away.
  public static let absentTag = "nothing"

  let fleet: Fleet

  public init(fleet: Fleet) { self.fleet = fleet }

  /// The path in the repository of each service's file in an environment. A service whose path would lead out of the
  /// repository is left out; ``declared(_:at:files:)`` says why.
  public func files(in environment: EnvironmentName) -> [ServiceName: String] {
    var result: [ServiceName: String] = [:]
    for service in fleet.services {
      let path = fleet.repository.file(of: service.name, in: environment)
      if RepositoryPath.problem(path) == nil { result[service.name] = path }
    }
    return result
  }

  /// What the files of an environment say, for every service of the fleet. A service whose file is unreadable is
  /// there with its ``PromotionModel/DeclaredService/problem``.
  public func declared(
    _ environment: EnvironmentName,
    at commit: CommitID,
    files: [String: [UInt8]]
  ) -> DeclaredEnvironment {
    var services: [ServiceName: DeclaredService] = [:]
    for service in fleet.services { services[service.name] = declared(service, in: environment, files: files) }
    return DeclaredEnvironment(environment: environment, commit: commit, services: services)
  }

  private func declared(
    _ service: Service,
    in environment: EnvironmentName,
    files: [String: [UInt8]]
  ) -> DeclaredService {
    let path = fleet.repository.file(of: service.name, in: environment)
    var result = DeclaredService(file: path, tag: nil, version: nil, exists: files[path] != nil)
    do throws(WorldError) {
      try RepositoryPath.check(path)
      guard let bytes = files[path] else { return result }
      let file = try ServiceFile(path: path, bytes: bytes)
      let fields = try fields(of: service.name, in: environment)
      // Enabled first: whoever reads a problem of the tag must not take a disabled service for an enabled one.
      if fleet.repository.saysWhatIsEnabled { result.isEnabled = try file.isEnabled(at: fields.enabled) }
      result.tag = try file.tag(at: fields.tag)
      // In a file of all services, one that has no tag in there is not in the environment.
      if fleet.repository.isFileShared, result.tag == nil {
        result.exists = false
        return result
      }
      result.version = result.tag.flatMap(service.tag.version)
      if result.tag == nil { result.problem = "\(path) has no tag at `\(fields.tag)`" }
    } catch {
      result.problem = error.message
    }
    return result
  }

  /// The path of a service's file, known to stay in the repository and to be no other environment's file.
  func file(of service: ServiceName, in environment: EnvironmentName) throws(WorldError) -> String {
    let path = fleet.repository.file(of: service, in: environment)
    try RepositoryPath.check(path)
    for other in fleet.environments where other.name != environment {
      for neighbour in fleet.services where fleet.repository.file(of: neighbour.name, in: other.name) == path {
        throw .refusal("\(path) is the file of \(neighbour.name) in \(other.name) as well as of \(service)")
      }
    }
    return path
  }

  /// The places in a service's file, with the templates of the configuration filled in.
  func fields(of service: ServiceName, in environment: EnvironmentName) throws(WorldError) -> ServiceFields {
    func fill(_ text: String) -> String { RepositorySettings.fill(text, service: service, environment: environment) }
    func path(_ pattern: String, _ key: String) throws(WorldError) -> YAMLPath {
      do throws(YAMLError) {
        // Filled in step by step: a name with a dot stays one key.
        return try YAMLPath(pattern).mapTexts(fill)
      } catch {
        throw .refusal("the configuration's `\(key)`: \(error.message)")
      }
    }
    let settings = fleet.repository
    var set: [(path: YAMLPath, text: String)] = []
    for (pattern, template) in settings.set.sorted(by: { $0.key < $1.key }) {
      set.append((try path(pattern, "gitops.set"), fill(template)))
    }
    var copied: [YAMLPath] = []
    if case .paths(let patterns) = settings.copy {
      for pattern in patterns { copied.append(try path(pattern, "gitops.copy")) }
    }
    return ServiceFields(
      tag: try path(settings.tagPath, "gitops.tag"),
      enabled: try path(settings.enabledPath, "gitops.enabled"),
      set: set,
      copied: copied
    )
  }
}

/// The places in one service's file that a promotion knows.
struct ServiceFields {
  var tag: YAMLPath
  var enabled: YAMLPath
  var set: [(path: YAMLPath, text: String)]
  /// What `copy:` lists besides the tag.
  var copied: [YAMLPath]
}

extension WorldError {
  static func refusal(_ message: String) -> WorldError {
    WorldError(tool: gitOpsTool, reason: .refused, message: message)
  }

  static func missing(_ message: String) -> WorldError {
    WorldError(tool: gitOpsTool, reason: .notFound, message: message)
  }
}
