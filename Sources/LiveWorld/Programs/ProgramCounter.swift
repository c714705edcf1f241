import Synchronization

/// How many programs were started, by name: a run's cost that people can check.
public final class ProgramCounter: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  public init() {}

  public func count(_ program: String) { counts.withLock { $0[program, default: 0] += 1 } }

  public var total: Int { counts.withLock { $0.values.reduce(0, +) } }
  public var byProgram: [String: Int] { counts.withLock { $0 } }
}
