// swift-tools-version: 6.2
import PackageDescription

/// Every target is built by the same rules: language mode 6, unsafe code marked, imports internal
/// unless the API shows them. Warnings are errors in `make check` and in continuous integration.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

let package = Package(
    name: "pollux",
    platforms: [.macOS(.v26)],
    products: [
        .library(
            name: "PolluxTranslation", targets: ["PolluxJSON", "PolluxSSE", "PolluxOpenAIWire", "PolluxTranslation"]
        ),
        .executable(name: "pollux", targets: ["pollux"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // Core: bytes and values. No I/O, no clock, no Foundation, no outside package.
        .target(name: "PolluxVector", path: "Sources/Core/PolluxVector"),
        .target(
            name: "PolluxJSON", dependencies: ["PolluxVector"], path: "Sources/Core/PolluxJSON", swiftSettings: settings
        ),
        .target(
            name: "PolluxSSE", dependencies: ["PolluxVector"], path: "Sources/Core/PolluxSSE", swiftSettings: settings
        ),
        .target(name: "PolluxSecret", path: "Sources/Core/PolluxSecret", swiftSettings: settings),
        .target(
            name: "PolluxOpenAIWire", dependencies: ["PolluxJSON"], path: "Sources/Core/PolluxOpenAIWire",
            swiftSettings: settings
        ),
        .target(
            name: "PolluxGeminiWire", dependencies: ["PolluxJSON"], path: "Sources/Core/PolluxGeminiWire",
            swiftSettings: settings
        ),
        .target(
            name: "PolluxTranslation",
            dependencies: ["PolluxJSON", "PolluxOpenAIWire", "PolluxGeminiWire", "PolluxVector"],
            path: "Sources/Core/PolluxTranslation", resources: [.embedInCode("Resources/model-profiles.json")],
            swiftSettings: settings
        ),

        .target(
            name: "PolluxRelay", dependencies: ["PolluxJSON", "PolluxOpenAIWire", "PolluxSSE", "PolluxTranslation"],
            path: "Sources/Core/PolluxRelay", swiftSettings: settings
        ),

        // Upstream: I/O towards Google.
        .target(
            name: "PolluxTransport",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOTLS", package: "swift-nio"),
            ],
            path: "Sources/Upstream/PolluxTransport", swiftSettings: settings
        ),
        .target(
            name: "PolluxHTTPClient",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Upstream/PolluxHTTPClient", swiftSettings: settings
        ),
        .target(
            name: "PolluxMedia",
            dependencies: [
                "PolluxHTTPClient", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Upstream/PolluxMedia", swiftSettings: settings
        ),
        .target(
            name: "PolluxGoogleAuth",
            dependencies: [
                "PolluxHTTPClient", "PolluxJSON", "PolluxSecret",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Sources/Upstream/PolluxGoogleAuth", swiftSettings: settings
        ),

        // Service: I/O towards clients.
        .target(
            name: "PolluxConfiguration",
            dependencies: ["PolluxLimits", "PolluxSecret", .product(name: "Yams", package: "Yams")],
            path: "Sources/Service/PolluxConfiguration", swiftSettings: settings
        ),
        .target(
            name: "PolluxObservation", dependencies: ["PolluxJSON"], path: "Sources/Service/PolluxObservation",
            swiftSettings: settings
        ),
        .target(
            name: "PolluxGateway",
            dependencies: [
                "PolluxConfiguration", "PolluxGoogleAuth", "PolluxJSON", "PolluxLimits", "PolluxOpenAIWire",
                "PolluxRelay",
                "PolluxSecret", "PolluxTranslation", "PolluxTransport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Service/PolluxGateway", swiftSettings: settings
        ),
        .target(
            name: "PolluxServer",
            dependencies: [
                "PolluxCassette", "PolluxConfiguration", "PolluxGateway", "PolluxGoogleAuth", "PolluxHTTP",
                "PolluxJSON", "PolluxLimits",
                "PolluxMedia", "PolluxObservation", "PolluxOpenAIWire", "PolluxRelay", "PolluxSSE", "PolluxSecret",
                "PolluxTranslation", "PolluxTransport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Service/PolluxServer", swiftSettings: settings
        ),
        .target(
            name: "PolluxEmulator",
            dependencies: [
                "PolluxJSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "Yams", package: "Yams"),
            ],
            path: "Sources/Service/PolluxEmulator", swiftSettings: settings
        ),
        .target(
            name: "PolluxHTTP", dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            path: "Sources/Service/PolluxHTTP", swiftSettings: settings
        ),
        .target(
            name: "PolluxCassette",
            dependencies: ["PolluxJSON", "PolluxSecret", .product(name: "Crypto", package: "swift-crypto")],
            path: "Sources/Service/PolluxCassette", swiftSettings: settings
        ),
        .target(
            name: "PolluxReplay",
            dependencies: [
                "PolluxCassette", "PolluxJSON", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources/Service/PolluxReplay", swiftSettings: settings
        ),
        .target(
            name: "PolluxConformance",
            dependencies: [
                "PolluxJSON", "PolluxSSE", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Sources/Service/PolluxConformance", resources: [.embedInCode("Resources")], swiftSettings: settings
        ),
        .target(
            name: "PolluxLimits", dependencies: ["PolluxJSON", "PolluxObservation", "PolluxTranslation"],
            path: "Sources/Service/PolluxLimits",
            resources: [.embedInCode("Resources/prices.json")], swiftSettings: settings
        ),
        .target(
            name: "PolluxStore",
            dependencies: [
                "PolluxJSON", "PolluxLimits", "PolluxObservation", "PolluxSecret",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Sources/Service/PolluxStore", swiftSettings: settings
        ),
        .target(
            name: "PolluxAdmin",
            dependencies: [
                "PolluxConfiguration", "PolluxGateway", "PolluxGoogleAuth", "PolluxJSON", "PolluxLimits",
                "PolluxObservation", "PolluxSecret", "PolluxServer", "PolluxStore", "PolluxTranslation",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Service/PolluxAdmin", resources: [.embedInCode("Page")], swiftSettings: settings
        ),
        .target(
            name: "PolluxTracing",
            dependencies: [
                "PolluxConfiguration", "PolluxHTTPClient", "PolluxObservation", "PolluxSecret",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Service/PolluxTracing", swiftSettings: settings
        ),
        .executableTarget(
            name: "pollux",
            dependencies: [
                "PolluxAdmin", "PolluxCassette", "PolluxConfiguration", "PolluxConformance", "PolluxEmulator",
                "PolluxGateway", "PolluxGoogleAuth", "PolluxHTTPClient", "PolluxJSON", "PolluxLimits",
                "PolluxObservation", "PolluxOpenAIWire", "PolluxRelay", "PolluxReplay", "PolluxSSE", "PolluxSecret",
                "PolluxServer",
                "PolluxStore", "PolluxTracing", "PolluxTranslation", "PolluxTransport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Service/pollux", swiftSettings: settings
        ),

        // The library at work, linked with nothing else.
        .executableTarget(
            name: "translate", dependencies: ["PolluxJSON", "PolluxOpenAIWire", "PolluxSSE", "PolluxTranslation"],
            path: "Examples/swift", swiftSettings: settings
        ),

        // What the check of a key costs. Beside the program, since a library product would be linked with every snippet.
        .executableTarget(
            name: "keys-benchmark",
            dependencies: [
                "PolluxConfiguration", "PolluxGateway", .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Benchmarks/Keys/Sources", swiftSettings: settings
        ),

        // Tests. Those of Core need no outside package and run in seconds.
        .testTarget(
            name: "PolluxJSONTests", dependencies: ["PolluxJSON"], path: "Tests/PolluxJSONTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxSSETests", dependencies: ["PolluxSSE"], path: "Tests/PolluxSSETests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxRelayTests",
            dependencies: ["PolluxJSON", "PolluxOpenAIWire", "PolluxRelay", "PolluxTranslation"],
            path: "Tests/PolluxRelayTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxTransportTests",
            dependencies: [
                "PolluxTransport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/PolluxTransportTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxHTTPTests",
            dependencies: [
                "PolluxHTTP", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/PolluxHTTPTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxMediaTests", dependencies: ["PolluxMedia"], path: "Tests/PolluxMediaTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxGatewayTests",
            dependencies: [
                "PolluxConfiguration", "PolluxGateway", "PolluxOpenAIWire", "PolluxRelay", "PolluxSecret",
                "PolluxTranslation", "PolluxTransport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Tests/PolluxGatewayTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxCassetteTests", dependencies: ["PolluxCassette", "PolluxJSON", "PolluxSecret"],
            path: "Tests/PolluxCassetteTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxConformanceTests", dependencies: ["PolluxConformance", "PolluxJSON"],
            path: "Tests/PolluxConformanceTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxLimitsTests", dependencies: ["PolluxJSON", "PolluxLimits", "PolluxObservation"],
            path: "Tests/PolluxLimitsTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxObservationTests", dependencies: ["PolluxObservation"],
            path: "Tests/PolluxObservationTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxStoreTests",
            dependencies: [
                "PolluxLimits", "PolluxObservation", "PolluxSecret", "PolluxStore",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/PolluxStoreTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxSchemaTests", dependencies: ["PolluxJSON", "PolluxTranslation"],
            path: "Tests/PolluxSchemaTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxTranslationTests",
            dependencies: ["PolluxJSON", "PolluxOpenAIWire", "PolluxSSE", "PolluxTranslation"],
            path: "Tests/PolluxTranslationTests", exclude: ["Resources"], swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxConfigurationTests", dependencies: ["PolluxConfiguration", "PolluxLimits", "PolluxSecret"],
            path: "Tests/PolluxConfigurationTests", exclude: ["Resources"], swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxGoogleAuthTests",
            dependencies: [
                "PolluxGoogleAuth", "PolluxJSON", "PolluxSecret",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/PolluxGoogleAuthTests", swiftSettings: settings
        ),
        .testTarget(
            name: "PolluxEmulatorTests",
            dependencies: [
                "PolluxEmulator", "PolluxJSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/PolluxEmulatorTests", swiftSettings: settings
        ),
    ]
)
