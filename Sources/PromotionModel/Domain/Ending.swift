/// How a statement, and at last a run, ended; ordered from best to worst, so that `max` is the ending of a whole.
///
/// *interrupted* overrides every other (the language's "Endings").
public enum Ending: String, Comparable, CaseIterable, Sendable, Codable {
  case ok
  /// Stored and left on request, with the protected environment untouched; a later `resume` goes on.
  case suspended
  /// It could not be told. Never read as yes, and never as no (rule 5).
  case undetermined
  case timedOut = "timed out"
  /// Nothing was changed, because something that must hold does not.
  case refused
  case failed
  case interrupted

  private var rank: Int {
    switch self {
    case .ok: 0
    case .suspended: 1
    case .undetermined: 2
    case .timedOut: 3
    case .refused: 4
    case .failed: 5
    case .interrupted: 6
    }
  }

  /// Whether the run only stands still and goes on where it is: no handler answers such an ending.
  public var isPause: Bool { self == .interrupted || self == .suspended }

  public static func < (a: Ending, b: Ending) -> Bool { a.rank < b.rank }
}

/// The exit status of the process for a run.
public enum ExitStatus {
  public static let ok: Int32 = 0
  public static let failed: Int32 = 1
  public static let refused: Int32 = 2
  /// Failed, and what was done was taken back and seen to be so.
  public static let takenBack: Int32 = 3
  public static let undetermined: Int32 = 4
  public static let usage: Int32 = 64
  public static let runbookWrong: Int32 = 65
  public static let configurationWrong: Int32 = 66
  /// All is well, and standard output could not take what was written (`EX_IOERR`).
  public static let outputLost: Int32 = 74
  /// Ended by SIGINT, resumable; SIGTERM gives 143.
  public static let interrupted: Int32 = 130

  /// - Parameter takenBack: every change of this run in a protected environment was taken back, in git and in the
  ///   cluster, and both were seen to be so.
  public static func of(_ ending: Ending, takenBack: Bool) -> Int32 {
    switch ending {
    case .ok, .suspended: ok
    case .undetermined, .timedOut: undetermined
    case .refused: refused
    case .failed: takenBack ? Self.takenBack : failed
    case .interrupted: interrupted
    }
  }
}
