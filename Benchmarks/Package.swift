// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody builds a benchmark library who only wants to build slipway.
let package = Package(
  name: "slipway-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    // By its name: the identity of a package is that of its folder, whatever a checkout is called.
    .package(name: "slipway", path: ".."),
    // Without its traits, which bring an allocator of their own.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Language",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "SlipwayLanguage", package: "slipway"),
      ],
      path: "Benchmarks/Language",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
    ),
    .executableTarget(
      name: "Logs",
      dependencies: [.product(name: "SlipwayLogs", package: "slipway")],
      path: "Benchmarks/Logs"
    ),
  ]
)
