import RunbookDiagnostics
import RunbookSyntax

/// Follows the tokens of a statement through the ways to write it, all at once, and tells what may come next and what each
/// token was taken for.
package struct FormMatcher {
  /// What may stand in a place.
  package enum Continuation: Hashable {
    /// Words that begin a form or a clause, or go on with it.
    case words([String], ClauseHelp?)
    case choice(WordHelp)
    case slot(FormSlot)
    /// An expression is complete so far.
    case operators
    case block
  }

  /// What a token was taken for.
  package enum Role: Hashable {
    case form
    case clause(ClauseHelp)
    case choice(WordHelp)
    case slot(FormSlot)
  }

  private enum Phase: Hashable {
    case before
    /// In a slot that may end here.
    case complete
    /// In a slot that goes on: behind a comma, in parentheses.
    case incomplete
  }

  private struct State {
    var form: Int
    /// nil: among the form's own elements.
    var clause: Int?
    var element = 0
    /// The keys of clauses that stand already.
    var used: Set<String> = []
    var phase = Phase.before
    var depth = 0
    var roles: [Role] = []

    var identity: [Int] { [form, clause ?? -1, element, phase == .before ? 0 : phase == .complete ? 1 : 2, depth] }
  }

  private let forms: [StatementForm]
  private let environments: Set<String>?
  private var states: [State]

  /// - Parameters:
  ///   - environments: nil where there is no configuration: then any name can be one.
  ///   - after: what stands behind the place; its clauses are not offered again.
  package init(_ help: StatementHelp, environments: Set<String>?, after: [Word] = []) {
    forms = help.forms
    self.environments = environments
    let forms = help.forms
    states = forms.indices.map { State(form: $0, used: Self.keys(of: forms[$0], in: after)) }
  }

  /// The keys of a form's clauses whose words stand among some tokens.
  private static func keys(of form: StatementForm, in words: [Word]) -> Set<String> {
    var keys: Set<String> = []
    for index in words.indices {
      for clause in form.clauses where clause.words.count <= words.count - index {
        let texts = words[index...].prefix(clause.words.count).map(\.text)
        // The `because` of `without validation because` is that clause's own.
        let isOwn = index == 0 || !["validation", "downgrade", "unstaged", "resources"].contains(words[index - 1].text)
        if texts == clause.words, isOwn { keys.insert(clause.key) }
      }
    }
    return keys
  }

  /// Whether the tokens so far can be the beginning of the statement.
  package var isAlive: Bool { !states.isEmpty }

  /// What each token was taken for, where the statement makes sense so far.
  package var roles: [Role]? { states.first?.roles }

  package mutating func take(_ word: Word) {
    var seen: Set<[Int]> = []
    var next: [State] = []
    for state in states {
      for state in ready(state) {
        for state in step(state, word) where seen.insert(state.identity).inserted { next.append(state) }
      }
    }
    states = next
  }

  /// The tokens as far as they can be followed.
  package mutating func takeAll(_ words: [Word]) {
    for word in words {
      let former = states
      take(word)
      guard isAlive else {
        states = former
        return
      }
    }
  }

  /// What may come next, the form's own elements first.
  package var continuations: [Continuation] {
    var found: [Continuation] = []
    for state in states.flatMap(ready) {
      for continuation in continuations(of: state) where !found.contains(continuation) { found.append(continuation) }
    }
    return found
  }

  // MARK: Steps

  private func elements(_ state: State) -> [FormElement] {
    state.clause.map { forms[state.form].clauses[$0].elements } ?? forms[state.form].elements
  }

  private func element(_ state: State) -> FormElement? {
    let elements = elements(state)
    return state.element < elements.count ? elements[state.element] : nil
  }

  private func advanced(_ state: State) -> State {
    var state = state
    state.element += 1
    (state.phase, state.depth) = (.before, 0)
    return state
  }

  /// The places from which the next token can be taken: the state itself, what may be left out passed over, and the
  /// clauses where the elements are through. The state with no element left stands for the statement's end.
  private func ready(_ state: State) -> [State] {
    switch state.phase {
    case .incomplete: return [state]
    case .complete: return [state] + ready(advanced(state))
    case .before: break
    }
    guard let element = element(state) else {
      let clauses = forms[state.form].clauses
      return [state]
        + clauses.indices.filter { !state.used.contains(clauses[$0].key) }.map { index in
          var next = state
          (next.clause, next.element) = (index, 0)
          next.used.insert(clauses[index].key)
          return next
        }
    }
    if case .optional = element { return [state] + ready(advanced(state)) }
    return [state]
  }

  private func step(_ state: State, _ word: Word) -> [State] {
    switch element(state) {
    case nil: return []
    case .word(let expected):
      guard word.text == expected, word.isName || word.token.kind == .equals else { return [] }
      return [advanced(noting(state.clause.map { .clause(forms[state.form].clauses[$0]) } ?? .form, state))]
    case .choice(let words):
      guard word.isName, let chosen = words.first(where: { $0.word == word.text }) else { return [] }
      return [advanced(noting(.choice(chosen), state))]
    case .slot(let slot), .optional(let slot):
      return step(noting(.slot(slot), state), slot, word)
    }
  }

  private func noting(_ role: Role, _ state: State) -> State {
    var state = state
    state.roles.append(role)
    return state
  }

  private func step(_ state: State, _ slot: FormSlot, _ word: Word) -> [State] {
    if state.depth > 0 { return grouped(state, slot, word) }
    switch slot {
    case .services, .targets, .listed, .days: return listed(state, slot, word)
    case .expression: return expression(state, word)
    case .service, .newName, .place, .team: return isPlainName(word, state) ? [advanced(state)] : []
    case .environment:
      guard isPlainName(word, state) else { return [] }
      return environments.map { $0.contains(unquoted(word)) } ?? true ? [advanced(state)] : []
    case .duration, .version, .wholeNumber, .timeOfDay, .dateTime:
      if word.token.kind == .leftParenthesis { return grouped(state, slot, word) }
      return word.token.kind.isLiteral ? [advanced(state)] : []
    case .text: return word.token.kind.isString ? [advanced(state)] : []
    case .parenthesized: return word.token.kind == .leftParenthesis ? grouped(state, slot, word) : []
    }
  }

  /// In parentheses or brackets everything is taken, up to the one that closes them.
  private func grouped(_ state: State, _ slot: FormSlot, _ word: Word) -> [State] {
    var state = state
    state.depth += word.token.kind.depthChange
    state.phase = state.depth > 0 ? .incomplete : .complete
    return state.depth > 0 || slot == .expression ? [state] : [advanced(state)]
  }

  private func listed(_ state: State, _ slot: FormSlot, _ word: Word) -> [State] {
    var state = state
    if state.phase == .complete {
      guard word.token.kind == .comma else { return [] }
      state.phase = .incomplete
      return [state]
    }
    let isFirst = state.phase == .before
    if isFirst, word.text == "all", slot == .services || slot == .targets { return [advanced(state)] }
    if isFirst, word.text == "promoted", slot == .targets { return [advanced(state)] }
    guard isPlainName(word, state), slot == .days || environments?.contains(unquoted(word)) != true else { return [] }
    state.phase = .complete
    return [state]
  }

  private func expression(_ state: State, _ word: Word) -> [State] {
    guard word.token.kind != .comma, word.token.kind != .rightParenthesis, !beginsClause(word, state) else { return [] }
    var state = state
    state.depth += word.token.kind.depthChange
    state.phase = state.depth > 0 || isOperator(word) ? .incomplete : .complete
    return [state]
  }

  // MARK: Tokens

  private func isPlainName(_ word: Word, _ state: State) -> Bool {
    word.token.kind == .string || word.isName && !beginsClause(word, state)
  }

  private func unquoted(_ word: Word) -> String { word.text.filter { $0 != "\"" } }

  private func beginsClause(_ word: Word, _ state: State) -> Bool {
    guard word.isName else { return false }
    if case .word(word.text)? = element(advanced(state)) { return true }
    return forms[state.form].clauses.contains { $0.words.first == word.text }
  }

  private func isOperator(_ word: Word) -> Bool {
    if word.isName { return ["is", "not", "and", "or", "in", "of", "since", "over"].contains(word.text) }
    return word.token.kind.isOperatorSign
  }

  // MARK: What comes next

  private func continuations(of state: State) -> [Continuation] {
    guard let element = element(state) else { return forms[state.form].hasBlock ? [.block] : [] }
    switch (element, state.phase) {
    case (.word, _): return [.words(words(from: state), state.clause.map { forms[state.form].clauses[$0] })]
    case (.choice(let words), _): return words.map(Continuation.choice)
    case (.slot(let slot), .complete), (.optional(let slot), .complete):
      return slot == .expression ? [.operators] : []
    case (.slot, _) where state.depth > 0, (.optional, _) where state.depth > 0: return [.slot(.expression)]
    case (.slot(let slot), _), (.optional(let slot), _): return [.slot(slot)]
    }
  }

  /// The words that follow each other from an element on.
  private func words(from state: State) -> [String] {
    var words: [String] = []
    for element in elements(state)[state.element...] {
      guard case .word(let word) = element else { break }
      words.append(word)
    }
    return words
  }
}
