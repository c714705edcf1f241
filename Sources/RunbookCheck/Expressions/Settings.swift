import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

/// What clauses take: values of one type, known now or in the run.
extension Checker {
  /// An expression that must be of a type; nil when it is not, or is not known.
  mutating func value(_ node: Expression, of type: ValueType, _ what: String) -> CheckedExpression? {
    let typed = expression(node, expecting: type)
    guard let found = typed.type else { return nil }
    guard found == type else {
      report(CheckMessages.wrongType(type, found: found, what: what, at: node.span))
      return nil
    }
    return typed.checked
  }

  private mutating func setting<T>(
    _ node: Expression,
    _ type: ValueType,
    _ what: String,
    _ convert: (Value) -> T?
  ) -> Setting<T>? {
    guard let checked = value(node, of: type, what) else { return nil }
    guard case .constant(let value) = checked.kind else { return .computed(checked) }
    return convert(value).map { .constant($0) }
  }

  /// A duration, which must be more than nothing.
  mutating func duration(_ node: Expression, _ what: String) -> Setting<Duration>? {
    let setting: Setting<Duration>? = setting(node, .duration, what) {
      if case .duration(let duration) = $0 { duration } else { nil }
    }
    if let known = setting?.known, known <= .zero {
      report(CheckMessages.tooShort(what, at: node.span))
      return nil
    }
    return setting
  }

  mutating func integer(_ node: Expression, _ what: String, in range: ClosedRange<Int>) -> Setting<Int>? {
    let setting: Setting<Int>? = setting(node, .integer, what) {
      if case .integer(let number) = $0 { number } else { nil }
    }
    if let known = setting?.known, !range.contains(known) {
      report(CheckMessages.outOfRange(what, range, at: node.span))
      return nil
    }
    return setting
  }

  mutating func version(_ node: Expression, _ what: String) -> Setting<Version>? {
    setting(node, .version, what) { if case .version(let version) = $0 { version } else { nil } }
  }

  mutating func clockTime(_ node: Expression, _ what: String) -> Setting<Int>? {
    setting(node, .clockTime, what) { if case .clockTime(let minutes) = $0 { minutes } else { nil } }
  }

  mutating func dateTime(_ node: Expression, _ what: String) -> Setting<Timestamp>? {
    setting(node, .dateTime, what) { if case .dateTime(let moment) = $0 { moment } else { nil } }
  }

  /// A string with what is written into it.
  mutating func text(_ literal: StringLiteral) -> Setting<String>? {
    guard let segments = segments(literal) else { return nil }
    return Self.setting(of: segments)
  }

  mutating func text(_ literal: StringLiteral?) -> (isGood: Bool, setting: Setting<String>?) {
    guard let literal else { return (true, nil) }
    let setting = text(literal)
    return (setting != nil, setting)
  }

  /// What stands behind `because`: more than blanks, as far as that can be seen.
  mutating func reason(_ literal: StringLiteral?) -> (isGood: Bool, setting: Setting<String>?) {
    let (isGood, setting) = text(literal)
    guard let literal, let known = setting?.known, known.allSatisfy(\.isWhitespace) else { return (isGood, setting) }
    report(CheckMessages.emptyReason(at: literal.span))
    return (false, nil)
  }

  /// The pieces of a string; nil when one of them is wrong.
  mutating func segments(_ literal: StringLiteral) -> [CheckedExpression.Segment]? {
    var checked: [CheckedExpression.Segment] = []
    var isGood = true
    for segment in literal.segments(in: source) {
      switch segment {
      case .text(let text): checked.append(.text(text))
      case .interpolation(let node):
        if let value = expression(node).checked { checked.append(.value(value)) } else { isGood = false }
      }
    }
    return isGood ? checked : nil
  }

  static func setting(of segments: [CheckedExpression.Segment]) -> Setting<String> {
    var text = ""
    for segment in segments {
      switch segment {
      case .text(let piece): text += piece
      case .value: return .computed(CheckedExpression(.interpolated(segments), .string))
      }
    }
    return .constant(text)
  }

  /// A string that must be known before the run.
  mutating func constantText(_ literal: StringLiteral, what: String) -> String? {
    guard let first = literal.interpolations.first else { return literal.value(in: source) }
    report(CheckMessages.mustBeWritten(what, at: first.span))
    return nil
  }
}
