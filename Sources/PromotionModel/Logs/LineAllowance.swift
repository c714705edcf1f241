/// Error lines of one sort that are let pass as long as they are few.
public struct LineAllowance: Sendable, Hashable {
  public var pattern: LinePattern
  /// So many in each ``per``.
  public var count: Int
  public var per: Duration

  public init(_ pattern: LinePattern, count: Int, per: Duration = .seconds(60)) {
    (self.pattern, self.count, self.per) = (pattern, count, per)
  }
}
