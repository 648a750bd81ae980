// swift-tools-version: 6.2
import PackageDescription

/// What the translation costs, measured: a package of its own, so that nothing of it is in the product.
let package = Package(
    name: "pollux-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "pollux", path: "..")],
    targets: [
        // Counts calls of the allocator, in the C library's own place.
        .target(name: "Allocations"),
        .executableTarget(
            name: "core", dependencies: ["Allocations", .product(name: "PolluxTranslation", package: "pollux")],
            path: "Sources/Core",
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .strictMemorySafety(),
                .enableExperimentalFeature("Lifetimes"),
            ]
        ),
    ]
)
