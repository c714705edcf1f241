import PromotionModel
import YAMLEdit

/// What one file may say: where a version stands, which values name its environment, whether it says enabled.
struct SurveyedFile {
  /// A value that may be the service's tag.
  struct TagCandidate {
    /// With `{service}` where the service's name picks the element of a list.
    var path: String
    /// How much its key sounds like a tag.
    var weight: Int
    var text: String
  }

  private(set) var tags: [TagCandidate] = []
  /// Paths of keys whose value is the environment's name.
  private(set) var environmentPaths: Set<String> = []
  /// Paths of booleans that are called `enabled`.
  private(set) var enabledPaths: Set<String> = []
  /// Whether a value is the service's name: then the path was read rightly.
  private(set) var namesService = false
  /// `namespace:` of a kustomization.
  private(set) var namespace: String?

  /// - Returns: nil for what is no single document of YAML.
  init?(_ bytes: [UInt8], _ reading: SurveyedPath) {
    guard bytes.count <= 256 << 10, let document = try? YAMLDocument(bytes: bytes), document.roots.count == 1,
      let root = document.root, root.pairs != nil
    else { return nil }
    for leaf in document.scalars() {
      guard let text = leaf.node.text, !text.isEmpty, text.utf8.count <= 200,
        case .key(let key)? = leaf.path.steps.last
      else { continue }
      if text == reading.service || text.hasSuffix("/\(reading.service)") { namesService = true }
      let isPlain = leaf.path.steps.allSatisfy { if case .key = $0 { true } else { false } }
      if isPlain, leaf.path.steps.count <= 2 {
        if text == reading.environment, key != "namespace" { environmentPaths.insert(leaf.path.description) }
        if key == "enabled", leaf.node.scalarType == .boolean { enabledPaths.insert(leaf.path.description) }
        if key == "namespace", leaf.path.steps.count == 1 { namespace = text }
      }
      guard let weight = Self.weight(key), let path = Self.path(leaf.path, root, reading.service) else { continue }
      // A list's element that is called like the service is surer than any other, one that is only counted is less so.
      let sureness = path.contains("{service}") ? 1 : path.contains("[") ? -1 : 0
      tags.append(TagCandidate(path: path, weight: weight + sureness, text: text))
    }
  }

  private static func weight(_ key: String) -> Int? {
    switch key.lowercased() {
    case "charttag", "imagetag", "newtag", "tag", "image_tag", "image-tag": 3
    case "version", "appversion", "targetrevision": 2
    case _: nil
    }
  }

  /// Elements of lists by their name where they have one that is the service's or ends with it, else by number.
  /// - Returns: nil for paths through more than one list.
  private static func path(_ path: YAMLPath, _ root: YAMLNode, _ service: String) -> String? {
    var steps: [YAMLPath.Step] = []
    var node: YAMLNode? = root
    var lists = 0
    for step in path.steps {
      switch step {
      case .key(let key):
        node = node?[key]
        steps.append(step)
      case .index(let index):
        lists += 1
        let elements = node?.elements ?? []
        node = elements.indices.contains(index) ? elements[index] : nil
        steps.append(element(node, service) ?? step)
      case .match, .entry: return nil
      }
    }
    return lists <= 1 ? YAMLPath(steps).description : nil
  }

  private static func element(_ node: YAMLNode?, _ service: String) -> YAMLPath.Step? {
    guard let name = node?["name"]?.text else { return nil }
    if name == service { return .match(key: "name", value: "{service}") }
    guard name.hasSuffix("/" + service), !name.contains("{"), !name.contains("}") else { return nil }
    return .match(key: "name", value: name.dropLast(service.count) + "{service}")
  }

  // MARK: Tags

  /// A tag taken apart; nil when no semantic version ends it.
  static func pattern(of tag: String) -> (prefix: String, version: Version)? {
    let version = /(?:^|[^0-9.])([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.\-]+)?(?:\+[0-9A-Za-z.\-]+)?)$/
    guard let match = tag.firstMatch(of: version), let found = Version(String(match.output.1)) else { return nil }
    return (String(tag[..<match.output.1.startIndex]), found)
  }
}
