internal import PromotionModel

/// One statement on the page: how it ended, and all that was seen, changed and said in it.
struct StepSection {
  let part: RunPaper.Part
  let paper: RunPaper
  let pen: Pen

  /// Longer texts are folded on the screen; paper has them whole.
  private static let mostLines = 40
  /// More good findings are folded too: what is not good is what people look for.
  private static let mostGood = 4

  var markup: Markup {
    pen.element(
      "article",
      ["class": part.depth > 0 ? "step inner" : "step"],
      .joined([header, message, findings, gauge, happenings, diffs, texts, tables, output])
    )
  }

  private var header: Markup {
    var when = paper.offset(part.record.begun)
    if let ended = part.record.outcome?.time { when += ", took \(RunPaper.span(ended - part.record.begun))" }
    if let line = part.line { when = "line \(line), \(when)" }
    return pen.element(
      "header",
      [:],
      .joined([
        pen.element("span", ["class": "badge \(PageWords.kind(of: part.word))"], part.word),
        pen.element("h3", [:], pen.element("span", ["class": "statement"], part.record.statement)),
        pen.element("span", ["class": "quiet small"], when),
      ])
    )
  }

  private var message: Markup {
    guard let message = part.record.outcome?.message, !message.isEmpty else { return .empty }
    return pen.element("p", [:], message)
  }

  /// What is not good comes first.
  private var findings: Markup {
    let order = ["bad", "unknown", "warning", "not checked", "good"]
    let found = part.entries("finding").enumerated().sorted { a, b in
      func rank(_ entry: LogEntry) -> Int { order.firstIndex(of: entry.result ?? "") ?? 0 }
      return (rank(a.element), a.offset) < (rank(b.element), b.offset)
    }
    let good = found.filter { $0.element.result == "good" }
    let others = found.filter { $0.element.result != "good" }
    func list(_ entries: some Sequence<(offset: Int, element: LogEntry)>) -> Markup {
      let items = entries.map { item($0.element.result ?? "", about: $0.element, "\($0.element.check ?? ""): ") }
      return items.isEmpty ? .empty : pen.element("ul", ["class": "findings"], .joined(items))
    }
    guard good.count > Self.mostGood else { return list(others) + list(good) }
    let folded = pen.element("summary", [:], "\(good.count) checks were good") + list(good)
    return list(others) + pen.element("details", [:], folded)
  }

  private func item(_ word: String, about entry: LogEntry, _ prefix: String = "", kind: String? = nil) -> Markup {
    let place = [entry.environment, entry.service].compactMap(\.self).joined(separator: "/")
    let subject = place.isEmpty ? Markup.empty : pen.element("strong", [:], place) + Markup.own(" ")
    return pen.element(
      "li",
      [:],
      pen.element("span", ["class": "word \(kind ?? PageWords.kind(of: word))"], word)
        + pen.element("div", [:], subject + pen.text(prefix + (entry.message ?? "")))
    )
  }

  private var gauge: Markup {
    guard let evidence = part.entries("evidence").last, let gathered = evidence.gatheredSeconds,
      let needed = evidence.neededSeconds, needed > 0
    else { return .empty }
    let percent = Int((min(1, max(0, gathered / needed)) * 100).rounded(.down))
    let bar = pen.element("rect", ["width": "\(percent)%", "height": "10"], .empty)
    return pen.element(
      "div",
      ["class": "gauge", "role": "img", "aria-label": "\(percent) % of the evidence"],
      pen.element("svg", ["width": "100%", "height": "10"], bar)
    ) + pen.element("p", ["class": "small quiet"], evidence.message ?? "")
  }

  /// What happened in it, in order.
  private var happenings: Markup {
    let items = part.entries.compactMap { entry -> Markup? in
      switch entry.event {
      case "sealed": item("sealed", about: entry, kind: "good")
      case "way-back": item("way back", about: entry)
      case "lock.taken": item("lock", about: entry, kind: entry.takenFrom == nil ? "plain" : "caution")
      case "pull-request.opened", "pull-request.changed": item(entry.state ?? "", about: entry)
      case "committed": item("pushed", about: entry)
      case "bad-sign": item("bad sign", about: entry, kind: "bad")
      case "superseded": item("superseded", about: entry, kind: "caution")
      case "sight.lost": item("blind", about: entry, kind: "caution")
      case "sight.regained": item("sees again", about: entry, kind: "good")
      case "warning": item("warning", about: entry)
      case "value": item("value", about: entry)
      case "confirmed":
        item(entry.answer == true ? "yes" : "no", about: entry, kind: entry.answer == true ? "good" : "caution")
      case "announced": item("told", about: entry)
      case "would-write": item("would write", about: entry)
      case "omitted": item("left out", about: omission(entry), kind: "caution")
      default: nil
      }
    }
    return items.isEmpty ? .empty : pen.element("ul", ["class": "findings"], .joined(items))
  }

  private func omission(_ entry: LogEntry) -> LogEntry {
    var entry = entry
    entry.message = "\(entry.count ?? 0) more events of this statement were not stored"
    return entry
  }

  private var diffs: Markup {
    let diffs = part.entries("planned").last?.diffs ?? []
    return .joined(
      diffs.map { diff in
        let lines = TerminalText.lines(diff.unified)
        let marked = lines.map { line in pen.element("span", ["class": Self.diffClass(line)], pen.lines(line)) }
        return folded(diff.file, lines.count, pen.element("pre", ["class": "diff"], .joined(marked)))
      }
    )
  }

  private static func diffClass(_ line: String) -> String {
    if line.hasPrefix("+++") || line.hasPrefix("---") || line.hasPrefix("@@") { return "line place" }
    return line.hasPrefix("+") ? "line added" : line.hasPrefix("-") ? "line taken" : "line"
  }

  private func folded(_ title: String, _ lines: Int, _ content: Markup) -> Markup {
    guard lines > Self.mostLines else { return content }
    return pen.element("details", [:], pen.element("summary", [:], "\(title): \(lines) lines") + content)
  }

  /// In a rehearsal: what a real run would publish.
  private var texts: Markup {
    .joined(
      part.entries("would-write").compactMap { entry in
        guard let text = entry.text, !text.isEmpty else { return nil }
        let lines = TerminalText.lines(text).count
        let title = [entry.what, entry.title].compactMap(\.self).joined(separator: ": ")
        return pen.element("p", ["class": "small quiet"], title)
          + folded(title, lines, pen.element("pre", [:], pen.lines(text)))
      }
    )
  }

  private var tables: Markup {
    .joined(
      part.entries("shown").map { table in
        let head = (table.columns ?? []).map { pen.element("th", [:], $0) }
        let rows = (table.rows ?? []).map { row in
          pen.element("tr", [:], .joined(row.map { pen.element("td", [:], $0) }))
        }
        let content =
          pen.element("thead", [:], pen.element("tr", [:], .joined(head))) + pen.element("tbody", [:], .joined(rows))
        return pen.element("div", ["class": "scroll", "tabindex": "0"], pen.element("table", [:], content))
      }
    )
  }

  private var output: Markup {
    let lines = part.entries("program.output", "log.line").map { entry in
      let origin = [entry.pod, entry.container].compactMap(\.self).joined(separator: " ")
      return (origin.isEmpty ? "" : "\(origin): ") + (entry.text ?? "")
    }
    guard !lines.isEmpty else { return .empty }
    let marked = lines.map { pen.element("span", ["class": "line"], pen.lines($0)) }
    return folded("Output", lines.count, pen.element("pre", [:], .joined(marked)))
  }
}
