/// What is given to other programs as an address, and why it must not be.
enum Addresses {
  /// What is wrong with an URL that is reached over HTTP; nil when nothing is.
  static func webURLProblem(_ text: String) -> String? {
    let lower = text.lowercased()
    guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
      return "starts with neither http:// nor https://"
    }
    // The characters of RFC 3986: what else there is must be written with `%`.
    let others = Array("-._~:/?#[]@!$&'()*+,;=%".utf8)
    guard text.utf8.allSatisfy({ isDigit($0) || isLetter($0) || others.contains($0) }) else {
      return "has a character that an URL must write with `%`"
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { !"/?#".contains($0) }
    if authority.contains("@") { return "has a user or password; secrets never stand in this file" }
    if authority.hasPrefix("[") {
      return authority.contains("]") ? nil : "has no host"
    }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    guard let host = parts.first, isHost(host), parts.count <= 2 else { return "has no proper host" }
    if parts.count == 2 {
      guard let port = UInt16(parts[1]), port > 0 else { return "has no proper port" }
    }
    return nil
  }

  /// Whether a cluster may be registered in Argo CD by this name. Such names are often those of contexts
  /// (`gke_acme_europe-west1_prod`, `arn:aws:eks:eu-west-1:1234:cluster/prod`), so more than DNS allows is.
  static func isClusterName(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 253 else { return false }
    return [first, last].allSatisfy { isDigit($0) || isLetter($0) }
      && text.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-._:/@".utf8.contains($0) }
  }

  /// What is wrong with an URL or path for git; nil when nothing is.
  static func repositoryProblem(_ text: String) -> String? {
    if text.hasPrefix("-") { return "starts with `-`, which git would take for an option" }
    if text.contains("::") { return "names a remote helper of git" }
    if let range = text.firstRange(of: "://") {
      let scheme = text[..<range.lowerBound].lowercased()
      guard ["https", "http", "ssh", "git", "file"].contains(scheme) else {
        return "has the scheme `\(scheme)`; https, ssh, http, git and file are known"
      }
      let authority = text[range.upperBound...].prefix { $0 != "/" }
      if scheme == "file" { return nil }
      let halves = authority.split(separator: "@", omittingEmptySubsequences: false)
      if halves.count > 2 || (halves.count == 2 && (halves[0].contains(":") || scheme.hasPrefix("http"))) {
        return "has a user or password; git's own credentials are used, secrets never stand in this file"
      }
      let host = (halves.last ?? "").split(separator: ":", omittingEmptySubsequences: false).first ?? ""
      guard isHost(host) || host.hasPrefix("[") else { return "has no proper host" }
      return nil
    }
    // `user@host:path`, as scp writes it: a colon before the first slash.
    let head = text.prefix { $0 != "/" }
    if head.contains(":"), let host = head.split(separator: ":").first?.split(separator: "@").last {
      guard isHost(host) else { return "has no proper host" }
    }
    return nil
  }

  private static func isHost(_ text: Substring) -> Bool {
    !text.isEmpty && !text.hasPrefix("-") && !text.hasPrefix(".")
      && text.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-._".utf8.contains($0) }
  }

  /// What is wrong with the name of a branch, by git's check-ref-format; nil when nothing is.
  static func branchProblem(_ text: String) -> String? {
    if text.hasPrefix("-") { return "starts with `-`" }
    if let found = text.first(where: { " ~^:?*[\\".contains($0) }) { return "has the character `\(found)`" }
    if text.contains("..") || text.contains("@{") || text.contains("//") || text == "@" {
      return "has `..`, `@{` or `//`, or is `@`"
    }
    for part in text.split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty || part.hasPrefix(".") || part.hasSuffix(".lock") || part.hasSuffix(".") {
        return "has a part that is empty, starts or ends with a dot, or ends with .lock"
      }
    }
    return nil
  }

  /// What is wrong with the path of a file in the repository; nil when nothing is.
  static func filePathProblem(_ text: String) -> String? {
    if text.hasPrefix("/") { return "is absolute; it is a path in the repository" }
    if text.hasPrefix("-") || text.hasPrefix(":") { return "starts with `\(text.prefix(1))`" }
    for part in text.split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty { return "has an empty part" }
      if part == "." || part == ".." { return "has the part `\(part)`, and must stay in the repository" }
      if part.lowercased() == ".git" { return "leads into git's own files" }
    }
    return nil
  }

  /// `owner/name`, as GitHub allows them.
  static func isForgeRepository(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts[0].utf8.first, isDigit(first) || isLetter(first) else { return false }
    let name = parts[1]
    guard !name.isEmpty, name != ".", name != "..", !name.hasPrefix("-"), parts[0].utf8.count <= 39,
      name.utf8.count <= 100
    else { return false }
    return parts[0].utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
      && name.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-._".utf8.contains($0) }
  }

  /// The name of an image without its tag: `ghcr.io/acme/api`, `registry:5000/api`.
  static func isImageRepository(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, !last.contains(":") else { return false }
    let registry = first.split(separator: ":", omittingEmptySubsequences: false)
    guard registry.count == 1 || (registry.count == 2 && parts.count > 1 && UInt16(registry[1]) != nil) else {
      return false
    }
    return ([registry[0]] + parts.dropFirst()).allSatisfy { part in
      guard let first = part.utf8.first else { return false }
      return (isDigit(first) || isLetter(first))
        && part.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-._".utf8.contains($0) }
    }
  }
}
