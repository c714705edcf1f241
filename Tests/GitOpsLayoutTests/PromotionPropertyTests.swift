import GitOpsLayout
import PromotionModel
import Testing

/// SplitMix64, so that a seed replays a failure.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct PromotionPropertyTests {
  /// A file with one tag among noise: comments, emoji, anchors, block scalars, line ends, quotes, flow and block style.
  private func file(_ tag: String, environment: String, using random: inout SeededGenerator) -> String {
    let end = Bool.random(using: &random) ? "\n" : "\r\n"
    let noise = [
      "# 🚀 comment with chartTag: api-v0.0.0", "", "anchors: &shared {a: 1, b: 'x'}", "again: *shared",
      "text: |\n  chartTag: not me\n  more", "folded: >-\n  some\n  words", "list: [1, \"two\", 3.0]", "emoji: \"🧑‍🚀 é\"",
      "spaced:    value   # trailing", "quoted: 'it''s'", "empty:",
    ]
    let quoted = [tag, "\"\(tag)\"", "'\(tag)'"].randomElement(using: &random) ?? tag
    let holder = [
      "service:\n  enabled: true\n  chartTag: \(quoted)   # here", "service: { enabled: true, chartTag: \(quoted) }",
      "service:\n    chartTag: \(quoted)\n    other: [a,\n      b]",
    ]
    let name = Bool.random(using: &random) ? "envName: \(environment)" : "envName: \"\(environment)\" # e"
    var parts = Array(noise.shuffled(using: &random).prefix(Int.random(in: 0...noise.count, using: &random)))
    if parts.contains("again: *shared") {
      parts.removeAll { $0.hasPrefix("anchors") }
      parts.insert("anchors: &shared {a: 1, b: 'x'}", at: 0)
    }
    parts.insert(holder.randomElement(using: &random) ?? holder[0], at: Int.random(in: 0...parts.count, using: &random))
    // An alias must follow its anchor.
    if let anchor = parts.firstIndex(where: { $0.hasPrefix("anchors") }) { parts.swapAt(0, anchor) }
    parts.append(name)
    let ending = Bool.random(using: &random) ? "\n" : ""
    return (parts.joined(separator: "\n") + ending).replacing("\n", with: end)
  }

  @Test func onlyThePlannedValuesChangeAndTheReturnRestoresEveryByte() throws {
    let layout = GitOpsLayout(fleet: fleet())
    for seed in UInt64(1)...300 {
      var random = SeededGenerator(state: seed)
      let old = "api-v1.\(Int.random(in: 0...99, using: &random)).0"
      let new = "api-v2.0.\(Int.random(in: 0...99, using: &random))-rc.1"
      let target = file(old, environment: "production", using: &random)
      let files = [
        path("staging", "api"): Array(file(new, environment: "staging", using: &random).utf8),
        path("production", "api"): Array(target.utf8),
      ]
      let request = PromotionRequest(source: staging, target: production, tags: [api: new])
      let changes = try layout.plan(request, base: commit(), files: files)
      let changed = try #require(try layout.apply(changes, to: files).changedFiles, "seed \(seed)")
      #expect(changed.count == 1, "seed \(seed)")
      let after = merged(files, changed)
      // The tag stands once in the file, so replacing its text is what the change must amount to.
      #expect(text(after[path("production", "api")]) == target.replacing(old, with: new), "seed \(seed)")
      #expect(try layout.apply(changes, to: after) == .files([:]), "seed \(seed)")
      let back = layout.planReturn(of: changes, services: [api], base: try commit(), files: after)
      #expect(back.superseded.isEmpty, "seed \(seed)")
      let restored = merged(after, try #require(try layout.apply(back.changes, to: after).changedFiles))
      #expect(restored == files, "seed \(seed)")
    }
  }

  @Test func aForeignEditNeverGetsLost() throws {
    let layout = GitOpsLayout(fleet: fleet())
    for seed in UInt64(1)...200 {
      var random = SeededGenerator(state: seed &* 7919)
      let files = repository(end: Bool.random(using: &random) ? "\n" : "\r\n")
      let request = PromotionRequest(
        source: staging,
        target: production,
        tags: [api: "api-v9.2.0", projectManagement: "pm-v10.45.0"]
      )
      let changes = try layout.plan(request, base: commit(), files: files)
      var moved = files
      let original = try #require(text(files[path("production", "api")]), "seed \(seed)")
      let foreign = [
        original.replacing("api-v9.1.1", with: "api-v9.1.2"),
        original.replacing("enabled: true", with: "enabled: false"),
        original.replacing("# the stage", with: "# a stage 🎭"), original.replacing("replicas: 3", with: "replicas: 9"),
      ].randomElement(using: &random)
      let edited = try #require(foreign, "seed \(seed)")
      moved[path("production", "api")] = Array(edited.utf8)
      switch try layout.apply(changes, to: moved) {
      case .superseded(let values):
        #expect(edited.contains("api-v9.1.2"), "seed \(seed)")
        #expect(values.map(\.service) == [api], "seed \(seed)")
      case .files(let changed):
        let result = text(merged(moved, changed)[path("production", "api")])
        #expect(result == edited.replacing("api-v9.1.1", with: "api-v9.2.0"), "seed \(seed)")
      }
    }
  }
}
