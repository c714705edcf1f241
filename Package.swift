// swift-tools-version: 6.2
import PackageDescription

// Every target of ours is built in the Swift 6 language mode with warnings as errors; dependencies are left alone.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

/// What runs in the simulated world stays where its caller runs: a future of an exploration makes thousands of calls, and each
/// would look for an executor otherwise. What really waits for programs and terminals does not: it must not hold its caller up.
let staying = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// A library target of ours with its unit tests beside it in `Tests/<name>Tests`.
///
/// - Parameters:
///   - extra: what only its tests need.
///   - data: folders of its tests that hold no code.
///   - settings: how the library itself is built.
func room(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  testing extra: [Target.Dependency] = [],
  data: [String] = [],
  settings: [SwiftSetting] = strict
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [.byName(name: name)] + dependencies + extra,
      exclude: data,
      swiftSettings: strict
    ),
  ]
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
]

var targets: [Target] = [
  .systemLibrary(
    name: "CLibYAML",
    pkgConfig: "yaml-0.1",
    providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
  ),
  .systemLibrary(
    name: "CSQLite",
    pkgConfig: "sqlite3",
    providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]
  ),
  .systemLibrary(
    name: "CEditline",
    pkgConfig: "libedit",
    providers: [.apt(["libedit-dev"]), .brew(["libedit"])]
  ),
  // What Swift cannot call of libedit: functions with variable arguments.
  .target(name: "CEditlineShim", dependencies: ["CEditline"], cSettings: [.define("_GNU_SOURCE")]),
]
targets += room("RunbookDiagnostics")
targets += room("RunbookSyntax", ["RunbookDiagnostics"], data: ["Cases"])
targets += room("RunbookFormat", ["RunbookSyntax", "RunbookDiagnostics"])
targets += room("PromotionModel", settings: staying)
// What Swift has no words for: instructions that look sixteen bytes up at once.
targets.append(.target(name: "CLogSearch"))
targets += room("LogSearch", ["PromotionModel", "CLogSearch"])
targets += room("YAMLEdit", ["CLibYAML"])
targets += room("GitOpsLayout", ["PromotionModel", "YAMLEdit"])
targets += room("FleetConfiguration", ["PromotionModel", "YAMLEdit", "RunbookDiagnostics"], data: ["Cases"])
targets += room(
  "RunbookCheck",
  ["RunbookSyntax", "RunbookDiagnostics", "PromotionModel"],
  testing: ["FleetConfiguration"],
  data: ["Cases"]
)
targets += room("RunbookCompletion", ["RunbookCheck", "RunbookSyntax", "RunbookDiagnostics", "PromotionModel"])
targets += room(
  "RunbookLanguageServer",
  [
    "RunbookCompletion", "RunbookFormat", "RunbookCheck", "RunbookSyntax", "RunbookDiagnostics", "FleetConfiguration",
    "PromotionModel",
  ]
)
targets += room("RunLog", ["PromotionModel"], settings: staying)
targets += room(
  "RunbookInterpreter",
  ["RunbookCheck", "RunbookSyntax", "RunbookDiagnostics", "RunLog", "LogSearch", "PromotionModel"],
  testing: ["SimulatedWorld", "FleetConfiguration", "RunStore"],
  settings: staying
)
targets += room(
  "SimulatedWorld",
  ["PromotionModel", "GitOpsLayout", "YAMLEdit"],
  testing: ["FleetConfiguration"],
  settings: staying
)
targets += room(
  "Rehearsal",
  [
    "RunbookInterpreter", "RunbookCheck", "RunbookSyntax", "RunbookDiagnostics", "RunLog", "SimulatedWorld",
    "FleetConfiguration", "PromotionModel", "RunStore", "RunReport", "YAMLEdit",
  ],
  settings: staying
)
targets += room(
  "LiveWorld",
  ["PromotionModel", "GitOpsLayout", "YAMLEdit", subprocess] + nio,
  testing: ["FleetConfiguration"]
)
targets += room("RunStore", ["RunLog", "PromotionModel", "CSQLite"])
targets += room("RunReport", ["RunLog", "PromotionModel"], testing: ["RunStore"], data: ["Transcripts"])
targets += room(
  "RunbookREPL",
  [
    "CEditlineShim", "RunbookCompletion", "RunbookInterpreter", "Rehearsal", "RunbookCheck", "RunbookFormat",
    "RunbookSyntax", "RunbookDiagnostics", "FleetConfiguration", "SimulatedWorld", "RunStore", "RunReport", "RunLog",
    "PromotionModel",
  ]
)
targets += room(
  "SlipwayCLI",
  [
    "RunbookREPL", "Rehearsal", "RunbookInterpreter", "RunbookCheck", "RunbookFormat", "RunbookSyntax",
    "RunbookDiagnostics", "FleetConfiguration", "LiveWorld", "RunStore", "RunReport", "RunLog", "PromotionModel",
    "SimulatedWorld", "GitOpsLayout", "RunbookLanguageServer", argumentParser,
  ],
  testing: ["TerminalSession"]
)
targets += [
  .executableTarget(name: "slipway", dependencies: ["SlipwayCLI"], swiftSettings: strict),
  // What tests of the prompt share: a terminal.
  .target(
    name: "TerminalSession",
    dependencies: ["LiveWorld", "PromotionModel"],
    path: "Tests/TerminalSession",
    swiftSettings: strict
  ),
  .testTarget(
    name: "IntegrationTests",
    dependencies: ["PromotionModel", "LiveWorld", "TerminalSession"],
    swiftSettings: strict
  ),
]

let package = Package(
  name: "slipway",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "slipway", targets: ["slipway"]),
    .library(
      name: "SlipwayLanguage",
      targets: [
        "RunbookDiagnostics", "RunbookSyntax", "RunbookFormat", "RunbookCheck", "PromotionModel", "FleetConfiguration",
      ]
    ),
    // The search for error lines, for its benchmark.
    .library(name: "SlipwayLogs", targets: ["LogSearch"]),
    .library(
      name: "SlipwayEngine",
      targets: [
        "PromotionModel", "FleetConfiguration", "RunLog", "RunbookInterpreter", "SimulatedWorld", "Rehearsal",
        "LiveWorld", "RunStore", "RunReport",
      ]
    ),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: targets
)
