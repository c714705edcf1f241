import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

@Suite(.timeLimit(.minutes(1))) struct ArgoCDDeliveryTests {
  static let uri = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/api-production"
  static let running = #","operationState":{"phase":"Running"}"#
  static let asked = #","operation":{"sync":{}}"#

  /// What is patched when the Application reads so.
  func patches(
    _ application: String,
    conflicts: Int = 0,
    _ body: (ArgoDelivery) async throws -> Void
  ) async throws -> [String] {
    let left = Mutex(conflicts)
    let server = try await ScriptedServer.start { request in
      guard request.method == "PATCH" else { return .whole(200, application) }
      let isConflict = left.withLock { left in
        left -= 1
        return left >= 0
      }
      return isConflict ? .whole(409, #"{"message":"the object has been modified"}"#) : .whole(200, "{}")
    }
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(
        try await body(ArgoDelivery(fleet: Fixture.fleet, proxies: ArgoCDObserverTests.proxies(server)))
      )
    } catch {
      outcome = .failure(error)
    }
    let patches = server.requests.filter { $0.method == "PATCH" }
    await server.close()
    try outcome.get()
    #expect(patches.allSatisfy { $0.uri == Self.uri && $0.headers["content-type"] == "application/merge-patch+json" })
    return patches.map(\.body)
  }

  func ended(_ application: String, conflicts: Int = 0) async throws -> [String] {
    try await patches(application, conflicts: conflicts) {
      try await $0.terminateOperations(of: [ServiceName("api")], in: ArgoCDObserverTests.production)
    }
  }

  @Test func refreshAsksByTheAnnotation() async throws {
    let sent = try await patches(Fixture.application()) {
      try await $0.refresh([ServiceName("api")], in: ArgoCDObserverTests.production)
    }
    #expect(sent == [#"{"metadata":{"annotations":{"argocd.argoproj.io\/refresh":"normal"}}}"#])
  }

  @Test func aRunningOperationIsEndedAtTheVersionThatWasRead() async throws {
    let sent = try await ended(Fixture.application(status: Self.running, extra: Self.asked))
    #expect(sent.count == 1)
    #expect(sent[0].contains(#""operationState":{"phase":"Terminating"}"#))
    #expect(sent[0].contains(#""metadata":{"resourceVersion":"5"}"#))
    #expect(!sent[0].contains(#""operation":"#))
  }

  @Test func anOperationThatHasNotBegunIsTakenBack() async throws {
    let before = #","operationState":{"phase":"Succeeded"}"#
    let sent = try await ended(Fixture.application(status: before, extra: Self.asked))
    #expect(sent.count == 1)
    #expect(sent[0].contains(#""operation":null"#) && sent[0].contains(#""resourceVersion":"5""#))
  }

  @Test func whereNothingRunsNothingIsChanged() async throws {
    #expect(try await ended(Fixture.application(status: #","operationState":{"phase":"Failed"}"#)).isEmpty)
    #expect(try await ended(Fixture.application()).isEmpty)
    #expect(
      try await ended(Fixture.application(status: #","operationState":{"phase":"Terminating"}"#, extra: Self.asked))
        .isEmpty
    )
  }

  @Test func whatChangedMeanwhileIsReadAgain() async throws {
    #expect(try await ended(Fixture.application(status: Self.running), conflicts: 2).count == 3)
    await #expect {
      try await ended(Fixture.application(status: Self.running), conflicts: 99)
    } throws: { ($0 as? WorldError)?.reason == .refused }
  }
}
