import FoundationEssentials
import LiveWorld
import PromotionModel
import Synchronization
import Testing

/// One fleet on the rig: namespaces, Applications, a repository and a forge of its own.
struct RigFleet {
  let name: String
  let folder: String
  let repository: String
  let github: String

  /// - Parameters:
  ///   - count: services with made-up names are added up to this many.
  ///   - edit: changes the text of the fleet's `slipway.yaml`.
  static func create(
    _ name: String,
    count: Int = 3,
    layout: String = "guide",
    copy: String = "tag",
    edit: (String) -> String = { $0 }
  ) async throws -> RigFleet {
    let state = try #require(Rig.state)
    let folder = "\(state)/out/\(name)"
    try await Rig.run(
      "\(Rig.root)/Tests/Rig/rig.sh",
      ["fleet", name, "--services-count", String(count), "--layout", layout, "--copy", copy, "--dir", folder]
    )
    let path = folder + "/slipway.yaml"
    let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    let quick = text.replacing("merge: merge }", with: "merge: merge, every: 1s }")
      .replacing("policy: {", with: "policy: { every: 1s,")
    try Data(edit(quick).utf8).write(to: URL(filePath: path))
    return RigFleet(
      name: name,
      folder: folder,
      repository: "\(state)/repos/\(name)/cluster-gitops.git",
      github: "acme/\(name)"
    )
  }

  // MARK: The script of the outside

  struct Script: Codable {
    struct Behaviour: Codable {
      var ready: Double?
      /// Seconds from its start to the crash.
      var crashAfter: Double?
      /// Seconds of the first pause before it is started again after a second crash.
      var backOff: Double?
      var cannotBePulled: Bool?
      var neverReady: Bool?
      /// What the health endpoint answers.
      var status: Int?
      /// Seconds after which a pod that is to end does, with 0.
      var completeAfter: Double?

      enum CodingKeys: String, CodingKey {
        case ready
        case completeAfter = "complete_after"
        case crashAfter = "crash_after"
        case backOff = "back_off"
        case cannotBePulled = "image_pull_error"
        case neverReady = "never_ready"
        case status = "http_status"
      }
    }
    struct ArgoCD: Codable {
      var delay = 0.3
      var stuck = false
      /// Seconds without progress after which a rollout is given up.
      var progressDeadline: Int?
      /// Every operation fails with this.
      var syncError: String?
      /// Seconds that an operation takes.
      var syncTime: Double?

      enum CodingKeys: String, CodingKey {
        case delay, stuck
        case syncError = "sync_error"
        case syncTime = "sync_time"
        case progressDeadline = "progress_deadline"
      }
    }
    struct Reviewer: Codable {
      struct Edit: Codable {
        var path: String
        var find: String
        var replace: String
      }
      var after = 1.0
      var method = "merge"
      var action = "merge"
      var edit: Edit?
    }
    /// By image tag, or by environment and image tag (`production/api-v1.3.0`).
    var behaviours: [String: Behaviour] = [:]
    var argocd = ArgoCD()
    var reviewer = Reviewer()
    var github: GitHub?

    /// Rules of the repository's branch.
    struct GitHub: Codable {
      struct Queue: Codable {
        /// Seconds from an entry to its merge.
        var after: Double
      }
      var requiresReview: Bool
      var queue: Queue?

      enum CodingKeys: String, CodingKey {
        case requiresReview = "required_review"
        case queue = "merge_queue"
      }
    }
  }

  func script(_ change: (inout Script) -> Void) throws {
    var script = Script()
    change(&script)
    let file = URL(filePath: folder + "/control.json")
    try JSONEncoder().encode(script).write(to: file, options: .atomic)
  }

  // MARK: Looking

  func git(_ arguments: String..., mayFail: Bool = false) async throws -> String {
    try await Rig.run("git", ["--git-dir", repository] + arguments, mayFail: mayFail)
      .trimmingSuffix("\n")
  }

  func kubectl(_ arguments: String..., mayFail: Bool = false) async throws -> String {
    try await Rig.run("kubectl", arguments, mayFail: mayFail)
  }

  /// The image that a Deployment of production asks for.
  func image(_ service: String, in environment: String = "production") async throws -> String {
    try await kubectl(
      "get",
      "deployment",
      service,
      "-n",
      "\(name)-\(environment)",
      "-o",
      "jsonpath={.spec.template.spec.containers[0].image}"
    )
  }

  func file(_ service: String, in environment: String = "production") -> String {
    "syrf/environments/\(environment)/\(service)/config.yaml"
  }

  /// The tag that a file of the branch declares.
  func declared(_ service: String, in environment: String = "production", at revision: String = "main") async throws
    -> String?
  {
    let text = try await git("show", "\(revision):\(file(service, in: environment))")
    let line = text.split(separator: "\n").first { $0.contains("chartTag:") }
    let value = line?.split(separator: ":").dropFirst().first?.split(separator: "#").first
    return value.map { String($0.filter { !" \"'\r".contains($0) }) }
  }

  struct Pull: Decodable {
    struct Label: Decodable { var name: String }
    var number: Int
    var state: String
    var title: String
    var body: String?
    var merged: Bool?
    var labels: [Label]
  }

  func pulls() async throws -> [Pull] {
    let token = "repos/\(github)/pulls?state=all&per_page=100"
    let text = try await Rig.run("gh", ["api", token])
    return try JSONDecoder().decode([Pull].self, from: Data(text.utf8))
  }

  /// The services of its configuration, in order.
  func services() throws -> [String] {
    let data = FileManager.default.contents(atPath: folder + "/slipway.yaml") ?? Data()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let section = lines.drop { $0 != "services:" }.dropFirst().prefix { $0.hasPrefix(" ") }
    return section.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.compactMap {
      $0.split(separator: ":").first.map { $0.filter { $0 != " " } }
    }
  }

  /// Waits for the reviewer.
  func waitUntilMerged() async throws {
    let clock = SystemClock()
    for _ in 0..<300 {
      if try await pulls().allSatisfy({ $0.state == "closed" }) { return }
      try await clock.sleep(for: .milliseconds(200))
    }
    Issue.record("the pull request of \(name) was not merged")
  }

  // MARK: Foreign hands

  /// Commits a change of one file to a branch of the server, as somebody with a clone would.
  func foreignCommit(
    _ path: String,
    branch: String = "main",
    author: String = "Mallory Stone",
    _ edit: (String) -> String
  ) async throws {
    let clone = "\(folder)/clone-\(UInt64.random(in: 0 ... .max))"
    try await Rig.run("git", ["clone", "-q", "--branch", branch, "file://\(repository)", clone])
    let file = "\(clone)/\(path)"
    let old = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    try FileManager.default.createDirectory(
      at: URL(filePath: file).deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(edit(old).utf8).write(to: URL(filePath: file))
    let identity = [
      "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "m@example.org", "GIT_COMMITTER_NAME": author,
      "GIT_COMMITTER_EMAIL": "m@example.org",
    ]
    try await Rig.run("git", ["add", "-A"], in: clone)
    try await Rig.run("git", ["commit", "-q", "-m", "by hand: \(path)"], in: clone, environment: identity)
    for _ in 0..<20 {
      let pushed = try await Rig.programs.run(
        "git",
        ["push", "-q", "origin", "HEAD:\(branch)"],
        workingDirectory: clone,
        timeout: .seconds(30),
        tool: "git"
      )
      if pushed.isSuccess { break }
      try await Rig.run("git", ["pull", "-q", "--rebase", "origin", branch], in: clone, environment: identity)
    }
    try FileManager.default.removeItem(atPath: clone)
  }
}
