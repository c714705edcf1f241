import FleetConfiguration
import PromotionModel
import RunbookDiagnostics
import SimulatedWorld
import Synchronization
import Testing

@testable import RunbookREPL

@Suite("Prompt: the gate in front of what is written")
struct GateTests {
  private static let head = CommitID(String(repeating: "a", count: 40))

  /// A gate in front of a repository that keeps what reaches it.
  private func gated(answering answer: Bool) throws -> (gate: Gate, world: World, written: Written, asked: Written) {
    let source = SourceText(name: "slipway.yaml", text: SimulatedFleet.configurationText)
    let fleet = try #require(FleetConfiguration.load(source).0)
    let desk = QuestionDesk(name: "ada@laptop")
    let (written, asked) = (Written(), Written())
    desk.open {
      guard let question = desk.next() else { return }
      asked.add("\(question.text) \(question.word ?? "yes or no")")
      question.answer(answer)
    }
    let gate = Gate(fleet: fleet, desk: desk)
    var real = try SimulatedWorld(fleet: fleet, seed: 1, contents: SimulatedFleet.contents).world
    real.writing.repository = KeepingRepository(written: written)
    return (gate, gate.world(real), written, asked)
  }

  private func changes(_ environment: String, to tag: String = "api-v1.3.0") throws -> ChangeSet {
    let change = ServiceChange(
      service: ServiceName("api"),
      file: "f",
      fromTag: "api-v1.2.2",
      toTag: tag,
      edits: []
    )
    return ChangeSet(environment: EnvironmentName(environment), base: try #require(Self.head), services: [change])
  }

  private let message = CommitMessage(subject: "promote(api)", body: "", trailers: [])

  @Test("what nobody agreed to is asked, and a no is an interruption: nothing gets through")
  func asked() async throws {
    let (_, world, written, asked) = try gated(answering: false)
    let changes = try changes("production")
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.repository.commit(changes, message: message, under: nil)
    }
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.repository.propose(changes, branch: "b", message: message, under: nil)
    }
    #expect(written.all.isEmpty && asked.all.count == 2)
    #expect(asked.all[0].contains("production/api api-v1.2.2 -> api-v1.3.0") && asked.all[0].contains("promote(api)"))
    #expect(asked.all[0].hasSuffix(" production"))
  }

  @Test("a yes lets it through")
  func yes() async throws {
    let (_, world, written, asked) = try gated(answering: true)
    _ = try await world.writing.repository.commit(try changes("production"), message: message, under: nil)
    #expect(written.all == ["commit production"] && asked.all.count == 1)
  }

  @Test("what was shown and agreed to passes; another plan than that does not")
  func permit() async throws {
    let (gate, world, written, asked) = try gated(answering: false)
    let agreed = try changes("production")
    gate.allow(Gate.Permit(environments: [agreed.environment], plan: Set(agreed.plan)))
    _ = try await world.writing.repository.commit(agreed, message: message, under: nil)
    #expect(written.all == ["commit production"] && asked.all.isEmpty)
    let other = try changes("production", to: "api-v1.3.1")
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.repository.commit(other, message: message, under: nil)
    }
    gate.close()
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.repository.commit(agreed, message: message, under: nil)
    }
    #expect(written.all.count == 1)
  }

  @Test("an environment that is not protected needs no key; one that is unknown does")
  func unprotected() async throws {
    let (_, world, written, asked) = try gated(answering: false)
    _ = try await world.writing.repository.commit(try changes("staging"), message: message, under: nil)
    #expect(written.all == ["commit staging"] && asked.all.isEmpty)
    let unknown = try changes("elsewhere")
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.repository.commit(unknown, message: message, under: nil)
    }
  }

  @Test("so are running syncs and pull requests")
  func others() async throws {
    let (_, world, _, asked) = try gated(answering: false)
    await #expect(throws: CancellationError.self) {
      try await world.writing.delivery.terminateOperations(
        of: [ServiceName("api")],
        in: EnvironmentName("production")
      )
    }
    await #expect(throws: CancellationError.self) { _ = try await world.writing.forge?.close(7, comment: "no") }
    await #expect(throws: CancellationError.self) {
      _ = try await world.writing.delivery.carryOut(
        .suspendAutoSync(by: "run-1"),
        for: ServiceName("api"),
        in: EnvironmentName("production")
      )
    }
    #expect(asked.all.count == 3)
  }
}

private final class Written: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct KeepingRepository: RepositoryWriting {
  let written: Written

  func commit(_ changes: ChangeSet, message: CommitMessage, under lease: LockLease?) async throws -> PushOutcome {
    written.add("commit \(changes.environment)")
    return .superseded([])
  }

  func propose(_ changes: ChangeSet, branch: String, message: CommitMessage, under lease: LockLease?) async throws
    -> PushOutcome
  {
    written.add("propose \(changes.environment)")
    return .superseded([])
  }

  func deleteBranch(_ branch: String, at tip: CommitID) async throws {}
  func takeLock(_ claim: LockHolder, takingOver: Bool) async throws -> LockOutcome { .heldBy(claim) }
  func renewLock(_ lease: LockLease, as claim: LockHolder) async throws -> LockOutcome { .heldBy(lease.holder) }
  func releaseLock(_ lease: LockLease) async throws {}

  func setFreeze(_ freeze: Freeze?, of environment: EnvironmentName, replacing seen: Freeze?) async throws
    -> FreezeOutcome
  {
    written.add("freeze \(environment)")
    return .done
  }
}
