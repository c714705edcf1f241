import RunbookDiagnostics
import Testing

@testable import RunbookSyntax

@Suite struct KeywordTests {
  /// The cases of a choice are named like its keywords, in their order.
  private func check<Choice: WordChoice>(_ choice: Choice.Type) {
    let names = Choice.allCases.map { "\($0)" }
    let words = Choice.keywords.map { "\($0)" }
    #expect(names == words)
    #expect(Choice.allCases.map(\.rawValue) == Array(words.indices))
    #expect(Choice.keywords.allSatisfy { Choice($0)?.keyword == $0 })
  }

  @Test func choicesAreNamedLikeTheirWords() {
    check(StatementWord.self)
    check(PromoteClause.self)
    check(WithinClause.self)
    check(MonitorClause.self)
    check(RollbackClause.self)
    check(ReconcileClause.self)
    check(SyncClause.self)
    check(AnnounceClause.self)
    check(FreezeClause.self)
    check(ThawClause.self)
    check(RunClause.self)
    check(ShowClause.self)
    check(WayWord.self)
    check(WaitSubject.self)
    check(AnnounceSubject.self)
    check(ShowSubject.self)
    #expect(NoClause.keywords.isEmpty)
  }

  @Test func rolesAreThoseOfTheLanguage() {
    #expect(Set(Keyword.statements).count == Keyword.statements.count)
    #expect(Keyword.clauses(of: .monitor) == [.every, .allowing])
    #expect(Keyword.clauses(of: .because).isEmpty)
    #expect(Keyword.subjects(of: .wait) == [.merge, .sync, .rollout, .until])
    let facts = Set(FactWord.allCases.compactMap { Keyword(rawValue: String($0.rawValue.prefix { $0 != " " })) })
    #expect(facts == Set(Keyword.facts))
  }

  /// Each statement word begins a statement that is told from others, and each clause's word counts where the verb takes it.
  @Test func everyStatementWordIsReadAsOne() {
    for keyword in Keyword.statements {
      let found = parse(SourceText(name: "a", text: keyword.rawValue + " )")).diagnostics
      #expect(found.count == 1)
      #expect(!found.contains { $0.summary.contains("a statement") }, "\(keyword)")
    }
  }
}
