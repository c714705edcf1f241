import SimulatedWorld

extension SimulatedRepository {
  /// Of the newest notes that somebody else committed, those that are not as they wrote them.
  /// - Parameter count: how many they committed; they have a hundred files for them, one after the other.
  func lostNotes(of count: Int) -> [Int] {
    (max(1, count - 99)...max(1, count)).filter { number in
      count > 0 && file("docs/notes/\(number % 100).md") != Array("Note \(number).\n".utf8)
    }
  }
}
