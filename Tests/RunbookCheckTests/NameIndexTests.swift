import RunbookCheck
import RunbookDiagnostics
import Testing

@Suite struct NameIndexTests {
  private static let text = """
    import "common.runbook"
    input soak = 30m "how long"
    procedure look(services, hold = soak) {
      let limit = hold
      monitor (limit) production services
    }
    let target = staging
    for s in target all {
      validate staging s
    }
    look([api, web], hold = 1h)
    look(api)
    watch(promoted)
    announce "{run.id} {soak}"
    """

  private let checked: Checked

  init() throws { checked = Checked(Self.text, fleet: try CaseFleet.load(), files: ImportTests.files) }

  private func offset(of piece: String, _ number: Int = 0) throws -> UInt32 {
    let ranges = Self.text.ranges(of: piece)
    let range = try #require(ranges.indices.contains(number) ? ranges[number] : nil)
    return UInt32(Self.text.utf8.distance(from: Self.text.startIndex, to: range.lowerBound))
  }

  private func definition(_ name: String) throws -> NameIndex.Definition {
    try #require(checked.result.names.definitions.first { $0.name == name })
  }

  @Test func definitionsHaveKindsAndTypes() throws {
    let names = checked.result.names
    let kinds = Dictionary(names.definitions.filter { $0.file == nil }.map { ($0.name, $0.kind) }) { a, _ in a }
    #expect(
      kinds == [
        "soak": .input, "look": .procedure, "services": .parameter, "hold": .parameter, "limit": .constant,
        "target": .constant, "s": .loopVariable,
      ]
    )
    #expect(try definition("soak").type == .duration)
    #expect(try definition("soak").details == "how long")
    #expect(try definition("look").details == "look(services, hold)")
    #expect(try definition("s").type == .service)
    // One call gives a list and another a service.
    #expect(try definition("services").type == nil)
    #expect(try definition("watch").file == "common.runbook")
  }

  @Test func usesLeadToTheirDefinitions() throws {
    let names = checked.result.names
    func meaning(_ piece: String, _ number: Int = 0) throws -> NameIndex.Meaning? {
      names.meaning(at: try offset(of: piece, number))?.meaning
    }
    #expect(try meaning("limit)") == .definition(definition("limit").id))
    #expect(try meaning("look(api)") == .definition(definition("look").id))
    #expect(try meaning("watch(promoted)") == .definition(definition("watch").id))
    #expect(try meaning("soak}") == .definition(definition("soak").id))
    #expect(try meaning("api, web") == .service(.init("api")))
    #expect(try meaning("staging s") == .environment(.init("staging")))
    #expect(try meaning("run.id") == .runValue(.runID))
    #expect(try meaning("promoted)") == .runValue(.promoted))
    #expect(try meaning("announce") == nil)
  }

  @Test func renamingFindsEveryPlace() throws {
    let names = checked.result.names
    let places = names.places(of: try definition("soak").id)
    #expect(places.allSatisfy { $0.file == nil && checked.source.text($0.span) == "soak" })
    #expect(places.count == 3)
    let parameter = names.places(of: try definition("hold").id)
    #expect(parameter.map { checked.source.text($0.span) } == ["hold", "hold", "hold"])
    #expect(names.places(of: 1000).isEmpty)
  }

  @Test func visibleNamesAreThoseOfTheScope() throws {
    let names = checked.result.names
    func visible(_ piece: String) throws -> Set<String> {
      Set(names.visible(at: try offset(of: piece)).map(\.name))
    }
    #expect(try visible("monitor (limit)") == ["limit", "services", "hold", "soak", "look", "watch"])
    #expect(try visible("validate staging s") == ["s", "target", "soak", "look", "watch"])
    #expect(try visible("announce") == ["target", "soak", "look", "watch"])
    #expect(Set(names.visible(at: 0, in: "common.runbook").map(\.name)) == ["watch"])
  }

  @Test func thereIsOneForAWrongRunbook() throws {
    let wrong = Checked("let soak = 30m\nvalidate stagin api\nwait (soak)\npromte", fleet: try CaseFleet.load())
    #expect(wrong.result.runbook == nil)
    #expect(wrong.result.names.uses.contains { wrong.source.text($0.span) == "soak" })
  }
}
