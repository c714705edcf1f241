import Benchmark
import FoundationEssentials
import FleetConfiguration
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax

/// Lexing, parsing, checking and formatting of large runbooks, in MB a second (1 MB is a million bytes).
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [speed, .wallClock, .peakMemoryResident],
    warmupIterations: 1,
    maxDuration: .seconds(5),
    maxIterations: 20
  )
  for megabytes in [1, 10, 20] {
    Benchmark("lex \(megabytes) MB") { benchmark in
      let source = Corpus.text(megabytes)
      measure(benchmark, source) { tokens(of: source).count }
    }
    Benchmark("parse \(megabytes) MB") { benchmark in
      let source = Corpus.text(megabytes)
      measure(benchmark, source) { parse(source).file }
    }
    Benchmark("parse and free \(megabytes) MB") { benchmark in
      let source = Corpus.text(megabytes)
      measure(benchmark, source) { parse(source).file.statements.count }
    }
    Benchmark("check \(megabytes) MB") { benchmark in
      let source = Corpus.text(megabytes)
      let file = parse(source).file
      let fleet = Corpus.fleet()
      measure(benchmark, source) { check(file, source: source, fleet: fleet).findings.count }
    }
    Benchmark("format \(megabytes) MB") { benchmark in
      let source = Corpus.text(megabytes)
      let file = parse(source).file
      measure(benchmark, source) { format(file, source: source).utf8.count }
    }
  }
}

private let speed = BenchmarkMetric.custom("MB/s", polarity: .prefersLarger, useScalingFactor: false)

/// What `work` gives is kept until the time is taken: to free a tree is not to parse it, and is measured beside it.
private func measure<Result>(_ benchmark: Benchmark, _ source: SourceText, _ work: () -> Result) {
  let clock = ContinuousClock()
  var result: Result?
  benchmark.startMeasurement()
  let elapsed = clock.measure { result = work() }
  benchmark.stopMeasurement()
  blackHole(result)
  benchmark.measurement(speed, Int(Double(source.bytes.count) / 1e6 / (elapsed / .seconds(1))))
}

/// The runbook `corpus.runbook`, repeated; it checks clean.
enum Corpus {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ megabytes: Int) -> SourceText {
    let unit = bytes("corpus.runbook")
    var all: [UInt8] = []
    all.reserveCapacity(megabytes * 1_000_000 + unit.count)
    while all.count < megabytes * 1_000_000 { all += unit }
    let source = SourceText(name: "corpus.runbook", bytes: all)
    return source
  }

  static func fleet() -> Fleet {
    let source = SourceText(name: "slipway.yaml", bytes: bytes("../examples/slipway.yaml"))
    guard let fleet = FleetConfiguration.load(source).0 else { fatalError("the examples' configuration is wrong") }
    return fleet
  }

  private static func bytes(_ name: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: folder.appending(path: name).path) else {
      fatalError("\(name) cannot be read")
    }
    return Array(data)
  }
}
