import PromotionModel
import RunbookCheck
import RunbookCompletion
import RunbookDiagnostics
import RunbookSyntax

extension LanguageServer {
  /// What is wrong at a place, what its name means, and how the statement there is written.
  mutating func hover(_ parameters: PositionParameters) throws(ResponseError) -> Hover? {
    let (document, analysis) = try analyzed(parameters.textDocument.uri)
    let offset = encoding.offset(of: parameters.position, in: document.text)
    let text = HoverText(analysis: analysis, offset: offset)
    guard let (parts, span) = text.parts() else { return nil }
    let isMarkdown = client?.textDocument?.hover?.contentFormat?.contains("markdown") ?? false
    let contents = MarkupContent(
      kind: isMarkdown ? .markdown : .plaintext,
      value: parts.map { isMarkdown ? $0.markdown : $0.plain }.joined(separator: "\n\n")
    )
    return Hover(contents: contents, range: encoding.range(span.range, in: document.text))
  }
}

/// What there is to say about a place.
struct HoverText {
  /// A paragraph, or code.
  enum Part: Equatable {
    case words(String)
    case code(String)

    var markdown: String {
      switch self {
      case .words(let text): text
      case .code(let text): "```runbook\n\(text)\n```"
      }
    }

    var plain: String {
      switch self {
      case .words(let text): text
      case .code(let text): text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
      }
    }
  }

  let analysis: Analysis
  let offset: Int

  func parts() -> (parts: [Part], span: SourceSpan)? {
    var parts: [Part] = []
    var span: SourceSpan?
    for finding in findings {
      parts += said(of: finding)
      span = span.map { $0.count < finding.subject.count ? $0 : finding.subject } ?? finding.subject
    }
    if let (meaning, place) = analysis.names?.meaning(at: UInt32(clamping: offset)) {
      parts += said(of: meaning)
      span = span ?? place
    } else if let (help, place) = statementHelp() {
      parts += help
      span = span ?? place
    }
    return span.map { (parts, $0) }
  }

  private var findings: [Diagnostic] {
    analysis.findings.filter { finding in
      guard finding.source.name == analysis.source.name else { return false }
      let subject = finding.diagnostic.subject.range
      return subject.lowerBound <= offset && offset <= subject.upperBound
    }.map(\.diagnostic)
  }

  private func said(of finding: Diagnostic) -> [Part] {
    var parts: [Part] = [.words("\(finding.severity.rawValue) \(finding.code): \(visible(finding.summary))")]
    if let detail = finding.detail { parts.append(.words(visible(detail))) }
    return parts + Explanations.parts(of: finding.code)
  }

  // MARK: Names

  private func said(of meaning: NameIndex.Meaning) -> [Part] {
    switch meaning {
    case .definition(let id): analysis.names.map { said(of: $0.definitions[id]) } ?? []
    case .service(let name): analysis.fleet?.service(name).map(said) ?? []
    case .environment(let name): analysis.fleet?.environment(name).map(said) ?? []
    case .runValue(let value): [.words("`\(value.rawValue)`: \(HelpTexts.meaning(of: value))")]
    }
  }

  private func said(of definition: NameIndex.Definition) -> [Part] {
    let type = definition.type.map { ", \(HelpTexts.name(of: $0))" } ?? ""
    let place = definition.file.map { " from \($0)" } ?? ", line \(analysis.source.line(at: definition.span.start))"
    switch definition.kind {
    case .procedure: return [.code("procedure \(definition.details ?? definition.name)"), .words("Procedure\(place).")]
    case .input:
      return [.code("input \(definition.name)"), .words("Input\(type)\(place).")]
        + (definition.details.map { [.words(visible($0))] } ?? [])
    case .constant: return [.code("let \(definition.name)"), .words("Variable\(type)\(place).")]
    case .loopVariable: return [.code("for \(definition.name) in …"), .words("Loop variable\(type)\(place).")]
    case .parameter: return [.code(definition.name), .words("Parameter\(type)\(place).")]
    }
  }

  private func said(of service: Service) -> [Part] {
    var lines = ["Service `\(service.name)`: tags like `\(service.tag.prefix)1.2.3\(service.tag.suffix)`."]
    if let image = service.imageRepository { lines.append("Image: \(image)") }
    for (environment, url) in service.health.sorted(by: { $0.key < $1.key }) {
      lines.append("Health in \(environment): \(url)")
    }
    return [.words(lines.map(visible).joined(separator: "\n\n"))]
  }

  private func said(of environment: Environment) -> [Part] {
    var text = "Environment `\(environment.name)`: namespace \(environment.namespace)"
    if let context = environment.context { text += ", context \(context)" }
    if let source = environment.promotesFrom { text += ", promoted from \(source)" }
    return [.words(visible(text + (environment.isProtected ? ", protected." : ".")))]
  }

  // MARK: Keywords

  /// The help of the statement or the clause whose word stands at the place.
  private func statementHelp() -> (parts: [Part], span: SourceSpan)? {
    let around = StatementAround(in: analysis.source, at: offset)
    var words = around.words
    if words.first?.text == "else", words.count > 1 { words.removeFirst() }
    guard let verb = words.first, let help = StatementHelp.of(verb.text),
      let index = words.firstIndex(where: { Int($0.token.span.start) <= offset && offset <= $0.token.span.end })
    else { return nil }
    let span = words[index].token.span
    if index == 0 { return (Self.parts(of: help), span) }
    let environments = analysis.fleet.map { Set($0.environments.map(\.name.text)) }
    var matcher = FormMatcher(help, environments: environments)
    matcher.takeAll(words)
    guard let roles = matcher.roles, index < roles.count else { return nil }
    switch roles[index] {
    case .form: return (Self.parts(of: help), span)
    case .clause(let clause): return ([.code(clause.usage), .words(clause.summary)], span)
    case .choice(let word):
      let meaning = word.meaning.isEmpty ? help.summary : "`\(word.word)`: \(word.meaning)."
      return ([.words(meaning)], span)
    case .slot: return nil
    }
  }

  static func parts(of help: StatementHelp) -> [Part] {
    [.code(help.usage.joined(separator: "\n")), .words(help.summary)] + help.detail.map(Part.words)
      + [.code(help.example.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n"))]
  }
}
