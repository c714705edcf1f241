import PromotionModel
import RunbookCheck

/// Variables whose names say that their values are secrets: those are in no journal. What is kept is a sum, by which a
/// resumed run knows that it is given the same again.
enum SecretVariables {
  private static let marks = [
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "APIKEY", "AUTH", "COOKIE",
    "WEBHOOK",
    "SESSION", "DSN",
  ]

  static func isSecret(_ name: String, _ fleet: Fleet) -> Bool {
    let words = name.uppercased()
    if marks.contains(where: words.contains) || words.hasSuffix("KEY") || words.hasSuffix("_PAT") || words == "PAT" {
      return true
    }
    return fleet.announcements.places.contains { place in
      if case .webhook(name) = place.road { true } else { false }
    }
  }
}

extension StepContext {
  /// The value of a variable that is in no journal.
  /// - Throws: ``Halt`` with *undetermined* when the run began with another value, so that it can be resumed once more.
  func secretVariable(_ name: String) throws -> Bound {
    // Below what stays on this machine: a sum of a short secret can be guessed.
    let key = "\(SecretNotes.environmentPrefix)\(name).sum"
    let known = try stored(key, as: String.self)
    guard let value = reading.surroundings.variables.variable(name) else {
      guard known != nil else { throw EvaluationMessages.notSet(name) }
      throw Halt(
        .undetermined,
        "the run read env(\"\(name)\"), and does not keep it: set \(name) as it was, and resume"
      )
    }
    memory.keepSecret(value)
    let sum = Digest.sha256("\(run):\(name):\(value)")
    if let known, known != sum {
      throw Halt(
        .undetermined,
        "env(\"\(name)\") is not what it was when the run read it: set it as it was, and resume"
      )
    }
    if known == nil { try note(key, sum) }
    return Bound(.string(value), isSecret: true)
  }
}
