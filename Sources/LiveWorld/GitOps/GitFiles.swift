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
  /// Which of `paths` exist at a commit.
  func listing(_ paths: Set<String>, at commit: CommitID) async throws -> [String: GitFile] {
    for path in paths where !GitNames.isFile(path) { throw GitNames.refusal("a file of the repository", path) }
    guard !paths.isEmpty else { return [:] }
    try await load([commit])
    let answer = try await git.output(["ls-tree", "-z", "--full-tree", commit.text, "--"] + paths.sorted())
    var files: [String: GitFile] = [:]
    for entry in answer.split(separator: 0) {
      let parts = entry.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
      let fields = parts[0].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2, fields.count == 3, let object = CommitID(fields[2])?.text else {
        throw nonsense("the answer of ls-tree cannot be read")
      }
      files[String(decoding: parts[1], as: UTF8.self)] = GitFile(mode: fields[0], object: object)
    }
    return files
  }

  /// The newest changes of files that led to a commit, newest first.
  /// - Parameter limit: of how many commits.
  func changes(of paths: Set<String>, upTo commit: CommitID, limit: Int) async throws -> [GitFileChange] {
    for path in paths where !GitNames.isFile(path) { throw GitNames.refusal("a file of the repository", path) }
    guard !paths.isEmpty else { return [] }
    try await load([commit])
    let answer = try await git.output(
      ["log", "-z", "--date-order", "--raw", "--no-abbrev", "--no-renames", "-c", "--format=%H", "--max-count=\(limit)"]
        + [commit.text, "--"] + paths.sorted())
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
          commit: current, path: String(decoding: path, as: UTF8.self), before: Array(objects.dropLast()),
          after: objects[parents]))
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
