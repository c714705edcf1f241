import PromotionModel

/// A program that a run starts, and the oldest version that has what is asked of it.
struct Tool: Sendable {
  let name: String
  let arguments: [String]
  let oldest: [Int]
  /// What it is needed for, and since when it can be done.
  let reason: String

  static func all(for fleet: Fleet) -> [Tool] {
    var tools = [
      Tool(
        name: "git",
        arguments: ["--version"],
        oldest: [2, 30],
        reason: "partial clones and atomic pushes with leases"
      ),
      Tool(
        name: "kubectl",
        arguments: ["version", "--client", "--output=json"],
        oldest: [1, 20],
        reason: "`kubectl proxy` on a unix socket"
      ),
      Tool(
        name: "curl",
        arguments: ["--version"],
        oldest: [7, 75],
        reason: "many endpoints at once, with an answer each"
      ),
    ]
    if fleet.pullRequest != nil {
      tools.append(Tool(name: "gh", arguments: ["--version"], oldest: [2, 0], reason: "`gh api`"))
    }
    return tools
  }

  func check(_ programs: any ProgramRunner) async throws -> CheckUp {
    let result = try await programs.run(
      name,
      arguments,
      environment: ["LC_ALL": "C", "GH_NO_UPDATE_NOTIFIER": "1", "GH_PROMPT_DISABLED": "1"],
      timeout: .seconds(10),
      outputLimit: 64 << 10,
      tool: name
    )
    let said = String(decoding: result.stdout, as: UTF8.self)
    guard result.isSuccess, let version = Self.version(in: said) else {
      let words = LocalPrograms.sanitize(result.isSuccess ? result.stdout : result.stderr, limit: 120)
      return CheckUp(
        "tools",
        name,
        .bad,
        "it does not say its version (status \(result.status)): \(words)",
        advice: "Look at `command -v \(name)`: it must be the real \(name)"
      )
    }
    let text = version.map(String.init).joined(separator: ".")
    guard !version.lexicographicallyPrecedes(oldest) else {
      let due = oldest.map(String.init).joined(separator: ".")
      return CheckUp(
        "tools",
        name,
        .bad,
        "\(text) is too old",
        advice: "Install \(name) \(due) or newer, for \(reason)"
      )
    }
    return CheckUp("tools", name, .good, text)
  }

  /// The first thing like `1.2.3` in what a program says.
  static func version(in text: String) -> [Int]? {
    guard let match = text.firstMatch(of: /([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?/) else { return nil }
    return [match.output.1, match.output.2, match.output.3 ?? ""].compactMap { Int($0) }
  }
}
