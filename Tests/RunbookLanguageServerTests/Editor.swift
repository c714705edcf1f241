import FoundationEssentials
import PromotionModel
import RunbookLanguageServer
import Testing

/// An editor in the same process: it writes messages and reads answers, byte for byte as over a pipe.
struct Editor {
  static let fleet = """
    gitops:
      repository: https://git.example.org/acme/cluster-gitops.git
      file: environments/{environment}/services/{service}.yaml
      tag: service.chartTag
    environments:
      staging: { namespace: staging }
      production: { namespace: production, promotes-from: staging, protected: true }
    services:
      api: { tag: "api-v{version}" }
      web: { tag: "web-v{version}" }
      project-management: { tag: "pm-v{version}" }
    pull-request: { repository: acme/cluster-gitops }
    policy: { minimum-monitor: 30m }
    """

  static let uri = "file:///work/release.runbook"

  var server: LanguageServer
  /// What the server said without being asked.
  private(set) var notifications: [JSON] = []
  private(set) var answers: [JSON] = []
  private var lastID = 0
  private var version = 1

  /// - Parameter files: their texts by path; nil for the fleet of the tests alone.
  init(
    files: [String: String]? = nil,
    versions: [String: [String]] = [:],
    configuration: String? = nil
  ) {
    let files = files ?? ["/work/slipway.yaml": Self.fleet]
    server = LanguageServer(
      Surroundings(
        file: { files[$0].map { Array($0.utf8) } },
        configuration: configuration,
        versions: { service, _ in (versions[service.text] ?? []).compactMap(Version.init) }
      )
    )
  }

  /// An editor that has said hello.
  static func started(
    files: [String: String]? = nil,
    versions: [String: [String]] = [:],
    capabilities: JSON = ["textDocument": ["hover": ["contentFormat": ["markdown"]]]]
  ) throws -> Editor {
    var editor = Editor(files: files, versions: versions)
    let answer = try editor.ask("initialize", ["capabilities": capabilities, "rootUri": "file:///work"])
    #expect(answer["result"]["serverInfo"]["name"] == "slipway")
    try editor.tell("initialized", [:])
    return editor
  }

  // MARK: Messages

  mutating func send(_ message: JSON) throws { try send(bytes: Self.framed(message)) }

  mutating func send(bytes: [UInt8]) throws {
    server.receive(bytes)
    try take()
  }

  static func framed(_ message: JSON) throws -> [UInt8] {
    let body = Array(try JSONEncoder().encode(message))
    return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  /// Reads what the server has written; what is badly framed is an error.
  private mutating func take() throws {
    var rest = server.takeOutput()[...]
    while !rest.isEmpty {
      let end = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)), "no end of a header")
      let header = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
      let length = try #require(header.split(separator: ": ").last.flatMap { Int($0) }, "\(header)")
      try #require(header.hasPrefix("Content-Length: ") && rest.count >= end.upperBound - rest.startIndex + length)
      let body = rest[end.upperBound..<end.upperBound + length]
      let message = try JSONDecoder().decode(JSON.self, from: Data(body))
      #expect(message["jsonrpc"] == "2.0")
      if message["method"] == nil { answers.append(message) } else { notifications.append(message) }
      rest = rest[(end.upperBound + length)...]
    }
  }

  mutating func tell(_ method: String, _ params: JSON) throws {
    try send(["jsonrpc": "2.0", "method": JSON(method), "params": params])
  }

  /// A request and its answer, with either `result` or `error`.
  mutating func ask(_ method: String, _ params: JSON) throws -> JSON {
    lastID += 1
    let id = JSON(lastID)
    try send(["jsonrpc": "2.0", "id": id, "method": JSON(method), "params": params])
    let answer = try #require(answers.last { $0["id"] == id }, "\(method) has no answer")
    #expect((answer.members["result"] == nil) != (answer.members["error"] == nil))
    return answer
  }

  mutating func settle() throws {
    while server.isUnsettled {
      server.settle()
      try take()
    }
  }

  // MARK: Documents

  mutating func open(_ text: String, _ uri: String = Editor.uri) throws {
    try tell(
      "textDocument/didOpen",
      ["textDocument": ["uri": JSON(uri), "languageId": "runbook", "version": 1, "text": JSON(text)]]
    )
    try settle()
  }

  mutating func change(_ changes: JSON..., uri: String = Editor.uri) throws {
    version += 1
    try tell(
      "textDocument/didChange",
      ["textDocument": ["uri": JSON(uri), "version": JSON(version)], "contentChanges": .array(changes)]
    )
  }

  /// The findings that were published last for a document.
  func findings(_ uri: String = Editor.uri) -> [JSON]? {
    notifications.last {
      $0["method"] == "textDocument/publishDiagnostics" && $0["params"]["uri"] == JSON(uri)
    }?["params"]["diagnostics"].elements
  }

  /// Asks at the place of the `¦` in a text, which is opened without it.
  mutating func ask(_ method: String, at marked: String, more: [String: JSON] = [:]) throws -> JSON {
    let (text, line, column) = Self.place(in: marked)
    try open(text)
    var params: [String: JSON] = [
      "textDocument": ["uri": JSON(Self.uri)], "position": ["line": JSON(line), "character": JSON(column)],
    ]
    params.merge(more) { $1 }
    return try ask(method, .object(params))
  }

  /// The labels of what may be written at the `¦`.
  mutating func labels(at marked: String) throws -> [String] {
    try ask("textDocument/completion", at: marked)["result"]["items"].elements.map { $0["label"].text }
  }

  static func place(in marked: String) -> (text: String, line: Int, column: Int) {
    let parts = marked.split(separator: "¦", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
    return (parts.joined(), lines.count - 1, lines.last?.utf16.count ?? 0)
  }
}

/// An answer's edits made to a text, the last first.
func applied(_ edits: [JSON], to text: String) -> String {
  var units = Array(text.utf16)
  func offset(_ position: JSON) -> Int {
    var line = 0
    var offset = 0
    while line < position["line"].int ?? 0, offset < units.count {
      if units[offset] == 10 { line += 1 }
      offset += 1
    }
    return offset + (position["character"].int ?? 0)
  }
  let sorted = edits.map { ($0, offset($0["range"]["start"]), offset($0["range"]["end"])) }.sorted { $0.1 > $1.1 }
  for (edit, start, end) in sorted { units.replaceSubrange(start..<end, with: Array(edit["newText"].text.utf16)) }
  return String(decoding: units, as: UTF16.self)
}
