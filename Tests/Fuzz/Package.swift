// swift-tools-version: 6.2
import PackageDescription

// The language's rooms once more (through links), instrumented for libFuzzer: a package of its own, so that nothing of it
// is in the way of the others. `run.sh` builds it.
let fuzzed: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags(["-sanitize=fuzzer"]),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: fuzzed)
}

// Defects that only the harness has, to see that the fuzzer finds such: PLANTED=1 … 3, see planted.sh.
let planted: [SwiftSetting] = Context.environment["PLANTED"].map { [.define("PLANTED_\($0)")] } ?? []

let package = Package(
  name: "slipway-fuzz",
  platforms: [.macOS(.v15)],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1"),
    room("RunbookDiagnostics"),
    room("RunbookSyntax", ["RunbookDiagnostics"]),
    room("RunbookFormat", ["RunbookSyntax", "RunbookDiagnostics"]),
    room("PromotionModel"),
    room("YAMLEdit", ["CLibYAML"]),
    room("FleetConfiguration", ["PromotionModel", "YAMLEdit", "RunbookDiagnostics"]),
    room("RunbookCheck", ["RunbookSyntax", "RunbookDiagnostics", "PromotionModel"]),
    .target(
      name: "FuzzTarget",
      dependencies: [
        "RunbookDiagnostics", "RunbookSyntax", "RunbookFormat", "RunbookCheck", "FleetConfiguration", "PromotionModel",
      ],
      swiftSettings: fuzzed + planted
    ),
    .executableTarget(
      name: "fuzz",
      dependencies: ["FuzzTarget"],
      swiftSettings: [.swiftLanguageMode(.v6)],
      // Where the library stands, `run.sh` tells the linker.
      linkerSettings: [.linkedLibrary("stdc++"), .linkedLibrary("m")]
    ),
  ]
)
