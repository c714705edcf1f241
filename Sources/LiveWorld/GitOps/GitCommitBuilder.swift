import PromotionModel

/// Makes commits and lock objects in the cache, in a number of processes that depends neither on the number of files
/// changed nor on the size of the repository: only the trees above the changed files are read and written.
struct GitCommitBuilder: Sendable {
  struct Files: Sendable {
    var parent: CommitID
    /// nil: the file goes.
    var contents: [String: [UInt8]?]
    /// Of the files that exist.
    var modes: [String: String]
  }

  let store: GitStore
  private var git: Git { store.git }
  private var clock: any WorldClock { store.clock }

  /// The commit of `files` with `message`, and the lock's object; each where it is asked for.
  /// - Throws: ``WorldError``, also when git does not know in whose name to commit, or cannot sign as it should.
  func build(_ files: (Files, message: String)?, lock: String?) async throws -> (commit: CommitID?, lock: CommitID?) {
    let time = clock.now().nanosecondsSinceEpoch / 1_000_000_000
    var stream = Stream(time: time)
    var isSigned = false
    var identity: (author: String, committer: String)?
    if let (files, message) = files {
      let known = await store.identity()
      if let signed = known.isSigned { isSigned = signed } else { isSigned = try await isSigningAsked() }
      if !isSigned, !message.utf8.contains(0) { identity = known.named }
      stream.commit(files, message: message, by: identity)
    }
    if let lock { stream.lock(lock) }
    let answer = try await git.output(
      ["fast-import", "--quiet", "--date-format=raw"],
      input: stream.end(files: files != nil, lock: lock != nil)
    )
    let marks = answer.split(separator: UInt8(ascii: "\n")).map { CommitID(String(decoding: $0, as: UTF8.self)) }
    guard marks.count == (files == nil ? 0 : 1) + (lock == nil ? 0 : 1), !marks.contains(nil) else {
      throw WorldError(tool: Git.tool, reason: .nonsense, message: "fast-import did not name the objects that it made")
    }
    let lockID = lock == nil ? nil : marks.last ?? nil
    guard let (files, message) = files, let made = marks.first ?? nil else { return (nil, lockID) }
    if identity != nil { return (made, lockID) }
    // That was a draft, which brings the tree; author, committer and signature are for git itself to say.
    let dates = ["GIT_AUTHOR_DATE": "@\(time) +0000", "GIT_COMMITTER_DATE": "@\(time) +0000"] as [String: String?]
    let written = try await git.output(
      ["commit-tree"] + (isSigned ? ["-S"] : []) + ["-p", files.parent.text, "-F", "-", "\(made.text)^{tree}"],
      input: Array(message.utf8),
      environment: dates
    )
    guard let commit = CommitID(String(decoding: written.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) else {
      throw WorldError(tool: Git.tool, reason: .nonsense, message: "commit-tree did not name the commit that it made")
    }
    return (commit, lockID)
  }

  /// Whether the user's configuration asks for signed commits.
  private func isSigningAsked() async throws -> Bool {
    let value = try await git.output(["config", "--type=bool", "--default=false", "--get", "commit.gpgsign"])
    return value.starts(with: "true".utf8)
  }

  /// The language of `git fast-import`. Refs are made and taken away within the stream, so that none is left.
  private struct Stream {
    private var bytes = Array("feature done\n".utf8)
    private let time: String

    init(time: Int64) { self.time = "\(time) +0000" }

    /// - Parameter identity: nil: only a draft.
    mutating func commit(_ files: Files, message: String, by identity: (author: String, committer: String)?) {
      if let identity {
        let people = "author \(identity.author) \(time)\ncommitter \(identity.committer) \(time)\n"
        start("files", mark: 1, by: people, message: message.hasSuffix("\n") ? message : message + "\n")
      } else {
        start("files", mark: 1, by: ours, message: "draft\n")
      }
      write("from \(files.parent.text)\n")
      for (path, contents) in files.contents.sorted(by: { $0.key < $1.key }) {
        if let contents {
          write("M \(files.modes[path] ?? "100644") inline \(path)\n")
          data(contents)
        } else {
          write("D \(path)\n")
        }
      }
      finish("files")
    }

    mutating func lock(_ message: String) {
      start("lock", mark: 2, by: ours, message: message)
      finish("lock")
    }

    func end(files: Bool, lock: Bool) -> [UInt8] {
      bytes + Array(((files ? "get-mark :1\n" : "") + (lock ? "get-mark :2\n" : "") + "done\n").utf8)
    }

    private var ours: String { "committer Slipway <slipway@localhost> \(time)\n" }

    private mutating func start(_ ref: String, mark: Int, by people: String, message: String) {
      write("commit refs/slipway-build/\(ref)\nmark :\(mark)\n\(people)")
      data(Array(message.utf8))
    }

    private mutating func finish(_ ref: String) {
      write("\nreset refs/slipway-build/\(ref)\nfrom \(String(repeating: "0", count: 40))\n\n")
    }

    private mutating func data(_ contents: [UInt8]) {
      write("data \(contents.count)\n")
      bytes += contents
      write("\n")
    }

    private mutating func write(_ text: String) { bytes += Array(text.utf8) }
  }
}
