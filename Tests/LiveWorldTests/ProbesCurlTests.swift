import NIOCore
import NIOHTTP1
import NIOPosix
import PromotionModel
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct ProbesCurlTests {
  /// Answers by path: `/status/503`, `/redirect`, `/loop`, `/silent`.
  final class Site: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let head) = unwrapInboundIn(data), head.uri != "/silent" else { return }
      var headers = HTTPHeaders([("Content-Length", "0")])
      if head.uri == "/redirect" { headers.add(name: "Location", value: "/status/200") }
      if head.uri == "/loop" { headers.add(name: "Location", value: "/loop") }
      if head.uri == "/file" { headers.add(name: "Location", value: "file:///etc/passwd") }
      let status = head.uri.split(separator: "/").last.flatMap { Int($0) } ?? 302
      let answer = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
      context.channel.write(HTTPServerResponsePart.head(answer), promise: nil)
      context.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }
  }

  func answers(_ paths: [String], timeout: Duration = .seconds(5)) async throws -> [ProbeResult.Answer] {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Site())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    let counter = ProgramCounter()
    let probes = CurlProbes(programs: LocalPrograms(counter: counter), timeout: timeout)
    let targets = paths.map {
      ProbeTarget(service: ServiceName("api"), url: $0.hasPrefix("/") ? "http://127.0.0.1:\(port)\($0)" : $0)
    }
    let results = try await probes.probe(targets)
    try await channel.close().get()
    #expect(results.map(\.target) == targets)
    #expect(counter.total <= 1)
    return results.map(\.answer)
  }

  @Test func aRoundIsOneProgramAndKeepsTheOrder() async throws {
    let paths = (0..<30).map { "/status/\(200 + $0)" }
    #expect(try await answers(paths) == (0..<30).map { .status(200 + $0) })
  }

  @Test func whatDoesNotAnswerIsAResult() async throws {
    let found = try await answers(
      ["/silent", "/status/200", "http://127.0.0.1:1/", "/redirect", "/loop", "/file"],
      timeout: .milliseconds(800)
    )
    #expect(found[0] == .unreachable("timed out"))
    #expect(found[1] == .status(200))
    #expect(found[2] == .unreachable("connection refused"))
    #expect(found[3] == .status(200))
    #expect(found[4] == .unreachable("too many redirects"))
    #expect(found[5] == .unreachable("redirected to what is neither http nor https"))
  }

  @Test func whatIsNoURLReachesNoProgram() async throws {
    let hostile = [
      "file:///etc/passwd", "-o/tmp/x", "http://x/\"\noutput = \"/tmp/x", "", "http://x/ y", "ftp://x/",
      "http://x/\u{85}",
    ]
    #expect(try await answers(hostile).allSatisfy { $0 == .unreachable("not an http or https URL") })
    #expect(try await answers([]) == [])
  }

  @Test func quotesStayInsideTheURL() async throws {
    let configuration = CurlConfiguration(["http://x/\"\\"], timeout: .milliseconds(1500))
    #expect(configuration.text.contains(#"url = "http://x/\"\\""# + "\n"))
    #expect(configuration.text.contains("max-time = 1.500\n"))
    #expect(try await answers([#"/status/"quoted"\/204"#, "/{a,b}[1-3]/201"]) == [.status(204), .status(201)])
  }

  @Test func anAnswerThatIsNotWholeIsAnError() async throws {
    struct Mute: ProgramRunner {
      func run(_ call: ProgramCall) async throws -> ProgramResult {
        ProgramResult(status: 2, stdout: Array("0 0 200\nx y z\n".utf8), stderr: Array("curl: bad option".utf8))
      }
    }
    let targets = ["http://a/", "http://b/"].map { ProbeTarget(service: ServiceName("api"), url: $0) }
    await #expect {
      try await CurlProbes(programs: Mute()).probe(targets)
    } throws: { ($0 as? WorldError)?.message == "curl: bad option" }
  }
}
