import PromotionModel
import Testing

@testable import LogSearch

@Suite struct LogSearchTests {
  private let search = LogSearch(words: ["error", "Panic"])

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func theSameThingAgainAndAgainIsOneKind() throws {
    let log = bytes(
      """
      2026-01-05T18:00:00Z error: connection to 10.0.3.17:5432 refused after 30ms (request 7f3a9c21-77aa-4b1c-9d3e-0123456789ab)
      2026-01-05T18:00:01Z all is well
      2026-01-05T18:00:02.5Z error: connection to 10.0.4.9:5432 refused after 1200ms (request 00aa9c21-beef-4a7c-812e-ba9876543210)
      2026-01-05T18:00:03Z panic in worker12
      2026-01-05T18:00:04Z error: connection to 10.1.4.9:5432 refused after 1ms (request 11aa9c21-77aa-4b1c-9d3e-ba9876543210)

      """
    )
    let found = search.scan(log)
    #expect(found.count == 4)
    #expect(found.kinds.map(\.count) == [3, 1])
    let kind = try #require(found.kinds.first)
    #expect(kind.first == Timestamp("2026-01-05T18:00:00Z"))
    #expect(kind.last == Timestamp("2026-01-05T18:00:04Z"))
    #expect(String(decoding: kind.example, as: UTF8.self).hasPrefix("error: connection to 10.0.3.17:5432"))
    #expect(found.newest == Timestamp("2026-01-05T18:00:04Z"))
    #expect(found.times.count == 4)
  }

  @Test(arguments: [
    ("user 17 failed", "user # failed"), ("at 2026-01-05T18:00:00.123Z", "at #-#-#T#:#:#.#Z"),
    ("pod api-7d9f8c6b5-x2x9q gone", "pod api-#-x2x9q gone"), ("s3 and db2 and v1", "s3 and db2 and v1"),
    ("worker12", "worker#"), ("0xdeadbeef1", "#"), ("5ms", "#ms"), ("deadbeef1", "#"), ("facade", "facade"),
    ("eyJhbGciOiJIUzI1NiIsInR5cCI6", "#"), ("é 5", "é #"), ("", ""),
  ])
  func numbersAndIdsAreFolded(line: String, folded: String) {
    var result = FoldedLine()
    bytes(line).withUnsafeBytes { result.fold($0) }
    #expect(String(decoding: result.bytes, as: UTF8.self) == folded)
  }

  @Test func patternsAndWhatIsLetPass() throws {
    let search = LogSearch(
      words: ["error"],
      patterns: [try LinePattern(#"status=5\d\d\b"#), try LinePattern(#"^[A-Z]\d{4}:"#)],
      tolerated: [try LinePattern("context canceled$")]
    )
    let log = bytes(
      """
      2026-01-05T18:00:00Z GET / status=503 in 3ms
      2026-01-05T18:00:00Z GET / status=50 in 3ms
      2026-01-05T18:00:00Z status=5 and status=5x and then status=599
      2026-01-05T18:00:00Z E0105: glog
      2026-01-05T18:00:00Z an E0105: glog
      2026-01-05T18:00:00Z error: context canceled
      2026-01-05T18:00:00Z error: context canceled?
      """
    )
    let found = search.scan(log)
    #expect(found.count == 4)
    #expect(found.tolerated == 1)
    // Without a pattern that has to be tried on every line, the whole log is searched at once: with the same result.
    let quick = LogSearch(words: ["error"], patterns: [try LinePattern(#"status=5\d\d\b"#)]).scan(log)
    #expect(quick.count == 4)
  }

  @Test func whatIsWrittenToConfuseIsCountedAllTheSame() {
    var log = bytes("2026-01-05T18:00:00Z error \u{1B}[2J\u{0}\r")
    log += [0xFF, 0xFE, 0x0A]
    log += bytes("2026-01-05T18:00:01Z " + String(repeating: "x", count: 1 << 20) + "error\n")
    log += bytes("error without end")
    let found = search.scan(log)
    #expect(found.count == 3)
    #expect(found.kinds.allSatisfy { $0.example.count <= ErrorLines.longestExample })
    // Nobody fills the memory with kinds of errors.
    var noise: [UInt8] = []
    for first in 0..<26 {
      for second in 0..<26 {
        for third in 0..<2 {
          noise += bytes("error ") + [97 + UInt8(first), 97 + UInt8(second), 97 + UInt8(third), 10]
        }
      }
    }
    let many = search.scan(noise)
    #expect(many.count == 26 * 26 * 2)
    #expect(many.kinds.count == ErrorLines.mostKinds)
    #expect(many.others == 26 * 26 * 2 - ErrorLines.mostKinds)
  }

  @Test func logsAreCountedTogether() {
    var all = search.scan(bytes("2026-01-05T18:00:05Z error 1\n2026-01-05T18:00:06Z panic\n"))
    all.merge(search.scan(bytes("2026-01-05T18:00:01Z error 2\nerror three\n")))
    #expect(all.count == 4)
    #expect(all.byCount.first?.count == 2)
    #expect(all.byCount.first?.first == Timestamp("2026-01-05T18:00:01Z"))
    #expect(all.newest == Timestamp("2026-01-05T18:00:06Z"))
  }

  // MARK: Against the plainest way there is

  private func plainly(_ log: [UInt8], _ words: [String]) -> Int {
    log.split(separator: 0x0A).count { line in
      let text = String(decoding: line.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
      return words.contains { text.utf8.count >= $0.utf8.count && text.contains($0) }
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func allWaysFindTheSame(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let letters = Array("abERr \n".utf8)
    let words = (0..<Int.random(in: 1...11, using: &generator)).map { _ in
      String(
        decoding: (0..<Int.random(in: 1...6, using: &generator)).map { _ in
          "aber".utf8.randomElement(using: &generator) ?? 97
        },
        as: UTF8.self
      )
    }
    let log = (0..<Int.random(in: 0...700, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? 10
    }
    let found = LogSearch(words: words).scan(log)
    #expect(found.count == plainly(log, words), "seed \(seed), words \(words)")
    let search = WordSearch(words.map { Array($0.utf8) })
    log.withUnsafeBytes { bytes in
      var (place, same) = (0, 0)
      while true {
        let (one, other) = (search.next(in: bytes, from: place), search.nextPortably(in: bytes, from: place))
        #expect(one?.place == other?.place, "seed \(seed), from \(place)")
        guard let one else { break }
        (place, same) = (one.place + 1, same + 1)
        if same > 2000 { break }
      }
    }
  }
}
