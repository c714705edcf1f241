import PromotionModel
import YAMLEdit

/// What became of a change set on the files of some commit.
public enum AppliedChange: Hashable, Sendable {
  /// The new bytes of every file that changes, none for one that stands as wanted already; nil: the file goes.
  case files([String: [UInt8]?])
  /// Values that are neither as the change set expects nor as it wants them: nothing is to be changed.
  case superseded([Superseded])
}

extension GitOpsLayout {
  /// The files with a change set made on them, all or nothing. Each value is written only where what the change set
  /// expects is found; a value that is already as wanted is no conflict.
  /// - Throws: ``PromotionModel/WorldError`` when a file cannot be read, or a path leads out of the repository.
  public func apply(_ changes: ChangeSet, to files: [String: [UInt8]]) throws -> AppliedChange {
    var changed: [String: [UInt8]?] = [:]
    var superseded: [Superseded] = []
    for change in changes.services {
      try RepositoryPath.check(change.file)
      let before = changed[change.file] ?? files[change.file]
      let (after, conflicts) = try applied(change, to: before, in: changes.environment)
      superseded += conflicts
      if after != before { changed[change.file] = .some(after) }
    }
    guard superseded.isEmpty else { return .superseded(superseded) }
    // What somebody else brought already is not told as ours.
    if let record = changes.record, !changed.isEmpty {
      let after = try recorded(record, in: files[record.file])
      if after != files[record.file] { changed[record.file] = .some(after) }
    }
    return .files(changed)
  }

  /// What a change set was to change and stands in some files as it wants it already.
  /// - Throws: as ``apply(_:to:)``.
  public func standing(_ changes: ChangeSet, in files: [String: [UInt8]]) throws -> [Superseded] {
    try changes.services.compactMap { change in
      let (after, conflicts) = try applied(change, to: files[change.file], in: changes.environment)
      guard conflicts.isEmpty, !change.edits.isEmpty, after == files[change.file] else { return nil }
      return Superseded(service: change.service, expected: change.fromTag, found: change.toTag)
    }
  }

  /// The change set as unified diffs with three lines of context, as git writes them, in the order of the paths.
  /// - Throws: ``PromotionModel/WorldError`` as ``apply(_:to:)``, and `refused` when values were changed by others.
  public func diffs(_ changes: ChangeSet, files: [String: [UInt8]]) throws -> [FileDiff] {
    switch try apply(changes, to: files) {
    case .files(let changed):
      return changed.sorted { $0.key < $1.key }.map { path, bytes in
        FileDiff(file: path, unified: UnifiedDiff.text(path: path, from: files[path], to: bytes))
      }
    case .superseded(let values):
      throw WorldError.refusal(values.map(\.message).joined(separator: "; "))
    }
  }

  /// One service's part of ``apply(_:to:)``.
  func applied(
    _ change: ServiceChange,
    to bytes: [UInt8]?,
    in environment: EnvironmentName
  ) throws(WorldError) -> (bytes: [UInt8]?, superseded: [Superseded]) {
    var bytes = bytes
    var superseded: [Superseded] = []
    var scalars: [ServiceFile.Edit] = []
    for edit in change.edits {
      switch edit {
      case .content(let from, let to):
        let wanted = to.map { Array($0.utf8) }
        if bytes == wanted { continue }
        if bytes == from.map({ Array($0.utf8) }) {
          bytes = wanted
        } else {
          let found = description(of: bytes, change, besides: change.fromTag, in: environment)
          superseded.append(Superseded(service: change.service, expected: change.fromTag, found: found))
        }
      case .scalar(let path, let from, let to):
        scalars.append(ServiceFile.Edit(path: try Self.path(path), from: from, to: to))
      }
    }
    guard !scalars.isEmpty else { return (bytes, superseded) }
    guard let present = bytes else {
      return (nil, superseded + scalars.map { Superseded(service: change.service, expected: $0.from, found: nil) })
    }
    let file = try ServiceFile(path: change.file, bytes: present)
    var open: [ServiceFile.Edit] = []
    for edit in scalars {
      let found = try file.text(at: edit.path)
      if let found, sameBytes(found, edit.to) { continue }
      switch (edit.from, found) {
      case (nil, nil): open.append(edit)
      case (let from?, let found?) where sameBytes(from, found): open.append(edit)
      case (_, let found):
        superseded.append(
          Superseded(service: change.service, expected: edit.from.map(shown), found: found.map(shown))
        )
      }
    }
    guard superseded.isEmpty, !open.isEmpty else { return (present, superseded) }
    return (try file.applying(open), [])
  }

  static func path(_ text: String) throws(WorldError) -> YAMLPath {
    do throws(YAMLError) {
      return try YAMLPath(text)
    } catch {
      throw .refusal(error.message)
    }
  }

  /// What a file that is not as expected is, in a word: its tag, if that is what differs.
  /// - Returns: nil when there is no file.
  func description(
    of bytes: [UInt8]?,
    _ change: ServiceChange,
    besides expected: String?,
    in environment: EnvironmentName
  ) -> String? {
    guard let bytes else { return nil }
    do throws(WorldError) {
      let tag = try ServiceFile(path: change.file, bytes: bytes)
        .tag(at: fields(of: change.service, in: environment).tag)
      guard let tag else { return "a file without a tag" }
      return tag == expected ? "\(tag) in a file that is otherwise changed" : shown(tag)
    } catch {
      return "unreadable (\(error.message))"
    }
  }
}
