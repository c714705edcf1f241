import FoundationEssentials
import PromotionModel
import RunbookCheck
import SimulatedWorld
import Testing

@testable import RunbookInterpreter

/// Values by themselves: order, sums, texts, and their form in the journal.
@Suite struct ValueTests {
  private static func duration(_ seconds: Int64) -> Value { .duration(.seconds(seconds)) }

  /// A value of any kind.
  static func value(_ chance: inout SplitMix64, depth: Int = 2) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 14 : 13), using: &chance) {
    case 0: return .string(["", "a", "ünï 🚢", "\u{1B}[31m\"\\\n"].randomElement(using: &chance) ?? "")
    case 1: return .duration(.milliseconds(Int64.random(in: 0...1 << 40, using: &chance)))
    case 2:
      let text = ["1.2.3", "0.0.1-rc.1", "10.44.3+b7", "1.2.3-a.b+c.d"].randomElement(using: &chance) ?? "1.0.0"
      return Version(text).map(Value.version) ?? .integer(0)
    case 3: return .integer(Int.random(in: .min ... .max, using: &chance))
    case 4: return .decimal(Double.random(in: -1e12...1e12, using: &chance))
    case 5: return .percentage(Double(Int.random(in: 0...1000, using: &chance)) / 1000)
    case 6: return .boolean(Bool.random(using: &chance))
    case 7: return .clockTime(Int.random(in: 0..<1440, using: &chance))
    case 8: return .dateTime(Timestamp(secondsSinceEpoch: Int64.random(in: -1 << 32...1 << 32, using: &chance)))
    case 9: return .service(ServiceName(["api", "team.web"].randomElement(using: &chance) ?? "api"))
    case 10: return .environment(EnvironmentName("staging"))
    case 11: return .health("degraded")
    case 12: return .sync("out-of-sync")
    default:
      return .list((0..<Int.random(in: 0...4, using: &chance)).map { _ in value(&chance, depth: depth - 1) })
    }
  }

  @Test func everyValueIsReadFromTheJournalAsItWasWritten() throws {
    var chance = SplitMix64(seed: 11)
    for number in 0..<2000 {
      let bound = Bound(Self.value(&chance), isSecret: number.isMultiple(of: 3))
      let json = try JSONEncoder().encode(bound)
      #expect(try JSONDecoder().decode(Bound.self, from: json) == bound, "\(bound), number \(number) of seed 11")
    }
  }

  /// Old runs are resumed by newer versions: the form stays.
  @Test(
    arguments: [
      (.version(Version("1.2.3") ?? zero), #"{"version":{"_0":"1.2.3"}}"#), (.integer(7), #"{"integer":{"_0":7}}"#),
      (.list([.service(ServiceName("api"))]), #"{"list":{"_0":[{"service":{"_0":"api"}}]}}"#),
      (.boolean(true), #"{"boolean":{"_0":true}}"#), (.percentage(0.005), #"{"percentage":{"_0":0.005}}"#),
    ] as [(Value, String)]
  )
  func theFormInTheJournalIsStable(value: Value, json: String) throws {
    #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == json)
  }

  private static let zero = Version("0.0.0") ?? { preconditionFailure("a version") }()

  // MARK: Order

  @Test func orderIsConsistent() throws {
    var chance = SplitMix64(seed: 5)
    for _ in 0..<5000 {
      let (a, b) = (Self.value(&chance), Self.value(&chance))
      #expect(a.order(to: a) == .same, "\(a)")
      switch a.order(to: b) {
      case .before: #expect(b.order(to: a) == .after, "\(a) \(b)")
      case .after: #expect(b.order(to: a) == .before, "\(a) \(b)")
      case .same: #expect(b.order(to: a) == .same, "\(a) \(b)")
      case nil: #expect(b.order(to: a) == nil, "\(a) \(b)")
      }
      #expect(a.compares(.equal, to: b) != a.compares(.notEqual, to: b))
      #expect(!(a.compares(.less, to: b) && a.compares(.greaterOrEqual, to: b)))
    }
  }

  @Test(
    arguments: [
      ("1.2.2", "1.2.10", Order.before), ("1.0.0-rc.1", "1.0.0", .before), ("1.2.3+b7", "1.2.3+b8", .same),
      ("2.0.0", "1.9.9", .after), ("1.0.0-alpha.2", "1.0.0-alpha.10", .before),
    ]
  )
  func versionsAreComparedAsSemVer(a: String, b: String, order: Order) throws {
    let (a, b) = (try #require(Version(a)), try #require(Version(b)))
    #expect(Value.version(a).order(to: .version(b)) == order)
  }

  @Test func numbersOfAllKindsCompareByTheirAmount() {
    #expect(Value.percentage(0.005).order(to: .decimal(0.005)) == .same)
    #expect(Value.decimal(0.004).order(to: .percentage(0.005)) == .before)
    #expect(Value.integer(1).order(to: .percentage(1)) == .same)
    #expect(Value.integer(.max).order(to: .integer(.max - 1)) == .after)
    #expect(Value.duration(.seconds(60)).order(to: .integer(60)) == nil)
    #expect(Value.health("healthy").order(to: .string("healthy")) == .same)
    #expect(Value.service(ServiceName("api")).order(to: .string("api")) == .same)
  }

  // MARK: Sums

  @Test func sumsOfAnythingEndInWordsAndNeverTrap() {
    var chance = SplitMix64(seed: 23)
    for _ in 0..<20_000 {
      let (a, b) = (Self.value(&chance), Self.value(&chance))
      for sum in [Value.adding, Value.subtracting] {
        do {
          _ = try sum(a)(b)
        } catch let halt as Halt {
          #expect(halt.ending == .refused && !halt.message.isEmpty)
        } catch {
          Issue.record("\(a) \(b): \(error)")
        }
      }
    }
  }

  @Test(
    arguments: [
      (.integer(.max), .integer(1)), (.integer(.min), .integer(-1)),
      (.duration(.nanoseconds(Int64.max)), .duration(.seconds(1))),
      (.dateTime(Timestamp(nanosecondsSinceEpoch: .max)), .duration(.seconds(1))),
      (.decimal(.greatestFiniteMagnitude), .decimal(.greatestFiniteMagnitude)),
    ] as [(Value, Value)]
  )
  func whatIsTooLargeIsRefused(a: Value, b: Value) {
    #expect(throws: Halt.self) { try a.adding(b) }
  }

  @Test func timesAreAddedAndSubtracted() throws {
    let noon = Timestamp(secondsSinceEpoch: 1_800_000_000)
    #expect(try Value.dateTime(noon).adding(.duration(.seconds(90))) == .dateTime(noon + .seconds(90)))
    #expect(try Value.dateTime(noon).subtracting(.dateTime(noon - .seconds(5))) == .duration(.seconds(5)))
    #expect(try Self.duration(90).subtracting(Self.duration(90)) == Self.duration(0))
    #expect(throws: Halt.self) { try Self.duration(60).subtracting(Self.duration(61)) }
    #expect(throws: Halt.self) { try Value.dateTime(noon).subtracting(.dateTime(noon + .seconds(1))) }
    #expect(throws: Halt.self) {
      try Value.dateTime(Timestamp(nanosecondsSinceEpoch: .max)).subtracting(
        .dateTime(Timestamp(nanosecondsSinceEpoch: .min))
      )
    }
  }

  @Test func listsAreJoinedAndThinnedOut() throws {
    let (api, web) = (Value.service(ServiceName("api")), Value.service(ServiceName("web")))
    #expect(try Value.list([api]).adding(.list([web])) == .list([api, web]))
    #expect(try Value.list([api, web]).subtracting(.list([api])) == .list([web]))
    #expect(try Value.list([api]).adding(web) == .list([api, web]))
  }

  // MARK: Texts

  @Test(
    arguments: [
      (.duration(.seconds(5400)), "1h30m"), (.percentage(0.07), "7%"), (.percentage(0.005), "0.5%"),
      (.decimal(2), "2"), (.decimal(1.25), "1.25"), (.clockTime(18 * 60 + 5), "18:05"), (.boolean(false), "false"),
      (.list([.service(ServiceName("api")), .service(ServiceName("web"))]), "api, web"), (.list([]), ""),
      (.decimal(0.1 + 0.2), "0.3"), (.decimal(1e300), "1e+300"), (.integer(-3), "-3"),
    ] as [(Value, String)]
  )
  func valuesAreWrittenAsARunbookWritesThem(value: Value, text: String) { #expect(value.text == text) }

  // MARK: Inputs

  @Test func whatIsWrittenForAnInputIsReadBack() {
    var chance = SplitMix64(seed: 31)
    for _ in 0..<3000 {
      let value = Self.value(&chance, depth: 0)
      guard let type = Self.type(of: value) else { continue }
      guard let read = RunInputs.value(of: value.text, as: type) else {
        Issue.record("\(value.text) is not read as \(type)")
        continue
      }
      #expect(read.text == value.text, "\(value) \(read)")
    }
  }

  /// nil where the text does not give the value back: negative numbers are none of the language, nor are long fractions.
  private static func type(of value: Value) -> ValueType? {
    switch value {
    case .string: .string
    case .duration: .duration
    case .version: .version
    case .boolean: .boolean
    case .clockTime: .clockTime
    case .dateTime: .dateTime
    case .service: .service
    case .environment: .environment
    case .percentage: .percentage
    case .integer, .decimal, .health, .sync, .list: nil
    }
  }

  @Test(
    arguments: [
      ("45", .duration), ("m", .duration), ("1m1h", .duration), ("45m ", .duration), ("vv1.2.3", .version),
      ("1.2", .version), ("yes", .boolean), ("24:00", .clockTime), ("1e3", .integer), ("+3", .integer),
      ("-3", .integer),
      ("½", .decimal), ("0x10", .integer), ("5", .percentage), ("tomorrow", .dateTime), ("", .duration),
      ("99999999999999999999", .integer), ("1.2.3.4", .decimal), (".5", .decimal), ("", .service),
    ] as [(String, ValueType)]
  )
  func whatIsNoValueIsNotRead(text: String, type: ValueType) { #expect(RunInputs.value(of: text, as: type) == nil) }

  @Test func dateTimesMayLeaveTheSecondsOut() {
    let moment = Timestamp("2026-12-24T18:00:00+01:00").map(Value.dateTime)
    #expect(RunInputs.value(of: "2026-12-24T18:00+01:00", as: .dateTime) == moment)
  }
}
