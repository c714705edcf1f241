internal import PromotionModel
public import RunLog
internal import Synchronization

/// Keeps what is told of a run in its journal, a note a step, so that a report can be made of it whenever it is wanted.
///
/// Nothing of a run depends on it: a journal that cannot be written is found out, and said, by the run itself. Put it behind
/// the redaction of the run.
public final class Chronicle: RunLogSink {
  /// The key of the notes; the value is an array of events as `docs/events.md` describes them, each on a line of its own.
  public static let noteKey = "log"
  /// So many events of a step are stored, and beyond them only those that change something.
  static let limit = 1_000
  /// So many lines of what is waited for are stored of a step: the newest.
  static let passingLimit = 20
  /// No event's JSON holds a line feed, so the events can be taken apart without being read.
  static let separator = ",\n"

  private struct Page {
    var entries: [(name: String, service: ServiceName?, json: String)] = []
    /// What earlier processes stored, without its brackets.
    var earlier = ""
    var omitted = 0
    var isDirty = false
  }

  private let journal: any Journal
  private let by: String
  private let url: String
  private let pages = Mutex<[StepPath: Page]>([:])

  /// - Parameters:
  ///   - by: who or which job is at work.
  ///   - url: where that can be followed; empty where it cannot.
  public init(journal: any Journal, by: String, url: String) { (self.journal, self.by, self.url) = (journal, by, url) }

  public func emit(_ event: RunEvent) {
    if case .stepSkipped = event.body { return }
    var path = event.step?.path ?? StepPath()
    // A fact belongs to the statement that asks.
    if case .fact = path.components.last { path.components.removeLast() }
    pages.withLock { pages in
      var page = pages[path] ?? opened(path, event.run)
      if case .runStarted = event.body { page.entries.append(("process", nil, process(event))) }
      Self.add(event, to: &page)
      page.isDirty = true
      pages[path] = page
      switch event.body {
      case .runStarted, .planned, .wayBack, .lockTaken, .pullRequestOpened, .pullRequestChanged, .committed, .badSign,
        .superseded, .announced, .confirmed:
        store(path, event, &pages)
      case .stepEnded:
        store(path, event, &pages)
        pages[path] = nil
      case .runEnded:
        for path in pages.keys { store(path, event, &pages) }
        pages = [:]
      case .stepStarted, .stepSkipped, .finding, .sealed, .progress, .evidence, .sight, .warning, .previewed,
        .wouldWrite, .value, .programOutput, .shown, .logLine:
        break
      }
    }
  }

  private func opened(_ path: StepPath, _ run: RunID) -> Page {
    var page = Page()
    if let stored = try? journal.notes(of: run, step: path)[Self.noteKey], stored.count > 2 {
      page.earlier = String(stored.dropFirst().dropLast())
    }
    return page
  }

  private static func add(_ event: RunEvent, to page: inout Page) {
    let entry = (name: event.name, service: event.service, json: event.json.text)
    switch event.body {
    case .evidence: page.entries.removeAll { $0.name == entry.name && $0.service == entry.service }
    case .progress:
      if page.entries.count(where: { $0.name == entry.name }) >= passingLimit,
        let oldest = page.entries.firstIndex(where: { $0.name == entry.name })
      {
        page.entries.remove(at: oldest)
      }
    case .finding, .sight, .warning, .value, .programOutput, .shown, .logLine:
      guard page.entries.count < limit else {
        page.omitted += 1
        return
      }
    case .runStarted, .stepStarted, .stepSkipped, .sealed, .planned, .wayBack, .lockTaken, .pullRequestOpened,
      .pullRequestChanged, .committed, .badSign, .superseded, .previewed, .wouldWrite, .confirmed, .announced,
      .stepEnded, .runEnded:
      break
    }
    page.entries.append(entry)
  }

  private func process(_ event: RunEvent) -> String {
    var members: [(key: String, value: JSONText)] = [
      ("event", .string("process")), ("run", .string(event.run.text)), ("time", .string(event.time.description)),
      ("who", .string(by)),
    ]
    if !url.isEmpty { members.append(("url", .string(url))) }
    return JSONText.object(members).text
  }

  private func store(_ path: StepPath, _ event: RunEvent, _ pages: inout [StepPath: Page]) {
    guard let page = pages[path], page.isDirty else { return }
    var parts = page.earlier.isEmpty ? [] : [page.earlier]
    parts += page.entries.map(\.json)
    if page.omitted > 0 {
      let members: [(key: String, value: JSONText)] = [
        ("event", .string("omitted")), ("time", .string(event.time.description)),
        ("count", .integer(Int64(page.omitted))),
      ]
      parts.append(JSONText.object(members).text)
    }
    let value = "[" + parts.joined(separator: Self.separator) + "]"
    let note = StepNote(run: event.run, step: path, key: Self.noteKey, value: value, time: event.time)
    if (try? journal.note(note)) != nil { pages[path]?.isDirty = false }
  }
}
