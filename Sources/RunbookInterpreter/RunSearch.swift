import FoundationEssentials
public import PromotionModel
public import RunLog

/// Finds runs by what they did.
public enum RunSearch {
  /// So many promotions are looked through at most, newest first.
  private static let limit = 5000

  /// The runs that opened a pull request of this number, in whatever repository, newest first.
  /// - Throws: ``JournalError``.
  public static func runs(ofPullRequest number: Int, in journal: any Journal) throws -> [RunID] {
    var found: [RunID] = []
    for note in try journal.notes(key: Promotion.noteKey, limit: limit) where !found.contains(note.run) {
      if pullRequest(of: note) == number { found.append(note.run) }
    }
    return found
  }

  /// The numbers of the pull requests that the promotions among these notes opened.
  public static func pullRequests(in notes: [StepNote]) -> [Int] {
    Array(Set(notes.compactMap(pullRequest))).sorted()
  }

  private static func pullRequest(of note: StepNote) -> Int? {
    guard note.key == Promotion.noteKey else { return nil }
    return (try? JSONDecoder().decode(Promotion.self, from: Data(note.value.utf8)))?.pullRequest?.number
  }
}
