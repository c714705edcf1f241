import PromotionModel
import YAMLEdit

/// One service's file, read.
struct ServiceFile {
  let path: String
  let document: YAMLDocument

  var bytes: [UInt8] { document.bytes }

  /// - Throws: ``WorldError``: not YAML, or more than one document, of which only one can be meant.
  init(path: String, bytes: [UInt8]) throws(WorldError) {
    self.path = path
    do throws(YAMLError) {
      document = try YAMLDocument(bytes: bytes)
    } catch {
      throw WorldError(tool: WorldError.gitOpsTool, reason: .nonsense, message: "\(path):\(error)")
    }
    if document.roots.count > 1 {
      let place = document.roots[1].place
      throw refusal("has \(document.roots.count) documents; which one is meant cannot be told", at: place)
    }
  }

  /// The text of the scalar at a path; nil when there is none.
  /// - Throws: ``WorldError`` when it cannot be told: an alias, a merge key or a duplicate key on the way, no scalar.
  func text(at path: YAMLPath) throws(WorldError) -> String? { try scalar(at: path)?.text }

  /// The scalar at a path; nil when there is none.
  func scalar(at path: YAMLPath) throws(WorldError) -> YAMLNode? {
    let node: YAMLNode
    do throws(YAMLError) {
      node = try document.node(at: path)
      _ = try document.text(at: path)
    } catch {
      return try absent(error)
    }
    return node
  }

  /// nil for errors that say "not there"; throws all others.
  private func absent(_ error: YAMLError) throws(WorldError) -> YAMLNode? {
    switch error.reason {
    case .missingKey, .missingIndex, .noMatch, .noSuchDocument: return nil
    default: throw refusal(error)
    }
  }

  /// The tag at a path; nil when there is none: no key, no value.
  func tag(at path: YAMLPath) throws(WorldError) -> String? {
    guard let node = try scalar(at: path), let text = node.text, !node.isNull, !text.isEmpty else { return nil }
    guard text.unicodeScalars.allSatisfy(isPresentable) else {
      throw refusal("`\(path)` has characters that no tag has: \(shown(text))", at: node.place)
    }
    return text
  }

  /// Whether the file says that the service is enabled; nothing said means yes.
  func isEnabled(at path: YAMLPath) throws(WorldError) -> Bool {
    guard let node = try scalar(at: path), let text = node.text, !node.isNull else { return true }
    if node.scalarType == .boolean { return ["true", "yes", "on", "y"].contains(text.lowercased()) }
    throw refusal("`\(path)` is \(node.kindName), not true or false", at: node.place)
  }

  /// A value to be written.
  struct Edit {
    var path: YAMLPath
    /// nil: the key is not there yet.
    var from: String?
    var to: String
  }

  /// The bytes with values written; the paths of all that are there already are followed before any is changed.
  /// - Throws: ``WorldError`` when a value cannot be written without changing more than itself.
  func applying(_ edits: [Edit]) throws(WorldError) -> [UInt8] {
    do throws(YAMLError) {
      var result = document
      let replacements = edits.filter { $0.from != nil }.map { (path: $0.path, text: $0.to) }
      if !replacements.isEmpty { result = try YAMLDocument(bytes: result.replacing(replacements)) }
      for edit in edits where edit.from == nil {
        result = try YAMLDocument(bytes: result.inserting(edit.path, text: edit.to))
      }
      return result.bytes
    } catch {
      throw refusal(error)
    }
  }

  func refusal(_ error: YAMLError) -> WorldError { .refusal("\(path):\(error)") }

  func refusal(_ message: String, at place: YAMLPlace) -> WorldError {
    .refusal("\(path):\(place.line):\(place.column): \(message)")
  }
}

/// Equality of bytes: `String`'s own holds é and e + ◌́ equal, which files do not.
func sameBytes(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
