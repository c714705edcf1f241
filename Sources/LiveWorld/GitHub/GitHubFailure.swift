import FoundationEssentials
import PromotionModel

/// What a failed `gh api` means.
///
/// `gh` ends with 4 without a login and with 1 otherwise; then the server's answer is on its standard output, and its
/// own words on standard error: `gh: Not Found (HTTP 404)`, `gh: HTTP 502` for an answer without a message, and the
/// messages alone for the errors of a GraphQL answer. Only these places decide: a title or a name that happens to
/// contain such words does not.
enum GitHubFailure {
  static func error(_ result: ProgramResult) -> WorldError {
    let answer = try? JSONDecoder().decode(GitHubErrorAnswer.self, from: Data(result.stdout))
    let message = message(result, answer)
    if result.status == 4 { return failed(.unauthorized, message, login) }
    // The errors of a GraphQL answer come with status 200 and without a message of their own.
    if let answer, answer.message == nil, !answer.errors.isEmpty { return ofGraphQL(answer, message) }
    guard let status = statusSaid(result) ?? answer?.status else { return ofConnection(result, message) }
    switch status {
    case 401: return failed(.unauthorized, message, login)
    case 429: return limited(message)
    case 403:
      let words = message.lowercased()
      if words.contains("rate limit") || words.contains("abuse detection") { return limited(message) }
      return failed(.unauthorized, message, permission)
    // A repository that was renamed redirects, which is followed for reading only.
    case 404, 301, 302, 307, 308: return failed(.notFound, message, place)
    case 408, 500...599: return failed(.unreachable, message)
    case 400...499: return failed(.refused, message)
    default: return failed(.nonsense, message)
    }
  }

  private static let login = "Log in with `gh auth login`, or set GH_TOKEN"
  private static let permission =
    "The token needs `repo` scope, or read and write access to pull requests, statuses and contents"
  private static let place = "Look at `pull-request.repository` in slipway.yaml, and at what the token may see"

  private static func failed(_ reason: WorldError.Reason, _ message: String, _ advice: String? = nil) -> WorldError {
    WorldError(tool: "gh", reason: reason, message: message, advice: advice)
  }

  private static func limited(_ message: String) -> WorldError {
    failed(.unreachable, message, "GitHub limits how often it is asked; trying again later helps")
  }

  private static func ofGraphQL(_ answer: GitHubErrorAnswer, _ message: String) -> WorldError {
    let types = answer.errors.compactMap(\.type)
    func has(_ wanted: String...) -> Bool { types.contains { wanted.contains($0) } }
    if has("RATE_LIMITED", "RATE_LIMIT") { return limited(message) }
    if has("FORBIDDEN", "INSUFFICIENT_SCOPES", "UNAUTHORIZED") { return failed(.unauthorized, message, permission) }
    if has("NOT_FOUND") { return failed(.notFound, message, place) }
    if has("UNPROCESSABLE") { return failed(.refused, message) }
    let words = answer.errors.compactMap(\.message).joined(separator: " ").lowercased()
    if ["something went wrong", "timeout", "timed out"].contains(where: words.contains) {
      return failed(.unreachable, message)
    }
    return failed(.nonsense, message)
  }

  private static func ofConnection(_ result: ProgramResult, _ message: String) -> WorldError {
    let words = LocalPrograms.sanitize(result.stderr, limit: 2000).lowercased()
    let marks = [
      "error connecting", "dial ", "connection re", "no such host", "no route to host", "network is unreachable",
      "timeout", "deadline exceeded", "eof", "broken pipe", "tls: ", "x509: ", "http2: ",
    ]
    return failed(marks.contains(where: words.contains) ? .unreachable : .nonsense, message)
  }

  /// The last number that ends a line in `(HTTP 422)`, or is all of one: `gh: HTTP 502`.
  private static func statusSaid(_ result: ProgramResult) -> Int? {
    let text = String(decoding: result.stderr.prefix(64 << 10), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline).reversed() {
      if let found = line.wholeMatch(of: /gh: HTTP ([0-9]{3})/) ?? line.wholeMatch(of: /.*\(HTTP ([0-9]{3})\)/) {
        return Int(found.output.1)
      }
    }
    return nil
  }

  /// What gh said, and what it left out of the server's answer.
  private static func message(_ result: ProgramResult, _ answer: GitHubErrorAnswer?) -> String {
    var said = LocalPrograms.sanitize(result.stderr, limit: 300)
    if said.hasPrefix("gh: ") { said.removeFirst(4) }
    if said.isEmpty { said = LocalPrograms.sanitize(line: answer?.message ?? "", limit: 300) }
    var parts = said.isEmpty ? [] : [said]
    for error in answer?.errors.prefix(5) ?? [] {
      let text = LocalPrograms.sanitize(line: error.text, limit: 200)
      if !text.isEmpty, !said.contains(text) { parts.append(text) }
    }
    return parts.isEmpty ? "it ended with status \(result.status)" : parts.joined(separator: "; ")
  }
}

/// The answer of a request that failed, as far as it can be read. `errors` is a text, or a list of texts or of objects.
struct GitHubErrorAnswer: Decodable {
  struct Item: Decodable {
    var message: String?
    var type: String?
    var field: String?
    var code: String?

    var text: String { message ?? [field, code].compactMap(\.self).joined(separator: " ") }

    private enum Key: CodingKey { case message, type, field, code }

    init(message: String) { self.message = message }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        message = text
        return
      }
      let values = try decoder.container(keyedBy: Key.self)
      message = try? values.decode(String.self, forKey: .message)
      type = try? values.decode(String.self, forKey: .type)
      field = try? values.decode(String.self, forKey: .field)
      code = try? values.decode(String.self, forKey: .code)
    }
  }

  var message: String?
  var status: Int?
  var errors: [Item]

  private enum Key: CodingKey { case message, status, errors }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    message = try? values.decode(String.self, forKey: .message)
    status = (try? values.decode(String.self, forKey: .status)).flatMap { Int($0) }
    if let text = try? values.decode(String.self, forKey: .errors) {
      errors = [Item(message: text)]
    } else {
      errors = (try? values.decode([Item].self, forKey: .errors)) ?? []
    }
  }
}
