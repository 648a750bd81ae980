// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
]

/// What the translation and keys cost, measured: a package of its own, so that nothing of it is in the product.
let package = Package(
    name: "pollux-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "pollux", path: ".."), .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        // Counts calls of the allocator, in the C library's own place.
        .target(name: "Allocations"),
        .executableTarget(
            name: "core", dependencies: ["Allocations", .product(name: "PolluxTranslation", package: "pollux")],
            path: "Sources/Core", swiftSettings: settings
        ),
        .executableTarget(
            name: "keys",
            dependencies: [
                "Allocations", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "PolluxGateway", package: "pollux"),
            ],
            path: "Sources/Keys", swiftSettings: settings
        ),
    ]
)
