/// A semantic version, as SemVer 2.0.0 defines it; a leading `v` is accepted when read and is no part of the value.
///
/// `<` is SemVer's precedence; versions that differ in build metadata alone are ordered by that text, so that `<` and
/// `==` agree. Use ``hasSamePrecedence(as:)`` where build metadata must not count.
public struct Version: Hashable, Comparable, Sendable {
  public let major: UInt64
  public let minor: UInt64
  public let patch: UInt64
  public let prerelease: [String]
  public let build: [String]

  /// Reads `1.2.3`, `v1.2.3-rc.1+b7`; nil for anything that is not SemVer 2.0.0 (leading zeros, missing parts).
  public init?(_ text: String) { self.init(Substring(text)) }

  /// By its bytes: whatever is not ASCII has no place in a version, and this is read again and again.
  init?(_ text: Substring) {
    var rest = text.utf8[...]
    if rest.first == UInt8(ascii: "v") { rest = rest.dropFirst() }
    var build: [String] = []
    if let plus = rest.firstIndex(of: UInt8(ascii: "+")) {
      guard let identifiers = Self.identifiers(rest[rest.index(after: plus)...], numericMayLeadWithZero: true) else {
        return nil
      }
      build = identifiers
      rest = rest[..<plus]
    }
    var prerelease: [String] = []
    if let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
      guard let identifiers = Self.identifiers(rest[rest.index(after: dash)...], numericMayLeadWithZero: false) else {
        return nil
      }
      prerelease = identifiers
      rest = rest[..<dash]
    }
    guard let first = rest.firstIndex(of: Self.dot) else { return nil }
    let others = rest[rest.index(after: first)...]
    guard let second = others.firstIndex(of: Self.dot), let major = Self.number(rest[..<first]),
      let minor = Self.number(others[..<second]), let patch = Self.number(others[others.index(after: second)...])
    else { return nil }
    (self.major, self.minor, self.patch) = (major, minor, patch)
    (self.prerelease, self.build) = (prerelease, build)
  }

  private static let dot = UInt8(ascii: ".")

  private static func number(_ text: Substring.UTF8View) -> UInt64? {
    guard let first = text.first, first != 0x30 || text.count == 1 else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard 0x30...0x39 ~= byte else { return nil }
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(UInt64(byte - 0x30))
      guard !isTooLarge, !overflows else { return nil }
      value = sum
    }
    return value
  }

  private static func identifiers(_ text: Substring.UTF8View, numericMayLeadWithZero: Bool) -> [String]? {
    var found: [String] = []
    for part in text.split(separator: dot, omittingEmptySubsequences: false) {
      let isNumeric = part.allSatisfy { (0x30...0x39).contains($0) }
      let isAllowed = part.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
      }
      guard !part.isEmpty, isAllowed else { return nil }
      if isNumeric, !numericMayLeadWithZero, number(part) == nil { return nil }
      found.append(String(decoding: part, as: UTF8.self))
    }
    return found
  }

  /// Whether neither version precedes the other by SemVer's rules, that is, build metadata aside.
  public func hasSamePrecedence(as other: Version) -> Bool {
    (major, minor, patch) == (other.major, other.minor, other.patch) && prerelease == other.prerelease
  }

  public static func < (a: Version, b: Version) -> Bool {
    if (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch) {
      return (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
    if a.prerelease != b.prerelease {
      // A version without a pre-release comes after every pre-release of it (SemVer 11.3).
      if a.prerelease.isEmpty || b.prerelease.isEmpty { return b.prerelease.isEmpty }
      for (x, y) in zip(a.prerelease, b.prerelease) where x != y {
        // Not `UInt64.init`, which takes the alphanumeric `-0` for a number.
        switch (number(x.utf8[...]), number(y.utf8[...])) {
        case (let m?, let n?): return m < n
        case (_?, nil): return true
        case (nil, _?): return false
        case (nil, nil): return Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8))
        }
      }
      return a.prerelease.count < b.prerelease.count
    }
    return a.build.lexicographicallyPrecedes(b.build)
  }
}

extension Version: CustomStringConvertible {
  /// Without a leading `v`: `1.2.3-rc.1+b7`.
  public var description: String {
    var text = "\(major).\(minor).\(patch)"
    if !prerelease.isEmpty { text += "-" + prerelease.joined(separator: ".") }
    if !build.isEmpty { text += "+" + build.joined(separator: ".") }
    return text
  }
}

extension Version: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let version = Version(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a semantic version: \(text)")
    }
    self = version
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// How a service writes its versions as tags: text before and after the version, such as `pm-v{version}`.
public struct TagPattern: Hashable, Sendable, Codable {
  public let prefix: String
  public let suffix: String

  public init(prefix: String, suffix: String = "") { (self.prefix, self.suffix) = (prefix, suffix) }

  /// Reads a pattern that names `{version}` exactly once; nil otherwise.
  public init?(_ pattern: String) {
    let marker = "{version}"
    let bytes = Array(pattern.utf8)
    let wanted = Array(marker.utf8)
    let starts = bytes.indices.filter { bytes[$0...].starts(with: wanted) }
    guard starts.count == 1 else { return nil }
    prefix = String(decoding: bytes[..<starts[0]], as: UTF8.self)
    suffix = String(decoding: bytes[(starts[0] + wanted.count)...], as: UTF8.self)
  }

  public func tag(_ version: Version) -> String { prefix + version.description + suffix }

  /// The version that a tag stands for; nil when the tag does not fit the pattern, byte by byte as registries compare, or is no
  /// semantic version (`latest` never is).
  public func version(ofTag tag: String) -> Version? {
    let (bytes, before, after) = (tag.utf8, prefix.utf8, suffix.utf8)
    guard bytes.count >= before.count + after.count, bytes.starts(with: before),
      bytes.suffix(after.count).elementsEqual(after)
    else { return nil }
    let core = bytes.dropFirst(before.count).dropLast(after.count)
    // `api-v{version}` with the tag `api-vv1.2.3` must not pass by way of the optional `v`.
    guard core.first != UInt8(ascii: "v") || before.last != UInt8(ascii: "v") else { return nil }
    return Version(Substring(core))
  }
}
