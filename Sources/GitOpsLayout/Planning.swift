import PromotionModel
import YAMLEdit

extension GitOpsLayout {
  /// What brings services from one environment's files to the next's, by the configuration's copy rule. A service that
  /// is right already is left out; services come in the order of the fleet.
  ///
  /// - `copy: tag` and `copy: […]` give one ``PromotionModel/FileEdit/scalar(path:from:to:)`` a value that differs.
  /// - `copy: file`, a service without a file in the target, and a tag or copied value whose key has to be made give
  ///   ``PromotionModel/FileEdit/content(from:to:)``.
  /// - Parameter files: the files of both environments.
  /// - Throws: ``PromotionModel/WorldError`` for the first service whose files cannot be read or written as asked.
  public func plan(_ request: PromotionRequest, base: CommitID, files: [String: [UInt8]]) throws -> ChangeSet {
    guard request.source != request.target else {
      throw WorldError.refusal("a promotion from \(request.source) to itself")
    }
    try checkNames(request.tags)
    var changes: [ServiceChange] = []
    for service in fleet.services {
      guard let tag = request.tags[service.name] else { continue }
      let pair = try FilePair(self, service.name, from: request.source, to: request.target, files: files)
      if let change = try planned(pair, tag: tag) { changes.append(change) }
    }
    return ChangeSet(environment: request.target, base: base, services: changes)
  }

  /// What sets the tags of services in an environment; a service that has its tag already is left out.
  /// - Throws: ``PromotionModel/WorldError``, also for a service without a file there.
  public func planTags(
    _ tags: [ServiceName: String],
    in environment: EnvironmentName,
    base: CommitID,
    files: [String: [UInt8]]
  ) throws -> ChangeSet {
    try checkNames(tags)
    var changes: [ServiceChange] = []
    for service in fleet.services {
      guard let tag = tags[service.name] else { continue }
      let path = try file(of: service.name, in: environment)
      guard let bytes = files[path] else {
        throw WorldError.missing("\(service.name) has no file in \(environment): \(path)")
      }
      let target = try ServiceFile(path: path, bytes: bytes)
      let fields = try fields(of: service.name, in: environment)
      let edits = try edits(of: target, wanted: [(path: fields.tag, text: tag)])
      if let change = try change(service.name, target, fields, tag: tag, edits: edits, keysThatMayStay: []) {
        changes.append(change)
      }
    }
    return ChangeSet(environment: environment, base: base, services: changes)
  }

  private func checkNames(_ tags: [ServiceName: String]) throws(WorldError) {
    for (service, tag) in tags.sorted(by: { $0.key < $1.key }) {
      guard fleet.service(service) != nil else { throw .refusal("no service is called \(shown(service.text))") }
      guard !tag.isEmpty, tag.unicodeScalars.allSatisfy(isPresentable) else {
        throw .refusal("\(service) cannot have the tag `\(shown(tag))`")
      }
    }
  }

  private func planned(_ pair: FilePair, tag: String) throws(WorldError) -> ServiceChange? {
    guard let target = pair.target else {
      guard !fleet.repository.isFileShared else {
        throw .missing("there is no \(pair.targetPath), the file of all services: make it by hand")
      }
      let bytes = try pair.broughtFile(tag: tag)
      return ServiceChange(
        service: pair.service,
        file: pair.targetPath,
        fromTag: nil,
        toTag: tag,
        edits: [.content(from: nil, to: String(decoding: bytes, as: UTF8.self))]
      )
    }
    switch fleet.repository.copy {
    case .file:
      let bytes = try pair.broughtFile(tag: tag)
      guard bytes != target.bytes else { return nil }
      return ServiceChange(
        service: pair.service,
        file: pair.targetPath,
        fromTag: try target.tag(at: pair.fields.tag),
        toTag: tag,
        edits: [content(target.bytes, bytes)]
      )
    case .tag, .paths:
      let copied = try pair.copiedValues()
      let wanted = [(path: pair.fields.tag, text: tag)] + copied.map { (path: $0.path, text: $0.text) }
      let edits = try edits(of: target, wanted: wanted + pair.fields.set)
      let change = try change(
        pair.service,
        target,
        pair.fields,
        tag: tag,
        edits: edits,
        keysThatMayStay: pair.fields.set.map(\.path)
      )
      try pair.checkTypes(copied, in: target.applying(edits))
      return change
    }
  }

  /// The values that differ from what is wanted.
  private func edits(
    of file: ServiceFile,
    wanted: [(path: YAMLPath, text: String)]
  ) throws(WorldError) -> [ServiceFile.Edit] {
    var edits: [ServiceFile.Edit] = []
    for (path, text) in wanted {
      let old = try file.text(at: path)
      if let old, sameBytes(old, text) { continue }
      edits.append(ServiceFile.Edit(path: path, from: old, to: text))
    }
    return edits
  }

  /// - Parameter keysThatMayStay: paths whose key, once made, a return need not take away again.
  private func change(
    _ service: ServiceName,
    _ file: ServiceFile,
    _ fields: ServiceFields,
    tag: String,
    edits: [ServiceFile.Edit],
    keysThatMayStay: [YAMLPath]
  ) throws(WorldError) -> ServiceChange? {
    guard !edits.isEmpty else { return nil }
    let makesKey = edits.contains { $0.from == nil && !keysThatMayStay.contains($0.path) }
    if makesKey, fleet.repository.isFileShared {
      let missing = edits.filter { $0.from == nil }.map { "`\($0.path)`" }.joined(separator: ", ")
      throw .missing("\(file.path) has no \(missing): in a file of several services new keys are made by hand")
    }
    // Written now, so that what cannot be written is known before anything is promised.
    let bytes = try file.applying(edits)
    let planned: [FileEdit] =
      makesKey
      ? [content(file.bytes, bytes)]
      : edits.map { .scalar(path: $0.path.description, from: $0.from, to: $0.to) }
    return ServiceChange(
      service: service,
      file: file.path,
      fromTag: try file.tag(at: fields.tag),
      toTag: tag,
      edits: planned
    )
  }

  private func content(_ from: [UInt8], _ to: [UInt8]) -> FileEdit {
    .content(from: String(decoding: from, as: UTF8.self), to: String(decoding: to, as: UTF8.self))
  }
}

/// A service's files in the two environments of a promotion.
private struct FilePair {
  let service: ServiceName
  let source: ServiceFile
  let sourceFields: ServiceFields
  let sourceEnvironment: EnvironmentName
  let targetPath: String
  /// nil: the service is new to the environment.
  let target: ServiceFile?
  /// Those of the target.
  let fields: ServiceFields

  /// - Throws: ``WorldError``, also when the source has no file or no tag: then there is nothing to promote from.
  init(
    _ layout: GitOpsLayout,
    _ service: ServiceName,
    from: EnvironmentName,
    to: EnvironmentName,
    files: [String: [UInt8]]
  ) throws(WorldError) {
    self.service = service
    sourceEnvironment = from
    let sourcePath = try layout.file(of: service, in: from)
    targetPath = try layout.file(of: service, in: to)
    sourceFields = try layout.fields(of: service, in: from)
    fields = try layout.fields(of: service, in: to)
    guard let sourceBytes = files[sourcePath] else {
      throw .missing("\(service) has no file in \(from): \(sourcePath)")
    }
    source = try ServiceFile(path: sourcePath, bytes: sourceBytes)
    guard try source.tag(at: sourceFields.tag) != nil else {
      throw .missing("\(sourcePath) has no tag at `\(sourceFields.tag)`")
    }
    if let bytes = files[targetPath] {
      target = try ServiceFile(path: targetPath, bytes: bytes)
    } else {
      target = nil
    }
  }

  /// The source's file as it is to stand in the target: with the tag and what the configuration sets.
  func broughtFile(tag: String) throws(WorldError) -> [UInt8] {
    var edits: [ServiceFile.Edit] = []
    for (path, text) in [(path: fields.tag, text: tag)] + fields.set {
      let old = try source.text(at: path)
      if let old, sameBytes(old, text) { continue }
      edits.append(ServiceFile.Edit(path: path, from: old, to: text))
    }
    return edits.isEmpty ? source.bytes : try source.applying(edits)
  }

  struct CopiedValue {
    var path: YAMLPath
    var text: String
    var type: YAMLScalarType?
  }

  /// The values that the copy rule lists, as the source has them; the tag and what is set besides are not among them.
  func copiedValues() throws(WorldError) -> [CopiedValue] {
    var values: [CopiedValue] = []
    for (from, to) in zip(sourceFields.copied, fields.copied) {
      guard to != fields.tag, !fields.set.contains(where: { $0.path == to }) else { continue }
      guard let node = try source.scalar(at: from), let text = node.text else {
        if let there = try target?.scalar(at: to), let target {
          throw target.refusal(
            "`\(to)` is not in \(source.path), and a promotion takes no keys away",
            at: there.place
          )
        }
        continue
      }
      if values.contains(where: { $0.path == to }) { continue }
      values.append(CopiedValue(path: to, text: text, type: node.scalarType))
    }
    return values
  }

  /// Checks that a number came as a number: an edit carries a value's text, and the type follows from how the target
  /// writes it.
  func checkTypes(_ values: [CopiedValue], in bytes: [UInt8]) throws(WorldError) {
    guard !values.isEmpty else { return }
    let result = try ServiceFile(path: targetPath, bytes: bytes)
    for value in values {
      guard let node = try result.scalar(at: value.path), node.scalarType != value.type else { continue }
      throw result.refusal(
        "`\(value.path)` is \(node.kindName) here and something else in \(source.path); make them the same by hand",
        at: node.place
      )
    }
  }
}
