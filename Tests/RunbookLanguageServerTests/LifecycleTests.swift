import Testing

@Suite("Language server: lifecycle and wire")
struct LifecycleTests {
  @Test("nothing but initialize is answered at first")
  func first() throws {
    var editor = Editor()
    let early = try editor.ask("textDocument/hover", [:])
    #expect(early["error"]["code"] == -32002)
    #expect(early["error"]["message"] == "the first request is `initialize`")
    #expect(try editor.ask("nobody/knows", [:])["error"]["code"] == -32002)
    try editor.open("promot api")
    #expect(editor.notifications.isEmpty)
    let hello = try editor.ask("initialize", ["capabilities": [:]])["result"]["capabilities"]
    #expect(hello["positionEncoding"] == "utf-16")
    #expect(hello["textDocumentSync"]["change"] == 2)
    for provider in [
      "hoverProvider", "definitionProvider", "documentSymbolProvider", "documentFormattingProvider",
      "referencesProvider",
    ] { #expect(hello[provider] == true, "\(provider)") }
    #expect(try editor.ask("initialize", ["capabilities": [:]])["error"]["code"] == -32600)
  }

  @Test("UTF-8 is taken where it is offered")
  func encodings() throws {
    var editor = Editor()
    let offer: JSON = ["general": ["positionEncodings": ["utf-32", "utf-16", "utf-8"]]]
    let hello = try editor.ask("initialize", ["capabilities": offer])
    #expect(hello["result"]["capabilities"]["positionEncoding"] == "utf-8")
  }

  @Test("after shutdown only exit follows, with status 0; without a shutdown it is 1")
  func end() throws {
    var editor = try Editor.started()
    #expect(try editor.ask("shutdown", nil).members["result"] == .null)
    #expect(try editor.ask("textDocument/hover", [:])["error"]["code"] == -32600)
    #expect(editor.server.exitStatus == nil)
    try editor.send(["jsonrpc": "2.0", "method": "exit"])
    #expect(editor.server.exitStatus == 0)

    var rude = try Editor.started()
    try rude.send(["jsonrpc": "2.0", "method": "exit"])
    #expect(rude.server.exitStatus == 1)
    var new = Editor()
    try new.send(["jsonrpc": "2.0", "method": "exit"])
    #expect(new.server.exitStatus == 1)
    var lost = try Editor.started()
    lost.server.endOfInput()
    #expect(lost.server.exitStatus == 1)
  }

  @Test("unknown requests are answered, unknown notifications passed over")
  func unknown() throws {
    var editor = try Editor.started()
    let answer = try editor.ask("textDocument/semanticTokens/full", [:])
    #expect(answer["error"]["code"] == -32601)
    #expect(answer["error"]["message"].text.contains("semanticTokens"))
    let count = editor.answers.count
    try editor.tell("$/setTrace", ["value": "off"])
    try editor.tell("workspace/didChangeConfiguration", ["settings": [:]])
    try editor.send(["jsonrpc": "2.0", "id": "slipway-watch", "result": nil])
    #expect(editor.answers.count == count)
  }

  @Test("a request that is cancelled before it is handled is answered as cancelled")
  func cancelled() throws {
    var editor = try Editor.started()
    try editor.open("validate staging api\n")
    let hover: JSON = [
      "jsonrpc": "2.0", "id": "h", "method": "textDocument/hover",
      "params": ["textDocument": ["uri": JSON(Editor.uri)], "position": ["line": 0, "character": 1]],
    ]
    let cancel: JSON = ["jsonrpc": "2.0", "method": "$/cancelRequest", "params": ["id": "h"]]
    try editor.send(bytes: try Editor.framed(hover) + Editor.framed(cancel))
    #expect(editor.answers.last?["error"]["code"] == -32800)
    try editor.send(cancel)
    #expect(try editor.ask("shutdown", nil).members["result"] == .null)
  }

  @Test(
    "what is no message is answered with what is wrong, and the next one is heard",
    arguments: [
      ("{", -32700), ("[]", -32600), ("null", -32600), ("\u{0}\u{1}", -32700), ("{\"jsonrpc\":\"2.0\"}", -32600),
      ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"shutdown\"}", -32600),
      ("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"shutdown\"}", -32600),
      ("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":5}", -32600), (String(repeating: "[", count: 100_000), -32700),
    ]
  )
  func malformed(body: String, code: Int) throws {
    var editor = try Editor.started()
    try editor.send(bytes: Array("Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
    #expect(editor.answers.last?["error"]["code"] == JSON(code))
    #expect(try editor.ask("shutdown", nil).members["result"] == .null)
  }

  @Test(
    "a header that says no length is told so, and the next message is heard",
    arguments: [
      "Content-Type: x\r\n\r\n", "Content-Length: -3\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
      "nonsense\r\n\r\n", "Content-Length: 4294967296\r\n\r\n", String(repeating: "x", count: 10_000) + "\r\n\r\n",
    ]
  )
  func malformedHeader(header: String) throws {
    var editor = try Editor.started()
    try editor.send(bytes: Array(header.utf8))
    #expect(editor.answers.last?["error"]["code"] == -32700)
    #expect(try editor.ask("shutdown", nil).members["result"] == .null)
  }

  @Test("parameters that are not what they must be are an error of the request")
  func parameters() throws {
    var editor = try Editor.started()
    for params: JSON in [[:], nil, ["textDocument": 3], ["textDocument": ["uri": "file:///x"], "position": "here"]] {
      #expect(try editor.ask("textDocument/hover", params)["error"]["code"] == -32602)
    }
    let closed = try editor.ask(
      "textDocument/hover",
      ["textDocument": ["uri": "file:///not/open"], "position": ["line": 0, "character": 0]]
    )
    #expect(closed["error"]["message"] == "file:///not/open is not open")
    // As notifications they have no answer, and do no harm.
    try editor.tell("textDocument/didOpen", ["textDocument": 5])
    try editor.tell("textDocument/didChange", [:])
    #expect(try editor.ask("shutdown", nil).members["result"] == .null)
  }

  @Test("messages may come in pieces of any size, and several at once")
  func pieces() throws {
    var editor = Editor()
    let hello: JSON = ["jsonrpc": "2.0", "id": 1, "method": "initialize", "params": ["capabilities": [:]]]
    let bytes = try Editor.framed(hello) + Editor.framed(["jsonrpc": "2.0", "id": 2, "method": "shutdown"])
    for byte in bytes { try editor.send(bytes: [byte]) }
    #expect(editor.answers.map { $0["id"] } == [1, 2])
    var other = Editor()
    try other.send(bytes: bytes)
    #expect(other.answers == editor.answers)
  }

  @Test("serving ends with the stream, and findings wait for a quiet moment")
  func serving() throws {
    var editor = try Editor.started()
    let open: JSON = [
      "jsonrpc": "2.0", "method": "textDocument/didOpen",
      "params": [
        "textDocument": ["uri": JSON(Editor.uri), "languageId": "runbook", "version": 1, "text": "promot api"]
      ],
    ]
    let change: JSON = [
      "jsonrpc": "2.0", "method": "textDocument/didChange",
      "params": [
        "textDocument": ["uri": JSON(Editor.uri), "version": 2], "contentChanges": [["text": "validate staging api\n"]],
      ],
    ]
    var waiting = [try Editor.framed(open), try Editor.framed(change)]
    var written: [UInt8] = []
    let status = editor.server.serve(
      read: { waits in
        if waiting.isEmpty { return waits ? .end : .nothing }
        return .bytes(waiting.removeFirst())
      },
      write: {
        written += $0
        return true
      }
    )
    #expect(status == 1)
    let text = String(decoding: written, as: UTF8.self)
    #expect(text.ranges(of: "publishDiagnostics").count == 1)
    #expect(text.contains("\"diagnostics\":[]") && text.contains("\"version\":2"))
  }
}
