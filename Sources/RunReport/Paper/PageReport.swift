internal import PromotionModel

/// One self-contained page about a run: no script, no other file, nothing that is fetched.
public struct PageReport: Sendable {
  private let paper: RunPaper
  private let pen: Pen

  public init(_ paper: RunPaper) {
    self.paper = paper
    pen = Pen(redactor: paper.redactor)
  }

  public var html: String {
    let body: [Markup] = [
      header, section("What is left to people", left),
      section("Timeline", TimelinePicture(layout: TimelineLayout(paper), pen: pen).markup),
      section("What it changed", changes), section("Pull requests", pullRequests), section("Messages sent", messages),
      section("Statements", statements), section("The runbook, as it ran", runbook), footer,
    ]
    let page =
      Markup.own("<!DOCTYPE html>\n")
      + pen.element("html", ["lang": "en"], head + pen.element("body", [:], .joined(body, by: "\n")))
    return page.source + "\n"
  }

  private var title: String { "\(paper.word): run \(paper.record.id)" }

  /// The policy lets nothing be fetched, run or sent by this page, whatever stands in it.
  private var head: Markup {
    pen.element(
      "head",
      [:],
      .joined(
        [
          pen.element("meta", ["charset": "utf-8"]),
          Markup.own(
            """
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            img-src data:; base-uri 'none'; form-action 'none'">
            """
          ),
          pen.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
          pen.element("meta", ["name": "color-scheme", "content": "light dark"]),
          pen.element("meta", ["name": "referrer", "content": "no-referrer"]),
          // Without it a browser would ask the server for one.
          pen.element("link", ["rel": "icon", "href": "data:,"]),
          pen.element("title", [:], title),
          pen.element("style", [:], PageStyle.sheet),
        ],
        by: "\n"
      )
    )
  }

  private func section(_ title: String, _ content: Markup) -> Markup {
    content.isEmpty ? .empty : pen.element("section", [:], pen.element("h2", [:], title) + content)
  }

  private func badge(_ word: String) -> Markup {
    pen.element("span", ["class": "badge \(PageWords.kind(of: word))"], word)
  }

  private var header: Markup {
    let record = paper.record
    var facts: [(String, Markup)] = [
      ("Run", pen.element("code", [:], record.id.text)), ("World", pen.text(record.world)),
      ("Started", pen.text(RunPaper.whole(record.started))),
    ]
    if let ended = record.ended {
      facts.append(("Ended", pen.text("\(RunPaper.whole(ended)), after \(RunPaper.span(ended - record.started))")))
    }
    if let exit = record.exit { facts.append(("Exit status", pen.text("\(exit)"))) }
    if !paper.people.isEmpty { facts.append(("By", pen.text(paper.people.joined(separator: ", ")))) }
    for address in paper.addresses { facts.append(("Job", pen.link(address, address))) }
    for (name, value) in record.inputs.sorted(by: { $0.key < $1.key }) {
      facts.append(("Input", pen.element("code", [:], "\(name) = \(value)")))
    }
    let list = facts.map { pen.element("dt", [:], $0.0) + pen.element("dd", [:], $0.1) }
    return pen.element(
      "header",
      [:],
      .joined([
        badge(paper.word), pen.element("h1", [:], record.source), verdict,
        pen.element("dl", ["class": "facts"], .joined(list)),
      ])
    )
  }

  private var verdict: Markup {
    let words: String
    if let said = paper.lastWords {
      words = said
    } else if paper.record.ending == nil {
      words =
        paper.word == "running"
        ? "It is running in another process of this machine."
        : "It has no ending: its process died, or runs on another machine."
    } else {
      return .empty
    }
    return pen.element("p", ["class": "verdict \(PageWords.kind(of: paper.word))"], words)
  }

  private var left: Markup {
    let lines = paper.leftToPeople
    guard !lines.isEmpty else { return pen.element("p", ["class": "quiet"], "Nothing.") }
    return pen.element("ul", ["class": "left"], .joined(lines.map { pen.element("li", [:], inline($0)) }))
  }

  private func inline(_ remark: RunPaper.Remark) -> Markup {
    .joined(
      remark.pieces.map { piece in
        switch piece {
        case .words(let words): pen.text(words)
        case .command(let command): pen.element("code", [:], command)
        }
      }
    )
  }

  private var changes: Markup {
    let items = paper.changes.map { change in
      let versions =
        pen.element("strong", [:], "\(change.environment)/\(change.service)") + Markup.own(" ")
        + pen.element("code", [:], change.from) + Markup.own(" &rarr; ") + pen.element("code", [:], change.to)
      return pen.element(
        "li",
        [:],
        versions + pen.element("div", ["class": "quiet small"], "\(change.by), \(change.road)")
      )
    }
    return items.isEmpty ? .empty : pen.element("ul", ["class": "versions"], .joined(items))
  }

  private var pullRequests: Markup {
    let items = paper.pullRequests.map { pull in
      let name = "#\(pull.number ?? 0) \(pull.title ?? "")"
      let merged = pull.mergedBy.map { " by \($0)" } ?? ""
      return pen.element(
        "li",
        [:],
        pen.link(pull.url ?? "", name) + pen.element("div", ["class": "quiet small"], "\(pull.state ?? "")\(merged)")
      )
    }
    return items.isEmpty ? .empty : pen.element("ul", ["class": "versions"], .joined(items))
  }

  private var messages: Markup {
    .joined(
      paper.messages.map { message in
        let when = message.at.map { paper.offset($0) } ?? ""
        return pen.element("p", ["class": "small quiet"], "to \(message.place ?? ""), \(when)")
          + pen.element("blockquote", [:], pen.lines(message.text ?? ""))
      }
    )
  }

  private var statements: Markup {
    .joined(paper.parts.map { StepSection(part: $0, paper: paper, pen: pen).markup }, by: "\n")
  }

  private var runbook: Markup {
    let text = TerminalText.lines(paper.record.text)
    let numbered = text.enumerated().map { number, line in
      pen.element(
        "span",
        ["class": "line"],
        pen.element("span", ["class": "number"], "\(number + 1)") + pen.lines(line)
      )
    }
    return pen.element(
      "details",
      [:],
      pen.element("summary", [:], "\(text.count) \(text.count == 1 ? "line" : "lines")")
        + pen.element("pre", ["class": "runbook"], .joined(numbered))
    )
  }

  private var footer: Markup {
    pen.element(
      "footer",
      [:],
      "Times are UTC. Made by slipway from its journal; this page fetches nothing and holds no script."
    )
  }
}
