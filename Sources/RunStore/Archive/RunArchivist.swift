internal import FoundationEssentials
public import PromotionModel
public import RunLog

/// Keeps one run of this process in an archive: what the journal has of it is stored there before each effect on the world,
/// and only then is the effect made. Many writes of the journal go with one push.
///
/// Another process that has taken the run up has another revision there. Then nothing is stored any more, and no effect made.
public actor RunArchivist {
  /// What only the interpreter knows of its notes.
  public struct Rules: Sendable {
    /// The note holds what must not leave the machine; it stays behind.
    public var isSecret: @Sendable (StepNote) -> Bool
    /// So does its step's outcome: who resumes the run elsewhere works the value out anew.
    public var isResult: @Sendable (StepNote) -> Bool
    public var pullRequests: @Sendable ([StepNote]) -> [Int]

    public init(
      isSecret: @escaping @Sendable (StepNote) -> Bool,
      isResult: @escaping @Sendable (StepNote) -> Bool,
      pullRequests: @escaping @Sendable ([StepNote]) -> [Int]
    ) {
      (self.isSecret, self.isResult, self.pullRequests) = (isSecret, isResult, pullRequests)
    }
  }

  private let run: RunID
  private let journal: ArchivedJournal
  private let archive: any RunArchiving
  private let redactor: Redactor
  private let rules: Rules
  private let holder: String
  private let clock: any WorldClock
  private let process: UInt64
  private let onLoss: @Sendable () -> Void

  private var revision: CommitID?
  private var count = 0
  /// What of the journal is in the archive.
  private var stored = -1
  private var settled = -1
  private var storedAt: Timestamp?
  private var isLost = false
  /// When it turned out last that the archive cannot be reached; nil: it could be.
  private var unreachable: Timestamp?

  /// What is not stored with an effect is stored this long after the last time at the latest; and an archive that could not
  /// be reached is not waited for again for so long by what must not wait.
  private static let patience = Duration.seconds(60)
  private var last: Task<Void, any Error>?

  /// - Parameters:
  ///   - revision: what stands in the archive, as far as this process knows; nil: nothing.
  ///   - process: a number that no other process has.
  ///   - onLoss: called once, when another process turns out to have taken the run up.
  public init(
    run: RunID,
    journal: ArchivedJournal,
    archive: any RunArchiving,
    replacing revision: CommitID?,
    redactor: Redactor,
    rules: Rules,
    holder: String,
    clock: any WorldClock,
    process: UInt64,
    onLoss: @escaping @Sendable () -> Void
  ) {
    (self.run, self.journal, self.archive, self.revision) = (run, journal, archive, revision)
    (self.redactor, self.rules, self.holder) = (redactor, rules, holder)
    (self.clock, self.process, self.onLoss) = (clock, process, onLoss)
  }

  /// Has everything in the archive that the journal holds by now.
  /// - Parameter always: also when there is nothing new, so that it is known that the run is still this process's.
  /// - Throws: ``RunTakenUp``; ``WorldError`` when the archive could not be reached.
  public func store(always: Bool = false) async throws {
    let before = last
    let task = Task {
      _ = await before?.result
      try Task.checkCancellation()
      try await self.push(always: always)
    }
    last = task
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// The same before an effect that rescues, and that is made also where the archive is out of reach with the server that
  /// it lies on: then this machine's journal alone has it.
  /// - Throws: ``RunTakenUp``: what another process goes on with is its business.
  public func storeUnlessUnreachable() async throws {
    if isLost { throw RunTakenUp(run: run) }
    if let unreachable, clock.now() - unreachable < Self.patience { return }
    do { try await store(always: true) } catch is WorldError {}
  }

  /// Stores outcomes soon after they come, and evidence now and then, until the task is cancelled. A failure shows with
  /// the next effect.
  public func keepUp() async {
    while !Task.isCancelled, !isLost {
      try? await clock.sleep(for: .seconds(1))
      let isLate = storedAt.map { clock.now() - $0 >= Self.patience } ?? true
      if journal.settled != settled || isLate { try? await store() }
    }
  }

  private func push(always: Bool) async throws {
    guard !isLost else { throw RunTakenUp(run: run) }
    let (changes, ends) = (journal.changes, journal.settled)
    guard always || changes != stored else { return }
    guard let copy = try journal.copy(of: run) else { throw JournalError("there is no run \(run) to archive") }
    count += 1
    let clean = withoutSecrets(copy)
    let heading = RunHeading(
      clean.record,
      holder: holder,
      written: clock.now(),
      pullRequests: rules.pullRequests(copy.notes),
      process: process,
      count: count
    )
    let contents = Array(try RunArchiveText.json(clean).utf8)
    let line = try RunArchiveText.json(heading)
    let outcome: ArchiveOutcome
    do {
      outcome = try await archive.store(contents, heading: line, of: run, replacing: revision)
      unreachable = nil
    } catch let error as WorldError {
      unreachable = clock.now()
      throw error
    }
    switch outcome {
    case .stored(let object):
      (revision, stored, settled, storedAt) = (object, changes, ends, clock.now())
      try journal.keep(object, of: run, at: clock.now())
    case .changed:
      isLost = true
      onLoss()
      throw RunTakenUp(run: run)
    }
  }

  private func withoutSecrets(_ copy: RunCopy) -> RunCopy {
    var copy = copy
    let secrets = copy.notes.filter(rules.isSecret)
    let unsettled = Set(secrets.filter(rules.isResult).map(\.step))
    copy.notes.removeAll { rules.isSecret($0) || $0.key == ArchivedJournal.revisionKey }
    for index in copy.steps.indices {
      if unsettled.contains(copy.steps[index].step) { copy.steps[index].outcome = nil }
      copy.steps[index].statement = redactor.clean(copy.steps[index].statement)
      if let message = copy.steps[index].outcome?.message {
        copy.steps[index].outcome?.message = redactor.clean(message)
      }
    }
    for index in copy.notes.indices {
      copy.notes[index].value = RunArchiveText.clean(json: copy.notes[index].value, redactor)
    }
    copy.record.source = redactor.clean(copy.record.source)
    copy.record.text = redactor.clean(copy.record.text)
    copy.record.configuration = redactor.clean(copy.record.configuration)
    copy.record.inputs = copy.record.inputs.mapValues(redactor.clean)
    copy.record.imports = copy.record.imports.mapValues(redactor.clean)
    if let place = copy.record.place {
      copy.record.place?.folder = redactor.clean(place.folder)
      copy.record.place?.calendars = place.calendars.mapValues(redactor.clean)
    }
    return copy
  }
}

/// Another process goes on with the run.
public struct RunTakenUp: Error, Hashable, Sendable, CustomStringConvertible {
  public var run: RunID

  public var description: String {
    "another process has taken run \(run) up, or it was removed from the repository: nothing more is written from here"
  }
}

/// Runs of an archive, for who looks or resumes.
public struct RunArchiveReader: Sendable {
  private let archive: any RunArchiving

  public init(_ archive: any RunArchiving) { self.archive = archive }

  /// Newest first.
  public func headings() async throws -> [RunHeading] {
    try await archive.headings().compactMap { RunHeading($0) }
      .sorted { ($1.started, $1.run.text) < ($0.started, $0.run.text) }
  }

  /// - Returns: nil when there is no such run.
  public func run(_ run: RunID) async throws -> (copy: RunCopy, heading: RunHeading, revision: CommitID)? {
    guard let archived = try await archive.load(run) else { return nil }
    var copy = try RunArchiveText.copy(archived, of: run)
    guard let heading = RunHeading(archived.heading) else { return nil }
    // Whoever takes the copy over knows what it stands on.
    copy.notes.append(ArchivedJournal.note(archived.revision, of: run, at: heading.written))
    return (copy, heading, archived.revision)
  }

  /// What of a run that is about to begin looks like a secret, and would have to be left out, so that nobody could go on
  /// with it: named for people; empty when there is none.
  public static func secrets(in record: RunRecord) -> [String] {
    func holds(_ text: String) -> Bool { Redactor().clean(text) != text }
    var found: [String] = []
    if holds(record.text) { found.append("the runbook") }
    if holds(record.configuration) { found.append("the configuration") }
    found += record.imports.filter { holds($0.value) }.map(\.key).sorted()
    found += record.inputs.filter { holds($0.value) }.map { "the input `\($0.key)`" }.sorted()
    return found
  }
}
