internal import PromotionModel
internal import RunbookDiagnostics
internal import YAMLEdit

extension ConfigurationReader {
  /// `services.NAME.migrations`: the name of a Job, or a mapping with `job` and `labels`.
  mutating func migrations(_ field: Field) -> MigrationJobs? {
    guard field.node.pairs != nil else { return jobName(field).map { MigrationJobs(name: $0) } }
    guard let fields = section(.migrations, field) else { return nil }
    var jobs = MigrationJobs(name: fields["job"].flatMap { jobName($0) })
    for entry in fields["labels"].flatMap({ entries($0, expecting: "a mapping of labels") }) ?? [] {
      guard let value = text(entry, expecting: "the value of a label") else { continue }
      jobs.labels[entry.name] = value
    }
    if fields.isEmpty { report(.wrongType(field, expected: "the name of a Job, or `job` and `labels`")) }
    return jobs.name == nil && jobs.labels.isEmpty ? nil : jobs
  }

  private mutating func jobName(_ field: Field) -> String? {
    guard let text = pattern(field, needing: [], allowing: MigrationJobs.placeholders) else { return nil }
    let sample = MigrationJobs.placeholders.reduce(text) { $0.replacing("{\($1)}", with: "x") }
      .replacing("*", with: "x")
    guard sample.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0) }) else {
      report(
        .badName(
          text,
          "a Job",
          "Kubernetes allows a-z, 0-9, hyphens and dots within; `*` stands for any of them.",
          at: field.span
        )
      )
      return nil
    }
    guard text.contains(where: { $0 != "*" }) else {
      report(.badName(text, "a Job", "Every Job of the namespace would be one of this service.", at: field.span))
      return nil
    }
    return text
  }
}
