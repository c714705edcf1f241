import ArgumentParser
import PromotionModel
import Rehearsal
import SimulatedWorld

/// The fleet that a simulated world begins with.
struct FleetOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Begin with the fleet that a file describes (docs/rehearsal.md).", valueName: "file")
  )
  var fleet: String?

  /// Where a fleet can be read from.
  enum Origin: String, CaseIterable, ExpressibleByArgument { case live }

  @Option(
    name: .long,
    help: ArgumentHelp("Begin with the fleet as it really is now; it is only looked at.", valueName: "live")
  )
  var from: Origin?

  @Option(
    name: .long,
    help: ArgumentHelp("Write the fleet that was read with --from to a file, for --fleet.", valueName: "file")
  )
  var record: String?

  func validate() throws {
    if fleet != nil, from != nil { throw ValidationError("give --fleet or --from, not both") }
    if record != nil, from == nil { throw ValidationError("--record writes what --from reads: add --from live") }
  }

  /// - Returns: nil where none is asked for: the world begins with one that fits the configuration.
  func description(_ known: Fleet, _ input: Input, _ screen: Screen) async throws -> FleetDescription? {
    if let fleet { return try input.description(fleet, of: known) }
    guard from != nil else { return nil }
    let description = try await LiveFleet(host: input.host, screen: screen, fleet: known).read()
    guard let record else { return description }
    let text = try FleetFile.text(
      description,
      keepingLinesWith: known.policy.errorWords,
      or: known.policy.errorPatterns
    )
    try input.write(text, to: record)
    // What was kept is what is rehearsed, so that the file gives the same run.
    return try input.description(record, of: known)
  }
}
