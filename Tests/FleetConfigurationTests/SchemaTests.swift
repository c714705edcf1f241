import FoundationEssentials
import RunbookDiagnostics
import Testing

@testable import FleetConfiguration

/// The schema and the reference say what the loader does.
@Suite struct SchemaTests {
  static let docs =
    #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 } + "/docs"

  struct Schema: Decodable {
    struct Section: Decodable {
      var additionalProperties: AdditionalProperties?
      var required: [String]?
      var properties: [String: Property]?
    }
    /// Whatever a property says; only its key counts here.
    struct Property: Decodable {}
    enum AdditionalProperties: Decodable {
      case allowed(Bool)
      case schema

      init(from decoder: any Decoder) throws {
        self = (try? decoder.singleValueContainer().decode(Bool.self)).map { .allowed($0) } ?? .schema
      }
    }
    var definitions: [String: Section]

    enum CodingKeys: String, CodingKey { case definitions = "$defs" }
  }

  @Test func theSchemaHasTheKeysOfTheLoader() throws {
    let data = try Data(contentsOf: URL(filePath: "\(Self.docs)/slipway.schema.json"))
    let schema = try JSONDecoder().decode(Schema.self, from: data)
    for section in ConfigurationSection.allCases {
      let definition = try #require(schema.definitions[section.rawValue], "\(section.rawValue)")
      #expect(definition.properties?.keys.sorted() == section.keys.sorted(), "\(section.rawValue)")
      #expect((definition.required ?? []).sorted() == section.requiredKeys.sorted(), "\(section.rawValue)")
      guard case .allowed(false)? = definition.additionalProperties else {
        Issue.record("\(section.rawValue) lets unknown keys pass")
        continue
      }
    }
    let withProperties = schema.definitions.filter { $0.value.properties != nil }.keys.sorted()
    #expect(withProperties == ConfigurationSection.allCases.map(\.rawValue).sorted())
  }

  @Test func theReferenceKnowsEveryKeyAndEveryCode() throws {
    let page = try String(contentsOfFile: "\(Self.docs)/configuration.md", encoding: .utf8)
    for section in ConfigurationSection.allCases {
      for key in section.keys { #expect(page.contains("`\(key)`"), "\(section.rawValue).\(key)") }
    }
    let documented = page.split(separator: "\n").filter { $0.hasPrefix("| SW") }.map {
      String($0.dropFirst(2).prefix(6))
    }
    #expect(documented == ConfigurationCode.allCases.map(\.rawValue).sorted())
  }

  @Test func theReferencesExampleIsRight() throws {
    let page = try String(contentsOfFile: "\(Self.docs)/configuration.md", encoding: .utf8)
    let start = try #require(page.firstRange(of: "```yaml\n"))
    let end = try #require(page[start.upperBound...].firstRange(of: "```"))
    let example = SourceText(name: "configuration.md", text: String(page[start.upperBound..<end.lowerBound]))
    let (fleet, findings) = FleetConfiguration.load(example)
    #expect(findings.isEmpty)
    #expect(fleet?.services.count == 3)
  }

  @Test(arguments: [
    ("250ms", 250), ("90s", 90_000), ("30m", 1_800_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("0s", 0),
  ])
  func readsDurations(text: String, milliseconds: Int64) {
    #expect(DurationText.duration(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "30", "m", "30x", "1m1h", "1h1h", "1.5h", "-1m", "1 h", "1h ", "99999999999d", "１m"])
  func refusesWhatIsNoDuration(text: String) {
    #expect(DurationText.duration(text) == nil)
  }

  @Test func knowsWhichWordsMustBeQuoted() {
    #expect(LanguageWords.quoted.isDisjoint(with: LanguageWords.reserved))
    #expect(DurationText.suggestion("5 minutes") == "5m")
    #expect(DurationText.suggestion("5 fortnights") == nil)
  }
}
