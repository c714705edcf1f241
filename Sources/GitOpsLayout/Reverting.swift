public import PromotionModel

extension GitOpsLayout {
  /// What takes a commit back as `git revert` does: line by line in each file that it changed, whatever the lines mean.
  ///
  /// - Parameters:
  ///   - paths: the files that the commit changed, of the whole repository.
  ///   - before: their contents in its (first) parent.
  ///   - left: as the commit left them.
  ///   - now: as they are at `base`.
  public func planRevert(
    of commit: Commit,
    paths: [String],
    in environment: EnvironmentName,
    before: [String: [UInt8]],
    left: [String: [UInt8]],
    now: [String: [UInt8]],
    base: CommitID
  ) throws(WorldError) -> RevertPlan {
    let services = Dictionary(
      files(in: environment).map { ($0.value, $0.key) },
      uniquingKeysWith: { first, _ in first }
    )
    var plan = RevertPlan(commit: commit, changes: ChangeSet(environment: environment, base: base, services: []))
    for path in paths.sorted() {
      guard let service = services[path] else {
        // A record of what happened is true after it was taken back too, and others may have added to the file since.
        if fleet.repository.records?.covers(path) != true { plan.others.append(path) }
        continue
      }
      guard !fleet.repository.isFileShared else {
        throw .refusal(
          "\(path) is the file of all services, and its lines cannot be told apart: a rollback that is not `by revert` can"
        )
      }
      plan.services.append(service)
      let (was, current) = (before[path], now[path])
      if current == was { continue }
      let wanted: [UInt8]?
      if current == left[path] {
        wanted = was
      } else if let was, let current, let left = left[path],
        let merged = ThreeWayMerge.merge(base: left, ours: current, theirs: was)
      {
        wanted = merged
      } else {
        plan.conflicts.append(path)
        continue
      }
      guard wanted != current else { continue }
      guard let from = text(current), let to = text(wanted) else {
        plan.conflicts.append(path)
        continue
      }
      let change = ServiceChange(service: service, file: path, fromTag: nil, toTag: "", edits: [])
      plan.changes.services.append(
        try returning(change, by: [.content(from: from.text, to: to.text)], current, in: environment)
      )
    }
    return plan
  }

  /// A file as text, nil when it is none; a file that is not there is no text and no failure.
  private func text(_ bytes: [UInt8]?) -> (text: String?, Void)? {
    guard let bytes else { return (nil, ()) }
    let text = String(decoding: bytes, as: UTF8.self)
    return Array(text.utf8) == bytes ? (text, ()) : nil
  }
}
