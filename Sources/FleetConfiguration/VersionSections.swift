internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `policy.skip`, `matching` and `approvals`: which versions go where, and with whose word.
  mutating func versions(_ fields: [String: Field], _ policy: inout Policy) {
    let rules = Policy.SkipRule.allCases.map(\.rawValue)
    if let skip = choice(fields["skip"], among: rules).flatMap(Policy.SkipRule.init(rawValue:)) { policy.skip = skip }
    policy.matching = groups(fields["matching"])
    if let field = fields["approvals"], let steps = section(.approvals, field) {
      for step in VersionStep.allCases {
        if let rule = steps[step.rawValue].flatMap({ approvals($0) }) { policy.approvals[step] = rule }
      }
    }
  }

  private mutating func groups(_ field: Field?) -> [[ServiceName]] {
    guard let field else { return [] }
    guard let elements = field.node.elements else {
      report(.wrongType(field, expected: "a list of lists of services"))
      return []
    }
    return elements.enumerated().compactMap { index, element in
      let group = Field(name: field.name, path: "\(field.path)[\(index)]", key: field.key, node: element)
      return strings(group, expecting: "a list of services")?.map { ServiceName($0.text) }
    }
  }

  /// A number of people, or a list of who.
  private mutating func approvals(_ field: Field) -> Policy.ApprovalRule? {
    guard field.node.elements != nil else { return integer(field, in: 0...100).map(Policy.ApprovalRule.anyone) }
    return strings(field, expecting: "a number of people, or a list of people and teams").map { .these($0.map(\.text)) }
  }

  /// Services that are to match must be there.
  mutating func checkMatching(_ policy: Policy, _ field: Field?, _ services: [ServiceName]) {
    guard let field else { return }
    for name in policy.matching.joined() where !services.contains(name) {
      let node = field.node["matching"] ?? field.node
      let place = Field(name: "matching", path: "policy.matching", key: field.key, node: node)
      report(.badValue(name.text, place, expected: "a service of this configuration"))
    }
  }
}
