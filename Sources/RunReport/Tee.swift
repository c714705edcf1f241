public import RunLog

/// Hands every event to several sinks, in their order.
public struct Tee: RunLogSink {
  private let sinks: [any RunLogSink]

  public init(_ sinks: [any RunLogSink]) { self.sinks = sinks }

  public func emit(_ event: RunEvent) {
    for sink in sinks { sink.emit(event) }
  }
}
