import FoundationEssentials
import LiveWorld
import PromotionModel
import Synchronization

/// Stands where gh would be started: gives the answers of a script in order, and keeps what was asked.
final class GitHubScript: ProgramRunner {
  enum Reply: Sendable {
    case ended(Int32, stdout: String, stderr: String)
    case threw(WorldError)

    static func ok(_ json: String) -> Reply { .ended(0, stdout: json, stderr: "") }

    /// As gh ends on an answer of the REST API that is an error.
    static func http(_ status: Int, _ message: String, errors: String = "[]") -> Reply {
      .ended(
        1,
        stdout: #"{"message":"\#(message)","errors":\#(errors),"status":"\#(status)"}"#,
        stderr: "gh: \(message) (HTTP \(status))\n"
      )
    }

    /// As gh ends when an answer of the GraphQL API has errors.
    static func graphQL(_ type: String?, _ message: String, data: String = "null") -> Reply {
      let type = type.map { #""type":"\#($0)","# } ?? ""
      return .ended(
        1,
        stdout: #"{"data":\#(data),"errors":[{\#(type)"message":"\#(message)"}]}"#,
        stderr: "gh: \(message)\n"
      )
    }

    static let lost = Reply.ended(1, stdout: "", stderr: "Post \"https://api.github.com/x\": EOF\n")
    static let timedOut = Reply.threw(WorldError(tool: "gh", reason: .timedOut, message: "no answer within 30s"))
  }

  /// A request, as the arguments and the standard input of gh make it.
  struct Request: Sendable {
    var arguments: [String]
    var body: Body?
    var environment: [String: String?]
    var timeout: Duration?
    var began: Timestamp

    /// `POST pulls`, `graphql dequeuePullRequest`: what is asked.
    var line: String {
      if arguments == ["api", "graphql", "--input", "-"] {
        let words = body?.query?.split { !$0.isLetter }.map(String.init) ?? []
        let known = [
          "enqueuePullRequest", "dequeuePullRequest", "disablePullRequestAutoMerge", "pullRequests", "pullRequest",
        ]
        return "graphql " + (known.first(where: words.contains) ?? "?")
      }
      let path = arguments.first { $0.hasPrefix("repos/acme/shop/") }?.dropFirst("repos/acme/shop/".count) ?? "?"
      return "\(arguments.dropFirst(2).first ?? "") \(path)"
    }
  }

  struct Body: Decodable, Sendable {
    var head, base, title, body, state, description, context, query, sha, mergeMethod: String?
    var labels: [String]?
    var variables: Variables?

    enum CodingKeys: String, CodingKey {
      case head, base, title, body, state, description, context, query, sha, labels, variables
      case mergeMethod = "merge_method"
    }
  }

  struct Variables: Decodable, Sendable {
    var owner, name, branch, after, id, head: String?
    var number: Int?
  }

  private struct State {
    var replies: [Reply]
    var requests: [Request] = []
  }

  let clock = SteppingClock()
  /// How long each request takes.
  private let latency: Duration
  private let state: Mutex<State>

  init(_ replies: [Reply], latency: Duration = .zero) {
    state = Mutex(State(replies: replies))
    self.latency = latency
  }

  private static let settings = PullRequestSettings(repository: "acme/shop")
  var reader: GitHubForge { GitHubForge(settings: Self.settings, programs: self, clock: clock) }
  var writer: GitHubForgeWriter { GitHubForgeWriter(settings: Self.settings, programs: self, clock: clock) }
  var requests: [Request] { state.withLock { $0.requests } }
  var lines: [String] { requests.map(\.line) }
  var unused: Int { state.withLock { $0.replies.count } }

  func run(_ call: ProgramCall) async throws -> ProgramResult {
    try Task.checkCancellation()
    let request = Request(
      arguments: call.arguments,
      body: call.input.isEmpty ? nil : try JSONDecoder().decode(Body.self, from: Data(call.input)),
      environment: call.environment,
      timeout: call.timeout,
      began: clock.now()
    )
    let reply = state.withLock { state -> Reply in
      state.requests.append(request)
      return state.replies.isEmpty ? .lost : state.replies.removeFirst()
    }
    clock.advance(latency)
    switch reply {
    case .ended(let status, let stdout, let stderr):
      return ProgramResult(status: status, stdout: Array(stdout.utf8), stderr: Array(stderr.utf8))
    case .threw(let error): throw error
    }
  }
}

/// A pull request as the two APIs of GitHub write it.
struct GitHubSample {
  static let head = String(repeating: "a1", count: 20)
  static let base = String(repeating: "b2", count: 20)
  static let merge = String(repeating: "c3", count: 20)
  static let draft = PullRequestDraft(
    branch: "slipway/r1",
    base: "main",
    title: "--title \"$(id)\" `x`",
    body: "- [ ] checked\n@file",
    labels: ["requires-review"]
  )

  var number = 7
  var title = "Promote api"
  var state = "OPEN"
  var branch = "slipway/r1"
  var headOID = GitHubSample.head
  var target = "main"
  var labels = ["requires-review"]
  var mergeOID: String?
  var mergedBy: String?
  var isFork = false
  var isQueued = false
  var hasAutoMerge = false

  private func quoted(_ text: String?) -> String {
    guard let text, let data = try? JSONEncoder().encode(text) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  var node: String {
    """
    {"id":"PR_\(number)","number":\(number),"url":"https://github.com/acme/shop/pull/\(number)",
     "title":\(quoted(title)),"state":\(quoted(state)),"isCrossRepository":\(isFork),"headRefName":\(quoted(branch)),
     "headRefOid":\(quoted(headOID)),"baseRefName":\(quoted(target)),"baseRef":{"target":{"oid":"\(Self.base)"}},
     "mergeCommit":\(mergeOID.map { "{\"oid\":\(quoted($0))}" } ?? "null"),
     "mergedBy":\(mergedBy.map { "{\"login\":\(quoted($0))}" } ?? "null"),
     "labels":{"nodes":[\(labels.map { "{\"name\":\(quoted($0))}" }.joined(separator: ","))]},
     "autoMergeRequest":\(hasAutoMerge ? "{\"enabledAt\":\"2026-11-23T22:30:00Z\"}" : "null"),
     "mergeQueueEntry":\(isQueued ? "{\"id\":\"MQE_1\",\"position\":1}" : "null")}
    """
  }

  /// The answer to a question for one.
  var found: GitHubScript.Reply { .ok(#"{"data":{"repository":{"pullRequest":\#(node)}}}"#) }

  /// The answer to a question for those of a branch.
  static func page(_ samples: [GitHubSample], next: String? = nil) -> GitHubScript.Reply {
    let cursor = next.map { "\"\($0)\"" } ?? "null"
    return .ok(
      """
      {"data":{"repository":{"pullRequests":{"nodes":[\(samples.map(\.node).joined(separator: ","))],
      "pageInfo":{"hasNextPage":\(next != nil),"endCursor":\(cursor)}}}}}
      """
    )
  }

  /// The answer of the REST API to a change.
  var changed: GitHubScript.Reply {
    .ok(
      """
      {"number":\(number),"html_url":"https://github.com/acme/shop/pull/\(number)","title":\(quoted(title)),
       "state":"\(state == "OPEN" ? "open" : "closed")","merged":\(state == "MERGED"),
       "merge_commit_sha":\(quoted(mergeOID)),"merged_by":\(mergedBy.map { "{\"login\":\(quoted($0))}" } ?? "null"),
       "head":{"ref":\(quoted(branch)),"sha":\(quoted(headOID))},"base":{"ref":\(quoted(target)),"sha":"\(Self.base)"},
       "labels":[\(labels.map { "{\"name\":\(quoted($0))}" }.joined(separator: ","))],"auto_merge":null}
      """
    )
  }

  /// The answer to the labelling.
  static func labelled(_ names: String...) -> GitHubScript.Reply {
    .ok("[\(names.map { "{\"name\":\"\($0)\"}" }.joined(separator: ","))]")
  }
}

/// Whether `error` is a ``WorldError`` of gh for this reason.
func isGitHub(_ error: any Error, _ reason: WorldError.Reason) -> Bool {
  guard let error = error as? WorldError else { return false }
  return error.tool == "gh" && error.reason == reason
}
