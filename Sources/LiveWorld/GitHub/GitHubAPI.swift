import FoundationEssentials
import PromotionModel

/// GitHub's API through `gh api`, one request a process, with the login that `gh` has.
///
/// Only `gh api` is used: the porcelain commands make several requests each and cache failed feature probes for a day
/// (cli/cli#12812), and what they print is for people.
struct GitHubAPI: Sendable {
  /// `owner/name`.
  let repository: String
  let programs: any ProgramRunner
  let clock: any WorldClock
  private let pace = MutationPace()

  init(repository: String, programs: any ProgramRunner, clock: any WorldClock) {
    (self.repository, self.programs, self.clock) = (repository, programs, clock)
  }

  var owner: String { String(repository.split(separator: "/").first ?? "") }
  var name: String { String(repository.split(separator: "/").last ?? "") }

  /// `gh` has no timeout of its own.
  private static let timeout: Duration = .seconds(30)

  /// A GraphQL query or mutation; throws ``WorldError`` when GitHub reports any error.
  func graphQL<Answer: Decodable>(_ query: String, _ variables: [String: GitHubValue], as type: Answer.Type)
    async throws
    -> Answer
  {
    let body = try JSONEncoder().encode(GraphQLRequest(query: query, variables: variables))
    let answer = try await call(["graphql"], body: Array(body))
    return try Self.decode(GraphQLResponse<Answer>.self, from: answer).data
  }

  func get<Answer: Decodable>(_ path: String, as type: Answer.Type) async throws -> Answer {
    try Self.decode(type, from: try await call(["--method", "GET", "repos/\(repository)/\(path)"], body: nil))
  }

  /// A change by the REST API. GitHub asks for at least a second between two of them.
  @discardableResult
  func change(_ method: String, _ path: String, _ body: [String: GitHubValue]) async throws -> [UInt8] {
    try await pace.wait(on: clock)
    return try await call(
      ["--method", method, "repos/\(repository)/\(path)"],
      body: Array(try JSONEncoder().encode(body))
    )
  }

  func mutate(_ query: String, _ variables: [String: GitHubValue]) async throws {
    struct Ignored: Decodable {}
    try await pace.wait(on: clock)
    _ = try await graphQL(query, variables, as: Ignored.self)
  }

  private func call(_ arguments: [String], body: [UInt8]?) async throws -> [UInt8] {
    let result = try await programs.run(
      "gh",
      ["api"] + arguments + (body == nil ? [] : ["--input", "-"]),
      input: body ?? [],
      environment: [
        "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "false", "NO_COLOR": "1",
        "GH_PAGER": "cat", "GH_DEBUG": nil, "CLICOLOR_FORCE": nil, "GH_FORCE_TTY": nil,
      ],
      timeout: Self.timeout,
      outputLimit: 4 << 20,
      tool: "gh"
    )
    guard result.isSuccess else { throw GitHubFailure.error(result) }
    return result.stdout
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw WorldError(
        tool: "gh",
        reason: .nonsense,
        message: "GitHub's answer is not understood: \(LocalPrograms.sanitize(bytes, limit: 200))"
      )
    }
  }
}

private struct GraphQLRequest: Encodable {
  var query: String
  var variables: [String: GitHubValue]
}

private struct GraphQLResponse<Answer: Decodable>: Decodable {
  var data: Answer
}

/// A value in a request's JSON.
enum GitHubValue: Encodable, Sendable {
  case string(String)
  case integer(Int)
  case strings([String])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .strings(let value): try container.encode(value)
    }
  }
}

/// Keeps a second between changes, as GitHub's guidance on secondary rate limits asks.
private actor MutationPace {
  private var next: Timestamp?

  func wait(on clock: any WorldClock) async throws {
    let now = clock.now()
    let turn = max(now, next ?? now)
    next = turn + .seconds(1)
    if turn > now { try await clock.sleep(until: turn) }
  }
}
