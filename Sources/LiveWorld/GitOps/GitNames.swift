import PromotionModel

/// What may stand in the names that git is given.
enum GitNames {
  /// Whether `name` may be a branch, by the rules of `git check-ref-format --branch`.
  static func isBranch(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty, bytes.count <= 200, bytes[0] != UInt8(ascii: "-"), name != "@", name != "HEAD" else {
      return false
    }
    let forbidden = Array(" ~^:?*[\\".utf8)
    guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }) else { return false }
    guard !contains(bytes, ".."), !contains(bytes, "@{"), bytes.last != UInt8(ascii: ".") else { return false }
    return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.utf8.starts(with: [UInt8(ascii: ".")]) && !hasSuffix(Array($0.utf8), ".lock")
    }
  }

  /// Whether `path` names a file inside a repository: relative, in the plain form that git itself writes.
  static func isFile(_ path: String) -> Bool {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count <= 4096, bytes[0] != UInt8(ascii: "\""),
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
    else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.lowercased() != ".git"
    }
  }

  /// Whether `url` can be handed to git as a repository.
  static func isRepository(_ url: String) -> Bool {
    !url.isEmpty && !url.utf8.starts(with: [UInt8(ascii: "-")]) && url.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  /// The refused use of a name, told without letting it reach a terminal as it is.
  static func refusal(_ what: String, _ name: String) -> WorldError {
    WorldError(
      tool: Git.tool,
      reason: .refused,
      message: "“\(LocalPrograms.sanitize(line: name, limit: 80))” cannot be \(what)"
    )
  }

  static func lockRef(_ environment: EnvironmentName) throws -> String {
    guard isBranch(environment.text) else { throw refusal("part of a lock's name", environment.text) }
    return lockPrefix + environment.text
  }

  static let lockPrefix = "refs/slipway/lock/"

  /// The ref of an environment's freeze.
  static func freezeRef(_ environment: EnvironmentName) throws -> String {
    guard isBranch(environment.text) else { throw refusal("part of a freeze's name", environment.text) }
    return freezePrefix + environment.text
  }

  static let freezePrefix = "refs/slipway/freeze/"
  static let runPrefix = "refs/slipway/runs/"
  static let branchPrefix = "refs/heads/"

  private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
  }

  private static func hasSuffix(_ bytes: [UInt8], _ text: String) -> Bool {
    bytes.suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
