import PolluxConfiguration
import Testing

@Suite("Configuration: keys")
struct KeyTests {
    /// Default and the only possible value in the smallest configuration coincide.
    private static let sameAsDefault: Set<String> = ["routing.default_backend"]

    @Test("Every key can be set by the file", arguments: KeyCase.all)
    func file(_ example: KeyCase) throws {
        let unset = try load(smallest)
        #expect(example.isEffective(unset) == Self.sameAsDefault.contains(example.path))
        #expect(example.isEffective(try load(example.file)))
    }

    @Test("Every key can be set by the environment", arguments: KeyCase.all)
    func environment(_ example: KeyCase) throws {
        let key = try #require(Configuration.keys.first { $0.path == example.settablePath })
        let variable = try #require(key.environmentVariable)
        #expect(example.isEffective(try load(smallest, environment: [variable: example.text])))
    }

    @Test("Every key can be set by a flag", arguments: KeyCase.all)
    func flag(_ example: KeyCase) throws {
        let override = ConfigurationOverride(key: example.settablePath, text: example.text)
        #expect(example.isEffective(try load(smallest, overrides: [override])))
    }

    @Test("No key is without a case, and no case without a key")
    func completeness() {
        // An address alone opens no listener: the port's case stands for both, and one below.
        let tested = Set(KeyCase.all.map(\.path)).union(["admin.address"])
        #expect(tested == Set(Configuration.keys.map(\.path)))
        #expect(Configuration.keys.count == tested.count)
    }

    @Test("The admin listener's address is set beside its port (EP-010)")
    func adminAddress() throws {
        let text = smallest + "admin: {address: '::1', port: 0}"
        #expect(try load(text).admin.listener?.address == "::1")
        let environment = ["POLLUX_ADMIN_ADDRESS": "10.0.0.1", "POLLUX_ADMIN_PORT": "1"]
        #expect(try load(smallest, environment: environment).admin.listener?.address == "10.0.0.1")
        #expect(try load(smallest).admin.listener == nil)
    }

    @Test("Environment variables are the path in capitals, each for one key")
    func variables() {
        let variables = Configuration.keys.compactMap(\.environmentVariable)
        #expect(Set(variables).count == variables.count)
        #expect(variables.contains("POLLUX_LIMITS_MAX_BODY_BYTES"))
        #expect(variables.contains("POLLUX_RETRY_MALFORMED_FUNCTION_CALL"))
        #expect(variables.contains("POLLUX_BACKENDS"))
        #expect(!variables.contains { $0.contains("[") || $0.contains("*") || $0.contains(".") })
    }

    @Test("The defaults are those of the table of keys")
    func defaults() throws {
        let configuration = try load(smallest)
        #expect(configuration.listen.address == "127.0.0.1")
        #expect(configuration.listen.port == 8080)
        #expect(configuration.limits.maxBodyBytes == 67_108_864)
        #expect(configuration.limits.maxConcurrentRequests == 1024)
        #expect(configuration.routing.forwardPublishers && configuration.routing.forwardUnknownEndpoints)
        #expect(configuration.routing.allowedProjects == nil)
        #expect(configuration.models.cacheTTL == .seconds(600))
        #expect(configuration.upstream.timeout == .seconds(600))
        #expect(configuration.upstream.connectTimeout == .seconds(10))
        #expect(configuration.upstream.maxRetries == 1)
        #expect(configuration.stream.keepalive == .seconds(15))
        #expect(configuration.stream.idleTimeout == .seconds(300))
        #expect(configuration.usage.mode == .openAI)
        #expect(configuration.thoughts.delivery == .content)
        #expect(configuration.signatureCache.enabled)
        #expect(configuration.signatureCache.maxBytes == 67_108_864)
        #expect(configuration.signatureCache.ttl == .seconds(86_400))
        #expect(configuration.trailingAssistant == .continue)
        #expect(configuration.retryMalformedFunctionCall == 1)
        #expect(configuration.media.http == .forward && configuration.media.httpFallback)
        #expect(configuration.media.maxFetchBytes == 20_971_520)
        #expect(configuration.audio.cacheTTL == .seconds(3600))
        #expect(configuration.backends[0].schemaMode == .json)
        #expect(configuration.backends[0].endpoint.mapDeveloperRole)
        #expect(!configuration.backends[0].endpoint.normalize)
    }

    @Test("What a default says can be written, with the same effect", arguments: Configuration.keys)
    func writtenDefaults(key: ConfigurationKey) throws {
        guard case .value(let text) = key.fallback, let variable = key.environmentVariable else { return }
        #expect(
            try load(smallest, environment: [variable: text, "POLLUX_ADMIN_PORT": "1"])
                == load(smallest, environment: ["POLLUX_ADMIN_PORT": "1"]))
    }

    @Test("The document names every key with its variable and meaning")
    func markdown() {
        let lines = Configuration.markdown().split(separator: "\n")
        for key in Configuration.keys {
            let row = lines.first { $0.hasPrefix("| `\(key.path)` |") }
            #expect(row?.contains(key.meaning) == true, "\(key.path)")
            #expect(row?.contains(key.environmentVariable ?? "–") == true, "\(key.path)")
            #expect(row?.split(separator: " | ").count == 5, "\(key.path)")
            #expect(key.meaning.hasSuffix("."), "\(key.path)")
        }
    }
}
