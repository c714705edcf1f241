import FleetConfiguration
import LiveWorld
import PromotionModel
import RunLog
import RunReport
import RunStore
import RunbookDiagnostics
import RunbookInterpreter

/// Finds the run that a command is to go on with: in the journal of this machine, or in the GitOps repository.
struct RunFinder {
  let journal: SQLiteJournal
  let store: RunStorePlace
  let options: ConfigurationOptions
  let input: Input

  /// The run that is named, or the newest open one that has the pull request.
  func id(_ choice: RunChoice) async throws -> RunID {
    guard let number = choice.pullRequest else {
      guard let id = RunID(choice.name ?? "") else { throw Self.unknown(choice.name ?? "", input) }
      return id
    }
    switch store {
    case .local: return try local(number)
    case .git:
      let fleet = try input.fleetRequired(options.config).fleet
      let all = try await RunKeeping.looking(fleet, input.host) { try await $0.headings() }
      let theirs = all.filter { $0.pullRequests.contains(number) }
      guard let run = theirs.first(where: { $0.ending?.isResumable ?? true }) ?? theirs.first else {
        throw input.fail(ExitStatus.usage, "no run in the repository opened pull request #\(number)")
      }
      return run.run
    }
  }

  /// In the repository of the configuration that is found here; where none is, in any.
  private func local(_ number: Int) throws -> RunID {
    let repository = try input.configuration(options.config).flatMap { try input.fleet($0).pullRequest?.repository }
    var found: [(record: RunRecord, repository: String?)] = []
    for id in try RunSearch.runs(ofPullRequest: number, in: journal) {
      guard let record = try journal.run(id) else { continue }
      let theirs = FleetConfiguration.load(SourceText(name: "stored", text: record.configuration)).0?.pullRequest
      if repository == nil || theirs?.repository == repository { found.append((record, theirs?.repository)) }
    }
    guard let newest = found.first else {
      throw input.fail(
        ExitStatus.usage,
        "no run in the journal of this machine opened pull request #\(number); `--store git` looks into the repository"
      )
    }
    let open = found.filter { $0.record.ending?.isResumable ?? true }
    guard Set(open.map(\.repository)).count < 2 else {
      let runs = open.map { "\($0.record.id) (\(visible($0.repository ?? "")))" }.joined(separator: ", ")
      throw input.fail(ExitStatus.usage, "several runs have a pull request #\(number): \(runs); name one of them")
    }
    return (open.first ?? newest).record.id
  }

  /// The run as it was last stored, wherever that was; the journal of this machine then has it so. The caller holds the
  /// run's ``RunGuard``.
  func run(_ id: RunID) async throws -> (RunRecord, RunKeeping?) {
    let known = try journal.run(id)
    let base = known == nil ? nil : try ArchivedJournal.revision(of: id, in: journal)
    guard store == .git || base != nil else {
      guard let known else { throw Self.unknown(id.text, input) }
      return (known, nil)
    }
    let fleet: Fleet
    if let known {
      fleet = try input.fleet(of: known)
    } else {
      fleet = try input.fleetRequired(options.config).fleet
    }
    let archive = GitRunArchive(fleet: fleet, host: input.host)
    do {
      let kept = try await RunArchiveReader(archive).run(id)
      guard let kept else {
        guard let known, base == nil else {
          throw input.fail(ExitStatus.usage, "there is no run `\(visible(id.text))` in the repository")
        }
        return (known, RunKeeping(archive: archive, revision: nil))
      }
      let keeping = RunKeeping(archive: archive, revision: kept.revision)
      // What this machine's journal has beyond the last revision, which is its own, is newer.
      if let known, base == kept.revision { return (known, keeping) }
      try journal.adopt(kept.copy)
      return (kept.copy.record, keeping)
    } catch {
      await archive.close()
      throw error
    }
  }

  static func unknown(_ name: String, _ input: Input) -> EarlyExit {
    input.fail(
      ExitStatus.usage,
      "there is no run `\(visible(String(name.prefix(60))))` in the journal; `slipway runs` lists them"
    )
  }
}
