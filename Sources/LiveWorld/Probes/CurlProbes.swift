public import PromotionModel

/// Health endpoints asked by the `curl` program: one process a round, however many there are.
public struct CurlProbes: Probing {
  private let programs: any ProgramRunner
  private let timeout: Duration

  /// - Parameter timeout: how long one endpoint may take, from connecting to the last byte.
  public init(programs: any ProgramRunner, timeout: Duration = .seconds(5)) {
    (self.programs, self.timeout) = (programs, timeout)
  }

  public func probe(_ targets: [ProbeTarget]) async throws -> [ProbeResult] {
    let configuration = CurlConfiguration(targets.map(\.url), timeout: timeout)
    guard !configuration.asked.isEmpty else { return configuration.results(targets, answers: [:]) }
    let rounds = (configuration.asked.count + CurlConfiguration.parallel - 1) / CurlConfiguration.parallel
    // `--disable`, which keeps the user's .curlrc out, counts only as the first argument.
    let result = try await programs.run(
      "curl",
      ["--disable", "--config", "-"],
      input: Array(configuration.text.utf8),
      timeout: timeout * rounds + .seconds(5),
      outputLimit: 1 << 20,
      tool: "curl"
    )
    let answers = CurlConfiguration.answers(result.stdout)
    guard configuration.asked.indices.allSatisfy({ answers[$0] != nil }) else {
      let said = LocalPrograms.sanitize(result.stderr, limit: 300)
      throw WorldError(
        tool: "curl",
        reason: .nonsense,
        message: said.isEmpty ? "it left endpoints out of its answer (exit \(result.status))" : said,
        advice: "curl 7.75 or newer is needed"
      )
    }
    return configuration.results(targets, answers: answers)
  }
}

/// What curl reads on its standard input for one round, and how its answer is read back.
struct CurlConfiguration {
  /// Requests at once; curl's own most is 300.
  static let parallel = 100

  let text: String
  /// Indices of the URLs that curl is asked about, in its order. The rest are not fit to be asked.
  let asked: [Int]

  init(_ urls: [String], timeout: Duration) {
    let seconds = Self.seconds(timeout)
    var lines = [
      "silent", "parallel", "parallel-immediate", "parallel-max = \(Self.parallel)", "globoff", "location",
      "max-redirs = 3", "proto = \"=http,https\"", "proto-redir = \"=http,https\"", "max-time = \(seconds)",
      "connect-timeout = \(seconds)", #"write-out = "%{urlnum} %{exitcode} %{response_code}\n""#,
    ]
    var asked: [Int] = []
    for (index, url) in urls.enumerated() where Self.isAskable(url) {
      asked.append(index)
      lines += ["url = \"\(Self.quoted(url))\"", "output = \"/dev/null\""]
    }
    (text, self.asked) = (lines.joined(separator: "\n") + "\n", asked)
  }

  /// A URL is one line of printable text with a scheme of ours: nothing in it can end the quotes or start an option.
  static func isAskable(_ url: String) -> Bool {
    let lower = url.prefix(8).lowercased()
    guard lower.hasPrefix("http://") || lower == "https://" else { return false }
    return url.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F..<0xA0).contains($0.value) }
  }

  /// As curl's configuration files want it between double quotes.
  static func quoted(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      if character == "\\" || character == "\"" { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(character)
    }
    return result
  }

  static func seconds(_ duration: Duration) -> String {
    let milliseconds = max(1, duration.wholeNanoseconds / 1_000_000)
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
  }

  /// `urlnum exitcode response_code`, a line a URL. curl's error texts are not asked for: they may quote the server.
  static func answers(_ output: [UInt8]) -> [Int: ProbeResult.Answer] {
    var answers: [Int: ProbeResult.Answer] = [:]
    for line in output.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map { Int(String(decoding: $0, as: UTF8.self)) }
      guard words.count == 3, let number = words[0], let exit = words[1], let status = words[2] else { continue }
      answers[number] = exit == 0 ? .status(status) : .unreachable(reason(exit))
    }
    return answers
  }

  func results(_ targets: [ProbeTarget], answers: [Int: ProbeResult.Answer]) -> [ProbeResult] {
    var results = targets.map { ProbeResult(target: $0, answer: .unreachable("not an http or https URL")) }
    for (number, index) in asked.enumerated() {
      if let answer = answers[number] { results[index].answer = answer }
    }
    return results
  }

  /// Exit codes of curl (its manual, "EXIT CODES").
  static func reason(_ exit: Int) -> String {
    switch exit {
    case 1: "redirected to what is neither http nor https"
    case 3: "not a URL"
    case 5: "the proxy's name is not known"
    case 6: "no such host"
    case 7: "connection refused"
    case 28: "timed out"
    case 35: "no TLS connection could be made"
    case 47: "too many redirects"
    case 51, 60: "its certificate is not trusted"
    case 52: "it closed the connection without an answer"
    case 55, 56: "the connection broke"
    default: "curl error \(exit)"
    }
  }
}
