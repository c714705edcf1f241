import RunbookDiagnostics
import RunbookSyntax
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a thread has to do, and what came of it.
private final class Work: @unchecked Sendable {
  let text: String
  var codes: [String] = []
  var depth = 0

  init(_ text: String) { self.text = text }

  func run() {
    let source = SourceText(name: "deep", text: text)
    let (file, diagnostics) = parse(source)
    codes = diagnostics.map(\.code)
    depth = Self.depth(of: TreeDump(file, in: source))
  }

  private static func depth(of node: TreeDump) -> Int { 1 + (node.children.map(depth).max() ?? 0) }
}

/// Parses on a thread with half a megabyte of stack, as threads have on macOS, and gives the codes of the findings.
private func parsed(_ text: String) -> Work {
  let work = Work(text)
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, 512 * 1024)
  let context = Unmanaged.passRetained(work)
  #if canImport(Darwin)
  var thread: pthread_t?
  #else
  var thread = pthread_t()
  #endif
  let status = pthread_create(
    &thread,
    &attributes,
    { context in
      #if canImport(Darwin)
      let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
      #else
      let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
      #endif
      work.run()
      return nil
    },
    context.toOpaque()
  )
  #expect(status == 0)
  #if canImport(Darwin)
  if let thread { pthread_join(thread, nil) }
  #else
  pthread_join(thread, nil)
  #endif
  pthread_attr_destroy(&attributes)
  return work
}

@Suite struct NestingTests {
  /// A shape, and how a text of it nested `depth` deep begins and ends.
  struct Shape: Sendable, CustomTestStringConvertible {
    let name: String
    let before: String
    let open: String
    let middle: String
    let close: String
    let after: String
    /// A depth that is fine.
    var fine = 49

    var testDescription: String { name }

    func text(_ depth: Int) -> String {
      before + String(repeating: open, count: depth) + middle + String(repeating: close, count: depth) + after
    }

    static let all: [Shape] = [
      Shape(name: "blocks", before: "", open: "on failure {\n", middle: "", close: "}\n", after: ""),
      Shape(
        name: "conditions",
        before: "",
        open: "if a {\n",
        middle: "verify\n",
        close: "} else { verify }\n",
        after: ""
      ),
      Shape(
        name: "conditions in else",
        before: "",
        open: "if a { verify } else { ",
        middle: "verify",
        close: " }",
        after: "\n"
      ),
      Shape(name: "loops", before: "", open: "for a in b {", middle: "", close: "}", after: ""),
      Shape(name: "parentheses", before: "let a = ", open: "(", middle: "b", close: ")", after: ""),
      Shape(name: "brackets", before: "let a = ", open: "[", middle: "b", close: "]", after: ""),
      Shape(name: "not", before: "require ", open: "not ", middle: "b", close: "", after: ""),
      Shape(
        name: "every operator",
        before: "let a = ",
        open: "(b or c and d is e + ",
        middle: "b",
        close: ")",
        after: "",
        fine: 11
      ),
      Shape(name: "facts", before: "let a = ", open: "version of (", middle: "b", close: ") in c", after: "", fine: 29),
      Shape(name: "chains", before: "let a = b", open: " + b", middle: "", close: "", after: ""),
      Shape(name: "chains of words", before: "let a = b", open: " and b", middle: "", close: "", after: ""),
      Shape(
        name: "windows",
        before: "let a = ",
        open: "errors of a in b since (",
        middle: "b",
        close: ")",
        after: "",
        fine: 29
      ),
    ]
  }

  @Test(arguments: Shape.all)
  func deepNestingIsOneError(_ shape: Shape) {
    for depth in [101, 10_000] {
      #expect(parsed(shape.text(depth)).codes == ["SW1014"], "\(depth)")
    }
    #expect(parsed(shape.text(10_000) + "\nwait merg\n").codes == ["SW1014", "SW1001"])
  }

  @Test(arguments: Shape.all)
  func nestingThatPeopleNeedIsFine(_ shape: Shape) {
    let work = parsed(shape.text(shape.fine))
    #expect(work.codes == [])
    #expect(work.depth >= shape.fine)
  }

  @Test(arguments: Shape.all)
  func whatIsNeverClosedIsAFewErrors(_ shape: Shape) {
    guard !shape.close.isEmpty else { return }
    let open = shape.before + String(repeating: shape.open, count: 10_000)
    let codes = parsed(open + "\n").codes
    #expect((1...2).contains(codes.count), "\(codes)")
  }

  @Test func manyBranchesAreOneError() {
    let text = "if a { verify }" + String(repeating: " else if a { verify }", count: 10_000)
    #expect(parsed(text).codes == ["SW1014"])
    let fine = "if a { verify }" + String(repeating: " else if a { verify }", count: 60)
    #expect(parsed(fine).codes == [])
  }

  @Test func nestedInterpolationsEndSomewhere() {
    for depth in [40, 10_000] {
      let open = String(repeating: "\"{", count: depth)
      let close = String(repeating: "}\"", count: depth)
      #expect(parsed("stop \(open)a\(close)").codes == ["SW1005"])
    }
    let fine = String(repeating: "\"{", count: 15) + "a" + String(repeating: "}\"", count: 15)
    #expect(parsed("stop \(fine)").codes == [])
    // Each of blocks, parentheses and strings takes its part of the depth.
    let mixed = String(repeating: "if a {\n", count: 60) + "stop \"{" + String(repeating: "(", count: 60)
    let end = "b" + String(repeating: ")", count: 60) + "}\"\n" + String(repeating: "}\n", count: 60)
    #expect(parsed(mixed + end).codes == ["SW1014"])
  }
}
