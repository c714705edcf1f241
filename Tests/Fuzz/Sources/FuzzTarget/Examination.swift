import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#endif

/// What must hold for any bytes at all; what does not ends the process, which is how a fuzzer is told.
func examine(_ bytes: [UInt8]) {
  let source = SourceText(name: "fuzz.runbook", bytes: bytes)
  let (file, syntax) = Subject.parse(source)
  expectInside(syntax, source)
  let tree = TreeDump(file, in: source)
  expectInside(tree, source.span, source)
  let comments = tokens(of: source).filter { $0.kind == .comment }.count
  expect(count(of: "comment", in: tree) == comments, "a comment is lost or doubled in the tree")

  let result = check(file, source: source, fleet: fleet, imports: imports)
  for finding in result.findings { expectInside([finding.diagnostic], finding.source) }
  for finding in result.findings where finding.source.name == source.name {
    for fix in finding.diagnostic.fixes { expect(fix.applied(to: source) != nil, "a fix overlaps itself") }
  }
  for use in result.names.uses where use.file == nil { expect(source.span.contains(use.span), "a name outside") }
  if syntax.contains(where: { $0.severity == .error }) {
    expect(result.runbook == nil || !hasMalformed(tree), "what could not be read is checked as right")
    return
  }

  let laidOut = SourceText(name: source.name, text: Subject.format(file, source))
  let (again, findings) = parse(laidOut)
  expect(!findings.contains { $0.severity == .error }, "the layout cannot be read")
  expect(isSame(TreeDump(again, in: laidOut), tree), "the layout has another meaning")
  expect(Subject.format(again, laidOut) == laidOut.text(laidOut.span), "laying out twice is not laying out once")
  expect(texts(laidOut) == texts(source), "a comment was changed")
}

/// A claim that does not hold ends the process, in release builds too, in the way that libFuzzer takes note of.
private func expect(_ claim: Bool, _ message: @autoclosure () -> String) {
  guard !claim else { return }
  let text = Array("fuzz: does not hold: \(message())\n".utf8)
  _ = write(2, text, text.count)
  abort()
}

private func expectInside(_ findings: [Diagnostic], _ source: SourceText) {
  for finding in findings {
    let spans = [finding.subject] + finding.notes.map(\.span) + finding.fixes.flatMap { $0.replacements.map(\.span) }
    for span in spans { expect(source.span.contains(span), "\(finding.code) points outside of the text") }
    expect(!finding.summary.isEmpty && !finding.code.isEmpty, "a finding says nothing")
  }
}

private func expectInside(_ tree: TreeDump, _ parent: SourceSpan, _ source: SourceText) {
  if let span = tree.span { expect(source.span.contains(span), "\(tree.label) lies outside of the text") }
  for child in tree.children { expectInside(child, tree.span ?? parent, source) }
}

private func count(of label: String, in tree: TreeDump) -> Int {
  (tree.label == label ? 1 : 0) + tree.children.reduce(0) { $0 + count(of: label, in: $1) }
}

private func hasMalformed(_ tree: TreeDump) -> Bool {
  tree.label.hasPrefix("malformed") || tree.children.contains(where: hasMalformed)
}

/// Whether two trees differ in their places alone.
private func isSame(_ left: TreeDump, _ right: TreeDump) -> Bool {
  left.label == right.label && left.children.count == right.children.count
    && zip(left.children, right.children).allSatisfy(isSame)
}

/// The comments of a text, blanks at their ends aside.
private func texts(_ source: SourceText) -> [String] {
  tokens(of: source).filter { $0.kind == .comment }.map { token in
    var bytes = source.bytes[token.span.range]
    while let last = bytes.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") || last == UInt8(ascii: "\r") {
      bytes.removeLast()
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

private let imports = ImportResolver { path in
  path == "common.runbook"
    ? .success(
      SourceText(name: path, text: "procedure watch(services, hold = 5m) {\n  monitor (hold) production services\n}\n")
    )
    : .failure(.init("there is no such file"))
}

private let fleet: Fleet = {
  let text = """
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
  guard let fleet = FleetConfiguration.load(SourceText(name: "slipway.yaml", text: text)).0 else {
    fatalError("the configuration of the fuzzer is wrong")
  }
  return fleet
}()
