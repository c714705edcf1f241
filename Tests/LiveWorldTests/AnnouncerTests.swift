import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

/// Announcements with the real curl and real programs, and comments with a script in the place of gh.
@Suite(.timeLimit(.minutes(1))) struct AnnouncerTests {
  /// A webhook: keeps what it is given, and answers with the status that its path ends with.
  final class Webhook: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    let received: Received
    private var path = ""
    private var body = ""

    init(_ received: Received) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): (path, body) = (head.uri, "")
      case .body(let bytes): body += String(buffer: bytes)
      case .end:
        received.bodies.withLock { $0.append(body) }
        guard path != "/silent" else { return }
        let status = path.split(separator: "/").last.flatMap { Int($0) } ?? 200
        let headers = HTTPHeaders([("Content-Length", "0")])
        let answer = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        context.channel.write(HTTPServerResponsePart.head(answer), promise: nil)
        context.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
      }
    }
  }

  final class Received: Sendable { let bodies = Mutex<[String]>([]) }

  struct Variables: VariableReading {
    var values: [String: String]
    func variable(_ name: String) -> String? { values[name] }
  }

  private let place = AnnouncementPlace("team", .webhook(variable: "HOOK"))
  private let message = Announcement(
    id: "run-1 3",
    text: "🚀 planned\nService: <!channel> & \"api\" \\ v1.3.0",
    pullRequest: 7
  )

  /// - Returns: what arrived, and what was thrown.
  private func send(to path: String, timeout: Duration = .seconds(5)) async throws -> ([String], WorldError?) {
    let received = Received()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Webhook(received))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    let announcer = LiveAnnouncer(
      variables: Variables(values: ["HOOK": "http://127.0.0.1:\(port)\(path)"]),
      forge: nil,
      programs: LocalPrograms(counter: ProgramCounter()),
      timeout: timeout
    )
    var thrown: WorldError?
    do { try await announcer.send(message, to: place) } catch let error as WorldError { thrown = error }
    try await channel.close().get()
    return (received.bodies.withLock { $0 }, thrown)
  }

  private struct Slack: Decodable { var text: String }

  @Test func webhookIsGivenTheTextAsSlackTakesIt() async throws {
    let (bodies, error) = try await send(to: "/services/T0/B0/secret/200")
    #expect(error == nil)
    let body = try #require(bodies.first)
    let slack = try JSONDecoder().decode(Slack.self, from: Data(body.utf8))
    #expect(slack.text == "🚀 planned\nService: &lt;!channel&gt; &amp; \"api\" \\ v1.3.0")
  }

  @Test(arguments: [
    (429, WorldError.Reason.unreachable), (503, .unreachable), (500, .timedOut), (502, .timedOut), (504, .timedOut),
    (404, .refused), (302, .refused),
  ])
  func answerSaysWhetherTryingAgainHelps(status: Int, reason: WorldError.Reason) async throws {
    let (_, error) = try await send(to: "/secret-path/\(status)")
    #expect(error?.reason == reason)
    #expect(error.map { !"\($0)".contains("secret-path") } == true)
  }

  @Test func whatMayHaveArrivedIsNotCalledUnreachable() async throws {
    let (bodies, error) = try await send(to: "/silent", timeout: .milliseconds(700))
    #expect(bodies.count == 1)
    #expect(error?.reason == .timedOut)
  }

  @Test func whatNobodyListensToSurelyDidNotArrive() async throws {
    let announcer = LiveAnnouncer(
      variables: Variables(values: ["HOOK": "http://127.0.0.1:1/secret"]),
      forge: nil,
      programs: LocalPrograms(counter: ProgramCounter())
    )
    let error = await #expect(throws: WorldError.self) { try await announcer.send(message, to: place) }
    #expect(error?.reason == .unreachable)
    #expect(error.map { !"\($0)".contains("secret") } == true)
  }

  @Test func obstaclesAreKnownBeforeAnythingIsSent() {
    func announcer(_ values: [String: String]) -> LiveAnnouncer {
      LiveAnnouncer(
        variables: Variables(values: values),
        forge: nil,
        programs: LocalPrograms(counter: ProgramCounter())
      )
    }
    #expect(announcer([:]).obstacle(to: place)?.contains("HOOK") == true)
    let wrong = announcer(["HOOK": "ftp://s3cr3t"]).obstacle(to: place)
    #expect(wrong?.contains("no") == true && wrong?.contains("s3cr3t") == false)
    #expect(announcer(["HOOK": "https://x/"]).obstacle(to: place) == nil)
    #expect(announcer([:]).obstacle(to: AnnouncementPlace("pr", .pullRequestComment)) != nil)
  }

  @Test func programReadsTheMessageOnItsInput() async throws {
    let announcer = LiveAnnouncer(
      variables: Variables(values: [:]),
      forge: nil,
      programs: LocalPrograms(counter: ProgramCounter())
    )
    func run(_ script: String) async -> WorldError? {
      do {
        try await announcer.send(message, to: AnnouncementPlace("ops", .command(["/bin/sh", "-c", script])))
        return nil
      } catch { return error as? WorldError }
    }
    #expect(await run("grep -q '<!channel> & \"api\"'") == nil)
    #expect(await run("exit 75")?.reason == .unreachable)
    let refused = await run("echo no such room >&2; exit 1")
    #expect(refused?.reason == .refused && refused?.message.contains("no such room") == true)
  }

  // MARK: Comments

  private func comment(_ script: GitHubScript) async throws {
    let announcer = LiveAnnouncer(
      variables: Variables(values: [:]),
      forge: script.reader,
      programs: LocalPrograms(counter: ProgramCounter())
    )
    try await announcer.send(message, to: AnnouncementPlace("review", .pullRequestComment))
  }

  @Test func commentIsWrittenOnceAndFormatsNothing() async throws {
    let script = GitHubScript([.ok("[]"), .ok("{}")])
    try await comment(script)
    #expect(script.lines == ["GET issues/7/comments?per_page=100", "POST issues/7/comments"])
    let body = try #require(script.requests.last?.body?.body)
    #expect(body.contains("&lt;\\!channel&gt;") && body.hasSuffix("<!-- slipway announcement run-1 3 -->"))
    let again = GitHubScript([.ok(#"[{"body":"x <!-- slipway announcement run-1 3 -->"}]"#)])
    try await comment(again)
    #expect(again.lines == ["GET issues/7/comments?per_page=100"])
  }

  @Test func lostAnswerOfACommentMayBeTriedAgain() async throws {
    let script = GitHubScript([.ok("[]"), .lost])
    let error = await #expect(throws: WorldError.self) { try await comment(script) }
    #expect(error?.reason == .unreachable)
  }

  @Test func addressesStayWhatTheyAre() {
    #expect(
      LiveAnnouncer.markdown("see https://grafana.example.org/d/production_api and a_b")
        == "see https://grafana.example.org/d/production_api and a\\_b"
    )
  }
}
