internal import PromotionModel

/// Where everything stands in the picture of a run: places along the time as hundredths of the width.
struct TimelineLayout {
  struct Bar: Sendable {
    var label: String
    var depth: Int
    var word: String
    var span: String
    var start: Double
    var width: Double
    var marks: [Mark]
    /// Times in which the servers could not be seen.
    var blind: [(start: Double, width: Double)]
  }

  struct Mark: Sendable {
    enum Kind: CaseIterable, Sendable { case commit, pullRequest, badSign, message }

    var kind: Kind
    var place: Double
    var message: String
  }

  struct Tick: Sendable {
    var place: Double
    var label: String
  }

  /// More bars are no picture any more.
  static let mostBars = 60

  let bars: [Bar]
  let ticks: [Tick]
  /// Where another process went on with the run.
  let resumed: [Double]
  /// Bars that are not drawn.
  let hidden: Int

  private let start: Timestamp
  private let total: Double

  init(_ paper: RunPaper) {
    start = paper.record.started
    let end = paper.end
    total = max(1, Self.seconds(end - start))
    let scale = Scale(start: start, total: total)
    let parts = paper.parts
    bars = parts.prefix(Self.mostBars).map { part in
      let begun = scale.place(part.record.begun)
      let ended = scale.place(part.record.outcome?.time ?? end)
      return Bar(
        label: part.record.statement,
        depth: part.depth,
        word: part.word,
        span: RunPaper.span((part.record.outcome?.time ?? end) - part.record.begun),
        start: begun,
        width: max(0, ended - begun),
        marks: Self.marks(part, scale),
        blind: Self.blind(part, scale, until: ended)
      )
    }
    hidden = max(0, parts.count - Self.mostBars)
    resumed = paper.whole.filter { $0.event == "run.started" && $0.resumed == true }.compactMap(\.at).map(scale.place)
    ticks = Self.ticks(total)
  }

  private struct Scale {
    let start: Timestamp
    let total: Double

    func place(_ time: Timestamp) -> Double { min(100, max(0, TimelineLayout.seconds(time - start) / total * 100)) }
  }

  private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }

  private static func marks(_ part: RunPaper.Part, _ scale: Scale) -> [Mark] {
    part.entries.compactMap { entry in
      guard let time = entry.at else { return nil }
      let kind: Mark.Kind
      switch entry.event {
      case "committed": kind = .commit
      case "pull-request.opened", "pull-request.changed": kind = .pullRequest
      case "bad-sign", "superseded": kind = .badSign
      case "announced": kind = .message
      default: return nil
      }
      return Mark(kind: kind, place: scale.place(time), message: entry.message ?? "")
    }
  }

  private static func blind(_ part: RunPaper.Part, _ scale: Scale, until end: Double) -> [(
    start: Double, width: Double
  )] {
    var found: [(start: Double, width: Double)] = []
    var lost: Double?
    for entry in part.entries {
      guard let time = entry.at else { continue }
      if entry.event == "sight.lost" {
        lost = lost ?? scale.place(time)
      } else if entry.event == "sight.regained", let from = lost {
        found.append((from, scale.place(time) - from))
        lost = nil
      }
    }
    if let from = lost { found.append((from, max(0, end - from))) }
    return found
  }

  /// Three to six round times.
  private static func ticks(_ total: Double) -> [Tick] {
    let rounds: [Double] = [
      0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
      172_800, 604_800,
    ]
    let step = rounds.first { total / $0 < 6 } ?? total / 4
    var ticks: [Tick] = []
    var time = 0.0
    // None so near to the right edge that its label would not fit.
    while time / total <= 0.93 {
      let label = time == 0 ? "0" : RunPaper.span(.milliseconds(Int64((time * 1000).rounded())))
      ticks.append(Tick(place: time / total * 100, label: label))
      time += step
    }
    return ticks
  }
}
