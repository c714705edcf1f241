import PromotionModel
import YAMLEdit

extension GitOpsLayout {
  /// What takes back `changes` for the named services, per value: what stands as `changes` left it goes back to what it
  /// was, what is back already is left alone, anything else is superseded (rule 1 of the language).
  ///
  /// A whole file that was brought is taken back per value too where before and after differ in values alone, so that
  /// what others changed in it since survives; a file that was made or rebuilt only when it is to the byte as it was
  /// left. A key that a promotion set besides (`set`) and had to make may stay. A file that cannot be read is among the
  /// superseded and says why; ``PromotionModel/Superseded/by`` is nil.
  public func planReturn(
    of changes: ChangeSet,
    services: [ServiceName],
    base: CommitID,
    files: [String: [UInt8]]
  ) -> ReturnPlan {
    var planned: [ServiceChange] = []
    var superseded: [Superseded] = []
    for change in changes.services where services.contains(change.service) {
      let (back, conflicts) = planReturn(of: change, in: changes.environment, files: files)
      superseded += conflicts
      if let back { planned.append(back) }
    }
    return ReturnPlan(
      changes: ChangeSet(environment: changes.environment, base: base, services: planned),
      superseded: superseded
    )
  }

  private func planReturn(
    of change: ServiceChange,
    in environment: EnvironmentName,
    files: [String: [UInt8]]
  ) -> (change: ServiceChange?, superseded: [Superseded]) {
    let bytes = files[change.file]
    do throws(WorldError) {
      try RepositoryPath.check(change.file)
      var way = WayBack(service: change.service)
      for edit in change.edits {
        switch edit {
        case .scalar(let path, let from, let to):
          try way.add(path: Self.path(path), from: from, to: to, in: file(change, bytes))
        case .content(let from, let to):
          let left = to.map { Array($0.utf8) }
          if bytes == from.map({ Array($0.utf8) }) { continue }
          if let values = Self.values(from: from, to: to, path: change.file), let bytes {
            let file = try ServiceFile(path: change.file, bytes: bytes)
            for value in values { try way.add(path: value.path, from: value.from, to: value.to, in: file) }
          } else if bytes == left {
            way.edits.append(.content(from: to, to: from))
          } else {
            let found = description(of: bytes, change, besides: change.toTag, in: environment)
            way.superseded.append(Superseded(service: change.service, expected: change.toTag, found: found))
          }
        }
      }
      guard !way.edits.isEmpty else { return (nil, way.superseded) }
      return (try returning(change, by: way.edits, bytes, in: environment), way.superseded)
    } catch {
      let found = "something that cannot be taken back (\(error.message))"
      return (nil, [Superseded(service: change.service, expected: change.toTag, found: found)])
    }
  }

  private func file(_ change: ServiceChange, _ bytes: [UInt8]?) throws(WorldError) -> ServiceFile? {
    guard let bytes else { return nil }
    return try ServiceFile(path: change.file, bytes: bytes)
  }

  /// The change with the tags that the file has before and after it.
  func returning(
    _ change: ServiceChange,
    by edits: [FileEdit],
    _ bytes: [UInt8]?,
    in environment: EnvironmentName
  ) throws(WorldError) -> ServiceChange {
    let path = try fields(of: change.service, in: environment).tag
    func tag(_ bytes: [UInt8]?) throws(WorldError) -> String? {
      guard let bytes else { return nil }
      return try ServiceFile(path: change.file, bytes: bytes).tag(at: path)
    }
    var back = ServiceChange(
      service: change.service,
      file: change.file,
      fromTag: try tag(bytes),
      toTag: Self.absentTag,
      edits: edits
    )
    // Made now, so that what cannot be written is known before anything is promised.
    back.toTag = try tag(applied(back, to: bytes, in: environment).bytes) ?? Self.absentTag
    return back
  }

  /// The values in which two versions of a file differ, if they differ in nothing else that a reader of YAML sees and
  /// each can be written back; nil otherwise, and when they do not differ in values at all.
  private static func values(from: String?, to: String?, path: String) -> [ServiceFile.Edit]? {
    guard let from, let to, let old = try? ServiceFile(path: path, bytes: Array(from.utf8)),
      let new = try? ServiceFile(path: path, bytes: Array(to.utf8))
    else { return nil }
    let before = leaves(of: old)
    let after = leaves(of: new)
    guard before.count == after.count else { return nil }
    var values: [ServiceFile.Edit] = []
    for leaf in new.document.leaves() {
      guard let text = leaf.node.text, let was = before[leaf.path]?.text, !sameBytes(text, was) else { continue }
      values.append(ServiceFile.Edit(path: leaf.path, from: was, to: text))
    }
    let back = values.map { ServiceFile.Edit(path: $0.path, from: $0.to, to: $0.from ?? "") }
    guard !values.isEmpty, let returned = try? new.applying(back),
      let result = try? ServiceFile(path: path, bytes: returned), leaves(of: result) == before
    else { return nil }
    return values
  }

  private static func leaves(of file: ServiceFile) -> [YAMLPath: LeafValue] {
    Dictionary(file.document.leaves().map { ($0.path, LeafValue($0.node)) }) { first, _ in first }
  }
}

/// What a reader of YAML sees of a scalar, an alias or an empty collection: not how it is quoted.
private struct LeafValue: Equatable {
  let kind: String
  let text: String?
  let tag: String?
  let anchor: String?
  let alias: String?

  init(_ node: YAMLNode) {
    (kind, text, tag, anchor) = (node.kindName, node.text, node.tag, node.anchor)
    if case .alias(let name) = node.content { alias = name } else { alias = nil }
  }

  static func == (left: Self, right: Self) -> Bool {
    left.kind == right.kind && left.tag == right.tag && left.anchor == right.anchor && left.alias == right.alias
      && sameText(left.text, right.text)
  }
}

/// The edits that take one service back, and the values that keep them from it.
private struct WayBack {
  let service: ServiceName
  var edits: [FileEdit] = []
  var superseded: [Superseded] = []

  init(service: ServiceName) { self.service = service }

  /// - Parameters:
  ///   - from: what the value was before the change; nil: its key was not there.
  ///   - to: what the change made it.
  ///   - file: as it is now; nil when it is gone.
  mutating func add(path: YAMLPath, from: String?, to: String, in file: ServiceFile?) throws(WorldError) {
    let found = try file?.text(at: path)
    if sameText(found, from) { return }
    guard sameText(found, to) else {
      superseded.append(Superseded(service: service, expected: shown(to), found: found.map(shown)))
      return
    }
    guard let from else { return }
    edits.append(.scalar(path: path.description, from: to, to: from))
  }
}

private func sameText(_ left: String?, _ right: String?) -> Bool {
  switch (left, right) {
  case (nil, nil): true
  case (let left?, let right?): sameBytes(left, right)
  case (nil, _), (_, nil): false
  }
}
