import PromotionModel

/// The merge queue of a simulated repository's branch: nothing is merged there but through it.
public struct MergeQueue: Hashable, Sendable {
  /// From an entry to its merge: what its checks take.
  public var takes: Duration
  /// How many entries fail those checks, and are put out of the queue, before one passes.
  public var failures: Int

  public init(takes: Duration, failures: Int = 0) { (self.takes, self.failures) = (takes, failures) }
}

extension Outside {
  /// - Throws: ``WorldError`` where there is no queue.
  mutating func enqueue(_ number: Int, as person: String) throws {
    guard let queue = forge.queue else {
      throw WorldError(tool: "gh", reason: .refused, message: "merge queue is not enabled for this branch")
    }
    guard let request = forge.request(number), request.shown.state == .open, !request.shown.isQueued else { return }
    forge.change(number) { request in
      request.shown.isQueued = true
      request.entries += 1
    }
    schedule(.queueEnds(number, entry: request.entries + 1, person), after: queue.takes)
  }

  /// The checks of an entry are done.
  mutating func queueEnds(_ number: Int, entry: Int, by person: String) {
    guard let request = forge.request(number), request.shown.isQueued, request.entries == entry else { return }
    forge.change(number) { $0.shown.isQueued = false }
    if let failures = forge.queue?.failures, failures > 0 {
      forge.queue?.failures = failures - 1
    } else {
      merge(number, by: fleet.pullRequest?.mergeMethod ?? .merge, as: person)
    }
  }
}
