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
    var lines = lines(of: life, image: pod.image, at: place, since: request.since, tail: request.tailLines)
    if let since = request.since { lines.removeAll { $0.time < since } }
    var bytes: [UInt8] = []
    for line in lines.suffix(max(0, request.tailLines ?? Self.mostLines)) {
      line.time.append(to: &bytes)
      bytes.append(0x20)
      bytes += line.text.utf8
      bytes.append(0x0A)
    }
    return ContainerLog(
      service: request.service,
      pod: pod.name,
      container: request.container,
      isPrevious: request.isPrevious,
      bytes: bytes
    )
  }

  /// The lines follow from the life of the container alone, so that nothing is written while nobody reads.
  private func lines(
    of life: ContainerLife,
    image: String,
    at place: Place,
    since: Timestamp?,
    tail: Int?
  ) -> [(time: Timestamp, text: String)] {
    let end = min(life.end ?? now, now)
    let count = tail.map { min(max(0, $0), Self.mostLines) } ?? Self.mostLines
    // The heartbeat alone fills the tail in that time.
    let from = max(life.start, since ?? life.start, end - Self.heartbeat * count)
    var lines: [(time: Timestamp, text: String)] = []
    if from <= life.start { lines.append((life.start, "info starting \(image)")) }
    lines += times(every: Self.heartbeat, after: life.start, from: from, to: end).map {
      ($0, "info serving requests")
    }
    for (behaviour, began) in misbehaviour(of: image, at: place) {
      guard case .logsErrors(let perMinute, let delay) = behaviour, perMinute > 0 else { continue }
      lines += times(every: .seconds(60) / perMinute, after: max(life.start, began) + delay, from: from, to: end)
        .suffix(count).map { ($0, "error request failed: upstream answered 500") }
    }
    if let end = life.end { lines.append((end, "error unrecoverable, exiting with status 1")) }
    return lines.sorted { $0.time < $1.time }
  }

  private func times(
    every interval: Duration,
    after origin: Timestamp,
    from: Timestamp,
    to end: Timestamp
  ) -> [Timestamp] {
    let step = max(1, interval.wholeNanoseconds)
    let first = max(1, ((from - origin).wholeNanoseconds + step - 1) / step)
    let last = (end - origin).wholeNanoseconds / step
    guard first <= last else { return [] }
    // Of too many, the newest.
    return (max(first, last - Int64(Self.mostLines) + 1)...last).map { origin + .nanoseconds($0 * step) }
  }
}
