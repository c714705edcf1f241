public import RunbookDiagnostics

/// A whole runbook. A file with errors has a tree too, with ``MalformedStatement`` where one could not be read.
public struct RunbookFile: Hashable, Sendable {
  public let statements: [Statement]
  /// ``Comments/after`` holds what stands behind the last statement.
  public let comments: Comments
  /// The whole text.
  public let span: SourceSpan

  public init(statements: [Statement], comments: Comments, span: SourceSpan) {
    self.statements = statements
    self.comments = comments
    self.span = span
  }
}

/// A statement of any kind, with the comments that belong to it.
public struct Statement: Hashable, Sendable {
  public let kind: StatementKind
  /// From the first to the last token; comments and the separator are outside.
  public let span: SourceSpan
  public let comments: Comments

  public init(kind: StatementKind, span: SourceSpan, comments: Comments = Comments()) {
    self.kind = kind
    self.span = span
    self.comments = comments
  }
}

/// The statements of the language. Nobody switches over it with a `default`, so that the compiler names every place
/// that a new statement touches.
public indirect enum StatementKind: Hashable, Sendable {
  // Declarations, at the top level of a file only.
  case runbook(RunbookDeclaration)
  case input(InputDeclaration)
  case importing(ImportDeclaration)
  case procedure(ProcedureDeclaration)
  case scenario(ScenarioDeclaration)
  // In a scenario only.
  case given(GivenStatement)
  case expect(ExpectStatement)
  // Verbs.
  case validate(ValidateStatement)
  case promote(PromoteStatement)
  case wait(WaitStatement)
  case merge(MergeStatement)
  case monitor(MonitorStatement)
  case verify(VerifyStatement)
  case rollback(RollbackStatement)
  case reconcile(ReconcileStatement)
  case sync(SyncStatement)
  case restart(RestartStatement)
  case diagnose(DiagnoseStatement)
  case announce(AnnounceStatement)
  case freeze(FreezeStatement)
  case thaw(ThawStatement)
  case confirm(ConfirmStatement)
  case require(RequireStatement)
  case run(RunStatement)
  case show(ShowStatement)
  // Control.
  case binding(LetStatement)
  case condition(IfStatement)
  case loop(ForStatement)
  case retry(RetryStatement)
  case within(WithinStatement)
  case call(CallStatement)
  case onFailure(OnFailureStatement)
  case finally(FinallyStatement)
  case stop(StopStatement)
  case fail(FailStatement)
  case malformed(MalformedStatement)
}

/// Statements in braces.
public struct Block: Hashable, Sendable {
  public let statements: [Statement]
  /// ``Comments/suffix`` stands behind the `{` on its line, ``Comments/after`` behind the last statement.
  public let comments: Comments
  /// With both braces.
  public let span: SourceSpan

  public init(statements: [Statement], comments: Comments, span: SourceSpan) {
    self.statements = statements
    self.comments = comments
    self.span = span
  }
}

/// A comment from its `#` to the end of its line, without the line break.
public struct Comment: Hashable, Sendable {
  public let span: SourceSpan

  public init(span: SourceSpan) {
    self.span = span
  }
}

/// The comments of a node, in the order of the text. Every comment of a file stands in exactly one list of its tree.
public struct Comments: Hashable, Sendable {
  /// On lines of their own in front of the node.
  public var before: [Comment]
  /// Inside of the node (behind a comma that a line ends with) or behind it on its last line.
  public var suffix: [Comment]
  /// At the end of a block or of the file, behind its last statement.
  public var after: [Comment]

  public init(before: [Comment] = [], suffix: [Comment] = [], after: [Comment] = []) {
    self.before = before
    self.suffix = suffix
    self.after = after
  }
}
