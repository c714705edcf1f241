import PromotionModel

/// The commits between the versions of services, as a list in Markdown.
struct CommitList {
  /// nil: the source could not be asked.
  let sources: [(service: ServiceName, changes: SourceChanges?)]

  private static let mostCommits = 30

  var text: String {
    var text = ""
    for (service, changes) in sources {
      guard let changes else {
        text += "- \(service): its source could not be asked\n"
        continue
      }
      let link = Self.isLinkable(changes.url) ? ", <\(changes.url)>" : ""
      text += "- \(service): \(changes.total) \(changes.total == 1 ? "commit" : "commits")\(link)\n"
      for commit in changes.commits.suffix(Self.mostCommits) {
        let id = commit.commit.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        text +=
          "  - `\(id)` \(PullRequestText.harmless(commit.subject)) (\(PullRequestText.harmless(commit.author)))\n"
      }
      let rest = changes.total - min(changes.commits.count, Self.mostCommits)
      if rest > 0 { text += "  - and \(rest) before\n" }
    }
    return text
  }

  /// Whether it is an address of the web that can end neither the link nor the line.
  static func isLinkable(_ url: String) -> Bool {
    guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return false }
    return url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
  }
}
