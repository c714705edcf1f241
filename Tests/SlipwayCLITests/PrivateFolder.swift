import FoundationEssentials

/// A folder of one test, gone with it: the working directory and the home of the programs that the test runs.
final class PrivateFolder: Sendable {
  let path: String

  init() throws {
    let name = "slipway-cli-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: name).path
    for folder in ["home", "state", "cache", "config", "work", "bin"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Where commands are run.
  var work: String { "\(path)/work" }
  /// What a test puts on `PATH`.
  var bin: String { "\(path)/bin" }

  /// Nothing of the person who runs the tests is read or written.
  var environment: [String: String?] {
    [
      "HOME": "\(path)/home", "XDG_STATE_HOME": "\(path)/state", "XDG_CACHE_HOME": "\(path)/cache",
      "XDG_CONFIG_HOME": "\(path)/config", "KUBECONFIG": "\(path)/kubeconfig", "GH_CONFIG_DIR": "\(path)/config/gh",
      "GIT_CONFIG_GLOBAL": "\(path)/gitconfig", "GIT_CONFIG_NOSYSTEM": "1", "USER": "tester", "LC_ALL": "C",
      "TERM": "xterm", "NO_COLOR": nil, "SLIPWAY_CONFIG": nil, "GITHUB_ACTOR": nil,
      "GITHUB_RUN_ID": nil, "GITHUB_ACTIONS": nil, "GITHUB_WORKSPACE": nil, "GITHUB_STEP_SUMMARY": nil,
      "GITHUB_OUTPUT": nil,
      "GITHUB_SERVER_URL": nil, "GITHUB_REPOSITORY": nil, "GH_TOKEN": nil, "GITHUB_TOKEN": nil,
    ]
  }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    let file = "\(work)/\(name)"
    let parent = file[..<(file.lastIndex(of: "/") ?? file.endIndex)]
    try FileManager.default.createDirectory(atPath: String(parent), withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
  }

  /// What stands in a file of the working directory.
  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(work)/\(name)")), as: UTF8.self)
  }

  /// A program for `PATH`.
  func program(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(bin)/\(name)"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/\(name)")
  }

  /// A program of this machine, for a `PATH` that has nothing else.
  func link(_ name: String, to program: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(bin)/\(name)", withDestinationPath: program)
  }
}
