public import RunLog

/// The run log for programs: one JSON object a line, as `docs/events.md` describes it.
public struct JSONLines: RunLogSink {
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes each line whole, with its newline; called from any task.
  public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  public func emit(_ event: RunEvent) { write(event.json.text + "\n") }
}
