import PromotionModel
public import RunbookCheck
import RunbookDiagnostics

/// What `--set name=value` means for a runbook: each input is typed by its default.
public enum RunInputs {
  /// All that is wrong with what was given, a line each, with the right spelling.
  public struct Problems: Error, Hashable, Sendable { public var lines: [String] }

  /// - Parameter given: `name=value`, in the order in which they were given.
  /// - Returns: the values by the names of the inputs, and what was given, by name, to be stored with the run.
  public static func read(_ given: [String], for inputs: [CheckedInput]) throws(Problems) -> (
    values: [String: Value], texts: [String: String]
  ) {
    var problems: [String] = []
    var texts: [String: String] = [:]
    for entry in given {
      guard let equals = entry.firstIndex(of: "="), equals > entry.startIndex else {
        problems.append(RunInputMessages.noEquals(entry))
        continue
      }
      let name = String(entry[..<equals])
      if texts.updateValue(String(entry[entry.index(after: equals)...]), forKey: name) != nil {
        problems.append(RunInputMessages.twice(name))
      }
    }
    let known = inputs.map(\.variable.name)
    for name in texts.keys.sorted() where !known.contains(name) {
      problems.append(RunInputMessages.unknown(name, nearest: nearest(name, among: known), known: known))
    }
    var values: [String: Value] = [:]
    for input in inputs {
      guard let text = texts[input.variable.name] else {
        if input.defaultValue == nil { problems.append(RunInputMessages.missing(input)) }
        continue
      }
      if let value = value(of: text, as: input.variable.type) {
        values[input.variable.name] = value
      } else {
        problems.append(RunInputMessages.wrongType(input, text))
      }
    }
    guard problems.isEmpty else { throw Problems(lines: problems) }
    return (values, texts)
  }

  /// What a run stored, read again when it is resumed.
  public static func read(stored texts: [String: String], for inputs: [CheckedInput]) throws(Problems) -> [String:
    Value]
  {
    try read(texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }, for: inputs).values
  }

  /// nil where the text is no such value, as a runbook would write it.
  public static func value(of text: String, as type: ValueType) -> Value? {
    switch type {
    case .string: return .string(text)
    case .service: return text.isEmpty ? nil : .service(ServiceName(text))
    case .environment: return text.isEmpty ? nil : .environment(EnvironmentName(text))
    case .health: return text.isEmpty ? nil : .health(text)
    case .sync: return text.isEmpty ? nil : .sync(text)
    case .version: return Version(text).map(Value.version)
    case .boolean: return text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    case .duration: return Duration(runbookText: text).map(Value.duration)
    case .integer: return isNumber(text, decimal: false) ? Int(text).map(Value.integer) : nil
    case .decimal: return isNumber(text, decimal: true) ? Double(text).map(Value.decimal) : nil
    case .percentage:
      guard text.hasSuffix("%"), isNumber(text.dropLast(), decimal: true) else { return nil }
      return Double(text.dropLast()).map { .percentage($0 / 100) }
    case .clockTime: return clockTime(text).map(Value.clockTime)
    case .dateTime: return dateTime(text).map(Value.dateTime)
    case .list(let element):
      if text.isEmpty { return .list([]) }
      var values: [Value] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let value = value(of: String(part.trimmingPrefix(" ")), as: element) else { return nil }
        values.append(value)
      }
      return .list(values)
    }
  }

  private static func isNumber(_ text: some StringProtocol, decimal: Bool) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= (decimal ? 2 : 1)
      && parts.allSatisfy { !$0.isEmpty && $0.count <= 18 && $0.allSatisfy { (0x30...0x39).contains($0) } }
  }

  private static func clockTime(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = Int(text.prefix(2)),
      let minute = Int(text.suffix(2)),
      (0..<24).contains(hour), (0..<60).contains(minute), bytes[0] != UInt8(ascii: "+")
    else { return nil }
    return hour * 60 + minute
  }

  /// As a runbook writes it: the seconds may be left out.
  private static func dateTime(_ text: String) -> Timestamp? {
    if let time = Timestamp(text) { return time }
    guard text.utf8.count > 16 else { return nil }
    let minute = text.index(text.startIndex, offsetBy: min(16, text.count))
    return Timestamp(text[..<minute] + ":00" + text[minute...])
  }
}

extension Duration {
  /// `1h30m`, `250ms`: numbers with units, the larger unit first, each at most once.
  init?(runbookText text: String) {
    var milliseconds: Int64 = 0
    var smallest = Int64.max
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard !digits.isEmpty, digits.utf8.count <= 9, let number = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let units: [(String, Int64)] = [("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
      guard let (name, unit) = units.first(where: { rest.hasPrefix($0.0) }), unit < smallest else { return nil }
      rest = rest.dropFirst(name.count)
      smallest = unit
      milliseconds += number * unit
    }
    self = .milliseconds(milliseconds)
  }
}

/// All wording about inputs.
enum RunInputMessages {
  static func noEquals(_ entry: String) -> String { "`--set \(entry)` has no value: write `--set name=value`" }

  static func twice(_ name: String) -> String { "`--set \(name)=…` was given twice" }

  static func unknown(_ name: String, nearest: String?, known: [String]) -> String {
    if let nearest { return "the runbook has no input `\(name)`: did you mean `--set \(nearest)=…`?" }
    if known.isEmpty { return "the runbook has no input `\(name)`, and no other" }
    return "the runbook has no input `\(name)`: it has \(known.joined(separator: ", "))"
  }

  static func missing(_ input: CheckedInput) -> String {
    let name = input.variable.name
    return "the input `\(name)` has no value: give it with `--set \(name)=…`"
      + (input.description.map { " (\($0))" } ?? "")
  }

  static func wrongType(_ input: CheckedInput, _ text: String) -> String {
    let name = input.variable.name
    let example = input.defaultValue.map { ", as `--set \(name)=\($0.text)` would" } ?? ""
    return "`--set \(name)=\(text)` does not give \(due(input.variable.type))\(example)"
  }

  private static func due(_ type: ValueType) -> String {
    switch type {
    case .string: "a text"
    case .duration: "a duration"
    case .version: "a version"
    case .integer: "a whole number"
    case .decimal: "a number"
    case .percentage: "a percentage"
    case .boolean: "true or false"
    case .clockTime: "a time of day"
    case .dateTime: "a date and time"
    case .service: "a service"
    case .environment: "an environment"
    case .health: "a state of health"
    case .sync: "a state of sync"
    case .list: "a list, with commas"
    }
  }
}
