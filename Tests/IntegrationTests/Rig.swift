import FoundationEssentials
import LiveWorld
import PromotionModel
import Testing

/// The running rig (`Tests/Rig/rig.sh with -- …`), as its environment describes it.
enum Rig {
  static let host = Host()
  static var state: String? { host.variable("SLIPWAY_RIG_STATE") }
  static var isUp: Bool { state != nil }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path(percentEncoded: false).trimmingSuffix("/")
  /// The binary that is tested: `SLIPWAY_BINARY`, or the debug build.
  static let binary = host.variable("SLIPWAY_BINARY") ?? "\(root)/.build/debug/slipway"
  static let programs = LocalPrograms()

  /// Adds a line to `figures.txt` in the rig's folder: what was measured, for people.
  static func note(_ text: String) throws {
    let path = try #require(state) + "/figures.txt"
    let before = FileManager.default.contents(atPath: path) ?? Data()
    try (before + Data("\(text)\n".utf8)).write(to: URL(filePath: path))
  }

  /// Runs a program; what it says must be wanted, so a failure is an issue unless `mayFail`.
  @discardableResult
  static func run(
    _ program: String,
    _ arguments: [String],
    in folder: String? = nil,
    environment: [String: String] = [:],
    mayFail: Bool = false
  ) async throws -> String {
    let result = try await programs.run(
      program,
      arguments,
      environment: environment.mapValues(Optional.some),
      workingDirectory: folder,
      timeout: .seconds(120),
      tool: program
    )
    let output = String(decoding: result.stdout, as: UTF8.self)
    if !result.isSuccess, !mayFail {
      Issue.record("\(program) \(arguments.joined(separator: " ")): \(String(decoding: result.stderr, as: UTF8.self))")
    }
    return output
  }
}

extension String {
  func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}

/// All tests on the rig: one after the other, because they measure times.
@Suite(.serialized, .enabled(if: Rig.isUp, "no rig is running; `make integration` starts one"))
struct OnTheRig {}

@Suite struct RigPresence {
  /// In continuous integration a rig that cannot start is a failure, never a skip.
  @Test func theRigIsUpWhereItIsRequired() {
    #expect(Rig.isUp || Rig.host.variable("SLIPWAY_RIG_REQUIRED") == nil)
  }
}
