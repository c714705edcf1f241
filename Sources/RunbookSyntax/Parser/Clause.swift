/// The clauses that a verb takes, each begun by its keyword.
protocol Clause: CaseIterable, Sendable {
  var keyword: Keyword { get }
}

enum PromoteClause: Clause {
  case except, from, to, at, by, without, allowing, because

  var keyword: Keyword {
    switch self {
    case .except: .except
    case .from: .from
    case .to: .to
    case .at: .at
    case .by: .by
    case .without: .without
    case .allowing: .allowing
    case .because: .because
    }
  }
}

enum WaitClause: Clause {
  case within

  var keyword: Keyword { .within }
}

enum MonitorClause: Clause {
  case every, allowing

  var keyword: Keyword {
    switch self {
    case .every: .every
    case .allowing: .allowing
    }
  }
}

enum RollbackClause: Clause {
  case to, by, because, even

  var keyword: Keyword {
    switch self {
    case .to: .to
    case .by: .by
    case .because: .because
    case .even: .even
    }
  }
}

/// For verbs without clauses.
enum NoClause: Clause {
  var keyword: Keyword { switch self {} }
}

extension Clause {
  static var keywords: [Keyword] { allCases.map(\.keyword) }
}
