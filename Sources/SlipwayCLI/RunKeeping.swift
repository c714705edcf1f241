import LiveWorld
import PromotionModel
import RunLog
import RunStore
import RunbookDiagnostics
import RunbookInterpreter
import Synchronization

/// A run of this process that is kept in the GitOps repository too (`--store git`).
struct RunKeeping {
  /// What a command needs to find such a run from anywhere.
  static let options = " --store git"

  let archive: GitRunArchive
  /// What stands there; nil: nothing yet.
  let revision: CommitID?

  init(archive: GitRunArchive, revision: CommitID?) { (self.archive, self.revision) = (archive, revision) }

  /// For a run that begins.
  /// - Throws: ``EarlyExit`` where its texts hold what looks like a login: everybody who reads the repository would see it.
  init(begun record: RunRecord, _ fleet: Fleet, _ input: Input) throws {
    let secrets = RunArchiveReader.secrets(in: record)
    guard secrets.isEmpty else {
      throw input.fail(
        ExitStatus.usage,
        "\(visible(secrets.joined(separator: ", "))) holds what looks like a login, and --store git would keep it in the "
          + "repository; let the runbook read it with env(\"NAME\")"
      )
    }
    self.init(archive: GitRunArchive(fleet: fleet, host: input.host), revision: nil)
  }

  /// Stores the run as this process's, and has everything that it does from here stored before it is done.
  /// - Throws: ``RunTakenUp`` when another process was first; ``WorldError``. Then nothing of it was done.
  func claim(_ setup: inout RunSetup, _ host: Host, onLoss: @escaping @Sendable () -> Void) async throws -> RunArchivist
  {
    let journal = ArchivedJournal(setup.journal)
    let archivist = RunArchivist(
      run: setup.run,
      journal: journal,
      archive: archive,
      replacing: revision,
      redactor: setup.redactor,
      rules: RunArchivist.Rules(
        isSecret: SecretNotes.isSecret,
        isResult: SecretNotes.isResult,
        pullRequests: RunSearch.pullRequests
      ),
      holder: setup.identity,
      clock: setup.world.reading.clock,
      process: host.processNumber,
      onLoss: onLoss
    )
    try await archivist.store(always: true)
    setup.journal = journal
    setup.world.writing = ArchivedWriting(archivist).writing(setup.world.writing)
    return archivist
  }

  /// Looks into the archive of a fleet's repository.
  static func looking<T: Sendable>(_ fleet: Fleet, _ host: Host, _ body: (RunArchiveReader) async throws -> T)
    async throws -> T
  {
    let archive = GitRunArchive(fleet: fleet, host: host)
    do {
      let result = try await body(RunArchiveReader(archive))
      await archive.close()
      return result
    } catch {
      await archive.close()
      throw error
    }
  }
}

/// Stops a run, also one that is only about to begin.
final class Stopper: Sendable {
  private let state = Mutex<(run: Task<RunResult, Never>?, isStopped: Bool)>((nil, false))

  func keep(_ run: Task<RunResult, Never>) {
    let isStopped = state.withLock { state in
      state.run = run
      return state.isStopped
    }
    if isStopped { run.cancel() }
  }

  func stop() {
    let run = state.withLock { state in
      state.isStopped = true
      return state.run
    }
    run?.cancel()
  }
}
