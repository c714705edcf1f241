import LogSearch

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

// Error lines of a log in GB/s on one core, with their kinds and times, as `monitor` and `validate` find them; beside `grep -ci` on the
// same bytes, one after the other in the same minute. Arguments: megabytes (256), rounds (5).

/// A log as Kubernetes gives it: one line in a hundred is an error, of a dozen kinds.
func log(bytes: Int) -> [UInt8] {
  var state: UInt64 = 42
  func number(_ limit: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % limit
  }
  let troubles = [
    "ERROR connection to 10.0.3.17:5432 refused, attempt", "error: request timed out, id", "Error reading body, id",
    "level=error msg=\"upstream answered 502\" id",
  ]
  var log: [UInt8] = []
  log.reserveCapacity(bytes + 256)
  while log.count < bytes {
    let second = number(60)
    log += "2026-11-23T22:30:\(second < 10 ? "0" : "")\(second).\(100_000_000 + number(899_999_999))Z ".utf8
    if number(100) == 0 {
      log += "\(troubles[Int(number(4))]) \(number(1 << 31))\n".utf8
    } else {
      log +=
        "info served GET /v1/items/\(number(100_000)) status=200 user=anna in \(number(500)) ms, cache hit, \(number(4096)) bytes\n"
        .utf8
    }
  }
  return log
}

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

func best(of rounds: Int, _ act: () -> Int) -> (seconds: Double, lines: Int) {
  var (least, lines) = (Double.infinity, 0)
  for _ in 0..<rounds {
    let start = seconds()
    lines = act()
    least = min(least, seconds() - start)
  }
  return (least, lines)
}

/// Words of this file alone. grep that writes to /dev/null would stop at the first line that it finds.
func grep(_ words: [String], _ path: String) -> Int {
  let expressions = words.map { "-e \($0)" }.joined(separator: " ")
  return Int(system("LC_ALL=C grep -ci \(expressions) \(path) | cat >/dev/null") >> 8)
}

let megabytes = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 256
let rounds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5
let bytes = log(bytes: megabytes << 20)
let path = "/tmp/slipway-benchmark-\(getpid()).log"
guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
  fatalError("cannot write \(path)")
}
defer { unlink(path) }
let gigabytes = Double(bytes.count) / 1e9

print("\(megabytes) MB, one line in a hundred is an error; searched with \(LogSearch.way); best of \(rounds)")
let eight = ["error", "fatal", "panic", "exception", "traceback", "segfault", "denied", "corrupt"]
for (words, goal) in [(["error"], 3.0), (eight, 1.0)] {
  let search = LogSearch(words: words)
  var kinds = 0
  let ours = best(of: rounds) {
    let found = search.scan(bytes)
    kinds = found.kinds.count
    return found.count
  }
  let other = best(of: rounds) { grep(words, path) }
  print(
    "\(words.count) \(words.count == 1 ? "word: " : "words:") slipway \(text(gigabytes / ours.seconds)) GB/s "
      + "(\(ours.lines) error lines, \(kinds) kinds), goal \(goal); grep -ci \(text(gigabytes / other.seconds)) GB/s"
  )
}
