public import PromotionModel

extension GitRepository {
  public func planRevert(of name: String, in environment: EnvironmentName, at head: CommitID) async throws
    -> RevertPlan
  {
    let id = try await store.commitID(named: name)
    guard try await store.contains(id, in: head) else {
      throw WorldError(
        tool: Git.tool,
        reason: .notFound,
        message: "\(id.short) is not on \(fleet.repository.branch), so there is nothing of it to revert"
      )
    }
    let commit = try await store.commit(id)
    guard let parent = await store.parents[id]?.first else {
      throw WorldError(
        tool: Git.tool,
        reason: .refused,
        message: "\(id.short) is the first commit: before it was nothing"
      )
    }
    let paths = try await store.paths(changedFrom: parent, to: id)
    let ours = Set(layout.files(in: environment).values).intersection(paths)
    return try layout.planRevert(
      of: commit,
      paths: paths,
      in: environment,
      before: try await regularFiles(ours, at: parent),
      left: try await regularFiles(ours, at: id),
      now: try await regularFiles(ours, at: head),
      base: head
    )
  }
}

extension GitStore {
  /// The commit that an id, or the beginning of one, names.
  func commitID(named name: String) async throws -> CommitID {
    let name = name.lowercased()
    guard (7...64).contains(name.utf8.count),
      name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { throw GitNames.refusal("a commit", name) }
    if let id = CommitID(name) { return id }
    try await prepare()
    let found = try await git.run(["rev-parse", "--verify", "--end-of-options", "\(name)^{commit}"])
    let text = String(decoding: found.stdout, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    guard found.isSuccess, let text, let id = CommitID(text) else {
      let isAmbiguous = String(decoding: found.stderr, as: UTF8.self).contains("ambiguous")
      throw WorldError(
        tool: Git.tool,
        reason: isAmbiguous ? .refused : .notFound,
        message: isAmbiguous ? "\(name) is the beginning of several commits" : "there is no commit \(name)"
      )
    }
    return id
  }

  /// The files in which two commits differ.
  func paths(changedFrom parent: CommitID, to commit: CommitID) async throws -> [String] {
    try await load([parent, commit])
    let answer = try await git.output([
      "diff-tree", "-r", "-z", "--name-only", "--no-renames", parent.text, commit.text, "--",
    ])
    return answer.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
