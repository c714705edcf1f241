import FoundationEssentials
import NIOCore
import PromotionModel

/// Keeps what a watch sees: implemented by whoever holds the objects.
protocol WatchSink<Object>: Sendable {
  associatedtype Object: KubernetesObject
  /// These are all there are.
  func replace(_ objects: [Object]) async
  func apply(_ event: WatchEvent<Object>) async
  /// The watch is established; changes come from now on.
  func watching() async
  /// Changes are not seen any more; it is tried again.
  func lost(_ error: WorldError) async
}

extension KubernetesClient {
  /// How long a watch lasts before the server ends it and it is taken up again where it was.
  static let watchSeconds = 240

  /// One watch, until the server ends it.
  /// - Throws: ``ResourceVersionExpired`` when it cannot start at `version` or go on; ``WorldError`` when it broke off.
  func watch<Object: KubernetesObject>(
    _ resource: KubernetesResource,
    of type: Object.Type,
    in namespace: String,
    labelled selector: String? = nil,
    from version: String,
    onOpen: () async -> Void,
    onEvent: (WatchEvent<Object>) async -> Void
  ) async throws {
    let what = "watching \(resource.plural) in \(namespace)"
    let path = try await endpoint.socketPath()
    let connection = try await KubernetesConnection.open(path)
    defer { connection.close() }
    let uri =
      resource.collection(namespace)
      + URLText.query(
        [
          ("watch", "true"), ("resourceVersion", version), ("allowWatchBookmarks", "true"),
          ("timeoutSeconds", "\(Self.watchSeconds)"),
        ] + Self.query(labelled: selector)
      )
    // A stream that the server does not end in its time is a stalled one.
    let (head, pieces) = try await connection.stream(
      KubernetesRequest(uri),
      within: .seconds(Self.watchSeconds + 15)
    )
    guard head.status == 200 else { throw try await refusal(head, pieces, what) }
    serverTime.note(head.date)
    await onOpen()
    var lines = LineSplitter(limit: KubernetesConnection.bodyLimit)
    for try await piece in pieces {
      for line in try lines.take(piece, what) {
        let event: WatchEvent<Object>
        do {
          event = try JSONDecoder().decode(WatchEvent<Object>.self, from: Data(line))
        } catch {
          throw KubernetesFailure.nonsense(what, error)
        }
        if case .error(let message, let code) = event {
          if code == 410 { throw ResourceVersionExpired() }
          throw KubernetesFailure.error(
            code: code,
            said: LocalPrograms.sanitize(line: message),
            isFromServer: true,
            asking: what
          )
        }
        await onEvent(event)
      }
    }
    // The stream ends quietly when its reader is cancelled.
    try Task.checkCancellation()
  }

  func refusal(
    _ head: KubernetesResponse,
    _ pieces: AsyncThrowingStream<ByteBuffer, any Error>,
    _ what: String
  ) async throws -> any Error {
    if head.status == 410 { return ResourceVersionExpired() }
    var response = head
    for try await var piece in pieces where response.body.readableBytes < 64 << 10 {
      response.body.writeBuffer(&piece)
    }
    return KubernetesFailure.error(response, asking: what)
  }

  /// Lists and watches one kind in one namespace until the task is cancelled, and takes up again what breaks off.
  /// - Parameter selector: only objects with these labels.
  func follow<Sink: WatchSink>(
    _ resource: KubernetesResource,
    in namespace: String,
    labelled selector: String? = nil,
    into sink: Sink
  ) async throws {
    var version: String?
    var pace = RetryPace()
    while true {
      var isOpen = false
      let began = ContinuousClock.now
      do {
        if version == nil {
          let list = try await list(
            resource,
            of: Sink.Object.self,
            in: namespace,
            matching: Self.query(labelled: selector)
          )
          await sink.replace(list.items)
          version = list.version
        }
        try await watch(
          resource,
          of: Sink.Object.self,
          in: namespace,
          labelled: selector,
          from: version ?? "",
          onOpen: {
            isOpen = true
            await sink.watching()
          },
          onEvent: { event in
            if let newer = event.version { version = newer }
            await sink.apply(event)
          }
        )
      } catch is ResourceVersionExpired {
        version = nil
        isOpen = true
      } catch let error as WorldError {
        // What broke off while it ran is taken up at once, without a gap, and reported only when that fails.
        if !isOpen || pace.isHurried { await sink.lost(error) }
        // What is not understood may be understood in a list.
        if error.reason == .nonsense || error.reason == .refused { version = nil }
      }
      try Task.checkCancellation()
      let wait = pace.wait(afterOpening: isOpen, lasting: ContinuousClock.now - began)
      if wait > .zero { try await clock.sleep(for: wait) }
    }
  }
}

/// How long to wait before something that broke off is tried again: not at all after it had held, then ever longer.
struct RetryPace {
  static let longest = Duration.seconds(30)
  private var failures = 0

  /// Whether the last attempt had already ended soon.
  var isHurried: Bool { failures > 0 }

  mutating func wait(afterOpening isOpen: Bool, lasting: Duration) -> Duration {
    if isOpen, lasting >= .seconds(1) {
      failures = 0
      return .zero
    }
    failures += 1
    // The first quick end of something that did open is tried again at once.
    if isOpen, failures == 1 { return .zero }
    return min(Self.longest, .milliseconds(125) * (1 << min(failures, 8)))
  }
}

/// Cuts a stream into lines, whatever the pieces it comes in.
struct LineSplitter {
  private var rest: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  mutating func take(_ piece: ByteBuffer, _ what: String) throws -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var isFirst = true
    for part in piece.readableBytesView.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if !isFirst {
        lines.append(rest)
        rest = []
      }
      rest += part
      isFirst = false
    }
    guard rest.count <= limit else {
      throw WorldError(tool: "kubectl", reason: .nonsense, message: "\(what): a line larger than \(limit) bytes")
    }
    return lines.filter { !$0.isEmpty }
  }
}
