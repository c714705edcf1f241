/// The run's timeline as SVG that grows with the page: places along the time are percentages, texts keep their size.
struct TimelinePicture {
  let layout: TimelineLayout
  let pen: Pen

  private static let rowHeight = 34
  private static let headHeight = 26

  var markup: Markup {
    guard !layout.bars.isEmpty else { return pen.element("p", ["class": "quiet"], "No statement was begun.") }
    let height = Self.headHeight + layout.bars.count * Self.rowHeight + 4
    var content: [Markup] = [Self.symbols, pen.element("title", [:], "The run's statements along the time")]
    content += layout.ticks.enumerated().flatMap { tick($0.element, isFirst: $0.offset == 0, height) }
    content += layout.resumed.map { resumption($0, height) }
    content += layout.bars.enumerated().map { row($0.element, top: Self.headHeight + $0.offset * Self.rowHeight) }
    var picture = pen.element(
      "svg",
      ["class": "timeline", "role": "img", "width": "100%", "height": "\(height)"],
      .joined(content)
    )
    if layout.hidden > 0 {
      picture =
        picture
        + pen.element("p", ["class": "quiet"], "\(layout.hidden) more statements are listed below, and not drawn.")
    }
    return picture + legend
  }

  private func tick(_ tick: TimelineLayout.Tick, isFirst: Bool, _ height: Int) -> [Markup] {
    let place = Self.percent(tick.place)
    return [
      pen.element("line", ["class": "grid", "x1": place, "x2": place, "y1": "18", "y2": "\(height)"], .empty),
      pen.element(
        "text",
        ["class": "tick", "x": place, "y": "12", "text-anchor": isFirst ? "start" : "middle"],
        tick.label
      ),
    ]
  }

  private func resumption(_ place: Double, _ height: Int) -> Markup {
    pen.element(
      "line",
      [
        "class": "resumed", "x1": Self.percent(place), "x2": Self.percent(place), "y1": "18", "y2": "\(height)",
      ],
      pen.element("title", [:], "Another process went on with the run")
    )
  }

  private func row(_ bar: TimelineLayout.Bar, top: Int) -> Markup {
    let y = "\(top + 17)"
    var content = [
      // A viewport of its own cuts a long statement off before the column of the times.
      pen.element(
        "svg",
        ["x": "\(bar.depth * 10)", "y": "\(top)", "width": "74%", "height": "16"],
        pen.element("text", ["class": "label", "x": "0", "y": "11"], bar.label)
      ),
      pen.element("text", ["class": "span", "x": "100%", "y": "\(top + 11)", "text-anchor": "end"], bar.span),
      pen.element("rect", ["class": "track", "x": "0", "y": y, "width": "100%", "height": "9", "rx": "2"], .empty),
      pen.element(
        "rect",
        [
          "class": "bar \(PageWords.kind(of: bar.word))", "x": Self.percent(bar.start), "y": y,
          "width": Self.percent(max(bar.width, 0.4)), "height": "9", "rx": "2",
        ],
        pen.element("title", [:], "\(bar.label): \(bar.word), \(bar.span)")
      ),
    ]
    content += bar.blind.map { blind in
      pen.element(
        "rect",
        [
          "class": "blind", "x": Self.percent(blind.start), "y": y, "width": Self.percent(max(blind.width, 0.4)),
          "height": "9",
        ],
        pen.element("title", [:], "The servers could not be seen")
      )
    }
    content += bar.marks.map { mark in
      pen.element(
        "g",
        [:],
        symbol(mark.kind, x: Self.percent(mark.place), y: "\(top + 21)") + pen.element("title", [:], mark.message)
      )
    }
    return pen.element("g", [:], .joined(content))
  }

  private func symbol(_ kind: TimelineLayout.Mark.Kind, x: String, y: String) -> Markup {
    let name =
      switch kind {
      case .commit: "#mark-commit"
      case .pullRequest: "#mark-pull"
      case .badSign: "#mark-bad"
      case .message: "#mark-told"
      }
    return pen.element("use", ["href": name, "x": x, "y": y], .empty)
  }

  /// What the marks in this picture mean.
  private var legend: Markup {
    let used = Set(layout.bars.flatMap { $0.marks.map(\.kind) })
    var items = TimelineLayout.Mark.Kind.allCases.filter(used.contains).map { kind in
      let what =
        switch kind {
        case .commit: "commit"
        case .pullRequest: "pull request"
        case .badSign: "bad sign"
        case .message: "message sent"
        }
      return pen.element(
        "span",
        [:],
        pen.element("svg", ["width": "14", "height": "14"], symbol(kind, x: "7", y: "7")) + pen.text(what)
      )
    }
    if layout.bars.contains(where: { !$0.blind.isEmpty }) {
      let box = pen.element("rect", ["class": "blind", "x": "1", "y": "3", "width": "12", "height": "9"], .empty)
      items.append(
        pen.element("span", [:], pen.element("svg", ["width": "14", "height": "14"], box) + pen.text("not seen"))
      )
    }
    if !layout.resumed.isEmpty {
      let line = pen.element("line", ["class": "resumed", "x1": "7", "x2": "7", "y1": "0", "y2": "14"], .empty)
      items.append(
        pen.element("span", [:], pen.element("svg", ["width": "14", "height": "14"], line) + pen.text("resumed"))
      )
    }
    return items.isEmpty ? .empty : pen.element("p", ["class": "legend"], .joined(items))
  }

  /// The marks, each around the place that uses it.
  private static let symbols = Markup.own(
    """
    <defs><g id="mark-commit" class="mark"><circle r="5"/></g>\
    <g id="mark-pull" class="mark"><path d="M0 -6L6 0L0 6L-6 0Z"/></g>\
    <g id="mark-bad" class="mark bad"><path d="M-5 -5L5 5M5 -5L-5 5"/></g>\
    <g id="mark-told" class="mark"><path d="M-6 -4H6V4H-6ZM-6 -4L0 1L6 -4"/></g></defs>
    """
  )

  /// With three digits after the point, without going through a locale.
  private static func percent(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let fraction = "\(1000 + thousandths % 1000)".dropFirst()
    return "\(thousandths / 1000).\(fraction)%"
  }
}

/// Words of the page with a meaning in colour.
enum PageWords {
  /// The class of an ending or of the result of a finding.
  static func kind(of word: String) -> String {
    switch word {
    case "ok", "good": "good"
    case "failed", "bad": "bad"
    case "undetermined", "timed out", "refused", "interrupted", "warning", "unknown": "caution"
    default: "plain"
    }
  }
}
