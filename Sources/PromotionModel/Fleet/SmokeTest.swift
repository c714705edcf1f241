/// A program that tells by its exit status whether a service works.
public struct SmokeTest: Sendable, Hashable {
  /// The program and its arguments; `{service}`, `{environment}`, `{version}` and `{tag}` are filled in. No shell is involved, and
  /// nothing that is filled in is split.
  public var words: [String]
  /// Where it is run; nil: everywhere.
  public var environments: [EnvironmentName]?
  /// How long it may take; nil: as long as any program of a runbook.
  public var within: Duration?
  /// Where it runs; relative to the directory of this process. nil: there.
  public var directory: String?

  public init(
    _ words: [String],
    in environments: [EnvironmentName]? = nil,
    within: Duration? = nil,
    directory: String? = nil
  ) {
    (self.words, self.environments, self.within, self.directory) = (words, environments, within, directory)
  }

  public static let placeholders = ["service", "environment", "version", "tag"]

  /// The words for one service, as it is to run in an environment.
  public func words(of service: Service, in environment: EnvironmentName, at tag: String) -> [String] {
    let version = service.tag.version(ofTag: tag).map(\.description) ?? tag
    return words.map { word in
      // In one pass: what is filled in is not looked at again.
      var filled = ""
      var rest = word[...]
      while let brace = rest.firstIndex(of: "{") {
        filled += rest[..<brace]
        rest = rest[brace...]
        let values = [
          ("{service}", service.name.text), ("{environment}", environment.text), ("{version}", version), ("{tag}", tag),
        ]
        guard let (name, value) = values.first(where: { rest.hasPrefix($0.0) }) else {
          filled += "{"
          rest = rest.dropFirst()
          continue
        }
        filled += value
        rest = rest.dropFirst(name.count)
      }
      return filled + rest
    }
  }
}

extension Service {
  public func smokeTests(in environment: EnvironmentName) -> [SmokeTest] {
    smokeTests.filter { $0.environments?.contains(environment) ?? true }
  }
}
