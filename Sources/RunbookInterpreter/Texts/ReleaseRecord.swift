import PromotionModel
import RunLog

/// Writes the entries of the record of releases (`gitops.records`).
struct ReleaseRecord {
  enum Kind: String {
    case promotion, rollback, reconciliation
  }

  let step: StepContext

  /// The changes with their entry, where a record is kept and something changes. Worked out once, before the first effect, and
  /// stored with the plan: a resumed run makes the same entry. A dry run has
  /// `RUN`, `DATE` and `DATE TIME UTC` where the real run has its own.
  func added(
    to changes: ChangeSet,
    _ kind: Kind,
    reason: String?,
    sources: [(service: ServiceName, changes: SourceChanges?)] = []
  ) -> ChangeSet {
    guard let settings = step.fleet.repository.records, !changes.services.isEmpty else { return changes }
    let now = step.clock.now()
    // What only the real run has is not made up for it: neither its name nor its time.
    let isPreview = step.setup.record.isDryRun
    let date = isPreview ? "DATE" : String(now.description.prefix(10))
    let run = isPreview ? "RUN" : step.run.text
    var text = AnnouncementText()
    text.fields = [
      "what": kind.rawValue,
      "environment": changes.environment.text,
      "date": date,
      "time": isPreview ? "DATE TIME UTC" : AnnouncementText.time(now),
      "services": changes.services.map(line).joined(separator: "\n"),
      "reason": reason.map(PullRequestText.harmless) ?? "",
      "ticket": AnnouncedFacts.input("ticket", step).map(PullRequestText.harmless) ?? "",
      "commits": String(CommitList(sources: sources).text.dropLast()),
      "run": "`\(run)`" + (!isPreview && CommitList.isLinkable(step.setup.url) ? ", <\(step.setup.url)>" : ""),
    ]
    var changes = changes
    // A run may promote twice, and take back: the step tells its entries apart.
    changes.record = RecordEntry(
      file: settings.file(in: changes.environment, date: date, entry: "\(run)-\(step.place.branchPart)"),
      text: step.memory.withoutSecrets(laidOut(text.filled(settings.template ?? Self.template(settings))))
    )
    return changes
  }

  /// In a file of its own an entry has the title, in one of many a heading.
  private static func template(_ settings: RecordSettings) -> String {
    """
    \(settings.hasFilePerEntry ? "#" : "##") {time}: {what}, {environment}

    {services}

    Reason: {reason}
    Ticket: {ticket}
    Run: {run}

    {commits}
    """
  }

  /// Lines that were left out leave one blank line behind, and the last line has its end.
  private func laidOut(_ text: String) -> String {
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty, lines.last?.isEmpty ?? true { continue }
      lines.append(line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ change: ServiceChange) -> String {
    let pattern = step.fleet.service(change.service)?.tag
    func version(_ tag: String) -> String {
      pattern?.version(ofTag: tag).map { "v\($0)" } ?? PullRequestText.harmless(tag)
    }
    return "- \(change.service): \(change.fromTag.map(version) ?? "new") → \(version(change.toTag))"
  }
}
