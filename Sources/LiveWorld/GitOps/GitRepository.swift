import GitOpsLayout
import PromotionModel

/// The GitOps repository, read with the real git over a private, bare cache clone that holds all commits and trees but
/// only those files that were asked for.
///
/// Nothing here writes to the server; ``GitRepositoryWriter`` does, so that a dry run can hold this type alone.
public struct GitRepository: RepositoryReading {
  let store: GitStore
  let fleet: Fleet
  let layout: GitOpsLayout

  /// - Parameters:
  ///   - cacheDirectory: an absolute folder of the user's, such as `~/.cache/slipway`; the clone is made in `git/` under
  ///     it, for the user alone, when first needed.
  ///   - clock: judges the expiry of locks, dates commits and spaces repeated tries.
  public init(fleet: Fleet, cacheDirectory: String, programs: any ProgramRunner, clock: any WorldClock) {
    (self.fleet, layout) = (fleet, GitOpsLayout(fleet: fleet))
    store = GitStore(settings: fleet.repository, cacheDirectory: cacheDirectory, programs: programs, clock: clock)
  }

  /// Ends the process that was started to read objects, which otherwise lives as long as this value or the process. A
  /// later read starts it again.
  public func close() async { await store.close() }

  public func head() async throws -> Commit { try await store.commit(try await store.remote().head) }

  public func declared(_ environment: EnvironmentName, at commit: CommitID) async throws -> DeclaredEnvironment {
    let files = try await files(Set(layout.files(in: environment).values), at: commit)
    var declared = layout.declared(environment, at: commit, files: files.contents)
    for (service, found) in declared.services where files.irregular.contains(found.file) {
      declared.services[service]?.exists = true
      declared.services[service]?.problem = "\(found.file) is no regular file"
    }
    return declared
  }

  public func files(at commit: CommitID) async throws -> [String: [UInt8]] {
    let records = fleet.environments.compactMap { fleet.repository.records?.sharedFile(in: $0.name) }
    let paths = fleet.environments.flatMap { layout.files(in: $0.name).values } + records
    return try await regularFiles(Set(paths), at: commit)
  }

  public func plan(_ request: PromotionRequest, at commit: CommitID) async throws -> ChangeSet {
    let paths = [request.source, request.target].flatMap { layout.files(in: $0).values }
    return try layout.plan(request, base: commit, files: try await regularFiles(Set(paths), at: commit))
  }

  public func planReturn(of changes: ChangeSet, services: [ServiceName], at commit: CommitID) async throws -> ReturnPlan
  {
    var changes = changes
    changes.record = nil  // it stays, whatever became of its file
    let files = try await regularFiles(paths(of: changes), at: commit)
    var plan = layout.planReturn(of: changes, services: services, base: commit, files: files)
    plan.superseded = try await attributed(plan.superseded, of: changes, at: commit)
    return plan
  }

  public func planTags(_ tags: [ServiceName: String], in environment: EnvironmentName, at commit: CommitID) async throws
    -> ChangeSet
  {
    let files = try await regularFiles(Set(layout.files(in: environment).values), at: commit)
    return try layout.planTags(tags, in: environment, base: commit, files: files)
  }

  public func preview(_ changes: ChangeSet) async throws -> [FileDiff] {
    try layout.diffs(changes, files: try await regularFiles(paths(of: changes), at: changes.base))
  }

  public func contains(_ ancestor: CommitID, in descendant: CommitID) async throws -> Bool {
    try await store.contains(ancestor, in: descendant)
  }

  public func tip(ofBranch branch: String) async throws -> CommitID? {
    guard GitNames.isBranch(branch) else { throw GitNames.refusal("a branch", branch) }
    return try await store.tip(ofBranch: branch)
  }

  public func lockHolder(of environment: EnvironmentName) async throws -> LockHolder? {
    guard let object = try await store.remote().locks[environment] else { return nil }
    return try await store.lockHolder(object, of: environment)
  }

  public func freeze(of environment: EnvironmentName) async throws -> Freeze? {
    guard let object = try await store.remote().freezes[environment] else { return nil }
    return try await store.freeze(object, of: environment)
  }

  // MARK: - Files

  func paths(of changes: ChangeSet) -> Set<String> {
    let paths = Set(layout.files(in: changes.environment).values).union(changes.services.map(\.file))
    return changes.record.map { paths.union([$0.file]) } ?? paths
  }

  struct Files {
    var contents: [String: [UInt8]] = [:]
    var modes: [String: String] = [:]
    /// Symbolic links, submodules and folders in a file's place.
    var irregular: Set<String> = []
  }

  /// The contents of the files that exist at a commit. A run reads the files of one environment after the other's at the
  /// same commit, so all of the fleet's are brought at once.
  func files(_ paths: Set<String>, at commit: CommitID) async throws -> Files {
    let fleetPaths = fleet.environments.flatMap { layout.files(in: $0.name).values }
    let listing = try await store.listing(paths.union(fleetPaths), at: commit)
    let contents = try await store.contents(Set(listing.values.filter(\.isRegular).map(\.object)))
    var files = Files()
    for (path, file) in listing where paths.contains(path) {
      if file.isRegular {
        (files.contents[path], files.modes[path]) = (contents[file.object], file.mode)
      } else {
        files.irregular.insert(path)
      }
    }
    return files
  }

  /// As ``files(_:at:)``, for what is to be edited.
  func regularFiles(_ paths: Set<String>, at commit: CommitID) async throws -> [String: [UInt8]] {
    let files = try await files(paths, at: commit)
    if let path = files.irregular.min() {
      throw WorldError(
        tool: Git.tool,
        reason: .refused,
        message: "\(path) is no regular file at \(commit.short)",
        advice: "A symbolic link or submodule cannot carry a service's version"
      )
    }
    return files.contents
  }
}
