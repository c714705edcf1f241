import PromotionModel

/// Follows a run in a cluster: what its pod writes, to the pod's end.
public struct RunnerAttachment: Sendable {
  /// How it came to its end, as far as that can be told.
  public enum End: Hashable, Sendable {
    /// The exit status of `slipway run`.
    case exited(Int32)
    /// Kubernetes ended it, or it never began.
    case failed(reason: String)
    /// There is no such Job, or none any more.
    case gone
  }

  private let jobs: RunnerJobs
  private let name: String
  private let namespace: String
  private let line: @Sendable (String) -> Void
  private let say: @Sendable (String) -> Void

  /// - Parameters:
  ///   - line: given each line that the run writes, once and in order, as it came: not yet fit for a terminal.
  ///   - say: given what is waited for, each time that it is something else.
  public init(
    _ jobs: RunnerJobs,
    to name: String,
    in namespace: String,
    line: @escaping @Sendable (String) -> Void,
    say: @escaping @Sendable (String) -> Void
  ) {
    (self.jobs, self.name, self.namespace, self.line, self.say) = (jobs, name, namespace, line, say)
  }

  /// Waits for the pod, then reads its log until it has ended. A connection that breaks is taken up where it was; the Job's own
  /// deadline ends the wait.
  /// - Throws: ``WorldError`` when it may not be looked at; `CancellationError`.
  public func follow() async throws -> End {
    switch try await begin() {
    case .ended(let end): return end
    case .began(let pod): return try await read(pod)
    }
  }

  // MARK: The beginning

  private enum Beginning: Sendable {
    case began(pod: String)
    case ended(End)
  }

  private func begin() async throws -> Beginning {
    let uri = KubernetesResource.jobs.object(name, namespace)
    do {
      _ = try await jobs.client.get(BareObject.self, uri, what: "the Job \(name)")
    } catch let error as WorldError where error.reason == .notFound {
      return .ended(.gone)
    }
    let (states, continuation) = AsyncStream.makeStream(of: RunnerStates.State.self)
    let sink = RunnerStates(continuation)
    let (client, say) = (jobs.client, say)
    return try await withThrowingTaskGroup(of: Beginning?.self) { group in
      defer { group.cancelAll() }
      let selector = RunnerJob.selector(name)
      group.addTask {
        let pods = RunnerSink<Pod> {
          await sink.pods($0)
        } lost: {
          await sink.lost($0)
        }
        try await client.follow(.pods, in: namespace, labelled: selector, into: pods)
        return nil
      }
      group.addTask {
        let job = RunnerSink<RunnerJobObject> {
          await sink.jobs($0)
        } lost: {
          await sink.lost($0)
        }
        try await client.follow(.jobs, in: namespace, labelled: selector, into: job)
        return nil
      }
      group.addTask {
        var last: String?
        for await state in states {
          switch state {
          case .began(let pod): return .began(pod: pod)
          case .ended(let end): return .ended(end)
          case .refused(let error): throw error
          case .waiting(let text):
            if text != last { say(text) }
            last = text
          }
        }
        throw CancellationError()
      }
      while let next = try await group.next() { if let next { return next } }
      throw CancellationError()
    }
  }

  // MARK: The log

  private func read(_ pod: String) async throws -> End {
    var place = LogPlace()
    var pace = RetryPace()
    var wasLost = false
    while true {
      let began = ContinuousClock.now
      var isWhole = false
      do {
        isWhole = try await stream(pod, from: &place)
      } catch let error as WorldError where error.reason != .unauthorized {
        if !wasLost { say("the log cannot be read now: \(error.message); it is tried again") }
        wasLost = true
      }
      try Task.checkCancellation()
      do {
        if let end = try await end(of: pod), isWhole { return end }
        if isWhole { wasLost = false }
      } catch let error as WorldError where error.isTransient {
        // Not known is not ended.
      }
      let wait = pace.wait(afterOpening: isWhole, lasting: ContinuousClock.now - began)
      try await jobs.clock.sleep(for: max(wait, .milliseconds(100)))
    }
  }

  /// - Returns: whether it came to its own end.
  private func stream(_ pod: String, from place: inout LogPlace) async throws -> Bool {
    var query = [("container", JobManifest.Container.name), ("follow", "true"), ("timestamps", "true")]
    if let since = place.time { query.append(("sinceTime", since.description)) }
    let uri = KubernetesResource.pods.object(pod, namespace) + "/log" + URLText.query(query)
    place.rewind()
    var found = place
    defer { place = found }
    let what = "the log of \(pod)"
    do {
      try await jobs.client.lines(of: uri, what: what) { bytes in
        if let text = found.take(bytes) { line(String(decoding: text, as: UTF8.self)) }
      }
      return true
    } catch let error as WorldError where error.reason == .notFound {
      return true
    }
  }

  private func end(of pod: String) async throws -> End? {
    do {
      let uri = KubernetesResource.pods.object(pod, namespace)
      return RunnerStates.end(of: try await jobs.client.get(Pod.self, uri, what: "the pod \(pod)"))
    } catch let error as WorldError where error.reason == .notFound {
      // The pods of a Job that ran into its deadline are taken away.
      do {
        let uri = KubernetesResource.jobs.object(name, namespace)
        let job = try await jobs.client.get(RunnerJobObject.self, uri, what: "the Job \(name)")
        return job.failure.map { .failed(reason: $0) } ?? .failed(reason: "its pod was taken away")
      } catch let error as WorldError where error.reason == .notFound {
        return .gone
      }
    }
  }
}

/// How far a log was read, so that what is read again after a broken connection is not written twice.
struct LogPlace: Sendable {
  private(set) var time: Timestamp?
  /// Lines of that time that were written.
  private var count = 0
  private var toSkip = 0

  mutating func rewind() { toSkip = count }

  /// - Parameter line: of a log with timestamps.
  /// - Returns: its text where it is new.
  mutating func take(_ line: [UInt8]) -> [UInt8]? {
    guard let space = line.firstIndex(of: 0x20), let at = Timestamp(utf8: line[..<space]) else { return line }
    let text = Array(line[(space + 1)...])
    guard let known = time else {
      (time, count) = (at, 1)
      return text
    }
    if at < known { return nil }
    if at > known {
      (time, count, toSkip) = (at, 1, 0)
      return text
    }
    if toSkip > 0 {
      toSkip -= 1
      return nil
    }
    count += 1
    return text
  }
}
