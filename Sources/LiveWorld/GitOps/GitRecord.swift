import FoundationEssentials
import PromotionModel

/// What a ref beside the branch holds, such as a lock or a freeze: a commit without parents and without files, whose message is
/// one line of JSON.
///
/// A second paragraph names the object that it replaces, and the process that wrote it where that matters. So a record that is
/// written again is always another object, also when it says the same: git skips a ref that is up to date, and with it the
/// comparison that a push depends on.
enum GitRecord {
  private static let chain = "Slipway-Replaces: "
  private static let writer = "Slipway-Process: "

  static func message(_ value: some Encodable, replacing: CommitID?, by process: UInt64? = nil) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = String(decoding: try encoder.encode(value), as: UTF8.self)
    let author = process.map { "\(writer)\(String($0, radix: 16))\n" } ?? ""
    return "\(line)\n\n\(chain)\(replacing?.text ?? "nothing")\n\(author)"
  }

  /// nil when the message holds none.
  static func value<Value: Decodable>(of message: String, as type: Value.Type) -> Value? {
    try? JSONDecoder().decode(type, from: Data(message.prefix { $0 != "\n" }.utf8))
  }
}

extension GitStore {
  /// - Parameters:
  ///   - read: nil for what is no record of ours.
  ///   - name: of the ref, and what it should be, for people.
  /// - Throws: ``WorldError`` for what nobody can read: it holds nobody back in silence, and lets none pass.
  func record<Value>(_ object: CommitID, _ name: (ref: String, what: String), _ read: (String) -> Value?) async throws
    -> Value
  {
    guard let value = read(try await message(of: object)) else {
      throw WorldError(
        tool: Git.tool,
        reason: .nonsense,
        message: "\(name.ref) is no \(name.what) that Slipway wrote",
        advice: "Look at it, and remove it with git push --delete"
      )
    }
    return value
  }
}
