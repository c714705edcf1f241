import FoundationEssentials
public import PromotionModel

/// The time zones of this machine: the compiled files of the IANA database that every Unix has (RFC 8536). Foundation's
/// zones would bring 44 MB of ICU with them.
public struct SystemTimeZones: TimeZoneReading {
  /// The folders in which systems keep them.
  public static let usualFolders = [
    "/usr/share/zoneinfo", "/var/db/timezone/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
  ]

  private let folders: [String]

  public init(folders: [String] = SystemTimeZones.usualFolders) { self.folders = folders }

  public func secondsAheadOfUTC(in zone: String, at time: Timestamp) throws -> Int {
    if UniversalTimeOnly.names.contains(zone) { return 0 }
    guard Self.isName(zone) else { throw Self.unknown(zone) }
    for folder in folders {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(zone)") else { continue }
      guard let file = ZoneFile([UInt8](data)) else {
        throw WorldError(
          tool: "time zones",
          reason: .notFound,
          message: "\(folder)/\(zone) is no time zone file",
          advice: "Install the system's zone files again (apt install --reinstall tzdata)"
        )
      }
      return file.offset(at: Self.seconds(time))
    }
    throw Self.unknown(zone)
  }

  private static func unknown(_ zone: String) -> WorldError {
    WorldError(
      tool: "time zones",
      reason: .notFound,
      message: "\(LocalPrograms.sanitize(line: zone)) is no time zone that this machine knows",
      advice: "Write an IANA name such as \"Europe/London\"; apt install tzdata brings the files"
    )
  }

  /// Names lead to no other folder.
  private static func isName(_ zone: String) -> Bool {
    zone.utf8.count <= 100
      && zone.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        (part.utf8.first.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) } ?? false)
          && part.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || "_+-".utf8.contains($0)
          }
      }
  }

  private static func seconds(_ time: Timestamp) -> Int64 {
    let quotient = time.nanosecondsSinceEpoch / 1_000_000_000
    return time.nanosecondsSinceEpoch % 1_000_000_000 < 0 ? quotient - 1 : quotient
  }
}

/// One compiled zone: the moments at which its offset changes, and the rule for all time after the last.
struct ZoneFile: Hashable {
  private var transitions: [(at: Int64, offset: Int)] = []
  private var first = 0
  private var rule: ZoneRule?

  static func == (a: ZoneFile, b: ZoneFile) -> Bool {
    a.first == b.first && a.rule == b.rule && a.transitions.map(\.at) == b.transitions.map(\.at)
      && a.transitions.map(\.offset) == b.transitions.map(\.offset)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(transitions.count) }

  /// Reads RFC 8536; nil for anything else.
  init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let version = reader.header() else { return nil }
    if version.version >= UInt8(ascii: "2") {
      // The first block has 32-bit times, for readers of the past.
      guard reader.skip(version.blockSize(timeSize: 4)), let second = reader.header() else { return nil }
      guard read(second, timeSize: 8, &reader) else { return nil }
      rule = ZoneRule(reader.footer())
    } else {
      guard read(version, timeSize: 4, &reader) else { return nil }
    }
  }

  private mutating func read(_ header: ByteReader.Header, timeSize: Int, _ reader: inout ByteReader) -> Bool {
    var times: [Int64] = []
    for _ in 0..<header.times {
      guard let time = reader.integer(timeSize) else { return false }
      times.append(time)
    }
    var indices: [Int] = []
    for _ in 0..<header.times {
      guard let index = reader.integer(1) else { return false }
      indices.append(Int(index & 0xFF))
    }
    var offsets: [Int] = []
    for _ in 0..<header.types {
      guard let offset = reader.integer(4), reader.skip(2) else { return false }
      offsets.append(Int(offset))
    }
    guard let initial = offsets.first, indices.allSatisfy(offsets.indices.contains),
      reader.skip(header.characters + header.leaps * (timeSize + 4) + header.standards + header.universals)
    else { return false }
    first = initial
    transitions = zip(times, indices).map { ($0, offsets[$1]) }
    return true
  }

  func offset(at time: Int64) -> Int {
    guard let last = transitions.last else { return rule?.offset(at: time) ?? first }
    if time >= last.at { return rule?.offset(at: time) ?? last.offset }
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : transitions[low - 1].offset
  }
}

private struct ByteReader {
  struct Header {
    var version: UInt8
    var universals: Int
    var standards: Int
    var leaps: Int
    var times: Int
    var types: Int
    var characters: Int

    func blockSize(timeSize: Int) -> Int {
      times * timeSize + times + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
    }
  }

  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, count <= bytes.count - index else { return false }
    index += count
    return true
  }

  /// Big-endian, with its sign.
  mutating func integer(_ size: Int) -> Int64? {
    guard size <= bytes.count - index else { return nil }
    var value: Int64 = bytes[index] & 0x80 != 0 && size > 1 ? -1 : 0
    for byte in bytes[index..<index + size] { value = value << 8 | Int64(byte) }
    index += size
    return value
  }

  mutating func header() -> Header? {
    guard bytes.count - index >= 44, Array(bytes[index..<index + 4]) == Array("TZif".utf8) else { return nil }
    let version = bytes[index + 4]
    index += 20
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = integer(4), count >= 0, count < 1_000_000 else { return nil }
      counts.append(Int(count))
    }
    return Header(
      version: version,
      universals: counts[0],
      standards: counts[1],
      leaps: counts[2],
      times: counts[3],
      types: counts[4],
      characters: counts[5]
    )
  }

  /// The line of text at the end.
  func footer() -> String {
    guard index < bytes.count, bytes[index] == 0x0A else { return "" }
    return String(decoding: bytes[(index + 1)...].prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
