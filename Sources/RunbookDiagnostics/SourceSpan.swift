/// A half-open range of byte offsets in one ``SourceText``. Empty spans are places between two bytes.
public struct SourceSpan: Hashable, Sendable {
  /// The offset of the first byte.
  public let start: UInt32
  /// The offset behind the last byte; never less than ``start``.
  public let end: UInt32

  /// A span from `start` to `end`; an `end` before `start` gives the empty span at `start`.
  public init(start: UInt32, end: UInt32) {
    self.start = start
    self.end = max(start, end)
  }

  /// A span of offsets into bytes; offsets outside of `0...UInt32.max` are clamped.
  public init(_ range: Range<Int>) {
    self.init(start: UInt32(clamping: range.lowerBound), end: UInt32(clamping: range.upperBound))
  }

  /// The offsets as a range of array indices.
  public var range: Range<Int> { Int(start)..<Int(end) }

  /// The number of bytes.
  public var count: Int { Int(end - start) }

  public var isEmpty: Bool { start == end }

  /// The smallest span that has both.
  public func union(_ other: SourceSpan) -> SourceSpan {
    SourceSpan(start: min(start, other.start), end: max(end, other.end))
  }

  /// Whether `other` lies inside of this span.
  public func contains(_ other: SourceSpan) -> Bool { start <= other.start && other.end <= end }
}
