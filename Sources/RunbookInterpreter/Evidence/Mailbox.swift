import Synchronization

/// What several tasks tell one other, which takes it in the order in which it came.
///
/// An `AsyncStream` does the same, at several times the cost: a message that is there already is taken here without being waited
/// for, and nothing is looked up for its type. An exploration takes a hundred of them in each of its futures.
final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var messages: [Message] = []
    /// The index of the next one.
    var next = 0
    var isClosed = false
    var reader: UnsafeContinuation<Message?, Never>?

    /// - Returns: nil while there is nothing, and something may come.
    mutating func ready() -> Ready? {
      guard next < messages.count else { return isClosed ? Ready(message: nil) : nil }
      defer {
        next += 1
        if next == messages.count {
          messages.removeAll(keepingCapacity: true)
          next = 0
        }
      }
      return Ready(message: messages[next])
    }
  }

  /// What is known without waiting.
  private struct Ready {
    var message: Message?
  }

  private let state = Mutex(State())

  func post(_ message: Message) {
    let reader = state.withLock { state -> UnsafeContinuation<Message?, Never>? in
      guard !state.isClosed else { return nil }
      if let reader = state.reader.take() { return reader }
      state.messages.append(message)
      return nil
    }
    reader?.resume(returning: message)
  }

  /// Nothing comes any more. What came before is still there to be taken.
  func close() {
    let reader = state.withLock { state in
      state.isClosed = true
      return state.reader.take()
    }
    reader?.resume(returning: nil)
  }

  /// The next message; nil once it is closed and everything was taken. One task at a time may wait here. That it is cancelled
  /// does not wake it: whoever cancels it has the mailbox closed.
  func take() async -> Message? {
    if let ready = state.withLock({ $0.ready() }) { return ready.message }
    return await withUnsafeContinuation { continuation in
      let ready = state.withLock { state -> Ready? in
        let ready = state.ready()
        if ready == nil { state.reader = continuation }
        return ready
      }
      if let ready { continuation.resume(returning: ready.message) }
    }
  }
}
