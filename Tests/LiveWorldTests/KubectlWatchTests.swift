import NIOCore
import PromotionModel
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct KubectlWatchTests {
  typealias Told = RecordingSink<BareObject>.Told

  static func event(_ type: String, _ name: String, _ version: String) -> String {
    #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"# + "\n"
  }
  static let expired = #"{"type":"ERROR","object":{"kind":"Status","message":"too old","code":410}}"# + "\n"

  /// Follows the pods of a namespace until `count` things were told.
  func told(_ count: Int, by server: ScriptedServer, until last: Told? = nil) async throws -> [Told] {
    let client = KubernetesClient(endpoint: server, clock: SystemClock())
    let sink = RecordingSink<BareObject>()
    let task = Task { try await client.follow(.pods, in: "production", into: sink) }
    var told: [Told] = []
    for await next in sink.told {
      told.append(next)
      if told.count == count || next == last { break }
    }
    task.cancel()
    _ = await task.result
    await server.close()
    return told
  }

  @Test func piecesOfAnySizeMakeTheSameLines() async throws {
    let text = Self.event("ADDED", "ä-1", "11") + Self.event("DELETED", "b", "12") + Self.event("BOOKMARK", "", "13")
    let bytes = Array(text.utf8)
    for size in [1, 2, 3, 7, 64, bytes.count] {
      var splitter = LineSplitter(limit: 1000)
      var lines: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        lines += try splitter.take(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]), "pods")
      }
      #expect(lines.map { String(decoding: $0, as: UTF8.self) } == text.split(separator: "\n").map(String.init))
    }
  }

  @Test func aLineWithoutEndIsRefused() throws {
    var splitter = LineSplitter(limit: 100)
    _ = try splitter.take(ByteBuffer(repeating: 65, count: 90), "pods")
    #expect(throws: WorldError.self) { try splitter.take(ByteBuffer(repeating: 65, count: 20), "pods") }
  }

  @Test func changesComeThroughChunksThatCutThem() async throws {
    let (first, second) = (Self.event("ADDED", "b", "11"), Self.event("MODIFIED", "a", "12"))
    let text = first + second + Self.event("DELETED", "b", "13") + Self.event("BOOKMARK", "", "20")
    let pieces = text.map(String.init)
    let server = try await ScriptedServer.start { request in
      request.isWatch ? .open(pieces) : .whole(200, KubectlClientTests.list(["a"], version: "10"))
    }
    #expect(
      try await told(6, by: server)
        == [.replaced(["a"]), .watching, .put("b"), .put("a"), .deleted("b"), .bookmark("20")]
    )
    let watch = try #require(server.requests.first { $0.isWatch })
    #expect(watch.uri.contains("resourceVersion=10&allowWatchBookmarks=true&timeoutSeconds=240"))
  }

  @Test func aBrokenWatchGoesOnWhereItWasWithoutALoss() async throws {
    let server = try await ScriptedServer.start { request in
      guard request.isWatch else { return .whole(200, KubectlClientTests.list(["a"], version: "10")) }
      return request.uri.contains("resourceVersion=10&")
        ? .broken([Self.event("ADDED", "b", "11")]) : .open([Self.event("ADDED", "c", "12")])
    }
    #expect(try await told(5, by: server) == [.replaced(["a"]), .watching, .put("b"), .watching, .put("c")])
    #expect(server.requests.filter { !$0.isWatch }.count == 1)
    #expect(server.requests.last?.uri.contains("resourceVersion=11&") == true)
  }

  @Test func aWatchEndedByTheServerGoesOnFromTheBookmark() async throws {
    let server = try await ScriptedServer.start { request in
      guard request.isWatch else { return .whole(200, KubectlClientTests.list([], version: "10")) }
      return request.uri.contains("resourceVersion=10&") ? .stream([Self.event("BOOKMARK", "", "50")]) : .open([])
    }
    #expect(try await told(4, by: server) == [.replaced([]), .watching, .bookmark("50"), .watching])
    #expect(server.requests.last?.uri.contains("resourceVersion=50&") == true)
  }

  @Test(arguments: [true, false]) func anExpiredVersionListsAgain(asStatus: Bool) async throws {
    let server = try await ScriptedServer.start { _ in .silence }
    server.answer { [weak server] request in
      if request.isWatch {
        guard request.uri.contains("resourceVersion=10&") else { return .open([]) }
        return asStatus ? .whole(410, #"{"code":410}"#) : .open([Self.expired])
      }
      let isFirst = server?.requests.count == 1
      return .whole(200, KubectlClientTests.list([isFirst ? "a" : "z"], version: isFirst ? "10" : "30"))
    }
    let expected: [Told] =
      asStatus
      ? [.replaced(["a"]), .replaced(["z"]), .watching] : [.replaced(["a"]), .watching, .replaced(["z"]), .watching]
    #expect(try await told(expected.count, by: server) == expected)
  }

  @Test func aLossIsSaidAtOnceAndEndsWhenTheServerIsBack() async throws {
    let server = try await ScriptedServer.start { request in
      request.isWatch ? .open([]) : .whole(200, KubectlClientTests.list(["a"], version: "10"))
    }
    let client = KubernetesClient(endpoint: server, clock: SystemClock())
    let sink = RecordingSink<BareObject>()
    let task = Task { try await client.follow(.pods, in: "production", into: sink) }
    var told: [Told] = []
    for await next in sink.told {
      told.append(next)
      if next == .watching, !told.contains(.lost(.unreachable)) {
        server.answer { _ in .whole(502, "dial tcp: no route to host", type: "text/plain") }
        server.breakStreams()
      } else if next == .lost(.unreachable) {
        server.answer { request in
          request.isWatch ? .open([]) : .whole(200, KubectlClientTests.list(["a"], version: "10"))
        }
      } else if next == .watching {
        break
      }
    }
    task.cancel()
    _ = await task.result
    #expect(told.first == .replaced(["a"]))
    #expect(told.last == .watching)
    #expect(told.contains(.lost(.unreachable)))
    await server.close()
  }

  @Test func nonsenseInAWatchIsALoss() async throws {
    let server = try await ScriptedServer.start { request in
      request.isWatch ? .open(["{\"type\":\n"]) : .whole(200, KubectlClientTests.list(["a"], version: "10"))
    }
    // A stream that lived a while before it broke is taken up again in silence, and on a busy machine each does.
    let told = try await told(60, by: server, until: .lost(.nonsense))
    #expect(told.starts(with: [.replaced(["a"]), .watching]))
    #expect(told.last == .lost(.nonsense))
  }

  @Test func retriesGrowAndHaveAnEnd() {
    var pace = RetryPace()
    #expect(pace.wait(afterOpening: true, lasting: .milliseconds(1)) == .zero)
    #expect(pace.wait(afterOpening: true, lasting: .milliseconds(1)) == .milliseconds(500))
    #expect(pace.wait(afterOpening: false, lasting: .seconds(60)) == .seconds(1))
    for _ in 0..<100 { _ = pace.wait(afterOpening: false, lasting: .zero) }
    #expect(pace.wait(afterOpening: false, lasting: .zero) == RetryPace.longest)
    #expect(pace.wait(afterOpening: true, lasting: .seconds(2)) == .zero)
    #expect(!pace.isHurried)
  }
}
