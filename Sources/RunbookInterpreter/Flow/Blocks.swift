import FoundationEssentials
import PromotionModel
import RunLog
import RunbookCheck

/// That the statements of a block had come to their end, stored before its handlers begin: a resumed run goes on with the
/// handler, and does not try the statements again that the handler was already answering.
struct BlockEnd: Hashable, Sendable, Codable {
  static let noteKey = "end"

  /// nil: they ended well.
  var failure: Failure?
  var isStopped: Bool

  init(_ outcome: Outcome) { (failure, isStopped) = (outcome.failure, outcome.isStopped) }

  var outcome: Outcome {
    Outcome(
      ending: failure?.ending ?? .ok,
      message: failure?.message ?? "",
      isStopped: isStopped,
      failure: failure
    )
  }
}

extension Interpreter {
  /// Runs a block: its statements, its `on failure` where they did not end well, and then its `finally`.
  /// - Parameter first: the index of its first statement that was not performed yet.
  func block(_ block: CheckedBlock, at path: StepPath, _ scope: Scope, from first: Int = 0) async -> Outcome {
    var scope = scope
    let hasHandlers = block.onFailure != nil || block.finally != nil
    let earlier = hasHandlers ? decided(block, at: path) : nil
    var outcome = await statements(block.statements, at: path, &scope, from: first, replaying: earlier != nil)
    if outcome.ending.isPause { return outcome }
    if let earlier { outcome = earlier.outcome }
    let answers = outcome.failure != nil && !outcome.isStopped && block.onFailure != nil
    if earlier == nil, answers || block.finally != nil { keep(BlockEnd(outcome), at: path) }
    if let failure = outcome.failure, !outcome.isStopped, let handler = block.onFailure {
      let place = path.appending(.statement(handler.ordinal)).appending(.onFailure)
      let answer = await self.block(handler.block, at: place, scope.answering(failure))
      if answer.ending.isPause { return answer }
      // The failure goes on up: what a handler does well makes nothing better.
      outcome = outcome.answered(by: answer)
    }
    if let handler = block.finally {
      let place = path.appending(.statement(handler.ordinal)).appending(.finally)
      let last = await self.block(handler.block, at: place, scope.ending(outcome.ending))
      if last.ending.isPause { return last }
      outcome = outcome.followed(by: last)
    }
    return outcome
  }

  /// How the statements of a block ended in an earlier process, where that stands. A run that was cut off in a handler goes
  /// on with it. One that came to its end and is resumed on request tries again what could not be told, and what answered
  /// it is done afresh.
  private func decided(_ block: CheckedBlock, at path: StepPath) -> BlockEnd? {
    guard let earlier: BlockEnd = storedNote(BlockEnd.noteKey, at: path) else { return nil }
    if !isSecondGo || Self.isFinal(earlier.outcome.ending) { return earlier }
    for (handler, component) in [(block.onFailure, StepPath.Component.onFailure), (block.finally, .finally)] {
      guard let handler else { continue }
      memory.forget(path.appending(.statement(handler.ordinal)).appending(component))
    }
    return nil
  }

  /// A note of an earlier process; one that cannot be read is none.
  func storedNote<T: Decodable>(_ key: String, at path: StepPath) -> T? {
    do {
      guard let json = try memory.storedNotes(at: path, setup)[key] else { return nil }
      return try JSONDecoder().decode(T.self, from: Data(json.utf8))
    } catch {
      emit(.warning("what an earlier process stored at \(path) cannot be read: \(error)"))
      return nil
    }
  }

  /// A note that could not be stored is a warning: that something failed must not keep its handler from answering.
  func keep(_ end: BlockEnd, at path: StepPath) {
    if Task.isCancelled { return }
    do {
      try setup.note(BlockEnd.noteKey, end, under: path)
    } catch {
      emit(.warning("\(error)"))
    }
  }

  /// - Parameter replaying: how they ended is known; nothing is begun, and every ending that they had counts.
  private func statements(
    _ statements: [CheckedStatement],
    at path: StepPath,
    _ scope: inout Scope,
    from first: Int,
    replaying: Bool
  ) async -> Outcome {
    var last = Outcome.ok()
    for (index, statement) in statements.enumerated().dropFirst(first) {
      if index > first, path.components.isEmpty { passMilestone(before: index, scope) }
      let place = path.appending(.statement(statement.ordinal))
      if replaying, memory.earlier(at: place)?.outcome == nil { break }
      last = await perform(statement, at: place, &scope, replaying: replaying)
      // Whoever only wants to see something in a handler does not keep the rest of it from answering (rule 7).
      if scope.isAnswer, statement.action.onlyShows, !last.ending.isPause, !last.isStopped { last = .ok() }
      if last.ending != .ok || last.isStopped, !isPassed(place) { break }
    }
    return last
  }
}

extension Action {
  /// Whether it is for nothing but to show something to people.
  fileprivate var onlyShows: Bool {
    switch self {
    case .show, .diagnose: true
    case .validate, .promote, .waitMerge, .waitArrival, .waitTime, .waitUntil, .merge, .monitor, .verify, .rollback,
      .reconcile, .sync, .restart, .announce, .freeze, .thaw, .confirm, .require, .run, .bind, .branch, .loop, .retry,
      .within, .call, .stop, .fail:
      false
    }
  }
}
