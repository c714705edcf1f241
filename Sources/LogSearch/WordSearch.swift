import CLogSearch

/// Words that are looked for all at once, whatever the case of their ASCII letters.
final class WordSearch: Sendable {
  // Written once, before anybody else sees it.
  nonisolated(unsafe) private let words: OpaquePointer?
  let count: Int

  /// - Parameter words: in small letters; none of them empty.
  init(_ words: [[UInt8]]) {
    count = words.count
    let lengths = words.map { UInt32($0.count) }
    self.words = log_words_make(words.flatMap(\.self), lengths, words.count)
  }

  deinit { log_words_free(words) }

  /// Where the next word begins, and which one it is; nil when there is none.
  @inline(__always)
  func next(in text: UnsafeRawBufferPointer, from place: Int) -> (place: Int, word: Int)? {
    guard let base = text.baseAddress, let words else { return nil }
    var word = 0
    let found = log_words_next(words, base.assumingMemoryBound(to: UInt8.self), text.count, place, &word)
    return found < text.count ? (found, word) : nil
  }

  /// The way that needs no vectors, for comparing.
  func nextPortably(in text: UnsafeRawBufferPointer, from place: Int) -> (place: Int, word: Int)? {
    guard let base = text.baseAddress, let words else { return nil }
    var word = 0
    let found = log_words_next_portable(words, base.assumingMemoryBound(to: UInt8.self), text.count, place, &word)
    return found < text.count ? (found, word) : nil
  }

  /// Which instructions this machine searches with.
  static var way: String { String(cString: log_words_way()) }
}
