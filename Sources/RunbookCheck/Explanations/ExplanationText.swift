import RunbookDiagnostics

/// How pages are shown.
extension Explanation {
  private static let width = 100

  /// One line of the list of all pages.
  public var listed: String {
    "\(code)  \(severity.rawValue.padded(to: 7))  \(title)\n"
  }

  /// The whole page.
  public var page: String {
    var result = "\(code)  \(title)  (\(severity.rawValue))\n\n\(Self.wrapped(text))\n"
    switch example {
    case .runbook(let wrong, let right):
      for (path, content) in files.sorted(by: { $0.key < $1.key }) { result += Self.section(path, content) }
      if let configuration { result += Self.section("With this slipway.yaml", Self.shown(configuration)) }
      result += Self.section("Wrong", wrong) + Self.section("Right", right)
    case .configuration(let wrong, let right), .wholeConfiguration(let wrong, let right):
      result += Self.section("Wrong", wrong) + Self.section("Right", right)
    case .none: break
    }
    return result
  }

  private static func shown(_ configuration: String) -> String {
    configuration.hasSuffix(":") && !configuration.contains("\n")
      ? "# without `\(configuration.dropLast())`" : configuration
  }

  private static let mostLines = 30

  private static func section(_ title: String, _ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // One page needs 201 blocks to be wrong.
    if lines.count > mostLines { lines = lines.prefix(4) + ["…"] + lines.suffix(2) }
    return "\n\(title):\n\n" + lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
  }

  /// Lines of whole words.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      if !lines[lines.count - 1].isEmpty, lines[lines.count - 1].count + 1 + word.count > width { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines.joined(separator: "\n")
  }

  /// One JSON object on one line: `code`, `severity`, `title`, `text`, and `wrong` and `right` where there is an example.
  public var json: String {
    var fields = [("code", code), ("severity", severity.rawValue), ("title", title), ("text", text)]
    switch example {
    case .runbook(let wrong, let right), .configuration(let wrong, let right),
      .wholeConfiguration(let wrong, let right):
      fields += [("wrong", wrong), ("right", right)]
    case .none: break
    }
    return "{" + fields.map { "\(jsonString($0)):\(jsonString($1))" }.joined(separator: ",") + "}\n"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
