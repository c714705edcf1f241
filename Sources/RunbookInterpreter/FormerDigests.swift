import FoundationEssentials
public import PromotionModel
public import RunLog

/// What a journal knows of images that may run nowhere any more: a world that stands in for the real one would have to guess
/// what their tags name.
public enum FormerDigests {
  /// The newest digest of each service's tags, as it was sealed or seen to run before a promotion.
  /// - Throws: what the journal throws when it cannot be read.
  public static func known(to journal: any Journal) throws -> [ServiceName: [String: ImageDigest]] {
    var found: [ServiceName: [String: ImageDigest]] = [:]
    func add(_ service: ServiceName, _ tag: String?, _ digest: ImageDigest?) {
      guard let tag, let digest, found[service]?[tag] == nil else { return }
      found[service, default: [:]][tag] = digest
    }
    let decoder = JSONDecoder()
    for note in try journal.notes(key: Promotion.noteKey, limit: 500) {
      guard let promotion = try? decoder.decode(Promotion.self, from: Data(note.value.utf8)) else { continue }
      for change in promotion.changes.services {
        add(change.service, change.toTag, promotion.digests[change.service])
        add(change.service, change.fromTag, promotion.formerDigests[change.service])
      }
    }
    for note in try journal.notes(key: Validate.noteKey, limit: 500) {
      guard let validation = try? decoder.decode(Validate.Stored.self, from: Data(note.value.utf8)) else { continue }
      for seal in validation.seals { add(seal.service, seal.tag, seal.digest) }
    }
    return found
  }
}
