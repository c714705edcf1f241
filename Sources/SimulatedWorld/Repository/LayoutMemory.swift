import GitOpsLayout
import PromotionModel
import Synchronization

/// ``GitOpsLayout`` that remembers its answers: the same question about the same bytes is worked out once, for all worlds
/// that begin at the same ``SimulatedWorld/Beginning``.
final class LayoutMemory: Sendable {
  private let layout: GitOpsLayout
  private let filesByEnvironment: [EnvironmentName: [ServiceName: String]]
  /// The files that answers depend on, always in the same order.
  private let paths: [String]
  private let answers = Mutex<[Key: Answer]>([:])
  private let tags = Mutex<[File: String?]>([:])

  /// How many answers are kept: futures beyond number must not fill the memory.
  private static let limit = 4096

  private struct Key: Hashable {
    var question: Question
    var files: [[UInt8]?]
  }

  /// A service's own file.
  private struct File: Hashable {
    var service: ServiceName
    var environment: EnvironmentName
    var bytes: [UInt8]
  }

  private enum Question: Hashable {
    case declared(EnvironmentName)
    case plan(PromotionRequest)
    case tags([ServiceName: String], EnvironmentName)
    case wayBack(EnvironmentName, [ServiceChange], of: [ServiceName])
    case apply(EnvironmentName, [ServiceChange], RecordEntry?)
    case diffs(EnvironmentName, [ServiceChange], RecordEntry?)
  }

  private enum Answer {
    case declared(DeclaredEnvironment)
    case changes(ChangeSet)
    case wayBack(ReturnPlan)
    case applied(AppliedChange)
    case diffs([FileDiff])
  }

  init(fleet: Fleet) {
    let layout = GitOpsLayout(fleet: fleet)
    self.layout = layout
    let pairs = fleet.environments.map { ($0.name, layout.files(in: $0.name)) }
    filesByEnvironment = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    paths = Set(pairs.flatMap(\.1.values)).sorted()
  }

  func files(in environment: EnvironmentName) -> [ServiceName: String] {
    filesByEnvironment[environment] ?? layout.files(in: environment)
  }

  private func remembered(
    _ question: Question,
    _ files: [String: [UInt8]],
    besides file: String? = nil,
    _ work: () throws -> Answer
  ) rethrows -> Answer {
    let key = Key(question: question, files: (paths + (file.map { [$0] } ?? [])).map { files[$0] })
    if let known = answers.withLock({ $0[key] }) { return known }
    let answer = try work()
    answers.withLock { answers in
      if answers.count >= Self.limit { answers.removeAll(keepingCapacity: true) }
      answers[key] = answer
    }
    return answer
  }

  func declared(
    _ environment: EnvironmentName,
    at commit: CommitID,
    files: [String: [UInt8]]
  ) -> DeclaredEnvironment {
    let answer = remembered(.declared(environment), files) {
      .declared(layout.declared(environment, at: commit, files: files))
    }
    guard case .declared(var declared) = answer else { return layout.declared(environment, at: commit, files: files) }
    declared.commit = commit
    return declared
  }

  /// The tag that a service's file says; nil when it says none.
  func tag(
    of service: ServiceName,
    in environment: EnvironmentName,
    at commit: CommitID,
    file path: String,
    _ bytes: [UInt8]
  ) -> String? {
    let file = File(service: service, environment: environment, bytes: bytes)
    if let known = tags.withLock({ $0[file] }) { return known }
    let tag = layout.declared(environment, at: commit, files: [path: bytes]).services[service]?.tag
    tags.withLock { tags in
      if tags.count >= Self.limit { tags.removeAll(keepingCapacity: true) }
      tags[file] = .some(tag)
    }
    return tag
  }

  func plan(_ request: PromotionRequest, base: CommitID, files: [String: [UInt8]]) throws -> ChangeSet {
    try changes(.plan(request), base, files) { try layout.plan(request, base: base, files: files) }
  }

  func planTags(
    _ tags: [ServiceName: String],
    in environment: EnvironmentName,
    base: CommitID,
    files: [String: [UInt8]]
  ) throws -> ChangeSet {
    try changes(.tags(tags, environment), base, files) {
      try layout.planTags(tags, in: environment, base: base, files: files)
    }
  }

  private func changes(
    _ question: Question,
    _ base: CommitID,
    _ files: [String: [UInt8]],
    _ work: () throws -> ChangeSet
  ) throws -> ChangeSet {
    guard case .changes(var changes) = try remembered(question, files, { .changes(try work()) }) else {
      return try work()
    }
    changes.base = base
    return changes
  }

  func planReturn(
    of changes: ChangeSet,
    services: [ServiceName],
    base: CommitID,
    files: [String: [UInt8]]
  ) -> ReturnPlan {
    func work() -> ReturnPlan { layout.planReturn(of: changes, services: services, base: base, files: files) }
    let question = Question.wayBack(changes.environment, changes.services, of: services)
    guard case .wayBack(var plan) = remembered(question, files, { .wayBack(work()) }) else { return work() }
    plan.changes.base = base
    return plan
  }

  func apply(_ changes: ChangeSet, to files: [String: [UInt8]]) throws -> AppliedChange {
    let question = Question.apply(changes.environment, changes.services, changes.record)
    let answer = try remembered(question, files, besides: changes.record?.file) {
      .applied(try layout.apply(changes, to: files))
    }
    guard case .applied(let applied) = answer else { return try layout.apply(changes, to: files) }
    return applied
  }

  func standing(_ changes: ChangeSet, in files: [String: [UInt8]]) throws -> [Superseded] {
    try layout.standing(changes, in: files)
  }

  func diffs(_ changes: ChangeSet, files: [String: [UInt8]]) throws -> [FileDiff] {
    let question = Question.diffs(changes.environment, changes.services, changes.record)
    let answer = try remembered(question, files, besides: changes.record?.file) {
      .diffs(try layout.diffs(changes, files: files))
    }
    guard case .diffs(let diffs) = answer else { return try layout.diffs(changes, files: files) }
    return diffs
  }
}
