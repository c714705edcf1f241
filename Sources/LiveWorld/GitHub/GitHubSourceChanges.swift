public import PromotionModel

extension GitHubForge {
  /// GitHub compares what `to` has and `from` has not, and shows at most so many commits of it on the first page.
  public func sourceChanges(in repository: String, from: String, to: String) async throws -> SourceChanges {
    struct Answer: Decodable {
      struct Commit: Decodable {
        struct Details: Decodable {
          struct Person: Decodable { var name: String? }
          var message: String
          var author: Person?
        }
        var sha: String
        var commit: Details
        var author: GitHubActor?
      }
      var total: Int
      var url: String
      var commits: [Commit]

      enum CodingKeys: String, CodingKey {
        case commits
        case total = "total_commits"
        case url = "html_url"
      }
    }
    let path = "compare/\(Self.escaped(from))...\(Self.escaped(to))?per_page=100"
    let answer = try await api.get(path, of: repository, as: Answer.self)
    return SourceChanges(
      commits: answer.commits.map { commit in
        let subject = commit.commit.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return SourceChanges.Change(
          commit: String(GitHubText.clean(commit.sha).prefix(9)),
          subject: GitHubText.clean(subject),
          author: GitHubText.clean(commit.author?.login ?? commit.commit.author?.name ?? "")
        )
      },
      total: answer.total,
      url: GitHubText.clean(answer.url)
    )
  }

  /// A tag as a part of a path: a `+` before build metadata, say, must not be read as something else.
  private static func escaped(_ tag: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = tag.utf8.flatMap { byte -> [UInt8] in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "-._~".utf8.contains(byte)
      return isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
