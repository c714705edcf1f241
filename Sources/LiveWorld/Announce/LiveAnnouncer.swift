import FoundationEssentials
public import PromotionModel

/// Announcements to webhooks (by `curl`), pull requests (by `gh api`) and programs.
///
/// The address of a webhook is a secret: it is read from the environment when it is needed, reaches curl on its standard
/// input, where no list of processes shows it, and stands in no error.
public struct LiveAnnouncer: Announcing {
  private let variables: any VariableReading
  private let forge: GitHubForge?
  private let programs: any ProgramRunner
  private let timeout: Duration

  /// - Parameter timeout: how long one attempt may take.
  init(
    variables: any VariableReading,
    forge: GitHubForge?,
    programs: any ProgramRunner,
    timeout: Duration = .seconds(15)
  ) {
    (self.variables, self.forge, self.programs, self.timeout) = (variables, forge, programs, timeout)
  }

  public func obstacle(to place: AnnouncementPlace) -> String? {
    switch place.road {
    case .webhook(let variable):
      guard let url = variables.variable(variable) else {
        return "the environment variable \(variable), which holds the address of the webhook, is not set"
      }
      return CurlConfiguration.isAskable(url)
        ? nil : "what the environment variable \(variable) holds is not an http or https URL"
    case .pullRequestComment: return forge == nil ? "no `pull-request` is configured" : nil
    case .command(let words): return words.first?.isEmpty == false ? nil : "it names no program"
    }
  }

  public func send(_ announcement: Announcement, to place: AnnouncementPlace) async throws {
    if let obstacle = obstacle(to: place) { throw WorldError(tool: "announce", reason: .missing, message: obstacle) }
    switch place.road {
    case .webhook(let variable): try await post(announcement, to: variables.variable(variable) ?? "")
    case .pullRequestComment: try await comment(announcement)
    case .command(let words): try await run(words, announcement)
    }
  }

  // MARK: Webhooks

  private func post(_ announcement: Announcement, to url: String) async throws {
    struct Message: Encodable { var text: String }
    let body = try JSONEncoder().encode(Message(text: Self.slackText(announcement.text)))
    let seconds = CurlConfiguration.seconds(timeout)
    let configuration = [
      "silent", "globoff", "proto = \"=http,https\"", "max-time = \(seconds)", "connect-timeout = \(seconds)",
      #"write-out = "%{exitcode} %{response_code} %{size_upload}""#, "output = \"/dev/null\"",
      "header = \"Content-Type: application/json\"",
      "data-raw = \"\(CurlConfiguration.quoted(String(decoding: body, as: UTF8.self)))\"",
      "url = \"\(CurlConfiguration.quoted(url))\"",
    ]
    let result = try await programs.run(
      "curl",
      ["--disable", "--config", "-"],
      input: Array((configuration.joined(separator: "\n") + "\n").utf8),
      timeout: timeout + .seconds(5),
      outputLimit: 64 << 10,
      tool: "curl"
    )
    if let error = Self.failure(String(decoding: result.stdout, as: UTF8.self)) { throw error }
  }

  /// Slack's three control characters: no text of ours mentions a channel or makes a link of its own.
  static func slackText(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// What curl's `exit status bytes` mean; nil when the message arrived.
  static func failure(_ answer: String) -> WorldError? {
    let words = answer.split(separator: " ").compactMap { Int($0) }
    guard words.count == 3 else {
      return WorldError(tool: "curl", reason: .nonsense, message: "its answer is not understood")
    }
    let (exit, status, uploaded) = (words[0], words[1], words[2])
    switch (exit, status) {
    case (0, 200..<300): return nil
    case (0, 429), (0, 503):
      // It says itself that it did not take it.
      return WorldError(tool: "webhook", reason: .unreachable, message: "it answers \(status)")
    case (0, 500...):
      // What stands behind it may have taken it all the same: a gateway that gives up, an error after the message was sent.
      return WorldError(
        tool: "webhook",
        reason: .timedOut,
        message: "it answers \(status); whether it arrived is not known"
      )
    case (0, _): return WorldError(tool: "webhook", reason: .refused, message: "it answers \(status)")
    default:
      let why = CurlConfiguration.reason(exit)
      if uploaded == 0 { return WorldError(tool: "webhook", reason: .unreachable, message: why) }
      return WorldError(tool: "webhook", reason: .timedOut, message: "\(why); whether it arrived is not known")
    }
  }

  // MARK: Comments

  private struct Comment: Decodable { var body: String? }

  private func comment(_ announcement: Announcement) async throws {
    guard let forge, let number = announcement.pullRequest else { return }
    let mark = "<!-- slipway announcement \(announcement.id) -->"
    do {
      // An earlier attempt may have got through although its answer did not.
      let known = try await forge.api.get("issues/\(number)/comments?per_page=100", as: [Comment].self)
      if known.contains(where: { $0.body?.contains(mark) == true }) { return }
      try await forge.api.change(
        "POST",
        "issues/\(number)/comments",
        ["body": .string("\(Self.markdown(announcement.text))\n\n\(mark)")]
      )
    } catch var error as WorldError where error.isTransient {
      // Trying again is safe: the comment is looked for first.
      error.reason = .unreachable
      throw error
    }
  }

  /// The lines of a message in Markdown, in which nothing formats or mentions; addresses stay what they are.
  static func markdown(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ", omittingEmptySubsequences: false).map { word in
        let isAddress = word.hasPrefix("https://") || word.hasPrefix("http://")
        return isAddress && word.unicodeScalars.allSatisfy { !"<>()[]`@\\".unicodeScalars.contains($0) }
          ? String(word) : escaped(word)
      }.joined(separator: " ")
    }.joined(separator: "  \n")
  }

  private static func escaped(_ word: Substring) -> String {
    var result = ""
    for scalar in word.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "@\u{200B}"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "!": result += "\\" + String(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  // MARK: Programs

  /// `EX_TEMPFAIL` of sysexits.h: not now, and nothing was done.
  private static let tryAgain: Int32 = 75

  private func run(_ words: [String], _ announcement: Announcement) async throws {
    let result = try await programs.run(
      words[0],
      Array(words.dropFirst()),
      input: Array((announcement.text + "\n").utf8),
      timeout: timeout,
      outputLimit: 1 << 20,
      tool: words[0]
    )
    guard !result.isSuccess else { return }
    let said = LocalPrograms.sanitize(result.stderr, limit: 200)
    throw WorldError(
      tool: words[0],
      reason: result.status == Self.tryAgain ? .unreachable : .refused,
      message: "it ended with status \(result.status)" + (said.isEmpty ? "" : ": \(said)")
    )
  }
}
