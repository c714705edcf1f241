import PromotionModel

/// Why two values have no sum, or no difference.
public enum SumError: Error, Hashable, Sendable {
  /// Their types have none; the checker lets none of these pass.
  case noSuchSum
  /// It is beyond what a value of its type can be.
  case tooLarge
  /// It is less than no time at all.
  case negative
}

extension Value {
  /// `+` and `-`, as the checker works them out beforehand and a run does later. A list less a list is what the second does not
  /// have.
  public func sum(_ other: Value, isPlus: Bool) throws(SumError) -> Value {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): return .integer(try Self.exact(a, b, isPlus))
    case (.percentage(let a), .percentage(let b)): return .percentage(try Self.finite(isPlus ? a + b : a - b))
    case (.duration(let a), .duration(let b)):
      return .duration(try Self.time(try Self.exact(a.wholeNanoseconds, b.wholeNanoseconds, isPlus)))
    case (.dateTime(let a), .duration(let b)): return .dateTime(try Self.moment(a, b, isPlus))
    case (.duration(let a), .dateTime(let b)) where isPlus: return .dateTime(try Self.moment(b, a, isPlus))
    case (.dateTime(let a), .dateTime(let b)) where !isPlus:
      return .duration(try Self.time(try Self.exact(a.nanosecondsSinceEpoch, b.nanosecondsSinceEpoch, isPlus)))
    case (.string(let a), .string(let b)) where isPlus: return .string(a + b)
    case (.list(let a), .list(let b)): return .list(isPlus ? a + b : Self.without(a, b))
    case (.list(let a), let b): return .list(isPlus ? a + [b] : Self.without(a, [b]))
    case (.integer(let a), .decimal(let b)): return .decimal(try Self.finite(isPlus ? Double(a) + b : Double(a) - b))
    case (.decimal(let a), .integer(let b)): return .decimal(try Self.finite(isPlus ? a + Double(b) : a - Double(b)))
    case (.decimal(let a), .decimal(let b)): return .decimal(try Self.finite(isPlus ? a + b : a - b))
    case (.integer, _), (.decimal, _), (.percentage, _), (.duration, _), (.dateTime, _), (.string, _), (.version, _),
      (.boolean, _), (.clockTime, _), (.service, _), (.environment, _), (.health, _), (.sync, _):
      throw .noSuchSum
    }
  }

  private static func exact<Number: FixedWidthInteger>(_ a: Number, _ b: Number, _ isPlus: Bool) throws(SumError)
    -> Number
  {
    let (result, overflows) = isPlus ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
    guard !overflows else { throw .tooLarge }
    return result
  }

  private static func time(_ nanoseconds: Int64) throws(SumError) -> Duration {
    guard nanoseconds >= 0 else { throw .negative }
    return .nanoseconds(nanoseconds)
  }

  private static func moment(_ time: Timestamp, _ duration: Duration, _ isPlus: Bool) throws(SumError) -> Timestamp {
    Timestamp(nanosecondsSinceEpoch: try exact(time.nanosecondsSinceEpoch, duration.wholeNanoseconds, isPlus))
  }

  private static func finite(_ number: Double) throws(SumError) -> Double {
    guard number.isFinite else { throw .tooLarge }
    return number
  }

  private static func without(_ values: [Value], _ removed: [Value]) -> [Value] {
    values.filter { value in !removed.contains { ValueRules.isEqual(value, $0) == true } }
  }
}
