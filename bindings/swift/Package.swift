// swift-tools-version: 5.9
import PackageDescription

// The library itself comes as an xcframework with a slice for devices, one for simulators and one for Macs:
// README.md says how to build it. `Samla.swift` is generated beside this package's own sources then.
let package = Package(
    name: "Samla",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Samla", targets: ["Samla"])],
    targets: [
        .binaryTarget(name: "SamlaFFI", path: "SamlaFFI.xcframework"),
        .target(name: "Samla", dependencies: ["SamlaFFI"]),
        .testTarget(name: "SamlaTests", dependencies: ["Samla"]),
    ]
)
