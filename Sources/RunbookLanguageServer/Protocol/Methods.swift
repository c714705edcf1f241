/// The requests that are answered.
enum Method: String, CaseIterable, Sendable {
  case initialize
  case shutdown
  case completion = "textDocument/completion"
  case hover = "textDocument/hover"
  case definition = "textDocument/definition"
  case references = "textDocument/references"
  case documentSymbol = "textDocument/documentSymbol"
  case codeAction = "textDocument/codeAction"
  case formatting = "textDocument/formatting"
  case prepareRename = "textDocument/prepareRename"
  case rename = "textDocument/rename"
}

/// The notifications that mean something to the server; others are passed over, as the protocol wants it.
enum Notice: String, CaseIterable, Sendable {
  case initialized
  case exit
  case cancelRequest = "$/cancelRequest"
  case didOpen = "textDocument/didOpen"
  case didChange = "textDocument/didChange"
  case didSave = "textDocument/didSave"
  case didClose = "textDocument/didClose"
  case didChangeWatchedFiles = "workspace/didChangeWatchedFiles"
}
