import PromotionModel

/// The text of a promotion's pull request: what changes, the guide's checklist filled with what was seen, and the way
/// back. Texts from outside are made harmless for Markdown.
struct PullRequestText {
  let changes: ChangeSet
  let fleet: Fleet
  let findings: [Finding]
  let seals: [ServiceName: Seal]
  let wayBack: [String]
  let run: RunID
  let source: EnvironmentName
  let reason: String?
  let waived: [String]
  /// Where the run can be followed; empty where it cannot.
  var url = ""
  /// The checklist of the configuration.
  let questions: [String]
  let plan: PlanDigest?
  /// What the runbook's input `risk` says; nil: by the step of the versions.
  let risk: String?
  /// What changed in the source of each service that says where that is; nil: it could not be asked.
  var sources: [(service: ServiceName, changes: SourceChanges?)] = []

  var body: String {
    var text = "Promotes \(changes.services.count == 1 ? "one service" : "\(changes.services.count) services") "
    text += "from \(source) to \(changes.environment). Merging this deploys it.\n\n"
    if let reason { text += "Reason: \(Self.harmless(reason))\n\n" }
    text += "Risk level: \(risk.map(Self.harmless) ?? stepRisk.rawValue)\n\n"
    if let needs = ApprovalNeeds.text(changes, fleet) { text += "Needs: \(Self.harmless(needs))\n\n" }
    text += "| service | from | to | image sealed in \(source) |\n| --- | --- | --- | --- |\n"
    for change in changes.services {
      let digest = seals[change.service].map { "`\($0.digest)`" } ?? "not sealed"
      text += "| \(change.service) | \(change.fromTag.map { "`\($0)`" } ?? "new") | `\(change.toTag)` | \(digest) |\n"
    }
    if !sources.isEmpty { text += "\n### Changes\n\n" + CommitList(sources: sources).text }
    text += "\n### Checked in \(source)\n\n" + checklist
    for reason in waived { text += "- [ ] \(Self.harmless(reason))\n" }
    text += "\n### For the reviewer\n\n"
    text += "- [ ] The versions above are those that are to go to \(changes.environment)\n"
    text += "- [ ] The feature works as expected in \(source)\n- [ ] No performance degradation in \(source)\n"
    for question in questions { text += "- [ ] \(Self.harmless(question))\n" }
    text += "\n### The way back\n\n```\n" + wayBack.joined(separator: "\n") + "\n```\n"
    text += "\nRun `\(run)`" + (isLinkable ? ", followed at <\(url)>." : ".")
    if let plan { text += " \(plan.line)" }
    text +=
      "\nA commit added to this branch, a version that moves on in \(source) and a change to the same files on the base "
    text += "void the approval: it is of this plan.\n"
    return text
  }

  private var isLinkable: Bool { CommitList.isLinkable(url) }

  /// By the largest step that a version makes.
  private var stepRisk: RiskLevel {
    let levels = changes.services.map { change in
      let pattern = fleet.service(change.service)?.tag
      return RiskLevel(
        from: change.fromTag.flatMap { pattern?.version(ofTag: $0) },
        to: pattern?.version(ofTag: change.toTag)
      )
    }
    return levels.max() ?? .low
  }

  /// One line a check of the guide's list; ticked only where every service was seen to be good.
  private var checklist: String {
    var lines: [(check: String, title: String)] = [
      ("pods", "Pods are running and healthy"), ("logs", "No error logs"), ("health", "Health endpoint returns 200 OK"),
      ("version", "A semantic version in git"), ("image", "The cluster runs that version"),
      ("sync", "Argo CD is Synced and Healthy at that commit"),
      ("migrations", "Database migrations successful (if any)"),
    ]
    if findings.contains(where: { $0.check == "soak" }) { lines.append(("soak", "Ran there for as long as it must")) }
    let services = Set(changes.services.map(\.service))
    return lines.map { line in
      let found = findings.filter { $0.check == line.check && $0.service.map(services.contains) == true }
      let good = Set(found.filter { $0.result == .good }.compactMap(\.service))
      let evidence = found.map { finding in
        "\(finding.service?.text ?? ""): " + (finding.result == .notChecked ? "not checked, " : "")
          + Self.harmless(finding.message)
      }
      return "- [\(good == services ? "x" : " ")] \(line.title)" + (evidence.isEmpty ? " (not checked)" : "")
        + evidence.map { "\n  - \($0)" }.joined() + "\n"
    }.joined()
  }

  /// Text that can neither format, link, mention nor leave its line.
  static func harmless(_ text: String) -> String {
    let shown = LogScan.shown(ArraySlice(text.utf8))
    guard shown.utf8.contains(where: isMarkdown) else { return shown }
    var result = ""
    for scalar in shown.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "@\u{200B}"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "!": result += "\\" + String(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether Markdown may take a byte for more than itself.
  private static func isMarkdown(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: "`"),
      UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "|"),
      UInt8(ascii: "#"), UInt8(ascii: "!"):
      true
    default: false
    }
  }
}
