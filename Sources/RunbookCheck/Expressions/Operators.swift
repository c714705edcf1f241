import PromotionModel
import RunbookDiagnostics
import RunbookSyntax

extension Checker {
  private struct Step {
    var operation: BinaryOperator
    var right: Expression
    var operatorSpan: SourceSpan
    var span: SourceSpan
  }

  /// A binary expression. Chains such as `a + b + …` lean to the left, and are gone through without recursion.
  mutating func binary(_ node: Expression) -> Typed {
    var steps: [Step] = []
    var first = node
    while case .binary(let operation, let left, let right, let span) = first.kind {
      steps.append(Step(operation: operation, right: right, operatorSpan: span, span: first.span))
      first = left
    }
    guard let innermost = steps.last else { return .unknown }
    // A bare state is understood by what stands beside it, so a left one has to wait for the right side.
    if isBareState(first), innermost.operation.isComparison {
      let right = expression(innermost.right)
      // Beside something that was wrong itself, any state is good enough.
      let left = right.type == nil ? .unknown : expression(first, expecting: right.type)
      return fold(steps.dropLast(), onto: combined(innermost, left, right, leftNode: first))
    }
    return fold(steps[...], onto: expression(first), firstNode: first)
  }

  private mutating func fold(_ steps: ArraySlice<Step>, onto first: Typed, firstNode: Expression? = nil) -> Typed {
    var left = first
    var node = firstNode
    for step in steps.reversed() {
      let right = expression(step.right, expecting: step.operation.expected(beside: left.type))
      left = combined(step, left, right, leftNode: node)
      node = nil
    }
    return left
  }

  /// A name that is nothing but the word for a state.
  private func isBareState(_ node: Expression) -> Bool {
    switch node.kind {
    case .parenthesized(let inner): return isBareState(inner)
    case .name(let name):
      let word = text(name)
      let isState = Self.healthStates.contains(word) || Self.syncStates.contains(word)
      return isState && entry(word) == nil && services[word] == nil && environments[word] == nil
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .boolean, .string,
      .environmentVariable, .list, .not, .binary, .fact:
      return false
    }
  }

  private mutating func combined(_ step: Step, _ left: Typed, _ right: Typed, leftNode: Expression?) -> Typed {
    switch step.operation {
    case .or, .and: return logical(step, left, right, leftNode: leftNode)
    case .is, .isNot, .less, .lessOrEqual, .greater, .greaterOrEqual: return comparison(step, left, right, leftNode)
    case .in, .notIn: return membership(step, left, right)
    case .plus, .minus: return sum(step, left, right)
    }
  }

  private mutating func logical(_ step: Step, _ left: Typed, _ right: Typed, leftNode: Expression?) -> Typed {
    for (side, node) in [(left, leftNode), (right, Optional(step.right))] {
      guard let type = side.type, type != .boolean else { continue }
      let span = node?.span ?? SourceSpan(start: step.span.start, end: step.operatorSpan.start)
      report(CheckMessages.noCondition(type, source.text(span), at: span))
    }
    guard left.type == .boolean, right.type == .boolean, let a = left.checked, let b = right.checked else {
      return Typed(type: .boolean, checked: nil)
    }
    return Typed(type: .boolean, checked: CheckedExpression(step.operation == .or ? .or(a, b) : .and(a, b), .boolean))
  }

  private mutating func comparison(_ step: Step, _ left: Typed, _ right: Typed, _ leftNode: Expression?) -> Typed {
    let unknown = Typed(type: .boolean, checked: nil)
    guard let a = left.type, let b = right.type else { return unknown }
    guard a.isComparable(with: b) else {
      report(CheckMessages.cannotCompare(a, b, at: step.span))
      return unknown
    }
    guard let comparison = step.operation.comparison else { return unknown }
    guard step.operation == .is || step.operation == .isNot || (a.isOrdered && b.isOrdered) else {
      report(CheckMessages.noOrder(a, step.operation.rawValue, at: step.operatorSpan))
      return unknown
    }
    guard let x = left.checked, let y = right.checked else { return unknown }
    if let leftNode, isWritten(leftNode), isWritten(step.right), let x = left.constant, let y = right.constant,
      let truth = ValueRules.compare(comparison, x, y)
    {
      report(CheckMessages.alwaysTheSame(truth, at: step.span))
    }
    if let x = left.constant, let y = right.constant, let truth = ValueRules.compare(comparison, x, y) {
      return .constant(.boolean(truth), .boolean)
    }
    return Typed(type: .boolean, checked: CheckedExpression(.compare(comparison, x, y), .boolean))
  }

  /// Whether an expression is a literal itself, not a variable that stands for one.
  private func isWritten(_ node: Expression) -> Bool {
    switch node.kind {
    case .duration, .version, .integer, .decimal, .percentage, .clockTime, .dateTime, .boolean: true
    case .string(let literal): literal.interpolations.isEmpty
    case .parenthesized(let inner): isWritten(inner)
    case .name, .environmentVariable, .list, .not, .binary, .fact: false
    }
  }

  private mutating func membership(_ step: Step, _ left: Typed, _ right: Typed) -> Typed {
    let unknown = Typed(type: .boolean, checked: nil)
    if let type = right.type {
      guard case .list = type else {
        report(CheckMessages.inWithoutList(type, at: step.right.span))
        return unknown
      }
    }
    guard let a = left.type, case .list(let element)? = right.type else { return unknown }
    guard a.isComparable(with: element) else {
      report(CheckMessages.cannotCompare(a, element, at: step.span))
      return unknown
    }
    guard let x = left.checked, let y = right.checked else { return unknown }
    let contains = CheckedExpression(.contains(x, in: y), .boolean)
    return Typed(
      type: .boolean,
      checked: step.operation == .in ? contains : CheckedExpression(.not(contains), .boolean)
    )
  }

  private mutating func sum(_ step: Step, _ left: Typed, _ right: Typed) -> Typed {
    guard let a = left.type, let b = right.type else { return .unknown }
    let isPlus = step.operation == .plus
    guard let type = ValueRules.sum(a, b, isPlus: isPlus) else {
      report(CheckMessages.cannotAdd(a, b, isPlus: isPlus, at: step.span))
      return .unknown
    }
    guard let x = left.checked, let y = right.checked else { return Typed(type: type, checked: nil) }
    if let x = left.constant, let y = right.constant, let value = try? x.sum(y, isPlus: isPlus) {
      return .constant(value, type)
    }
    if left.constant != nil, right.constant != nil, type == .duration {
      report(CheckMessages.lessThanNothing(at: step.span))
      return Typed(type: type, checked: nil)
    }
    return Typed(type: type, checked: CheckedExpression(isPlus ? .add(x, y) : .subtract(x, y), type))
  }
}

extension BinaryOperator {
  /// What may stand on the right of something of a type.
  fileprivate func expected(beside left: ValueType?) -> ValueType? {
    switch self {
    case .in, .notIn: left.map { .list($0) }
    case .is, .isNot, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus: left
    case .or, .and: nil
    }
  }

  fileprivate var isComparison: Bool {
    switch self {
    case .is, .isNot, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .notIn: true
    case .or, .and, .plus, .minus: false
    }
  }

  fileprivate var comparison: Comparison? {
    switch self {
    case .is: .equal
    case .isNot: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .or, .and, .in, .notIn, .plus, .minus: nil
    }
  }
}
