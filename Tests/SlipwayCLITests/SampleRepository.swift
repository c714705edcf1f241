import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// A bare GitOps repository with one service, whose staging is ahead of production.
struct SampleRepository {
  let path: String
  private let environment: [String: String?]

  init(in folder: PrivateFolder) async throws {
    path = "\(folder.path)/cluster-gitops.git"
    environment = folder.environment
    let name = "[user]\n\tname = Tester\n\temail = tester@example.org\n"
    try Data(name.utf8).write(to: URL(filePath: "\(folder.path)/gitconfig"))
    let clone = "\(folder.path)/clone"
    try await git(["init", "--quiet", "--bare", "--initial-branch=main", path])
    try await git(["clone", "--quiet", path, clone])
    for (staging, production) in [("1.2.2", "1.2.2"), ("1.3.0", "1.2.2")] {
      for (name, version) in [("staging", staging), ("production", production)] {
        let file = "\(clone)/environments/\(name)/services/api.yaml"
        try FileManager.default.createDirectory(
          atPath: "\(clone)/environments/\(name)/services",
          withIntermediateDirectories: true
        )
        let text = "envName: \(name)\nservice:\n  enabled: true\n  chartTag: api-v\(version)\n"
        try Data(text.utf8).write(to: URL(filePath: file))
      }
      try await git(["-C", clone, "add", "--all"])
      try await git(["-C", clone, "commit", "--quiet", "--message", "staging runs \(staging)"])
    }
    try await git(["-C", clone, "push", "--quiet", "origin", "HEAD:main"])
  }

  /// A bare repository with these files, by path, in one commit.
  init(in folder: PrivateFolder, files: [String: String]) async throws {
    path = "\(folder.path)/gitops.git"
    environment = folder.environment
    let name = "[user]\n\tname = Tester\n\temail = tester@example.org\n"
    try Data(name.utf8).write(to: URL(filePath: "\(folder.path)/gitconfig"))
    let clone = "\(folder.path)/clone-of-gitops"
    try await git(["init", "--quiet", "--bare", "--initial-branch=trunk", path])
    try await git(["clone", "--quiet", path, clone])
    for (file, text) in files {
      let place = URL(filePath: "\(clone)/\(file)")
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    try await git(["-C", clone, "add", "--all"])
    try await git(["-C", clone, "commit", "--quiet", "--message", "all of it"])
    try await git(["-C", clone, "push", "--quiet", "origin", "HEAD:trunk"])
  }

  /// Puts a lock into the repository, as another machine's run would have it.
  func lock(_ holder: LockHolder) async throws {
    let line = String(decoding: try JSONEncoder().encode(holder), as: UTF8.self)
    let tree = try await git(["-C", path, "hash-object", "-t", "tree", "-w", "/dev/null"]).split(separator: "\n")[0]
    let commit = try await git(["-C", path, "commit-tree", String(tree), "-m", line]).split(separator: "\n")[0]
    try await git(["-C", path, "update-ref", "refs/slipway/lock/\(holder.environment)", String(commit)])
  }

  func head() async throws -> String { try await git(["-C", path, "rev-parse", "main"]) }

  @discardableResult
  private func git(_ arguments: [String]) async throws -> String {
    let result = try await LocalPrograms().run(
      "git",
      arguments,
      environment: environment,
      timeout: .seconds(60),
      tool: "git"
    )
    try #require(result.isSuccess, "git \(arguments): \(String(decoding: result.stderr, as: UTF8.self))")
    return String(decoding: result.stdout, as: UTF8.self)
  }
}
