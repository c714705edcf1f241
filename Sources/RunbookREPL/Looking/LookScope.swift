public import PromotionModel
import RunbookDiagnostics
public import RunbookInterpreter

/// The environments and services that a look is about.
public struct LookScope: Equatable, Sendable {
  public var environments: [EnvironmentName]
  /// nil: all.
  public var services: [ServiceName]?

  /// `production api, web`, `production`, `api`, or nothing for all; nil for what is neither an environment nor a service.
  public init?(_ text: String, fleet: Fleet) {
    var words = Self.words(text)
    environments = fleet.environments.map(\.name)
    if let first = words.first, let environment = fleet.environments.first(where: { $0.name.text == first }) {
      environments = [environment.name]
      words.removeFirst()
    }
    if words == ["all"] { words = [] }
    let named = words.compactMap { word in fleet.services.first { $0.name.text == word }?.name }
    guard named.count == words.count else { return nil }
    services = named.isEmpty ? nil : named
  }

  static func all(_ fleet: Fleet) -> LookScope { LookScope(everythingOf: fleet) }

  private init(everythingOf fleet: Fleet) { (environments, services) = (fleet.environments.map(\.name), nil) }

  /// - Throws: ``WorldError`` when an environment could not be seen.
  public func look(_ look: FleetLook) async throws -> [FleetLook.Entry] {
    var entries: [FleetLook.Entry] = []
    for environment in environments { entries += try await look.look(at: services, in: environment) }
    return entries
  }

  /// What in a text is neither, with the nearest that is.
  public static func unknown(_ text: String, _ fleet: Fleet) -> String {
    let known = fleet.environments.map(\.name.text) + fleet.services.map(\.name.text)
    guard let word = words(text).first(where: { !known.contains($0) }) else { return "the environment stands first" }
    let near = nearest(word, among: known).map { ", did you mean `\($0)`" } ?? ""
    return "`\(word)` is neither an environment nor a service\(near)"
  }

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == " " || $0 == "," }).map { $0.filter { $0 != "\"" } }
  }
}
