import FoundationEssentials
public import RunLog

/// Which notes of a journal hold values of the environment. They stay on the machine: who goes on with the run elsewhere
/// has an environment of its own.
public enum SecretNotes {
  static let environmentPrefix = "env."

  public static func isSecret(_ note: StepNote) -> Bool {
    note.key.hasPrefix(environmentPrefix) || isResult(note)
  }

  /// A `let` whose value comes from the environment: it is bound anew.
  public static func isResult(_ note: StepNote) -> Bool {
    guard note.key == Interpreter.boundKey else { return false }
    return (try? JSONDecoder().decode(Bound.self, from: Data(note.value.utf8)))?.isSecret ?? false
  }
}
