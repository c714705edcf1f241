import GitOpsLayout
import PromotionModel

extension GitRepository {
  /// As many commits of the services' files are looked at, at most, before the history counts as at its end.
  private static let historyLimit = 5000

  public func history(of services: [ServiceName], in environment: EnvironmentName, limit: Int) async throws
    -> [ServiceName: [DeclaredChange]]
  {
    let files = layout.files(in: environment).filter { services.contains($0.key) }
    guard limit > 0, !files.isEmpty else { return [:] }
    let head = try await store.rememberedHead()
    // Most commits of these files change a tag: a short look is enough nearly always, and a full one is the second.
    let usual = min(Self.historyLimit, limit * files.count * 2 + 20)
    for depth in [usual, Self.historyLimit] {
      let revisions = try await revisions(of: files, in: environment, upTo: head, depth: depth)
      var history: [ServiceName: [DeclaredChange]] = [:]
      for (service, _) in files {
        let changed = revisions.entries.filter { $0.service == service && !$0.before.contains($0.after) }
        var list: [DeclaredChange] = []
        for entry in changed.prefix(limit) {
          list.append(DeclaredChange(commit: try await store.commit(entry.commit), tag: entry.after))
        }
        history[service] = list
      }
      if revisions.isWhole || depth == Self.historyLimit || history.values.allSatisfy({ $0.count == limit }) {
        return history
      }
    }
    return [:]
  }

  /// A commit that touched a service's file, with the tag in each parent and after it.
  private struct Revision {
    var service: ServiceName
    var commit: CommitID
    var before: [String?]
    var after: String?
  }

  /// The newest revisions of services' files, newest first, in a number of processes that does not depend on theirs.
  private func revisions(
    of files: [ServiceName: String],
    in environment: EnvironmentName,
    upTo head: CommitID,
    depth: Int
  ) async throws -> (entries: [Revision], isWhole: Bool) {
    let changes = try await store.changes(of: Set(files.values), upTo: head, limit: depth)
    let contents = try await store.contents(Set(changes.flatMap { $0.before + [$0.after] }.compactMap { $0 }))
    try await store.load(Array(Set(changes.map(\.commit))))
    var tags: [String: [ServiceName: String]] = [:]
    /// The tag that one content of a file gives a service; nil where there is none that can be read.
    func tag(_ object: String?, of service: ServiceName, file: String) -> String? {
      guard let object, let bytes = contents[object] else { return nil }
      let key = "\(object) \(file)"
      if let known = tags[key] { return known[service] }
      let found = layout.declared(environment, at: head, files: [file: bytes]).services.compactMapValues(\.tag)
      tags[key] = found
      return found[service]
    }
    var entries: [Revision] = []
    for change in changes {
      for (service, file) in files where file == change.path {
        entries.append(
          Revision(
            service: service,
            commit: change.commit,
            before: change.before.map { tag($0, of: service, file: file) },
            after: tag(change.after, of: service, file: file)
          )
        )
      }
    }
    return (entries, Set(changes.map(\.commit)).count < depth)
  }

  /// Superseded values with the commit that brought each: the newest that gave the tag found, else the newest that
  /// touched the service's file since `changes` was made.
  func attributed(_ superseded: [Superseded], of changes: ChangeSet, at commit: CommitID) async throws -> [Superseded] {
    guard !superseded.isEmpty else { return [] }
    let services = Set(superseded.map(\.service))
    var files = layout.files(in: changes.environment).filter { services.contains($0.key) }
    for change in changes.services where services.contains(change.service) { files[change.service] = change.file }
    let revisions = try await revisions(of: files, in: changes.environment, upTo: commit, depth: 200)
    var result = superseded
    for index in result.indices where result[index].by == nil {
      let touching = revisions.entries.filter { $0.service == result[index].service }
      let found = result[index].found
      let bringing = touching.first { $0.after == found && !$0.before.contains(found) } ?? touching.first
      if let bringing { result[index].by = try await store.commit(bringing.commit) }
    }
    return result
  }
}
