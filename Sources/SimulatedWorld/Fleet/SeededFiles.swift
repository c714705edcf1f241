import PromotionModel
import YAMLEdit

/// The files of a GitOps repository in the layout that a fleet's configuration describes.
struct SeededFiles {
  private var trees: [String: Node] = [:]
  private var comments: [String: String] = [:]

  /// - Throws: ``WorldError`` when a path of the configuration cannot be read.
  init(fleet: Fleet, contents: FleetContents) throws {
    for (level, environment) in fleet.environments.enumerated() {
      for service in fleet.services {
        guard let version = contents.versions[environment.name]?[service.name] else { continue }
        let settings = fleet.repository
        let file = settings.file(of: service.name, in: environment.name)
        func fill(_ text: String) -> String {
          RepositorySettings.fill(text, service: service.name, environment: environment.name)
        }
        func put(_ path: String, _ value: Scalar) throws {
          let steps = try Self.steps(path, fill)
          guard trees[file, default: .mapping([])].insert(value, at: steps[...]) else {
            throw WorldError(
              tool: "GitOps repository",
              reason: .refused,
              message: "no file of a rehearsal can be made with \(path) in it"
            )
          }
        }
        comments[file] = "# What \(environment.name) runs. Changed by promotions; keep the comments."
        if case .paths(let copied) = settings.copy {
          for path in copied { try put(path, .text(String(fleet.environments.count - level))) }
        }
        for (path, template) in settings.set.sorted(by: { $0.key < $1.key }) { try put(path, .text(fill(template))) }
        let isDisabled = contents.disabled[environment.name]?.contains(service.name) ?? false
        if settings.saysWhatIsEnabled { try put(settings.enabledPath, .isTrue(!isDisabled)) }
        try put(settings.tagPath, .tag(service.tag.tag(version)))
      }
    }
  }

  /// Path in the repository → bytes.
  var files: [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: trees.map { file, tree in
        (file, Array("\(comments[file] ?? "#")\n\(tree.lines.joined(separator: "\n"))\n".utf8))
      }
    )
  }

  private static func steps(_ path: String, _ fill: (String) -> String) throws -> [YAMLPath.Step] {
    do {
      return try YAMLPath(path).mapTexts(fill).steps
    } catch {
      throw WorldError(
        tool: "GitOps repository",
        reason: .refused,
        message: "the path \(path) of the configuration: \(error.message)"
      )
    }
  }
}

/// A value of a file that is being made.
private enum Scalar {
  case text(String)
  /// The tag, with a comment that a promotion must keep.
  case tag(String)
  case isTrue(Bool)

  var written: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .tag(let text): Self.quoted(text) + " # what runs here"
    case .isTrue(let value): value ? "true" : "false"
    }
  }

  /// Plain where that can only be a string, and in double quotes otherwise.
  static func quoted(_ text: String) -> String {
    let isName = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
        || "-._".utf8.contains(byte)
    }
    let hasLetter = text.utf8.first.map { (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) } ?? false
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    if isName, hasLetter, !words.contains(text.lowercased()) { return text }
    var written = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": written += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        written += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      case _: written.unicodeScalars.append(scalar)
      }
    }
    return written + "\""
  }
}

/// A YAML tree that is being made, in the order in which its values came.
private indirect enum Node {
  case scalar(Scalar)
  case mapping([(key: String, value: Node)])
  case sequence([Node])

  /// - Returns: whether the value has a place there.
  mutating func insert(_ value: Scalar, at steps: ArraySlice<YAMLPath.Step>) -> Bool {
    guard let step = steps.first else {
      // The same value may come twice, by two services that share a file.
      self = .scalar(value)
      return true
    }
    switch step {
    case .key(let key):
      guard case .mapping(var pairs) = self else { return false }
      let index = pairs.firstIndex { $0.key == key } ?? pairs.count
      if index == pairs.count { pairs.append((key, Self.empty(before: steps.dropFirst().first))) }
      guard pairs[index].value.insert(value, at: steps.dropFirst()) else { return false }
      self = .mapping(pairs)
      return true
    case .match(let key, let wanted):
      guard case .sequence(var elements) = self else { return false }
      let index = elements.firstIndex { $0.hasText(wanted, for: key) } ?? elements.count
      if index == elements.count { elements.append(.mapping([(key, .scalar(.text(wanted)))])) }
      guard elements[index].insert(value, at: steps.dropFirst()) else { return false }
      self = .sequence(elements)
      return true
    case .index(let index):
      guard case .sequence(var elements) = self, (0...elements.count).contains(index) else { return false }
      if index == elements.count { elements.append(Self.empty(before: steps.dropFirst().first)) }
      guard elements[index].insert(value, at: steps.dropFirst()) else { return false }
      self = .sequence(elements)
      return true
    case .entry: return false
    }
  }

  private static func empty(before step: YAMLPath.Step?) -> Node {
    switch step {
    case .match, .index: .sequence([])
    case .key, .entry, nil: .mapping([])
    }
  }

  private func hasText(_ text: String, for key: String) -> Bool {
    guard case .mapping(let pairs) = self,
      case .scalar(.text(let found))? = pairs.first(where: { $0.key == key })?.value
    else { return false }
    return found == text
  }

  /// In block style, two spaces a level.
  var lines: [String] {
    switch self {
    case .scalar(let scalar): return [scalar.written]
    case .mapping(let pairs):
      return pairs.flatMap { key, value in
        let key = Scalar.quoted(key)
        guard case .scalar(let scalar) = value else { return ["\(key):"] + value.lines.map { "  " + $0 } }
        return ["\(key): \(scalar.written)"]
      }
    case .sequence(let elements):
      return elements.flatMap { element in
        element.lines.enumerated().map { index, line in (index == 0 ? "- " : "  ") + line }
      }
    }
  }
}
