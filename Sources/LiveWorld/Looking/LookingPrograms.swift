import FoundationEssentials
import PromotionModel

/// Runs those programs alone that look: whatever asks for another gets an error, and nothing is started.
///
/// The second wall of a dry run. The first is that nothing in it has a type that writes; should a mistake of ours open
/// that one, a push, a mutation or a patch ends here. What is not known to look is refused.
public struct LookingPrograms: ProgramRunner {
  private let programs: any ProgramRunner

  public init(_ programs: any ProgramRunner) { self.programs = programs }

  public func run(_ call: ProgramCall) async throws -> ProgramResult {
    guard Self.looks(call) else {
      throw WorldError(
        tool: call.tool,
        reason: .refused,
        message: "a dry run only looks, and \(call.program) was asked for something else"
      )
    }
    return try await programs.run(call)
  }

  /// Whether a call can change nothing outside of this machine.
  static func looks(_ call: ProgramCall) -> Bool {
    switch call.program {
    case "git": looksByGit(call.arguments)
    case "gh": looksByGitHub(call)
    case "curl": looksByCurl(call)
    case "sh": looksByProxy(call.arguments)
    // A program that is not known may do anything.
    case _: false
    }
  }

  /// `init` and `fetch` write the cache of this machine, which is no part of the outside.
  private static let gitCommands: Set<String> = [
    "init", "fetch", "ls-remote", "cat-file", "log", "merge-base", "rev-list", "rev-parse", "config", "var",
  ]

  private static func looksByGit(_ arguments: [String]) -> Bool {
    var rest = arguments[...]
    while let option = rest.first, option.hasPrefix("-") {
      // `-c` takes a value; every other option of git itself is one word here.
      rest = rest.dropFirst(option == "-c" ? 2 : 1)
    }
    guard let command = rest.first, gitCommands.contains(command) else { return false }
    // `config` reads only when it is told to.
    return command != "config" || rest.contains("--get")
  }

  private static func looksByGitHub(_ call: ProgramCall) -> Bool {
    guard call.arguments.first == "api" else { return false }
    let rest = Array(call.arguments.dropFirst())
    if rest.starts(with: ["--method", "GET"]) {
      // A field makes no other method of a GET, but nothing of ours needs one.
      return call.input.isEmpty && !rest.contains { $0.hasPrefix("-f") || $0.hasPrefix("-F") || $0.contains("field") }
    }
    guard rest == ["graphql", "--input", "-"],
      let request = try? JSONDecoder().decode(GraphQLText.self, from: Data(call.input))
    else { return false }
    let text = request.query.drop { $0.isWhitespace }
    return text.hasPrefix("query") || text.hasPrefix("{")
  }

  private struct GraphQLText: Decodable { var query: String }

  /// The words with which curl sends something; it reads all that it is told from its standard input.
  private static let sendingWords: Set<String> = [
    "request", "data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json", "form", "form-string",
    "upload-file", "config", "next", "quote", "mail-from",
  ]

  private static func looksByCurl(_ call: ProgramCall) -> Bool {
    guard call.arguments == ["--disable", "--config", "-"] else { return false }
    return String(decoding: call.input, as: UTF8.self).split(separator: "\n").allSatisfy { line in
      let word = line.drop { $0 == " " || $0 == "-" }.prefix { $0.isLetter || $0 == "-" }
      return !sendingWords.contains(word.lowercased()) && word.count > 1
    }
  }

  /// `kubectl proxy` behind its watchful shell, itself told to refuse every method but GET.
  private static func looksByProxy(_ arguments: [String]) -> Bool {
    guard let proxy = arguments.firstIndex(of: "proxy") else { return false }
    return arguments[proxy...].contains(KubectlProxy.rejectsAllButGet)
  }
}
