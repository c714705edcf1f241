import PromotionModel

/// One ref in a push: from what it must be on the server to what it shall be.
struct RefUpdate: Hashable, Sendable {
  var ref: String
  /// nil: there must be no such ref.
  var from: CommitID?
  /// nil: the ref goes.
  var to: CommitID?
}

enum PushResult {
  case done
  /// A ref was not as expected, so the server changed none.
  case raced
  /// What the server said cannot tell whether the push landed.
  case unclear(WorldError)
}

extension GitStore {
  /// Pushes all updates or none.
  /// - Throws: ``WorldError`` when the server said no (a hook, a protected branch, missing rights), or nothing was sent.
  func push(_ updates: [RefUpdate]) async throws -> PushResult {
    do {
      let result = try await send(updates)
      if case .done = result { note(updates) } else { note(nil) }
      return result
    } catch {
      note(nil)
      throw error
    }
  }

  private func send(_ updates: [RefUpdate]) async throws -> PushResult {
    try await prepare()
    var arguments = ["push", "--porcelain", "--atomic", "--no-verify", "--no-follow-tags"]
    arguments += updates.map { "--force-with-lease=\($0.ref):\($0.from?.text ?? "")" }
    arguments += [Git.remote] + updates.map { "\($0.to?.text ?? ""):\($0.ref)" }
    let result: ProgramResult
    do {
      result = try await git.run(arguments, .remote)
    } catch let error as WorldError where [.timedOut, .nonsense, .unwritable].contains(error.reason) {
      return .unclear(error)
    }
    if result.isSuccess { return .done }
    var (hasRaced, isRejected) = (false, false)
    for line in result.stdout.split(separator: UInt8(ascii: "\n")) where line.first == UInt8(ascii: "!") {
      let fields = line.split(separator: UInt8(ascii: "\t")).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 3 else { return .unclear(git.failure(result)) }
      isRejected = true
      let words = fields[2].lowercased()
      if Self.raceSigns.contains(where: { words.contains($0) }) {
        hasRaced = true
      } else if !Self.companySigns.contains(where: { words.contains($0) }) {
        throw refusal(of: fields, result)
      }
    }
    // A server that fails a transaction as a whole names the cause in its own words alone.
    let said = String(decoding: result.stderr, as: UTF8.self).lowercased()
    if hasRaced || (isRejected && Self.raceSigns.contains(where: { said.contains($0) })) { return .raced }
    let error = git.failure(result)
    switch error.reason {
    case .missing, .unauthorized, .notFound, .refused, .wrongPlace: throw error
    case .timedOut, .unreachable, .nonsense, .unwritable: return .unclear(error)
    }
  }

  /// A ref was not what the lease says, found out by our git, by the server's, or by GitHub.
  private static let raceSigns = [
    "stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to lock", "incorrect old value",
    "reference already exists", "reference is missing", "failed to update ref", "remote ref does not exist",
  ]
  /// A ref that could have been changed, had it not been pushed together with another.
  private static let companySigns = ["atomic push fail", "atomic transaction failed", "transaction failed"]

  private func refusal(of fields: [String], _ result: ProgramResult) -> WorldError {
    let remote = result.stderr.split(separator: UInt8(ascii: "\n")).filter { $0.starts(with: "remote:".utf8) }
    let said = LocalPrograms.sanitize(
      Array(remote.map { $0.dropFirst(7) }.joined(separator: [UInt8(ascii: "\n")])),
      limit: 400
    )
    let summary = LocalPrograms.sanitize(line: fields[2])
    let ref = LocalPrograms.sanitize(line: fields[1].split(separator: ":").last.map(String.init) ?? fields[1])
    return WorldError(
      tool: Git.tool,
      reason: .refused,
      message: "the push of \(ref) was not accepted: \(summary)\(said.isEmpty ? "" : "; \(said)")",
      advice: "The server's rules decide who may push there; a protected branch needs promote … by pr"
    )
  }
}
