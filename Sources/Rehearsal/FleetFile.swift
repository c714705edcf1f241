import FoundationEssentials
public import PromotionModel
public import RunbookDiagnostics
public import SimulatedWorld
import YAMLEdit

/// A fleet description as a file: YAML, or the JSON that is a part of it. `slipway rehearse --record` writes it and
/// `--fleet` reads it.
public enum FleetFile {
  /// What a recording may hold at most.
  private static let limits = YAMLLimits(bytes: 64 << 20, depth: 64, nodes: 4_000_000)

  /// - Parameter fleet: whose services and environments it may speak of; nil looks at its form alone.
  /// - Returns: the description, or nil with findings that say why not; with it come warnings.
  public static func read(_ source: SourceText, for fleet: Fleet? = nil) -> (
    description: FleetDescription?, findings: [Diagnostic]
  ) {
    let document: YAMLDocument
    do {
      document = try YAMLDocument(bytes: source.bytes, limits: limits)
    } catch {
      let end = min(max(0, error.place.offset), source.bytes.count)
      return (nil, [.fleetNotYAML(error.message, at: SourceSpan(end..<end))])
    }
    if let twice = document.duplicates.first {
      return (nil, [.fleetKeyTwice(twice.key, at: span(twice.repeated, twice.key))])
    }
    guard let root = document.root, root.pairs != nil else { return (nil, [.fleetIsNoMapping(at: source.span)]) }
    do {
      let json = try JSONTree(root)
      let decoder = JSONDecoder()
      let description = try decoder.decode(FleetDescription.self, from: Data(json.text.utf8))
      let known = try JSONDecoder().decode(JSONTree.self, from: JSONEncoder().encode(description))
      let unknown = json.keys(notIn: known, below: root)
      guard unknown.isEmpty else { return (nil, unknown.map { .fleetUnknownKey($0.key, at: $0.span) }) }
      let findings = FleetFileChecks(description, root: root, fleet: fleet).findings
      return (findings.contains { $0.severity == .error } ? nil : description, findings)
    } catch let error as JSONTree.Problem {
      return (nil, [.fleetValue(error.message, at: error.span)])
    } catch let error as DecodingError {
      let (path, message) = words(error)
      return (
        nil,
        [.fleetValue("\(path.isEmpty ? "the file" : path.joined(separator: ".")): \(message)", at: node(path, root))]
      )
    } catch {
      return (nil, [.fleetValue("\(error)", at: source.span)])
    }
  }

  /// The file of a description. Of logs, only lines that hold one of `errorWords` or match a pattern are kept: nothing else of them counts in
  /// a rehearsal, and what need not be in a file should not be.
  public static func text(
    _ description: FleetDescription,
    keepingLinesWith errorWords: [String],
    or patterns: [LinePattern] = []
  )
    throws -> String
  {
    var kept = description
    let words = errorWords.map { $0.lowercased() }
    for (environment, entry) in description.environments {
      for (service, value) in entry.services {
        kept.environments[environment]?.services[service]?.logs = value.logs?.map { log in
          var log = log
          log.lines.removeAll { text in
            let line = text.lowercased()
            return !words.contains { line.contains($0) } && !patterns.contains { $0.matches(text.utf8) }
          }
          return log
        }
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return readable(String(decoding: try encoder.encode(kept), as: UTF8.self)) + "\n"
  }

  /// JSON lets stand what YAML forbids and terminals obey; it is only in strings, where it can be spelled out.
  private static func readable(_ json: String) -> String {
    var written = ""
    for scalar in json.unicodeScalars {
      switch scalar.value {
      case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case _: written.unicodeScalars.append(scalar)
      }
    }
    return written
  }

  // MARK: Findings

  private static func words(_ error: DecodingError) -> (path: [String], message: String) {
    func path(_ context: DecodingError.Context) -> [String] {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    }
    switch error {
    case .keyNotFound(let key, let context): return (path(context), "`\(key.stringValue)` is missing")
    case .typeMismatch(_, let context): return (path(context), "another kind of value is due")
    case .valueNotFound(_, let context): return (path(context), "a value is missing")
    case .dataCorrupted(let context):
      return (path(context), due(context.codingPath.last?.stringValue) ?? context.debugDescription)
    @unknown default: return ([], "it cannot be read")
    }
  }

  /// What may stand at a key, where the decoder says no more than that it cannot be read.
  private static func due(_ key: String?) -> String? {
    func list(_ words: [String]) -> String { "one of these is due: \(words.joined(separator: ", "))" }
    switch key {
    case "sync": return list(ApplicationSnapshot.Sync.allCases.map(\.rawValue))
    case "health": return list(ApplicationSnapshot.Health.allCases.map(\.rawValue))
    case "digest": return "`sha256:` and 64 hexadecimal digits are due"
    case "time": return "a time such as 2026-11-26T18:00:00Z is due"
    case _: return nil
    }
  }

  /// The place of the last part of a path that is there.
  static func node(_ path: [String], _ root: YAMLNode) -> SourceSpan {
    var node = root
    for part in path {
      if let index = Int(part), let elements = node.elements, elements.indices.contains(index) {
        node = elements[index]
      } else if let next = node[part] {
        node = next
      }
    }
    return SourceSpan(node.span)
  }

  private static func span(_ place: YAMLPlace, _ key: String) -> SourceSpan {
    SourceSpan(place.offset..<place.offset + key.utf8.count)
  }
}
