import PromotionModel

/// When clocks are changed from year to year, as POSIX's `TZ` writes it: `GMT0BST,M3.5.0/1,M10.5.0`.
struct ZoneRule: Hashable {
  /// Seconds ahead of UTC, without and with summer time.
  private var standard: Int
  private var summer: Int?
  private var start: Day
  private var end: Day

  private struct Day: Hashable {
    enum Kind: Hashable {
      /// 1 to 365, without counting 29 February.
      case julian(Int)
      /// 0 to 365.
      case ordinal(Int)
      /// The day of the week (0 is Sunday) in that week of that month; week 5 is the last.
      case weekday(month: Int, week: Int, day: Int)
    }

    var kind = Kind.ordinal(0)
    /// Seconds after midnight, by the clock before the change; may be negative, or of another day.
    var time = 7200

    /// Seconds of local time since 1970, in a year.
    func seconds(in year: Int) -> Int64? {
      let newYear = Self.daysSinceEpoch(year, 1, 1)
      guard let newYear else { return nil }
      let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      let day: Int64
      switch kind {
      case .julian(let number): day = newYear + Int64(number - 1 + (isLeap && number > 59 ? 1 : 0))
      case .ordinal(let number): day = newYear + Int64(number)
      case .weekday(let month, let week, let weekday):
        guard let first = Self.daysSinceEpoch(year, month, 1) else { return nil }
        let next = month == 12 ? Self.daysSinceEpoch(year + 1, 1, 1) : Self.daysSinceEpoch(year, month + 1, 1)
        guard let next else { return nil }
        // 1970-01-01 was a Thursday.
        let firstWeekday = ((first + 4) % 7 + 7) % 7
        var found = first + (Int64(weekday) - firstWeekday + 7) % 7 + Int64(week - 1) * 7
        while found >= next { found -= 7 }
        day = found
      }
      return day * 86_400 + Int64(time)
    }

    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
      func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
      return Timestamp("\(year)-\(two(month))-\(two(day))T00:00:00Z").map {
        $0.nanosecondsSinceEpoch / 86_400_000_000_000
      }
    }
  }

  /// nil for anything else.
  init?(_ text: String) {
    var rest = Substring(text)
    guard Self.skipName(&rest), let offset = Self.time(&rest) else { return nil }
    // POSIX counts westward.
    standard = -offset
    (start, end) = (Day(), Day())
    guard !rest.isEmpty else { return }
    guard Self.skipName(&rest) else { return nil }
    summer = standard + 3600
    if rest.first != ",", let offset = Self.time(&rest) { summer = -offset }
    guard let start = Self.day(&rest), let end = Self.day(&rest), rest.isEmpty else { return nil }
    (self.start, self.end) = (start, end)
  }

  func offset(at time: Int64) -> Int {
    guard let summer else { return standard }
    let year = Int(Timestamp(secondsSinceEpoch: time + Int64(standard)).description.prefix(4)) ?? 1970
    guard let start = start.seconds(in: year), let end = end.seconds(in: year) else { return standard }
    let (begins, ends) = (start - Int64(standard), end - Int64(summer))
    let isSummer = begins < ends ? time >= begins && time < ends : !(time >= ends && time < begins)
    return isSummer ? summer : standard
  }

  /// `GMT`, `<+0330>`.
  private static func skipName(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let close = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: close)...]
      return true
    }
    let letters = rest.prefix { ("A"..."Z").contains($0) || ("a"..."z").contains($0) }
    rest = rest.dropFirst(letters.count)
    return letters.count >= 3
  }

  /// `-3:30`, in seconds.
  private static func time(_ rest: inout Substring) -> Int? {
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard let hours = number(&rest) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where rest.first == ":" {
      rest = rest.dropFirst()
      guard let part = number(&rest) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }

  private static func number(_ rest: inout Substring) -> Int? {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty, digits.count <= 4 else { return nil }
    rest = rest.dropFirst(digits.count)
    return Int(digits)
  }

  /// `,M3.5.0/1`, `,J60`, `,59/3`.
  private static func day(_ rest: inout Substring) -> Day? {
    guard rest.first == "," else { return nil }
    rest = rest.dropFirst()
    var day = Day()
    if rest.first == "M" {
      var parts: [Int] = []
      for _ in 0..<3 {
        rest = rest.dropFirst()
        guard let part = number(&rest) else { return nil }
        parts.append(part)
        guard parts.count == 3 || rest.first == "." else { return nil }
      }
      guard (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2]) else { return nil }
      day.kind = .weekday(month: parts[0], week: parts[1], day: parts[2])
    } else if rest.first == "J" {
      rest = rest.dropFirst()
      guard let number = number(&rest), (1...365).contains(number) else { return nil }
      day.kind = .julian(number)
    } else {
      guard let number = number(&rest), number <= 365 else { return nil }
      day.kind = .ordinal(number)
    }
    if rest.first == "/" {
      rest = rest.dropFirst()
      guard let time = time(&rest) else { return nil }
      day.time = time
    }
    return day
  }
}
