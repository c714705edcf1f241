/// The words that mean something to the language where they may stand. None is reserved: in quotes, and where
/// no clause can begin, each of them is an ordinary name.
public enum Keyword: String, CaseIterable, Sendable {
  case all
  case allowing
  case at
  case because
  case by
  case commit
  case downgrade
  case error
  case errors
  case even
  case every
  case except
  case fail
  case failure
  case from
  case `if`
  case merge
  case monitor
  case on
  case per
  case pr
  case promote
  case promoted
  case restart
  case restarts
  case rollback
  case rollout
  case runbook
  case stop
  case sync
  case to
  case undetermined
  case unstaged
  case validate
  case validation
  case wait
  case within
  case without

  /// The words that a statement can begin with.
  public static let statements: [Keyword] = [
    .validate, .promote, .wait, .monitor, .rollback, .on, .stop, .fail, .runbook,
  ]
}
