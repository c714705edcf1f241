import PromotionModel

/// A file of the repository at one commit.
struct GitFile: Hashable, Sendable {
  /// `100644`, or `100755` for one that can be executed.
  var mode: String
  var object: String

  /// Symbolic links and submodules are no files to read or edit: what they hold is a place, not a content.
  var isRegular: Bool { mode == "100644" || mode == "100755" }
}

/// One commit that touched a file: the file's object before (in each parent) and after; nil where there was none.
struct GitFileChange: Hashable, Sendable {
  var commit: CommitID
  var path: String
  var before: [String?]
  var after: String?
}

extension GitStore {
  /// Which of `paths` exist at a commit that is at hand. Only the folders that lead to them are read, all of one depth at
  /// once.
  func readListing(_ paths: Set<String>, at commit: CommitID) async throws -> [String: GitFile] {
    for path in paths where !GitNames.isFile(path) { throw GitNames.refusal("a file of the repository", path) }
    guard !paths.isEmpty else { return [:] }
    var files: [String: GitFile] = [:]
    // Every folder to read next, with the rest of each path in it.
    var folders = [Folder(object: "\(commit.text)^{tree}", wanted: paths.map { ($0, $0.split(separator: "/")[...]) })]
    while !folders.isEmpty {
      let objects = try await database.objects(folders.map(\.object))
      var next: [Folder] = []
      for (folder, object) in zip(folders, objects) {
        guard let content = object.content, content.kind == .tree,
          let entries = GitTreeEntry.read(content.bytes, idLength: commit.text.utf8.count)
        else { throw nonsense("the cache has no tree that can be read for \(commit.short)") }
        let wanted = Dictionary(grouping: folder.wanted) { Array(($0.rest.first ?? "").utf8) }
        for entry in entries {
          guard let here = wanted[entry.name] else { continue }
          for (path, _) in here.filter({ $0.rest.count == 1 }) {
            files[path] = GitFile(mode: entry.mode, object: entry.object)
          }
          let below = here.filter { $0.rest.count > 1 }.map { ($0.path, $0.rest.dropFirst()) }
          if entry.isTree, !below.isEmpty { next.append(Folder(object: entry.object, wanted: below)) }
        }
      }
      folders = next
    }
    return files
  }

  private struct Folder {
    var object: String
    var wanted: [(path: String, rest: ArraySlice<Substring>)]
  }

  /// The newest changes of files that led to a commit, newest first.
  /// - Parameter limit: of how many commits.
  func changes(of paths: Set<String>, upTo commit: CommitID, limit: Int) async throws -> [GitFileChange] {
    for path in paths where !GitNames.isFile(path) { throw GitNames.refusal("a file of the repository", path) }
    guard !paths.isEmpty else { return [] }
    try await load([commit])
    let answer = try await git.output(
      [
        "log", "-z", "--date-order", "--raw", "--no-abbrev", "--no-renames", "-c", "--format=%H",
        "--max-count=\(limit)",
      ]
        + [commit.text, "--"] + paths.sorted()
    )
    var changes: [GitFileChange] = []
    var current: CommitID?
    var tokens = answer.split(separator: 0).makeIterator()
    while let token = tokens.next() {
      let text = String(decoding: token.drop { $0 == UInt8(ascii: "\n") }, as: UTF8.self)
      if let id = CommitID(text) {
        current = id
        continue
      }
      // One colon a parent, then the modes and the objects of the parents and of the commit, and what happened.
      let parents = text.prefix { $0 == ":" }.count
      let fields = text.dropFirst(parents).split(separator: " ").map(String.init)
      guard parents > 0, fields.count == 2 * (parents + 1) + 1, let current, let path = tokens.next() else {
        throw nonsense("the answer of log cannot be read")
      }
      let objects = fields[(parents + 1)..<(2 * parents + 2)].map { $0.allSatisfy { $0 == "0" } ? nil : $0 }
      changes.append(
        GitFileChange(
          commit: current,
          path: String(decoding: path, as: UTF8.self),
          before: Array(objects.dropLast()),
          after: objects[parents]
        )
      )
    }
    return changes
  }

  /// The commit between two that a step of a run made; nil when there is none.
  func commit(ofRun run: String, step: String, after base: CommitID, upTo head: CommitID) async throws -> Commit? {
    guard base != head else { return nil }
    try await load([base, head])
    let answer = try await git.output([
      "log", "-z", "--format=%H", "--fixed-strings", "--all-match", "--grep=\(Trailer.run): \(run)",
      "--grep=\(Trailer.step): \(step)", "--max-count=100", "\(base.text)..\(head.text)", "--",
    ])
    let ids = answer.split(separator: 0).compactMap { CommitID(String(decoding: $0, as: UTF8.self)) }
    try await load(ids)
    for id in ids {
      let found = try await commit(id)
      if found.trailer(Trailer.run) == run, found.trailer(Trailer.step) == step { return found }
    }
    return nil
  }
}
