import PromotionModel
import RunLog
import RunbookDiagnostics
import RunbookFormat
import RunbookSyntax

/// A session as a runbook: what was done and ended well, in its order, with what was observed before as a `require` for
/// the next time.
struct RunbookPaper {
  let chapters: [SessionMemoir.Chapter]
  let events: [RunEvent]
  /// Procedures, imports and inputs, as they were typed.
  let declarations: [String]
  let fleet: Fleet
  let title: String

  /// Laid out; nil where nothing was done.
  var text: String? {
    var lines = declarations
    var observed: Set<String> = []
    var done = 0
    for chapter in chapters where chapter.ending == .ok && chapter.verb != "stop" {
      for requirement in requirements(of: chapter) where observed.insert(requirement).inserted {
        lines.append(requirement)
      }
      lines.append(chapter.text)
      done += 1
    }
    guard done > 0 else { return nil }
    if let handler { lines.append(handler) }
    let raw = "runbook \"\(title)\"\n\n" + lines.joined(separator: "\n") + "\n"
    let source = SourceText(name: "session", text: raw)
    let (file, findings) = parse(source)
    return findings.contains { $0.severity == .error } ? raw : format(file, source: source)
  }

  /// What the world was when a statement changed it: the version that it found, and that the service ran it.
  private func requirements(of chapter: SessionMemoir.Chapter) -> [String] {
    var found: [String] = []
    for event in events where event.step?.path.components.first == .statement(chapter.ordinal) {
      guard case .planned(let changes, _) = event.body else { continue }
      for change in changes.services {
        guard let tag = change.fromTag, let version = fleet.service(change.service)?.tag.version(ofTag: tag) else {
          continue
        }
        found.append(
          "require version of \(written(change.service.text)) in \(written(changes.environment.text)) is v\(version)"
        )
      }
    }
    return found
  }

  /// A promotion without a way back would draw a warning, and rightly.
  private var handler: String? {
    let promotes = chapters.contains { $0.ending == .ok && $0.verb == "promote" }
    return promotes ? "\non failure {\n  rollback promoted\n}" : nil
  }

  /// A name as it must be written: what reads as something else stands in quotes.
  private func written(_ name: String) -> String {
    let found = tokens(of: SourceText(name: "", text: name)).filter { $0.kind != .endOfFile }
    return found.count == 1 && found[0].kind == .name && found[0].keyword == nil ? name : "\"\(name)\""
  }
}
