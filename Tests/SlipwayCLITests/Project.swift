import FoundationEssentials

/// The files of this repository.
enum Project {
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  static func path(_ relative: String) -> String { "\(root)/\(relative)" }

  static func text(_ relative: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path(relative))), as: UTF8.self)
  }

  /// The names of the files in a folder whose names end so, sorted.
  static func files(in folder: String, ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).filter { $0.hasSuffix(ending) }.sorted()
  }

  /// README.md, and the pages in `docs`.
  static func pages() throws -> [String] { try ["README.md"] + files(in: "docs", ending: ".md").map { "docs/\($0)" } }
}
