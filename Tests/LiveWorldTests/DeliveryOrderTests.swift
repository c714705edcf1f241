import FoundationEssentials
import PromotionModel
import Synchronization
import Testing

@testable import LiveWorld

/// What the orders to Argo CD and the cluster send.
@Suite(.timeLimit(.minutes(1))) struct DeliveryOrderTests {
  private static let applicationURI = ArgoCDDeliveryTests.uri
  private static let deploymentURI = "/apis/apps/v1/namespaces/prod/deployments/api"
  private static let automatic = #","syncPolicy":{"automated":{"prune":true,"selfHeal":true},"syncOptions":["A=b"]}"#

  private struct Sent {
    var uri: String
    var type: String?
    var body: JSONValue

    /// `spec.template` of the body.
    subscript(path: String) -> JSONValue? {
      path.split(separator: ".").reduce(body) { $0?[String($1)] }
    }
  }

  private func send(
    _ order: DeliveryOrder,
    application: String = Fixture.application(),
    deployment: String = Fixture.deployment(),
    sets: [String] = []
  ) async throws -> (answer: DeliveryAnswer, sent: [Sent]) {
    let server = try await ScriptedServer.start { request in
      if request.method == "PATCH" {
        return .whole(200, #"{"metadata":{"name":"api","uid":"d-api","generation":5}}"#)
      }
      if request.uri.contains("/replicasets") {
        return .whole(200, #"{"metadata":{"resourceVersion":"9"},"items":[\#(sets.joined(separator: ","))]}"#)
      }
      return .whole(200, request.uri.contains("/deployments/") ? deployment : application)
    }
    let outcome: Result<DeliveryAnswer, any Error>
    do {
      let delivery = ArgoDelivery(fleet: Fixture.fleet, proxies: ArgoCDObserverTests.proxies(server))
      outcome = .success(
        try await delivery.carryOut(order, for: ServiceName("api"), in: ArgoCDObserverTests.production)
      )
    } catch {
      outcome = .failure(error)
    }
    let patches = server.requests.filter { $0.method == "PATCH" }
    await server.close()
    let sent = try patches.map { request in
      Sent(uri: request.uri, type: request.headers["content-type"], body: try Fixture.decode(request.body))
    }
    return (try outcome.get(), sent)
  }

  private static let changed = ChangedWorkload(kind: "Deployment", name: "api", uid: "d-api", generation: 5)
  private static let moment = Timestamp("2026-11-26T14:00:00Z") ?? Timestamp(secondsSinceEpoch: 0)

  // MARK: Restart

  @Test func aRestartIsTheAnnotationOfKubectl() async throws {
    let (answer, sent) = try await send(.restart(at: Self.moment))
    #expect(answer == .accepted([Self.changed]))
    #expect(sent.map(\.uri) == [Self.deploymentURI])
    #expect(sent.first?.type == "application/merge-patch+json")
    let annotations = sent.first?["spec.template.metadata.annotations"]
    #expect(annotations?["kubectl.kubernetes.io/restartedAt"] == .string(Self.moment.description))
  }

  @Test(arguments: ["2026-11-26T14:00:00Z", "2026-11-26T15:00:01+01:00"])
  func whatWasRestartedSinceIsLeftAlone(annotation: String) async throws {
    let deployment = Fixture.deployment().replacing(
      #""template":{"#,
      with: #""template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"\#(annotation)"}},"#
    )
    let (answer, sent) = try await send(.restart(at: Self.moment), deployment: deployment)
    #expect(sent.isEmpty)
    #expect(answer == .accepted([ChangedWorkload(kind: "Deployment", name: "api", uid: "d-api", generation: 4)]))
  }

  @Test func aPausedDeploymentIsRefused() async throws {
    let paused = Fixture.deployment().replacing(
      #""replicas":2,"template""#,
      with: #""replicas":2,"paused":true,"template""#
    )
    await #expect {
      try await send(.restart(at: Self.moment), deployment: paused)
    } throws: { ($0 as? WorldError)?.reason == .refused && "\($0)".contains("paused") }
  }

  // MARK: Sync

  @Test func aSyncHasTheOptionsOfTheApplicationAndAMark() async throws {
    let (answer, sent) = try await send(
      .sync(mark: "run-1 0", replacing: false),
      application: Fixture.application(spec: Self.automatic)
    )
    #expect(answer == .accepted([]))
    #expect(sent.map(\.uri) == [Self.applicationURI])
    let sync = sent.first?["operation.sync"]
    #expect(sync?["prune"] == .bool(true))
    #expect(sync?["syncOptions"] == .array([.string("A=b")]))
    #expect(sync?["syncStrategy"] == .object(["hook": .object([:])]))
    #expect(
      sent.first?["operation.info"]
        == .array([.object(["name": .string("slipway"), "value": .string("run-1 0")])])
    )
    #expect(sent.first?["metadata.resourceVersion"] == .string("5"))
    #expect(sent.first?["metadata.annotations"]?["argocd.argoproj.io/refresh"] == .string("hard"))
  }

  @Test func replacingIsArgoCDsForce() async throws {
    let (_, sent) = try await send(.sync(mark: "m", replacing: true))
    #expect(sent.first?["operation.sync.syncStrategy.hook.force"] == .bool(true))
    #expect(sent.first?["operation.sync.prune"] == .bool(false))
  }

  @Test func aSyncIsAskedForOnceAndNotBesideAnother() async throws {
    let own = #"{"sync":{},"info":[{"name":"slipway","value":"m"}]}"#
    let done = Fixture.application(status: #","operationState":{"phase":"Succeeded","operation":\#(own)}"#)
    let asked = Fixture.application(extra: #","operation":\#(own)"#)
    for application in [done, asked] {
      let (answer, sent) = try await send(.sync(mark: "m", replacing: false), application: application)
      #expect(answer == .accepted([]) && sent.isEmpty)
    }
    let foreign = Fixture.application(status: #","operationState":{"phase":"Running","message":"hooks"}"#)
    let (answer, sent) = try await send(.sync(mark: "m", replacing: false), application: foreign)
    #expect(answer == .busy("an operation of the Application api-production is Running: hooks") && sent.isEmpty)
  }

  // MARK: Auto-sync

  @Test func suspendingKeepsThePolicyInTheApplicationAndRestoringWritesItBack() async throws {
    let (_, sent) = try await send(
      .suspendAutoSync(by: "run-1"),
      application: Fixture.application(spec: Self.automatic)
    )
    #expect(sent.first?["spec.syncPolicy.automated"] == .null)
    #expect(sent.first?["spec.syncPolicy.syncOptions"] == nil)
    guard case .string(let text)? = sent.first?["metadata.annotations"]?[AutoSyncSuspension.annotation] else {
      Issue.record("no annotation")
      return
    }
    #expect(text == #"{"automated":{"prune":true,"selfHeal":true},"by":"run-1"}"#)

    let escaped = text.replacing("\"", with: "\\\"")
    let suspended = Fixture.application(spec: #","syncPolicy":{"syncOptions":["A=b"]}"#).replacing(
      #""resourceVersion":"5""#,
      with: #""resourceVersion":"5","annotations":{"\#(AutoSyncSuspension.annotation)":"\#(escaped)"}"#
    )
    #expect(try Fixture.decode(suspended, as: Application.self).snapshot.suspendedBy == "run-1")
    #expect(try Fixture.decode(suspended, as: Application.self).snapshot.hasAutoSync == false)
    // Asked again it stays as it is.
    #expect(try await send(.suspendAutoSync(by: "run-2"), application: suspended).sent.isEmpty)
    let (_, back) = try await send(.restoreAutoSync, application: suspended)
    #expect(
      back.first?["spec.syncPolicy.automated"] == .object(["prune": .bool(true), "selfHeal": .bool(true)])
    )
    #expect(back.first?["metadata.annotations"]?[AutoSyncSuspension.annotation] == .null)
  }

  @Test func whatDoesNotSyncByItselfIsNeitherSuspendedNorRestored() async throws {
    let manual = Fixture.application()
    let off = Fixture.application(spec: #","syncPolicy":{"automated":{"enabled":false}}"#)
    for application in [manual, off] {
      #expect(try await send(.suspendAutoSync(by: "run-1"), application: application).sent.isEmpty)
      #expect(try await send(.restoreAutoSync, application: application).sent.isEmpty)
    }
  }

  // MARK: Undo

  /// The images of the fixture with the service's whole tags.
  private static func tagged(_ deployment: String) -> String {
    deployment.replacing("r/api:1.3.0", with: "r/api:api-v1.3.0")
      .replacing(#""generation":4,"#, with: #""generation":4,"resourceVersion":"77","#)
  }

  private static func set(_ name: String, revision: Int, _ tag: String, of uid: String = "d-api") -> String {
    Fixture.replicaSet(name, revision: revision, image: "r/api:\(tag)").replacing("d-api", with: uid).replacing(
      #""template":{"#,
      with: #""template":{"metadata":{"labels":{"app":"api","pod-template-hash":"\#(name)"}},"#
    )
  }

  @Test func undoTakesTheKeptRevisionOfTheTagAndNeverJustTheOneBefore() async throws {
    let sets = [
      Self.set("now", revision: 9, "api-v1.3.0"), Self.set("before", revision: 8, "api-v1.2.9"),
      Self.set("older", revision: 3, "api-v1.2.2"), Self.set("wanted", revision: 5, "api-v1.2.2"),
      Self.set("foreign", revision: 7, "api-v1.2.2", of: "d-other"),
    ]
    let (answer, sent) = try await send(
      .undo(toTag: "api-v1.2.2"),
      deployment: Self.tagged(Fixture.deployment(revision: 9)),
      sets: sets
    )
    #expect(answer == .accepted([Self.changed]))
    #expect(sent.count == 1 && sent.first?.uri == Self.deploymentURI)
    #expect(sent.first?.type == "application/json-patch+json")
    guard case .array(let operations)? = sent.first?.body, operations.count == 2 else {
      Issue.record("\(sent)")
      return
    }
    #expect(operations[0]["path"] == .string("/metadata/resourceVersion"))
    #expect(operations[0]["value"] == .string("77"))
    #expect(operations[1]["path"] == .string("/spec/template"))
    let template = operations[1]["value"]
    // The label of its ReplicaSet is no part of it.
    #expect(template?["metadata"]?["labels"] == .object(["app": .string("api")]))
    let containers = template?["spec"]?["containers"]
    #expect(containers == .array([.object(["name": .string("api"), "image": .string("r/api:api-v1.2.2")])]))
  }

  @Test func undoToWhatIsNotKeptChangesNothingAndSaysWhatIs() async throws {
    await #expect {
      try await send(
        .undo(toTag: "api-v1.2.2"),
        deployment: Self.tagged(Fixture.deployment(revision: 9)),
        sets: [Self.set("now", revision: 9, "api-v1.3.0"), Self.set("before", revision: 8, "api-v1.2.9")]
      )
    } throws: { error in
      (error as? WorldError)?.reason == .notFound
        && "\(error)".contains(
          "no kept revision of Deployment api runs api-v1.2.2; kept: r/api:api-v1.2.9, r/api:api-v1.3.0"
        )
    }
  }

  @Test func undoOfWhatRunsItAlreadyChangesNothing() async throws {
    let (answer, sent) = try await send(
      .undo(toTag: "api-v1.3.0"),
      deployment: Self.tagged(Fixture.deployment(revision: 9))
    )
    #expect(sent.isEmpty)
    #expect(answer == .accepted([ChangedWorkload(kind: "Deployment", name: "api", uid: "d-api", generation: 4)]))
  }

  // MARK: What can be undone

  @Test func howManyRevisionsAreKeptIsTold() throws {
    let usual = try Fixture.api(Fixture.objects())
    #expect(usual.workloads.map(\.keptRevisions) == [10])
    let none = Fixture.deployment().replacing(
      #""replicas":2,"template""#,
      with: #""replicas":2,"revisionHistoryLimit":0,"template""#
    )
    #expect(try Fixture.api(Fixture.objects(deployment: none)).workloads.map(\.keptRevisions) == [0])
  }
}
