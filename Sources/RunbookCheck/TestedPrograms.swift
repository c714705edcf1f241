import PromotionModel

/// The programs that a runbook starts.
enum TestedPrograms {
  /// As far as the runbook tells the line; `isOpen` where something is filled in at run time.
  static func lines(of block: CheckedBlock) -> [(text: String, isOpen: Bool)] {
    block.everyStatement.compactMap { statement in
      guard case .run(let action) = statement.action else { return nil }
      switch action.command {
      case .shell(let script): return (script.known ?? "", script.known == nil)
      case .words(let words):
        let known = words.prefix { $0.known != nil }.compactMap(\.known)
        return (known.joined(separator: " "), known.count < words.count)
      }
    }
  }
}
