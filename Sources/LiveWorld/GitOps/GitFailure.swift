import PromotionModel

/// Reads what a failing git said.
enum GitFailure {
  /// The words git and the servers use, in lower case, and what they mean; the first that fits counts.
  private static let signs: [(WorldError.Reason, [String], advice: String?)] = [
    (
      .refused, ["please tell me who you are", "empty ident name", "auto-detect email address", "no email was given"],
      "git does not know in whose name to commit: set user.name and user.email with git config --global"
    ),
    (
      .refused, ["gpg failed to sign", "failed to write commit object", "signing failed"],
      "Commits are to be signed (commit.gpgsign): see that the key and its agent answer"
    ),
    (
      .unauthorized,
      [
        "authentication failed", "permission denied", "could not read username", "could not read password",
        "terminal prompts disabled", "returned error: 401", "returned error: 403", "host key verification failed",
        "access denied", "denied to ", "marked as read only", "invalid username or password", "invalid credentials",
        "write access to repository not granted",
      ],
      "Log in as git needs it: a credential helper (gh auth setup-git), or a key in ssh-agent"
    ),
    (
      .unreachable,
      [
        "could not resolve host", "connection refused", "connection timed out", "network is unreachable",
        "no route to host", "operation timed out", "connection reset", "failed to connect", "could not connect",
        "connection closed", "early eof", "temporary failure in name resolution", "ssl_", "returned error: 5",
        "remote end hung up", "unexpected disconnect", "rpc failed",
      ],
      "Look whether the network and the server are up"
    ),
    (
      .notFound,
      [
        "does not appear to be a git repository", "repository not found", "not found", "does not exist",
        "couldn't find remote ref", "no such ref", "not our ref",
      ],
      "Look at gitops.repository and gitops.branch in the configuration, and whether this login may see the repository"
    ),
  ]

  /// - Parameter reason: what it counts as where none of the known words is found.
  static func error(_ result: ProgramResult, otherwise reason: WorldError.Reason = .nonsense) -> WorldError {
    let said = LocalPrograms.sanitize(result.stderr, limit: 400)
    let lowered = String(decoding: result.stderr, as: UTF8.self).lowercased()
    let message = said.isEmpty ? "it ended with status \(result.status)" : said
    // "Could not read from remote repository" follows whatever went wrong before, so it counts only alone.
    if let advice = storageAdvice(lowered) {
      return WorldError(tool: Git.tool, reason: .unwritable, message: message, advice: advice)
    }
    for (reason, words, advice) in signs where words.contains(where: { lowered.contains($0) }) {
      return WorldError(tool: Git.tool, reason: reason, message: message, advice: advice)
    }
    if lowered.contains("could not read from remote repository") {
      return WorldError(tool: Git.tool, reason: .unreachable, message: message)
    }
    return WorldError(tool: Git.tool, reason: reason, message: message)
  }

  /// What to do about a place that takes no writing; nil where git says nothing of the kind. The rights of a server's login say
  /// `Permission denied` too, but behind a name and a host, or with the ways of logging in behind them.
  private static func storageAdvice(_ lowered: String) -> String? {
    for line in lowered.split(separator: "\n") {
      let isServers = line.hasPrefix("remote:")
      let place = isServers ? "the server's disk" : "the disk of Slipway's cache (XDG_CACHE_HOME)"
      if line.contains("no space left on device") || line.contains("disk quota exceeded") {
        return "Make room on \(place)"
      }
      if line.contains("read-only file system") {
        return isServers
          ? "The server's file system is read-only"
          : "Slipway's cache is on a read-only file system: set XDG_CACHE_HOME"
      }
      guard !isServers, line.hasSuffix(": permission denied") else { continue }
      if ["unable to ", "cannot ", "could not ", "failed to ", "can't "].contains(where: line.contains) {
        return "Slipway's cache is not writable: look at its owner and rights, or set XDG_CACHE_HOME"
      }
    }
    return lowered.contains("insufficient permission for adding an object")
      ? "Slipway's cache is not writable: look at its owner and rights, or set XDG_CACHE_HOME" : nil
  }

  /// What git says of objects of the cache that are not what their names say, by a crash of the machine or a full disk.
  private static let damageSigns = [
    "is corrupt", "inflate: ", "object file", "unable to unpack", "loose object", "does not match index",
    "unknown object type", "not a git repository:",
  ]

  /// Whether the cache itself is damaged; what the server says of its own repository does not count.
  static func isDamage(_ result: ProgramResult) -> Bool {
    let said = String(decoding: result.stderr, as: UTF8.self).lowercased()
    // What could not be written is no reason to throw away what was.
    guard storageAdvice(said) == nil else { return false }
    return said.split(separator: "\n").contains { line in
      !line.hasPrefix("remote:") && damageSigns.contains { line.contains($0) }
    }
  }

  /// Whether another process held one of the cache's own locks, which passes.
  static func isCacheBusy(_ result: ProgramResult) -> Bool {
    let said = String(decoding: result.stderr, as: UTF8.self)
    return said.contains(".lock': File exists") || said.contains("cannot lock ref")
      || said.contains("cannot update ref")
      || said.contains("unable to update local ref")
  }
}
