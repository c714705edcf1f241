/// Words that name environments, by how far they are from a developer's desk.
enum EnvironmentWords {
  private static let ranks: [(rank: Int, words: [String])] = [
    (0, ["dev", "develop", "development", "sandbox"]), (1, ["test", "testing", "ci", "qa"]),
    (2, ["int", "integration", "sit"]), (3, ["uat", "acceptance"]), (4, ["stage", "staging", "stg"]),
    (5, ["preprod", "pre-prod", "preproduction", "pre-production"]), (6, ["prod", "production", "prd", "live"]),
  ]
  static let production = 6

  /// nil for what names no environment.
  static func rank(_ word: String) -> Int? { ranks.first { $0.words.contains(word) }?.rank }

  /// Longer ones first, so that `pre-prod` is not taken for `prod`.
  static let all = ranks.flatMap(\.words).sorted { ($0.utf8.count, $1) > ($1.utf8.count, $0) }
}

/// A file's path read as a pattern: which part names the environment, and which the service.
struct SurveyedPath: Hashable {
  let path: String
  /// With `{environment}` and `{service}`.
  let pattern: String
  let environment: String
  let service: String

  /// Folders and files that say what is in them, not whose it is.
  private static let generic: Set<String> = [
    "base", "overlays", "overlay", "values", "environments", "environment", "envs", "env", "apps", "app",
    "applications",
    "config", "configs", "kustomization", "charts", "chart", "services", "service", "deployment", "deployments",
    "deploy",
    "helm", "argocd", "argo-cd", "clusters", "cluster", "k8s", "kubernetes", "manifests", "gitops", "src", "templates",
    "releases", "release", "kustomize", "image", "images", "version", "versions", "infra", "infrastructure",
  ]

  /// Every way to read a path.
  static func readings(of path: String) -> [SurveyedPath] {
    let components = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let file = components.last, let dot = file.lastIndex(of: ".") else { return [] }
    let ending = String(file[dot...])
    // The last part without its ending is a part like the others.
    let parts = components.dropLast() + [String(file[..<dot])]
    var found: [SurveyedPath] = []
    for (place, part) in parts.enumerated() {
      for split in splits(part) {
        var named = Array(parts)
        named[place] = split.before + "{environment}" + split.after
        // What is left beside the environment may be the service: `api-staging`.
        let rest = split.before.isEmpty ? String(split.after.dropFirst()) : String(split.before.dropLast())
        if split.before.isEmpty != split.after.isEmpty, isService(rest) {
          var both = named
          both[place] =
            split.before.isEmpty ? "{environment}\(split.after.prefix(1))" : split.before.suffix(1) + "{environment}"
          both[place] = split.before.isEmpty ? both[place] + "{service}" : "{service}" + both[place]
          found.append(reading(path, both, ending, split.word, rest))
        }
        for (other, candidate) in parts.enumerated() where other != place && isService(candidate) {
          var both = named
          both[other] = "{service}"
          found.append(reading(path, both, ending, split.word, candidate))
        }
      }
    }
    return found
  }

  private static func reading(
    _ path: String,
    _ parts: [String],
    _ ending: String,
    _ environment: String,
    _ service: String
  ) -> SurveyedPath {
    SurveyedPath(
      path: path,
      pattern: parts.joined(separator: "/") + ending,
      environment: environment,
      service: service
    )
  }

  /// A part of a path around the name of an environment: all of it, or at one end behind a separator.
  private static func splits(_ part: String) -> [(before: String, word: String, after: String)] {
    if EnvironmentWords.rank(part) != nil { return [("", part, "")] }
    for word in EnvironmentWords.all {
      for separator in ["-", ".", "_"] {
        if part.hasSuffix(separator + word) { return [(String(part.dropLast(word.count)), word, "")] }
        if part.hasPrefix(word + separator) { return [("", word, String(part.dropFirst(word.count)))] }
      }
    }
    return []
  }

  /// Whether a word can be the name of a service: a label that says more than what kind of thing it is.
  static func isService(_ word: String) -> Bool {
    guard !word.isEmpty, word.utf8.count <= 63, !generic.contains(word), EnvironmentWords.rank(word) == nil,
      word != "all", word != "promoted"
    else { return false }
    let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = word.utf8.first, let last = word.utf8.last, (0x61...0x7A).contains(first), isLetter(last) else {
      return false
    }
    return word.utf8.allSatisfy { isLetter($0) || $0 == 0x2D }
  }
}
