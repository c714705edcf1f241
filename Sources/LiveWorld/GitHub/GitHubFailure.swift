import PromotionModel

/// What a failed `gh api` means.
enum GitHubFailure {
  static func error(_ result: ProgramResult) -> WorldError {
    let said = LocalPrograms.sanitize(result.stderr.isEmpty ? result.stdout : result.stderr, limit: 300)
    let body = LocalPrograms.sanitize(result.stdout, limit: 300)
    let message = said.isEmpty ? "exit status \(result.status)" : said
    if result.status == 4 {
      return WorldError(
        tool: "gh",
        reason: .unauthorized,
        message: message,
        advice: "Log in with `gh auth login`, or set GH_TOKEN"
      )
    }
    let words = (said + " " + body).lowercased()
    if words.contains("rate limit") || words.contains("abuse detection") {
      return WorldError(tool: "gh", reason: .unreachable, message: message, advice: "It will be asked again later")
    }
    switch status(in: said) {
    case 401:
      return WorldError(
        tool: "gh",
        reason: .unauthorized,
        message: message,
        advice: "Log in with `gh auth login`, or set GH_TOKEN"
      )
    case 403:
      return WorldError(
        tool: "gh",
        reason: .unauthorized,
        message: message,
        advice: "The token needs `repo` scope, or read and write access to pull requests, statuses and contents"
      )
    case 404:
      return WorldError(
        tool: "gh",
        reason: .notFound,
        message: message,
        advice: "Look at `pull-request.repository` in slipway.yaml, and at what the token may see"
      )
    case let code? where (500...599).contains(code):
      return WorldError(tool: "gh", reason: .unreachable, message: message)
    case let code? where (400...499).contains(code):
      return WorldError(tool: "gh", reason: .refused, message: body.isEmpty ? message : "\(message): \(body)")
    default: break
    }
    if words.contains("could not resolve to a") { return WorldError(tool: "gh", reason: .notFound, message: message) }
    if ["error connecting", "dial ", "connection re", "no such host", "timeout", "eof"].contains(where: words.contains)
    {
      return WorldError(tool: "gh", reason: .unreachable, message: message)
    }
    return WorldError(tool: "gh", reason: .nonsense, message: message)
  }

  /// The number in `gh: Validation Failed (HTTP 422)`.
  private static func status(in text: String) -> Int? {
    guard let marker = text.range(ofText: "HTTP ") else { return nil }
    return Int(text[marker...].prefix { $0.isASCII && $0.isNumber })
  }
}

extension String {
  /// The index behind the first occurrence of `text`.
  fileprivate func range(ofText text: String) -> Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
