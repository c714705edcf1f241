import NIOCore
import NIOHTTP1
import NIOPosix
import PromotionModel
import Synchronization

@testable import LiveWorld

/// A Kubernetes API that answers as the test says, on a unix socket.
final class ScriptedServer: KubernetesEndpoint {
  struct Request: Sendable {
    var method: String
    var uri: String
    var headers: [String: String]
    var body: String
    /// The part of the URI before the query.
    var path: String { String(uri.prefix { $0 != "?" }) }
    var isWatch: Bool { uri.contains("watch=true") }
  }
  enum Reply: Sendable {
    case whole(Int, String, type: String = "application/json")
    /// Begins a stream with these pieces, each a chunk of its own, and leaves it open.
    case open([String])
    /// The same, and ends it well.
    case stream([String])
    /// The same, and breaks the connection.
    case broken([String])
    /// Never answers.
    case silence
  }

  let directory: SocketDirectory
  private let channel: any Channel
  private let shared: Shared
  private let state: Mutex<State>
  private struct State {
    var reply: @Sendable (Request) -> Reply
    var requests: [Request] = []
    var connections = 0
    var streams: [(path: String, channel: any Channel)] = []
    var waiters: [(predicate: @Sendable ([Request]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }
  static let date = "Mon, 23 Nov 2026 22:30:00 GMT"

  private init(_ directory: SocketDirectory, _ channel: any Channel, _ shared: Shared) {
    (self.directory, self.channel) = (directory, channel)
    state = Mutex(State(reply: { _ in .whole(500, "no script") }))
    self.shared = shared
    shared.server.withLock { $0 = self }
  }

  private final class Shared: Sendable { let server = Mutex<ScriptedServer?>(nil) }

  static func start(_ reply: @escaping @Sendable (Request) -> Reply) async throws -> ScriptedServer {
    let directory = try SocketDirectory()
    let shared = Shared()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          let server = shared.server.withLock { $0 }
          server?.state.withLock { $0.connections += 1 }
          try channel.pipeline.syncOperations.addHandler(
            Handler { request, channel in server?.handle(request, channel) }
          )
        }
      }
      .bind(unixDomainSocketPath: directory.socket).get()
    let server = ScriptedServer(directory, channel, shared)
    server.answer(reply)
    return server
  }

  // MARK: What a test does with it

  func answer(_ reply: @escaping @Sendable (Request) -> Reply) { state.withLock { $0.reply = reply } }
  var requests: [Request] { state.withLock { $0.requests } }
  var connections: Int { state.withLock { $0.connections } }

  /// Sends a piece to every open stream of a path.
  func push(_ piece: String, to path: String) {
    for stream in state.withLock({ $0.streams }) where stream.path == path { Self.write(piece, to: stream.channel) }
  }

  /// Breaks every open stream of a path, or of all.
  func breakStreams(of path: String? = nil) {
    let broken = state.withLock { state in
      let broken = state.streams.filter { path == nil || $0.path == path }
      state.streams.removeAll { path == nil || $0.path == path }
      return broken
    }
    for stream in broken { stream.channel.close(promise: nil) }
  }

  /// Waits until the requests so far fulfil a condition.
  func until(_ predicate: @escaping @Sendable ([Request]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isFulfilled = state.withLock { state in
        if predicate(state.requests) { return true }
        state.waiters.append((predicate, continuation))
        return false
      }
      if isFulfilled { continuation.resume() }
    }
  }

  // MARK: KubernetesEndpoint

  func socketPath() async throws -> String { directory.socket }
  func answeredNothing(at path: String) async {}
  func close() async {
    breakStreams()
    try? await channel.close().get()
    shared.server.withLock { $0 = nil }
  }

  // MARK: Serving

  private func handle(_ request: Request, _ channel: any Channel) {
    let (reply, ready) = state.withLock { state in
      state.requests.append(request)
      let requests = state.requests
      let ready = state.waiters.filter { $0.predicate(requests) }
      state.waiters.removeAll { $0.predicate(requests) }
      return (state.reply, ready)
    }
    // Who waits for a request may break its stream next: it must be there to be broken.
    defer { for waiter in ready { waiter.continuation.resume() } }
    // Outside of the lock: a script may look at what was asked before.
    let chosen = reply(request)
    switch chosen {
    case .whole(let status, let body, let type):
      var headers = Self.headers(type)
      headers.add(name: "Content-Length", value: "\(body.utf8.count)")
      Self.begin(status, headers, channel)
      Self.write(body, to: channel)
      channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    case .open(let pieces), .stream(let pieces), .broken(let pieces):
      // Before the client hears of it, or it could ask for an end of what is not known to be open.
      if case .open = chosen { state.withLock { $0.streams.append((request.path, channel)) } }
      Self.begin(200, Self.headers("application/json"), channel)
      channel.flush()
      for piece in pieces { Self.write(piece, to: channel) }
      if case .stream = chosen { channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil) }
      if case .broken = chosen { channel.close(promise: nil) }
    case .silence: break
    }
  }

  private static func headers(_ type: String) -> HTTPHeaders { HTTPHeaders([("Content-Type", type), ("Date", date)]) }

  private static func begin(_ status: Int, _ headers: HTTPHeaders, _ channel: any Channel) {
    let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
  }

  private static func write(_ piece: String, to channel: any Channel) {
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: piece))), promise: nil)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    private let answer: (Request, any Channel) -> Void
    private var request: Request?

    init(_ answer: @escaping (Request, any Channel) -> Void) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
        request = Request(
          method: head.method.rawValue,
          uri: head.uri,
          headers: Dictionary(headers, uniquingKeysWith: { $1 }),
          body: ""
        )
      case .body(let body): request?.body += String(buffer: body)
      case .end: if let request { answer(request, context.channel) }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

/// A watch's sink that hands on what it was told.
struct RecordingSink<Object: KubernetesObject>: WatchSink {
  enum Told: Equatable, Sendable {
    case replaced([String])
    case put(String)
    case deleted(String)
    case bookmark(String)
    case watching
    case lost(WorldError.Reason)
  }
  let told: AsyncStream<Told>
  private let continuation: AsyncStream<Told>.Continuation

  init() { (told, continuation) = AsyncStream.makeStream() }

  func replace(_ objects: [Object]) async { continuation.yield(.replaced(objects.map(\.metadata.name))) }
  func watching() async { continuation.yield(.watching) }
  func lost(_ error: WorldError) async { continuation.yield(.lost(error.reason)) }
  func apply(_ event: WatchEvent<Object>) async {
    switch event {
    case .put(let object): continuation.yield(.put(object.metadata.name))
    case .deleted(let object): continuation.yield(.deleted(object.metadata.name))
    case .bookmark(let version): continuation.yield(.bookmark(version))
    case .error, .other: break
    }
  }
}
