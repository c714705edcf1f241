internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `policy.teams`, what people answer for, `windows`, `blackouts` and `calendars`.
  mutating func teamsAndTimes(_ fields: [String: Field], _ policy: inout Policy) {
    for team in fields["teams"].flatMap({ entries($0) }) ?? [] {
      if !isLabel(team.name) {
        report(.badName(team.name, "a team", "It may have a-z, 0-9 and hyphens within.", at: team.key))
      }
      policy.teams[team.name] = (strings(team, expecting: "a list of people") ?? []).map(\.text)
    }
    policy.checklist = (strings(fields["checklist"], expecting: "a list of texts") ?? []).map(\.text)
    if let value = boolean(fields["require-reason"]) { policy.requiresReason = value }
    if let value = boolean(fields["require-announcement"]) { policy.requiresAnnouncement = value }
    policy.moreWindows = items(fields["windows"], expecting: "a list of windows").compactMap { window($0) }
    policy.blackouts = items(fields["blackouts"], expecting: "a list of blackouts").compactMap { blackout($0) }
    policy.calendars = (strings(fields["calendars"], expecting: "a list of files") ?? []).map(\.text)
  }

  private mutating func items(_ field: Field?, expecting expected: String) -> [Field] {
    guard let field else { return [] }
    guard let elements = field.node.elements else {
      report(.wrongType(field, expected: expected))
      return []
    }
    return elements.enumerated().map { index, element in
      Field(name: field.name, path: "\(field.path)[\(index)]", key: field.key, node: element)
    }
  }

  private mutating func blackout(_ field: Field) -> Blackout? {
    guard let fields = section(.blackout, field) else { return nil }
    let expected = "a day such as 2026-12-24, or 12-24 for every year"
    let reason = string(fields["reason"])
    guard let first = fields["from"], let last = fields["to"], let from = text(first, expecting: expected),
      let to = text(last, expecting: expected), let reason
    else { return nil }
    guard let span = HolidayCalendar.span(from, to) else {
      let isDay = HolidayCalendar.span(from, from) != nil
      let expected = isDay ? "a day of the same kind as `from`, not before it" : expected
      report(.badTimeWindow(isDay ? to : from, isDay ? last : first, expected: expected))
      return nil
    }
    return Blackout(span, reason: reason)
  }
}
