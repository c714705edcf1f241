import Testing

@testable import YAMLEdit

@Suite struct PropertyTests {
  /// Replaces every scalar in turn and reads back, without the module's own comparison.
  @Test(arguments: [1, 2, 3, 4])
  func oneScalarChangesAndNothingElse(_ batch: UInt64) throws {
    var edits = 0
    var refused = 0
    var files = 0
    for number in 0..<60 {
      let seed = batch &* 1_000 &+ UInt64(number)
      var generator = DocumentGenerator(seed: seed)
      let bytes = generator.file()
      // Some of what the generator puts together is no YAML; the counts below keep it from being much.
      guard let document = try? YAMLDocument(bytes: bytes) else { continue }
      files += 1
      for index in document.roots.indices {
        let shared = sharedPaths(document, index)
        for leaf in document.scalars(ofDocument: index) {
          let value = generator.random.pick(DocumentGenerator.texts)
          let label: Comment = "seed \(seed), \(leaf.path) ← \(value.debugDescription)"
          do throws(YAMLError) {
            let result = try document.replacing(leaf.path, with: value, inDocument: index)
            check(document, result, leaf, index, value, label)
            edits += 1
          } catch {
            guard case .sharedByAlias = error.reason else {
              Issue.record("\(label): \(error) in \(String(decoding: bytes, as: UTF8.self).debugDescription)")
              continue
            }
            #expect(shared, label)
            refused += 1
          }
        }
      }
    }
    #expect(edits > 500 && refused > 0 && files > 40, "\(edits) edits, \(refused) refused, \(files) files")
  }

  private func sharedPaths(_ document: YAMLDocument, _ index: Int) -> Bool {
    document.leaves(ofDocument: index).contains { if case .alias = $0.node.content { true } else { false } }
  }

  private func check(
    _ document: YAMLDocument,
    _ result: [UInt8],
    _ leaf: YAMLLeaf,
    _ index: Int,
    _ value: String,
    _ label: Comment
  ) {
    let span = leaf.node.contentSpan
    #expect(result.starts(with: document.bytes[..<span.lowerBound]), label)
    #expect(result.reversed().starts(with: document.bytes[span.upperBound...].reversed()), label)
    guard let changed = try? YAMLDocument(bytes: result) else {
      Issue.record(label)
      return
    }
    #expect(changed.roots.count == document.roots.count, label)
    for other in document.roots.indices {
      let before = document.leaves(ofDocument: other)
      let after = changed.leaves(ofDocument: other)
      #expect(before.map(\.path) == after.map(\.path), label)
      for (old, new) in zip(before, after) {
        let expected = other == index && old.path == leaf.path ? value : old.node.text
        #expect(expected.map { Array($0.utf8) } == new.node.text.map { Array($0.utf8) }, label)
        #expect(old.node.tag == new.node.tag && old.node.anchor == new.node.anchor, label)
      }
    }
    if let new = try? changed.node(at: leaf.path, inDocument: index), leaf.node.scalarType == .string {
      #expect(new.scalarType == .string || value == leaf.node.text, label)
    }
  }

  @Test func everyMappingTakesAKey() throws {
    var inserted = 0
    var files = 0
    for seed in UInt64(0)..<150 {
      var generator = DocumentGenerator(seed: seed)
      let bytes = generator.file()
      // Some of what the generator puts together is no YAML; the counts below keep it from being much.
      guard let document = try? YAMLDocument(bytes: bytes) else { continue }
      files += 1
      for index in document.roots.indices {
        for leaf in document.leaves(ofDocument: index) {
          guard case .key? = leaf.path.steps.last else { continue }
          let path = YAMLPath(leaf.path.steps.dropLast() + [.key("a new: key")])
          let value = generator.random.pick(DocumentGenerator.texts)
          do throws(YAMLError) {
            let result = try document.inserting(path, text: value, inDocument: index)
            let changed = try YAMLDocument(bytes: result)
            #expect(try changed.text(at: path, inDocument: index) == value, "seed \(seed), \(path)")
            #expect(changed.leaves(ofDocument: index).count == document.leaves(ofDocument: index).count + 1)
            inserted += 1
          } catch {
            // `+` at the end of a file without a line end: the new line would add to the block's text.
            switch error.reason {
            case .sharedByAlias, .unwritable: break
            default: Issue.record("seed \(seed), \(path): \(error)")
            }
          }
        }
      }
    }
    #expect(inserted > 1_000 && files > 100, "\(inserted) inserted, \(files) files")
  }

  @Test func brokenFilesNeverCrash() {
    var accepted = 0
    for seed in UInt64(0)..<1_500 {
      var generator = DocumentGenerator(seed: seed)
      var bytes: [UInt8]
      if seed % 3 == 0 {
        let alphabet =
          Array("ab:-?,[]{}#&*!|>'\"%@ \n\r\t\\~<=+.0é\u{FEFF}\u{2028}\u{85}".utf8) + [0, 0xFF, 0xC0, 0x1B]
        bytes = (0..<Int.random(in: 0...60, using: &generator.random)).map { _ in generator.random.pick(alphabet) }
      } else {
        bytes = generator.file()
        for _ in 0..<Int.random(in: 1...4, using: &generator.random) where !bytes.isEmpty {
          let position = Int.random(in: 0..<bytes.count, using: &generator.random)
          switch Int.random(in: 0...2, using: &generator.random) {
          case 0: bytes.remove(at: position)
          case 1: bytes[position] = UInt8.random(in: 0...255, using: &generator.random)
          default: bytes.insert(generator.random.pick(Array(":#[]{}&*|>\"' \n\t-".utf8)), at: position)
          }
        }
      }
      guard let document = try? YAMLDocument(bytes: bytes) else { continue }
      accepted += 1
      for index in document.roots.indices {
        for leaf in document.scalars(ofDocument: index).prefix(8) {
          let value = generator.random.pick(DocumentGenerator.texts)
          guard let result = try? document.replacing(leaf.path, with: value, inDocument: index) else { continue }
          let text = try? YAMLDocument(bytes: result).text(at: leaf.path, inDocument: index)
          #expect(text.map { Array($0.utf8) } == Array(value.utf8), "seed \(seed), \(leaf.path)")
        }
      }
    }
    #expect(accepted > 200)
  }

  /// The comparison that stands behind every edit: it must see each way of changing too much.
  @Test(arguments: [
    "a: 2\nb: y\n", "a: 2\nb: 'x'\n", "a: 2\nb: !t x\n", "a: 2\nb: &n x\n", "a: 2\nb: x\nc: 1\n", "a: 2\n",
    "b: x\na: 2\n",
    "a: 3\nb: x\n", "a: &n 2\nb: x\n", "a: 2\nb: x\n--- {}\n", "a: [2]\nb: x\n", "{a: 2, b: x}\n",
  ])
  func theProofSeesMore(_ text: String) throws {
    let old = try document("a: 1\nb: x\n")
    let change = TreeChange(document: 0, position: [0], kind: .text("2"))
    #expect(change.isAll(from: old, to: try document("a: 2\nb: x\n")))
    #expect(!change.isAll(from: old, to: try document(text)))
  }
}
