internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `services.NAME.run`: a list of programs, each a list of words or a mapping.
  mutating func smokeTests(_ field: Field, environments: [EnvironmentName]) -> [SmokeTest] {
    guard let elements = field.node.elements else {
      report(.wrongType(field, expected: "a list of programs, each a list of words"))
      return []
    }
    return elements.enumerated().compactMap { index, element in
      smokeTest(
        Field(name: field.name, path: "\(field.path)[\(index)]", key: field.key, node: element),
        environments
      )
    }
  }

  private mutating func smokeTest(_ field: Field, _ environments: [EnvironmentName]) -> SmokeTest? {
    if field.node.elements != nil { return command(field).map { SmokeTest($0) } }
    guard field.node.pairs != nil else {
      report(.wrongType(field, expected: "a list of words, such as [npm, run, smoke]"))
      return nil
    }
    guard let fields = section(.smoke, field), let words = fields["command"].flatMap({ command($0) }) else {
      return nil
    }
    var test = SmokeTest(words)
    test.within = duration(fields["within"], atLeast: .seconds(1))
    test.directory = string(fields["directory"])
    test.environments = strings(fields["environments"], expecting: "a list of environments")?.map { text, field in
      let name = EnvironmentName(text)
      if !environments.contains(name) {
        report(.unknownEnvironment(text, among: environments.map(\.text), at: field.span))
      }
      return name
    }
    return test
  }

  private mutating func command(_ field: Field) -> [String]? {
    guard let words = strings(field, expecting: "a list: a program and its arguments") else { return nil }
    guard !words.isEmpty else {
      report(.emptyValue(field))
      return nil
    }
    var isKnown = true
    for (text, field) in words {
      let isGood = checkedPattern(text, field, needing: [], allowing: SmokeTest.placeholders)
      isKnown = isKnown && isGood
    }
    return isKnown ? words.map(\.text) : nil
  }
}
