import PromotionModel

extension Outside {
  /// A container says that it lives once a minute.
  private static let heartbeat = Duration.seconds(60)
  /// No answer holds more lines than this.
  private static let mostLines = 10_000

  /// The log of one container; nil when there is none (yet).
  func log(_ request: LogRequest, in environment: EnvironmentName) -> ContainerLog? {
    let place = Place(environment: environment, service: request.service)
    if let known = describedLog(request, at: place) { return known }
    guard request.container == request.service.text,
      let pod = deployments[place]?.pods.first(where: { $0.name == request.pod }),
      let life = request.isPrevious
        ? pod.previousLife : pod.startedAt.map({ ContainerLife(start: $0, end: pod.endedAt) })
    else { return nil }
    if life.end == nil, !isNoisy(pod.image, at: place) {
      let bytes = quietText(of: life, image: pod.image, since: request.since, tail: request.tailLines)
      return ContainerLog(
        service: request.service,
        pod: pod.name,
        container: request.container,
        isPrevious: request.isPrevious,
        bytes: bytes
      )
    }
    var lines = lines(of: life, image: pod.image, at: place, since: request.since, tail: request.tailLines)
    if let since = request.since { lines.removeAll { $0.time < since } }
    lines.removeFirst(max(0, lines.count - max(0, request.tailLines ?? Self.mostLines)))
    return ContainerLog(
      service: request.service,
      pod: pod.name,
      container: request.container,
      isPrevious: request.isPrevious,
      bytes: LogTexts.write(lines)
    )
  }

  private func isNoisy(_ image: String, at place: Place) -> Bool {
    misbehaviour(of: image, at: place).contains { if case .logsErrors = $0.behaviour { true } else { false } }
  }

  /// The log of a container that lives and says nothing but that: most logs of most futures.
  private func quietText(of life: ContainerLife, image: String, since: Timestamp?, tail: Int?) -> [UInt8] {
    let most = max(0, min(tail ?? Self.mostLines, Self.mostLines))
    let from = max(life.start, since ?? life.start, now - Self.heartbeat * most)
    let beats = numbers(every: Self.heartbeat, after: life.start, from: from, to: now)
    let isWhole = from <= life.start && beats.count < most
    return texts.text(
      LogTexts.Quiet(
        image: image,
        start: life.start,
        beats: beats.suffix(most),
        isWhole: isWhole,
        every: Self.heartbeat
      )
    )
  }

  /// The lines follow from the life of the container alone, so that nothing is written while nobody reads.
  private func lines(
    of life: ContainerLife,
    image: String,
    at place: Place,
    since: Timestamp?,
    tail: Int?
  ) -> [LogLine] {
    let end = min(life.end ?? now, now)
    let count = tail.map { min(max(0, $0), Self.mostLines) } ?? Self.mostLines
    // The heartbeat alone fills the tail in that time.
    let from = max(life.start, since ?? life.start, end - Self.heartbeat * count)
    var lines: [LogLine] = []
    if from <= life.start { lines.append(LogLine(time: life.start, text: "info starting \(image)")) }
    lines += times(every: Self.heartbeat, after: life.start, from: from, to: end).map {
      LogLine(time: $0, text: LogTexts.lifeSign)
    }
    let quiet = lines.count
    for (behaviour, began) in misbehaviour(of: image, at: place) {
      guard case .logsErrors(let number, let window, let delay) = behaviour, number > 0 else { continue }
      lines += times(every: window / number, after: max(life.start, began) + delay, from: from, to: end)
        .suffix(count).map { LogLine(time: $0, text: "error request failed: upstream answered 500") }
    }
    if let end = life.end { lines.append(LogLine(time: end, text: "error unrecoverable, exiting with status 1")) }
    return lines.count == quiet ? lines : lines.sorted { $0.time < $1.time }
  }

  private func times(
    every interval: Duration,
    after origin: Timestamp,
    from: Timestamp,
    to end: Timestamp
  ) -> [Timestamp] {
    let step = max(1, interval.wholeNanoseconds)
    return numbers(every: interval, after: origin, from: from, to: end).map {
      Timestamp(nanosecondsSinceEpoch: origin.nanosecondsSinceEpoch + $0 * step)
    }
  }

  /// How many intervals after `origin` the lines between two times are written; of too many, the newest.
  private func numbers(every interval: Duration, after origin: Timestamp, from: Timestamp, to end: Timestamp)
    -> Range<Int64>
  {
    let step = max(1, interval.wholeNanoseconds)
    let first = max(1, ((from - origin).wholeNanoseconds + step - 1) / step)
    let last = (end - origin).wholeNanoseconds / step
    guard first <= last else { return 0..<0 }
    return max(first, last - Int64(Self.mostLines) + 1)..<last + 1
  }
}
