import PromotionModel
import RunLog

/// `show diff`: what a promotion would change now, as `promote` would plan it, without its checks: the versions, and the
/// lines of each file.
struct ShowDiff {
  let step: StepContext
  /// Those that something would be promoted to.
  let environments: [EnvironmentName]
  let services: [EnvironmentName: [Service]]
  /// Whether the services were named: then each is shown; otherwise those that `promote all` would take.
  let areNamed: Bool

  /// Tables of what would change, the versions of an environment first.
  func tables() async throws -> [Table] {
    let head = try await step.reading.repository.head().id
    var tables: [Table] = []
    for environment in environments {
      guard let source = try step.environment(environment).promotesFrom else { continue }
      let changes = try await plan(from: source, to: environment, at: head)
      let rows = changes.services.map { [$0.service.text, $0.fromTag ?? "absent", $0.toTag] }
      tables.append(
        Table(title: "diff", columns: ["SERVICE", "\(environment)".uppercased(), "WOULD BE"], rows: rows)
      )
      guard !rows.isEmpty else { continue }
      for diff in try await step.reading.repository.preview(changes) {
        let lines = diff.unified.split(separator: "\n", omittingEmptySubsequences: false)
        tables.append(
          Table(
            title: "diff",
            columns: [diff.file],
            rows: (lines.last == "" ? lines.dropLast() : lines).map { [String($0)] }
          )
        )
      }
    }
    return tables
  }

  private func plan(from source: EnvironmentName, to target: EnvironmentName, at head: CommitID) async throws
    -> ChangeSet
  {
    let here = try await step.reading.repository.declared(source, at: head)
    let there = try await step.reading.repository.declared(target, at: head)
    var tags: [ServiceName: String] = [:]
    for service in services[target] ?? [] {
      let (from, to) = (here.services[service.name], there.services[service.name])
      if !areNamed, to?.exists != true || to?.isEnabled != true || from?.isEnabled != true { continue }
      guard let tag = from?.tag else {
        step.emit(
          .progress("left out: \(source) does not say its version"),
          environment: target,
          service: service.name
        )
        continue
      }
      tags[service.name] = tag
    }
    let request = PromotionRequest(source: source, target: target, tags: tags)
    let changes = try await step.reading.repository.plan(request, at: head)
    return ReleaseRecord(step: step).added(to: changes, .promotion, reason: nil)
  }
}
