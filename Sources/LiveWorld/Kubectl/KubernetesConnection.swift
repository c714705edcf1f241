import NIOCore
import NIOHTTP1
import NIOPosix
import PromotionModel

/// One request to the Kubernetes API.
struct KubernetesRequest: Sendable {
  var method: HTTPMethod = .GET
  /// Path and query, percent-encoded.
  var uri: String
  var host = "localhost"
  var contentType: String?
  var body: [UInt8] = []

  init(_ uri: String) { self.uri = uri }

  init(post uri: String, body: [UInt8]) {
    (method, self.uri, contentType, self.body) = (.POST, uri, "application/json", body)
  }

  init(patch uri: String, contentType: String, body: [UInt8]) {
    (method, self.uri, self.contentType, self.body) = (.PATCH, uri, contentType, body)
  }
}

struct KubernetesResponse: Sendable {
  var status: Int
  var contentType: String?
  /// The server's `Date`, as it was sent.
  var date: String?
  var body: ByteBuffer

  init(_ head: HTTPResponseHead, body: ByteBuffer) {
    status = Int(head.status.code)
    contentType = head.headers.first(name: "content-type")
    date = head.headers.first(name: "date")
    self.body = body
  }
}

/// One HTTP/1.1 connection over a unix socket. One request at a time; after an answer that was read to its end the
/// connection can be used again.
struct KubernetesConnection: Sendable {
  /// The most bytes of an answer that is not a stream.
  static let bodyLimit = 64 << 20

  let channel: any Channel

  var isUsable: Bool { channel.isActive }

  static func open(_ path: String) async throws -> KubernetesConnection {
    do {
      let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.seconds(5))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(AnswerHandler())
          }
        }
      return KubernetesConnection(channel: try await bootstrap.connect(unixDomainSocketPath: path).get())
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw WorldError(
        tool: "kubectl",
        reason: .unreachable,
        message: "kubectl proxy does not take connections",
        advice: "It is started again by itself"
      )
    }
  }

  func close() { channel.close(promise: nil) }

  /// Sends a request and reads the answer to its end.
  func answer(to request: KubernetesRequest, within timeout: Duration) async throws -> KubernetesResponse {
    let promise = channel.eventLoop.makePromise(of: KubernetesResponse.self)
    begin(request, .whole(promise), timeout)
    return try await value(of: promise.futureResult)
  }

  /// Sends a request whose answer is a stream.
  /// - Parameter timeout: for the whole stream.
  /// - Returns: the answer's head, with an empty body, and the pieces of its body as they come.
  func stream(
    _ request: KubernetesRequest,
    within timeout: Duration
  ) async throws -> (KubernetesResponse, AsyncThrowingStream<ByteBuffer, any Error>) {
    let promise = channel.eventLoop.makePromise(of: KubernetesResponse.self)
    let (pieces, continuation) = AsyncThrowingStream.makeStream(of: ByteBuffer.self, throwing: (any Error).self)
    begin(request, .stream(promise, continuation), timeout)
    return (try await value(of: promise.futureResult), pieces)
  }

  private func value(of future: EventLoopFuture<KubernetesResponse>) async throws -> KubernetesResponse {
    try await withTaskCancellationHandler {
      do {
        return try await future.get()
      } catch {
        try Task.checkCancellation()
        throw error
      }
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  private func begin(_ request: KubernetesRequest, _ receiver: AnswerReceiver, _ timeout: Duration) {
    let channel = channel
    channel.eventLoop.execute {
      guard channel.isActive, let handler = try? channel.pipeline.syncOperations.handler(type: AnswerHandler.self)
      else {
        receiver.fail(AnswerHandler.closed)
        return
      }
      handler.expect(receiver, on: channel, within: .nanoseconds(timeout.wholeNanoseconds))
      // kubectl proxy answers only to a local name: 400 without one, 403 to others.
      var headers = HTTPHeaders([("Host", request.host), ("Accept", "application/json"), ("User-Agent", "slipway")])
      if let type = request.contentType { headers.add(name: "Content-Type", value: type) }
      if !request.body.isEmpty { headers.add(name: "Content-Length", value: "\(request.body.count)") }
      let head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.uri, headers: headers)
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      if !request.body.isEmpty {
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: request.body))), promise: nil)
      }
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
  }

  /// Whether something serves `path`, without asking the cluster: kubectl proxy itself refuses a foreign host's name.
  static func isServed(_ path: String, within timeout: Duration) async -> Bool {
    guard let connection = try? await open(path) else { return false }
    defer { connection.close() }
    var request = KubernetesRequest("/")
    request.host = "slipway.invalid"
    return (try? await connection.answer(to: request, within: timeout)) != nil
  }
}

/// Where an answer goes. Promises and continuations take their first result and no other.
enum AnswerReceiver: Sendable {
  case whole(EventLoopPromise<KubernetesResponse>)
  case stream(EventLoopPromise<KubernetesResponse>, AsyncThrowingStream<ByteBuffer, any Error>.Continuation)

  func fail(_ error: any Error) {
    switch self {
    case .whole(let promise): promise.fail(error)
    case .stream(let promise, let continuation):
      promise.fail(error)
      continuation.finish(throwing: error)
    }
  }
}

/// Hands the answer that comes to the request that waits for it. Lives on its channel's event loop.
final class AnswerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  static let closed = WorldError(tool: "kubectl", reason: .unreachable, message: "the connection was closed")

  private var receiver: AnswerReceiver?
  private var head: HTTPResponseHead?
  private var body = ByteBuffer()
  private var deadline: Scheduled<Void>?

  func expect(_ receiver: AnswerReceiver, on channel: any Channel, within timeout: TimeAmount) {
    self.receiver = receiver
    (head, body) = (nil, ByteBuffer())
    deadline = channel.eventLoop.scheduleTask(in: timeout) {
      receiver.fail(
        WorldError(
          tool: "kubectl",
          reason: .timedOut,
          message: "the cluster did not answer in time",
          advice: "Look whether the cluster's API server can be reached: kubectl version"
        )
      )
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let receiver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      if case .stream(let promise, _) = receiver { promise.succeed(KubernetesResponse(head, body: ByteBuffer())) }
    case .body(var piece):
      switch receiver {
      case .stream(_, let continuation): continuation.yield(piece)
      case .whole:
        body.writeBuffer(&piece)
        guard body.readableBytes > KubernetesConnection.bodyLimit else { return }
        end(
          failing: WorldError(
            tool: "kubectl",
            reason: .nonsense,
            message: "the cluster's answer is larger than 64 MiB"
          ),
          context
        )
      }
    case .end:
      guard let head else { return end(failing: Self.closed, context) }
      switch receiver {
      case .whole(let promise): promise.succeed(KubernetesResponse(head, body: body))
      case .stream(_, let continuation): continuation.finish()
      }
      finish()
      if !head.isKeepAlive { context.close(promise: nil) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    receiver?.fail(Self.closed)
    finish()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A connection that ends in the middle of an answer is the parser's error too.
    let isNotHTTP = (error as? HTTPParserError).map { $0 != .invalidEOFState } ?? false
    end(
      failing: isNotHTTP
        ? WorldError(tool: "kubectl", reason: .nonsense, message: "what came over the connection is not HTTP")
        : Self.closed,
      context
    )
  }

  private func end(failing error: WorldError, _ context: ChannelHandlerContext) {
    receiver?.fail(error)
    finish()
    context.close(promise: nil)
  }

  private func finish() {
    deadline?.cancel()
    (receiver, deadline, head, body) = (nil, nil, nil, ByteBuffer())
  }
}
