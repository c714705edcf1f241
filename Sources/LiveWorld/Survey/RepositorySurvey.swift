import GitOpsLayout
public import PromotionModel

/// The files of a GitOps repository that nobody has described yet, as far as versions may stand in them.
public struct RepositorySurvey: Sendable {
  public let branch: String
  public let head: CommitID
  /// By path.
  public let files: [String: [UInt8]]

  /// More files are not read: a repository of such a size has a layout that nobody needs to guess.
  private static let most = 5000

  /// - Parameter branch: nil: the server's own default.
  public static func read(
    _ url: String,
    branch: String?,
    host: Host,
    programs: any ProgramRunner = LocalPrograms()
  ) async throws -> RepositorySurvey {
    guard GitNames.isRepository(url) else { throw GitNames.refusal("a repository", url) }
    let name: String
    if let branch { name = branch } else { name = try await defaultBranch(url, programs) }
    let settings = RepositorySettings(url: url, branch: name, filePattern: "", tagPath: "")
    let store = GitStore(
      settings: settings,
      cacheDirectory: host.cacheDirectory,
      programs: programs,
      clock: SystemClock()
    )
    do {
      let survey = try await read(store, name)
      await store.close()
      return survey
    } catch {
      await store.close()
      throw error
    }
  }

  private static func read(_ store: GitStore, _ branch: String) async throws -> RepositorySurvey {
    let head = try await store.remote().head
    let listing = try await store.git.output(["ls-tree", "-r", "-z", "--full-tree", head.text])
    var objects: [(path: String, object: String)] = []
    for line in listing.split(separator: 0) {
      // `100644 blob ID<tab>PATH`
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")),
        let path = String(validating: line[line.index(after: tab)...], as: UTF8.self)
      else { continue }
      let fields = line[..<tab].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 3, GitFile(mode: fields[0], object: fields[2]).isRegular, LayoutSurvey.isCandidate(path)
      else { continue }
      objects.append((path, fields[2]))
    }
    let chosen = objects.prefix(most)
    let contents = try await store.contents(Set(chosen.map(\.object)))
    var files: [String: [UInt8]] = [:]
    for file in chosen { files[file.path] = contents[file.object] }
    return RepositorySurvey(branch: branch, head: head, files: files)
  }

  /// What the server's `HEAD` points to.
  private static func defaultBranch(_ url: String, _ programs: any ProgramRunner) async throws -> String {
    let result = try await programs.run(
      "git",
      ["-c", "protocol.ext.allow=never", "ls-remote", "--symref", "--", GitCacheDirectory.absolute(url), "HEAD"],
      environment: ["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_DIR": nil, "GIT_WORK_TREE": nil],
      timeout: .seconds(60),
      outputLimit: 1 << 20,
      tool: Git.tool
    )
    guard result.isSuccess else { throw GitFailure.error(result) }
    for line in String(decoding: result.stdout, as: UTF8.self).split(separator: "\n") {
      // `ref: refs/heads/main<tab>HEAD`
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count == 3, words[0] == "ref:", words[1].hasPrefix(GitNames.branchPrefix) else { continue }
      return String(words[1].dropFirst(GitNames.branchPrefix.count))
    }
    throw WorldError(
      tool: Git.tool,
      reason: .notFound,
      message: "the repository does not say which branch is its main one",
      advice: "Name it with --branch"
    )
  }

  /// The `origin` of the clone that one stands in; nil where there is none.
  public static func origin(programs: any ProgramRunner = LocalPrograms()) async throws -> String? {
    let result = try await programs.run(
      "git",
      ["remote", "get-url", "origin"],
      environment: ["LC_ALL": "C"],
      timeout: .seconds(10),
      outputLimit: 1 << 16,
      tool: Git.tool
    )
    let url = String(decoding: result.stdout, as: UTF8.self).split(separator: "\n").first.map(String.init)
    return result.isSuccess ? url : nil
  }
}
