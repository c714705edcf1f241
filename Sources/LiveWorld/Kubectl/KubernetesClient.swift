import FoundationEssentials
import NIOCore
import PromotionModel
import Synchronization

/// The Kubernetes API over one endpoint: a few connections that are kept for lists, logs and patches, and one more for
/// each watch while it lasts.
///
/// Every call throws ``WorldError`` when it could not tell, and `CancellationError` when the task was cancelled.
final class KubernetesClient: Sendable {
  /// Objects a page of a list.
  static let pageSize = 500
  private static let keptConnections = 8

  let endpoint: any KubernetesEndpoint
  let clock: any WorldClock
  let serverTime = ServerTime()
  private let timeout: Duration
  private let isReadOnly: Bool
  private let idle = Mutex<[(path: String, connection: KubernetesConnection)]>([])

  /// - Parameters:
  ///   - timeout: of one request that is not a watch.
  ///   - isReadOnly: every request but a GET is an error, and is not sent.
  init(
    endpoint: any KubernetesEndpoint,
    clock: any WorldClock,
    timeout: Duration = .seconds(15),
    isReadOnly: Bool = false
  ) {
    (self.endpoint, self.clock, self.timeout, self.isReadOnly) = (endpoint, clock, timeout, isReadOnly)
  }

  deinit { closeIdleConnections() }

  /// The server's time; this machine's before the first answer.
  var now: Timestamp { serverTime.now() ?? clock.now() }

  func closeIdleConnections() {
    let all = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    for kept in all { kept.connection.close() }
  }

  // MARK: Requests

  /// One object.
  /// - Parameter what: for messages: "the Application api-production".
  func get<Object: Decodable>(_ type: Object.Type, _ uri: String, what: String) async throws -> Object {
    try await decode(type, answer(to: KubernetesRequest(uri), what: what), what: what)
  }

  /// All objects of a kind in a namespace, by pages of one and the same state.
  /// - Parameters:
  ///   - namespace: nil for what is in none.
  ///   - filter: further parameters of the query.
  func list<Object: KubernetesObject>(
    _ resource: KubernetesResource,
    of type: Object.Type,
    in namespace: String?,
    matching filter: [(String, String)] = []
  ) async throws -> KubernetesList<Object> {
    let what = "\(resource.plural) " + (namespace.map { "in \($0)" } ?? "of the cluster")
    for _ in 0..<3 {
      do {
        return try await pages(resource.collection(namespace), of: type, filter, what: what)
      } catch is ResourceVersionExpired {
        // Listing took so long that the server forgot the state it began with.
        continue
      }
    }
    throw WorldError(tool: "kubectl", reason: .timedOut, message: "\(what): the list was never complete in time")
  }

  private func pages<Object: KubernetesObject>(
    _ collection: String,
    of type: Object.Type,
    _ filter: [(String, String)],
    what: String
  ) async throws -> KubernetesList<Object> {
    var found = KubernetesList<Object>(items: [], version: "")
    var next: String?
    repeat {
      let query = [("limit", "\(Self.pageSize)")] + filter + (next.map { [("continue", $0)] } ?? [])
      let response = try await answer(
        to: KubernetesRequest(collection + URLText.query(query)),
        what: what,
        expiredIsAnswer: next != nil
      )
      if response.status == 410 { throw ResourceVersionExpired() }
      let page = try decode(KubernetesPage<Object>.self, response, what: what)
      found.items += page.items ?? []
      found.version = page.metadata.resourceVersion ?? ""
      next = page.metadata.next.flatMap { $0.isEmpty ? nil : $0 }
    } while next != nil
    return found
  }

  /// Changes part of an object (RFC 7396, JSON merge patch).
  func mergePatch(_ uri: String, _ patch: some Encodable, what: String) async throws {
    let body: Data
    do {
      body = try JSONEncoder().encode(patch)
    } catch {
      throw KubernetesFailure.nonsense(what, error)
    }
    let request = KubernetesRequest(patch: uri, contentType: "application/merge-patch+json", body: Array(body))
    _ = try await answer(to: request, what: what)
  }

  /// Sends an object that the server answers with a changed one, such as a review of rights.
  func create<Answer: Decodable>(
    _ uri: String,
    _ object: some Encodable,
    as type: Answer.Type,
    what: String
  ) async throws -> Answer {
    let body: Data
    do {
      body = try JSONEncoder().encode(object)
    } catch {
      throw KubernetesFailure.nonsense(what, error)
    }
    return try await decode(type, answer(to: KubernetesRequest(post: uri, body: Array(body)), what: what), what: what)
  }

  /// The same, and how the object is afterwards.
  func patch<Object: Decodable>(
    _ uri: String,
    merging patch: JSONValue,
    as type: Object.Type,
    what: String
  ) async throws -> Object {
    try await self.patch(uri, patch, "application/merge-patch+json", as: type, what: what)
  }

  /// Changes an object by operations (RFC 6902, JSON patch), all or none; and how it is afterwards.
  func patch<Object: Decodable>(
    _ uri: String,
    operations: [JSONValue],
    as type: Object.Type,
    what: String
  ) async throws -> Object {
    try await patch(uri, .array(operations), "application/json-patch+json", as: type, what: what)
  }

  private func patch<Object: Decodable>(
    _ uri: String,
    _ patch: JSONValue,
    _ contentType: String,
    as type: Object.Type,
    what: String
  ) async throws -> Object {
    let body: Data
    do {
      body = try JSONEncoder().encode(patch)
    } catch {
      throw KubernetesFailure.nonsense(what, error)
    }
    let request = KubernetesRequest(patch: uri, contentType: contentType, body: Array(body))
    return try decode(type, try await answer(to: request, what: what), what: what)
  }

  /// The bytes of a text answer; nil when `isAbsent` says that the answer means there is none.
  func text(
    _ uri: String,
    what: String,
    isAbsent: (_ status: Int, _ message: String) -> Bool
  ) async throws -> [UInt8]? {
    let response = try await send(KubernetesRequest(uri))
    if response.status == 200 { return Array(response.body.readableBytesView) }
    if let said = try? JSONDecoder().decode(KubernetesStatus.self, from: Data(response.body.readableBytesView)),
      isAbsent(response.status, said.message ?? "")
    {
      return nil
    }
    throw KubernetesFailure.error(response, asking: what)
  }

  /// The status with which something behind the API server answers: a pod, over the API server's proxy.
  /// - Throws: ``WorldError`` when the API server itself answers instead: it does not let us, or did not reach the pod.
  func status(of uri: String, what: String, within limit: Duration) async throws -> Int {
    let response = try await send(KubernetesRequest(uri), within: limit)
    if let said = try? JSONDecoder().decode(KubernetesStatus.self, from: Data(response.body.readableBytesView)),
      said.kind == "Status", said.code == response.status
    {
      throw KubernetesFailure.error(response, asking: what)
    }
    return response.status
  }

  /// Whatever the server answers: of services behind it, which have answers of their own.
  func raw(_ uri: String, within limit: Duration) async throws -> (status: Int, body: [UInt8]) {
    let response = try await send(KubernetesRequest(uri), within: limit)
    return (response.status, Array(response.body.readableBytesView))
  }

  /// Whether the API server answers now; brings its time with it.
  func checkConnection(within limit: Duration) async throws {
    _ = try await answer(to: KubernetesRequest("/version"), what: "the API server", within: limit)
  }

  // MARK: Answers

  private func answer(
    to request: KubernetesRequest,
    what: String,
    within limit: Duration? = nil,
    expiredIsAnswer: Bool = false
  ) async throws -> KubernetesResponse {
    let response = try await send(request, within: limit)
    if (200..<300).contains(response.status) || (expiredIsAnswer && response.status == 410) { return response }
    throw KubernetesFailure.error(response, asking: what)
  }

  private func decode<Value: Decodable>(
    _ type: Value.Type,
    _ response: KubernetesResponse,
    what: String
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(response.body.readableBytesView))
    } catch {
      throw KubernetesFailure.nonsense(what, error)
    }
  }

  /// Sends a request over a kept connection or a new one. A kept connection may have died unnoticed, so reading is
  /// tried once more over a new one; a change never is, for it may have been made.
  private func send(_ request: KubernetesRequest, within limit: Duration? = nil) async throws -> KubernetesResponse {
    guard request.method == .GET || !isReadOnly else {
      throw WorldError(
        tool: "kubectl",
        reason: .refused,
        message: "a dry run only looks, and \(request.method.rawValue) was asked for"
      )
    }
    let path = try await endpoint.socketPath()
    if request.method == .GET, let kept = takeIdle(path) {
      do {
        return try await exchange(request, over: kept, path, limit)
      } catch let error as WorldError where error.reason != .timedOut && error.reason != .nonsense {
        try Task.checkCancellation()
      }
    }
    return try await exchange(request, over: KubernetesConnection.open(path), path, limit)
  }

  private func exchange(
    _ request: KubernetesRequest,
    over connection: KubernetesConnection,
    _ path: String,
    _ limit: Duration?
  ) async throws -> KubernetesResponse {
    do {
      let response = try await connection.answer(to: request, within: limit ?? timeout)
      if (200..<300).contains(response.status) { serverTime.note(response.date) }
      keep(connection, path)
      return response
    } catch {
      connection.close()
      if let error = error as? WorldError, error.reason == .timedOut { await endpoint.answeredNothing(at: path) }
      throw error
    }
  }

  private func takeIdle(_ path: String) -> KubernetesConnection? {
    idle.withLock { idle in
      while let kept = idle.popLast() {
        if kept.path == path, kept.connection.isUsable { return kept.connection }
        kept.connection.close()
      }
      return nil
    }
  }

  private func keep(_ connection: KubernetesConnection, _ path: String) {
    let isKept = idle.withLock { idle in
      guard connection.isUsable, idle.count < Self.keptConnections else { return false }
      idle.append((path, connection))
      return true
    }
    if !isKept { connection.close() }
  }
}
