import PromotionModel
import RunLog
import Testing

@testable import RunbookInterpreter

/// What a run tells holds no secret, whoever wrote it.
@Suite struct RedactedLogTests {
  private static let secret = "hunter2-and-more"

  private func told(_ body: RunEvent.Body) throws -> RunEvent.Body {
    let redactor = Redactor()
    redactor.keep(Self.secret)
    let recorder = Recorder()
    RedactedLog(inner: recorder, redactor: redactor).emit(
      RunEvent(run: try #require(RunID("run-1")), time: Timestamp(secondsSinceEpoch: 0), step: nil, body: body)
    )
    return try #require(recorder.events.first).body
  }

  @Test func whatSomebodyElseLeftIsCleaned() throws {
    let commit = Commit(
      id: try #require(CommitID(String(repeating: "a", count: 40))),
      author: "Mallory",
      time: Timestamp(secondsSinceEpoch: 0),
      subject: "use \(Self.secret)"
    )
    let body = RunEvent.Body.superseded(
      Superseded(service: api, expected: "v-\(Self.secret)", found: "w-\(Self.secret)", by: commit)
    )
    guard case .superseded(let value) = try told(body) else {
      Issue.record("another event")
      return
    }
    #expect(value.expected == "v-***" && value.found == "w-***" && value.by?.subject == "use ***")
    #expect(!"\(value.message)".contains(Self.secret))
  }

  @Test(
    arguments: [
      .commit(branch: "main", message: "subject\n\n\(secret)"),
      .pullRequest(PullRequestDraft(branch: "b", base: "main", title: secret, body: "x \(secret)", labels: [])),
      .close(number: 7, comment: secret), .status(CommitStatus(state: .failure, description: secret)), .cluster(secret),
      .announcement(place: "chat", text: secret),
    ] as [PlannedWrite]
  )
  func whatWouldBeWrittenIsCleaned(write: PlannedWrite) throws {
    let cleaned = try told(.wouldWrite(write))
    #expect("\(cleaned)".contains("***") && !"\(cleaned)".contains(Self.secret), "\(cleaned)")
    #expect(cleaned != .wouldWrite(write))
  }
}
