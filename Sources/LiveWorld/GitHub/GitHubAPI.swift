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

  /// A GraphQL query or mutation; throws ``WorldError`` when GitHub reports any error, also beside data.
  func graphQL<Answer: Decodable>(_ query: String, _ variables: [String: GitHubValue], as type: Answer.Type)
    async throws
    -> Answer
  {
    let body = try JSONEncoder().encode(GraphQLRequest(query: query, variables: variables))
    let answer = try await call(["graphql"], body: Array(body))
    // gh ends with 1 then; that an answer with errors is never taken for a whole one does not hang on it.
    if let failure = try? JSONDecoder().decode(GitHubErrorAnswer.self, from: Data(answer)), !failure.errors.isEmpty {
      throw GitHubFailure.error(ProgramResult(status: 0, stdout: answer))
    }
    return try Self.decode(GraphQLResponse<Answer>.self, from: answer).data
  }

  /// - Parameter path: below the repository; nil: the repository itself.
  func get<Answer: Decodable>(_ path: String?, of other: String? = nil, as type: Answer.Type) async throws -> Answer {
    let below = path.map { "/\($0)" } ?? ""
    let place = "repos/\(other ?? repository)\(below)"
    return try Self.decode(type, from: try await call(["--method", "GET", place], body: nil))
  }

  /// A change by the REST API. GitHub asks for at least a second between two of them.
  @discardableResult
  func change(_ method: String, _ path: String, _ body: [String: GitHubValue]) async throws -> [UInt8] {
    let body = try JSONEncoder().encode(body)
    return try await paced { try await call(["--method", method, "repos/\(repository)/\(path)"], body: Array(body)) }
  }

  func mutate(_ query: String, _ variables: [String: GitHubValue]) async throws {
    struct Ignored: Decodable {}
    _ = try await paced { try await graphQL(query, variables, as: Ignored.self) }
  }

  private func paced<Answer: Sendable>(_ change: () async throws -> Answer) async throws -> Answer {
    try await pace.wait(on: clock)
    do {
      let answer = try await change()
      await pace.ended(at: clock.now())
      return answer
    } catch {
      await pace.ended(at: clock.now())
      throw error
    }
  }

  private func call(_ arguments: [String], body: [UInt8]?) async throws -> [UInt8] {
    let result = try await programs.run(
      "gh",
      ["api"] + arguments + (body == nil ? [] : ["--input", "-"]),
      input: body ?? [],
      environment: [
        "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "false", "NO_COLOR": "1",
        "GH_PAGER": "cat", "GH_DEBUG": nil, "DEBUG": nil, "CLICOLOR_FORCE": nil, "GH_FORCE_TTY": nil,
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

/// Lets one change go at a time, with a second from the end of one to the beginning of the next, as GitHub's guidance
/// on secondary rate limits asks.
private actor MutationPace {
  private static let gap = Duration.seconds(1)
  private var isBusy = false
  private var next: Timestamp?

  /// Whoever returns from it has its turn until ``ended(at:)``.
  func wait(on clock: any WorldClock) async throws {
    while true {
      let now = clock.now()
      if isBusy {
        try await clock.sleep(until: now + Self.gap)
      } else if let next, next > now, next - now <= Self.gap {
        try await clock.sleep(until: next)
      } else {
        // The turn has come; or it is further away than the gap, because the clock was set back meanwhile.
        isBusy = true
        return
      }
    }
  }

  func ended(at time: Timestamp) { (isBusy, next) = (false, time + Self.gap) }
}
