import PromotionModel
public import RunbookCheck

extension Value {
  /// As it stands in an interpolation.
  public var text: String {
    switch self {
    case .string(let text), .health(let text), .sync(let text): text
    case .duration(let duration): duration.runbookText
    case .version(let version): version.description
    case .integer(let number): "\(number)"
    case .decimal(let number): Self.text(number)
    case .percentage(let share): Self.text(share * 100) + "%"
    case .boolean(let isTrue): isTrue ? "true" : "false"
    case .clockTime(let minutes): LocalTime.text(minutes)
    case .dateTime(let time): time.description
    case .service(let name): name.text
    case .environment(let name): name.text
    case .list(let values): values.map(\.text).joined(separator: ", ")
    }
  }

  /// The type's name, for the run log.
  var typeName: String {
    switch self {
    case .string: "string"
    case .duration: "duration"
    case .version: "version"
    case .integer: "integer"
    case .decimal: "decimal"
    case .percentage: "percentage"
    case .boolean: "boolean"
    case .clockTime: "clock time"
    case .dateTime: "date-time"
    case .service: "service"
    case .environment: "environment"
    case .health: "health"
    case .sync: "sync"
    case .list: "list"
    }
  }

  /// At most nine digits behind the point, so that 7% is not 7.000000000000001%.
  private static func text(_ number: Double) -> String {
    let scaled = (number * 1e9).rounded()
    let shown = scaled.isFinite && abs(scaled) < 9e15 ? scaled / 1e9 : number
    let text = "\(shown)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
