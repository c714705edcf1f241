import LiveWorld
import PromotionModel
import Testing

/// What each way of failing means, told by how gh ends.
@Suite struct GitHubFailureTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var reply: GitHubScript.Reply
    var reason: WorldError.Reason
    var testDescription: String { "\(reason.rawValue): \(reply)" }

    init(_ reason: WorldError.Reason, _ reply: GitHubScript.Reply) { (self.reason, self.reply) = (reason, reply) }
    init(_ reason: WorldError.Reason, stdout: String = "", stderr: String, status: Int32 = 1) {
      self.init(reason, .ended(status, stdout: stdout, stderr: stderr))
    }
  }

  static let cases: [Case] = [
    Case(.unauthorized, stderr: "To get started with GitHub CLI, please run:  gh auth login\n", status: 4),
    Case(.unauthorized, .http(401, "Bad credentials")),
    Case(.unauthorized, .http(403, "Resource not accessible by personal access token")),
    Case(.unreachable, .http(403, "You have exceeded a secondary rate limit")),
    Case(.unreachable, .http(403, "API rate limit exceeded for user ID 1.")),
    Case(.unreachable, .http(403, "You have triggered an abuse detection mechanism")),
    Case(.unreachable, .http(429, "Too Many Requests")),
    Case(.notFound, .http(404, "Not Found")),
    Case(.notFound, .http(307, "Moved Permanently")),
    Case(.refused, .http(405, "Pull Request is not mergeable")),
    Case(.refused, .http(409, "Head branch was modified")),
    Case(.refused, .http(422, "Validation Failed")),
    Case(.unreachable, .http(500, "Server Error")),
    Case(.unreachable, stdout: "<html>Unicorn!</html>", stderr: "gh: HTTP 502\n"),
    Case(.unreachable, .http(503, "Service unavailable")),
    // gh leaves the number out when `errors` is a text.
    Case(
      .refused,
      stdout: #"{"message":"Validation Failed","errors":"No commits","status":"422"}"#,
      stderr: "gh: No commits (Validation Failed)\n"
    ),
    // What comes behind the number is advice of gh's.
    Case(
      .notFound,
      stdout: #"{"message":"Not Found","status":"404"}"#,
      stderr: "gh: Not Found (HTTP 404)\ngh: This API operation needs the \"repo\" scope.\n"
    ),
    Case(.unreachable, stderr: "error connecting to api.github.com\ncheck your internet connection\n"),
    Case(.unreachable, stderr: "Get \"http://api.github.com/x\": dial unix /x/gh.sock: connect: no such file\n"),
    Case(.unreachable, stderr: "Post \"https://api.github.com/graphql\": read: connection reset by peer\n"),
    Case(.unreachable, stderr: "Post \"https://api.github.com/graphql\": EOF\n"),
    Case(.unreachable, stderr: "Post \"https://api.github.com/graphql\": net/http: TLS handshake timeout\n"),
    Case(.nonsense, stderr: "invalid character '<' looking for beginning of value\n"),
    Case(.nonsense, stderr: "", status: -9),
    Case(.timedOut, .timedOut),
    Case(.notFound, .graphQL("NOT_FOUND", "Could not resolve to a Repository with the name 'acme/shop'.")),
    Case(.unauthorized, .graphQL("FORBIDDEN", "Resource not accessible by integration")),
    Case(.unauthorized, .graphQL("INSUFFICIENT_SCOPES", "Your token has not been granted the required scopes")),
    Case(.unreachable, .graphQL("RATE_LIMITED", "API rate limit exceeded")),
    Case(.unreachable, .graphQL(nil, "Something went wrong while executing your query.")),
    Case(.refused, .graphQL("UNPROCESSABLE", "Pull request is not in the merge queue")),
    Case(.nonsense, .graphQL(nil, "Field 'mergeQueueEntry' doesn't exist on type 'PullRequest'")),
    // Half an answer is none.
    Case(.unauthorized, .graphQL("FORBIDDEN", "no access", data: #"{"repository":{"pullRequest":null}}"#)),
    Case(.nonsense, .ok("")),
    Case(.nonsense, .ok("<html>")),
    Case(.nonsense, .ok(#"{"data":null}"#)),
    Case(.nonsense, .ok(#"{"data":{"repository":{"pullRequest":{"number":7}}}}"#)),
    Case(.refused, .ok(#"{"data":null,"errors":[{"type":"UNPROCESSABLE","message":"no"}]}"#)),
  ]

  @Test(arguments: cases)
  func itsMeaning(_ one: Case) async {
    await #expect {
      try await GitHubScript([one.reply]).reader.pullRequest(7)
    } throws: { isGitHub($0, one.reason) }
  }

  @Test func wordsOfOthersDoNotDecide() async throws {
    let echoed = #"[{"message":"rate limit exceeded, timeout, EOF (HTTP 502)","code":"custom"}]"#
    await #expect {
      try await GitHubScript([.http(422, "Validation Failed", errors: echoed)]).reader.pullRequest(7)
    } throws: { isGitHub($0, .refused) }
    let sample = GitHubSample(title: "rate limit; could not resolve to a")
    let data = #"{"repository":{"pullRequest":\#(sample.node)}}"#
    await #expect {
      try await GitHubScript([.graphQL(nil, "Field 'x' doesn't exist", data: data)]).reader.pullRequest(7)
    } throws: { isGitHub($0, .nonsense) }
  }

  @Test func aLongMessageDoesNotHideTheNumber() async {
    await #expect {
      try await GitHubScript([.http(502, String(repeating: "x", count: 1000))]).reader.pullRequest(7)
    } throws: { isGitHub($0, .unreachable) && "\($0)".count < 500 }
  }

  @Test func theMessageSaysWhatTheServerSaidAndIsFitForATerminal() async throws {
    let errors =
      #"[{"message":"No commits between main and b\u001b[31m","code":"custom"},{"field":"head","code":"invalid"}]"#
    let reply = GitHubScript.Reply.http(422, "Validation Failed", errors: errors)
    let error = try #require(await failure(reply))
    #expect(error.message == "Validation Failed (HTTP 422); No commits between main and b; head invalid")
    let secret = try #require(await failure(.ended(1, stdout: "", stderr: "gh: token ghp_0123456789abcdef is bad")))
    #expect(!secret.message.contains("ghp_0123456789abcdef"))
  }

  @Test func itSaysWhatToDo() async throws {
    let noLogin = try #require(await failure(.ended(4, stdout: "", stderr: "please run:  gh auth login\n")))
    #expect(noLogin.advice?.contains("GH_TOKEN") == true)
    #expect(try #require(await failure(.http(403, "Resource not accessible"))).advice?.contains("scope") == true)
    #expect(try #require(await failure(.http(404, "Not Found"))).advice?.contains("pull-request.repository") == true)
  }

  private func failure(_ reply: GitHubScript.Reply) async -> WorldError? {
    do {
      _ = try await GitHubScript([reply]).reader.pullRequest(7)
      return nil
    } catch {
      return error as? WorldError
    }
  }
}
