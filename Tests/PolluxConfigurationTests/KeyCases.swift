import PolluxConfiguration
import PolluxLimits
import PolluxSecret
import Testing

/// A value for one key, and how it shows in the configuration.
struct KeyCase: Sendable, CustomTestStringConvertible {
    /// The key.
    var path: String
    /// YAML for the key itself; inside lists and mappings, for the whole list or mapping.
    var text: String
    var isEffective: @Sendable (Configuration) -> Bool

    init(_ path: String, _ text: String, _ isEffective: @escaping @Sendable (Configuration) -> Bool) {
        self.path = path
        self.text = text
        self.isEffective = isEffective
    }

    var testDescription: String { path }

    /// The key that `text` is a value of: `backends` for `backends[].name`.
    var settablePath: String {
        var path = self.path[...]
        for end in ["[]", ".*"] { path = path.firstRange(of: end).map { path[..<$0.lowerBound] } ?? path }
        return String(path)
    }

    /// The key and its value as a file.
    var file: String {
        let nested = settablePath.split(separator: ".").reversed().reduce(text) { "{\($1): \($0)}" }
        let body = nested.dropFirst().dropLast()
        return "{\(settablePath == "backends" ? "" : "backends: [{name: b, kind: vertex}], ")\(body)}"
    }
}

extension KeyCase {
    static let all =
        service + observation + backends + pools + endpoints + routing + models + profiles + upstream + translation

    private static let key = "{name: k, sha256: \(String(repeating: "0a", count: 32))"

    static let service: [KeyCase] = [
        .init("listen.address", "0.0.0.0") { $0.listen.address == "0.0.0.0" },
        .init("listen.port", "9000") { $0.listen.port == 9000 },
        .init("admin.port", "9100") {
            $0.admin.listener?.port == 9100 && $0.admin.listener?.address == "127.0.0.1"
        },
        .init("admin.token", "a-token") { $0.admin.token == Secret("a-token") },
        .init("admin.allow_anonymous", "true") { $0.admin.allowAnonymous },
        .init("admin.hosts", "[pollux.example]") { $0.admin.hosts == ["pollux.example"] },
        .init("admin.recent_requests", "7") { $0.admin.recentRequests == 7 },
        .init("limits.max_body_bytes", "3KiB") { $0.limits.maxBodyBytes == 3072 },
        .init("limits.max_concurrent_requests", "7") { $0.limits.maxConcurrentRequests == 7 },
        .init("limits.max_connections", "9") { $0.limits.maxConnections == 9 },
        .init("shutdown.drain_timeout", "5s") { $0.shutdown.drainTimeout == .seconds(5) },
        .init("reload.watch", "false") { !$0.reload.watch },
        .init("limits.queue", "5") { $0.limits.queue == 5 },
        .init("limits.queue_timeout", "2s") { $0.limits.queueTimeout == .seconds(2) },
        .init("limits.default_output_tokens", "4096") { $0.limits.defaultOutputTokens == 4096 },
        .init("store.path", "/tmp/pollux.db") { $0.store.path == "/tmp/pollux.db" },
        .init("store.retention", "48h") { $0.store.retention == .seconds(172_800) },
        .init("store.max_pending", "1000") { $0.store.maxPending == 1000 },
        .init("auth.mode", "none") { $0.auth.mode == .none },
        .init("auth.keys", "[\(key)}]") { $0.auth.keys.count == 1 },
        .init("auth.keys[].name", "[\(key)}]") { $0.auth.keys.first?.name == "k" },
        .init("auth.keys[].sha256", "[\(key)}]") {
            $0.auth.keys.first?.sha256 == Array(repeating: 10, count: 32)
        },
        .init("auth.keys[].models", "[\(key), models: [google/*]}]") {
            $0.auth.keys.first?.models == ["google/*"]
        },
        .init("auth.keys[].projects", "[\(key), projects: [p1]}]") { $0.auth.keys.first?.projects == ["p1"] },
        .init("auth.keys[].rpm", "[\(key), rpm: 60}]") { $0.auth.keys.first?.limits.requestsPerMinute == 60 },
        .init("auth.keys[].tpm", "[\(key), tpm: 1000}]") { $0.auth.keys.first?.limits.tokensPerMinute == 1000 },
        .init("auth.keys[].concurrent", "[\(key), concurrent: 3}]") {
            $0.auth.keys.first?.limits.concurrentRequests == 3
        },
        .init("auth.keys[].budget_day", "[\(key), budget_day: 12.5}]") {
            $0.auth.keys.first?.limits.dailyMoney?.description == "12.50"
        },
        .init("auth.keys[].budget_month", "[\(key), budget_month: 100}]") {
            $0.auth.keys.first?.limits.monthlyMoney?.description == "100.00"
        },
        .init("auth.keys[].budget_day_tokens", "[\(key), budget_day_tokens: 7}]") {
            $0.auth.keys.first?.limits.dailyTokens == 7
        },
        .init("auth.keys[].budget_month_tokens", "[\(key), budget_month_tokens: 1000000000000}]") {
            $0.auth.keys.first?.limits.monthlyTokens == 1_000_000_000_000
        },
        .init("auth.revoked_streams", "cut") { $0.auth.revokedStreams == .cut },
        .init("auth.allow_anonymous", "true") { $0.auth.allowAnonymous },
        .init("auth.allow_query_key", "true") { $0.auth.allowQueryKey },
        .init("cors.allowed_origins", "[https://a.example, '*']") {
            $0.cors.allowedOrigins == ["https://a.example", "*"]
        },
    ]

    static let observation: [KeyCase] = [
        .init("log.format", "text") { $0.log.format == .text },
        .init("tracing.endpoint", "http://127.0.0.1:4318/v1/traces") { $0.tracing.endpoint?.path == "/v1/traces" },
        .init("tracing.token", "a-token") { $0.tracing.token == Secret("a-token") },
        .init("tracing.sample", "0.5") { $0.tracing.sample == 0.5 },
        .init("tracing.propagate", "false") { !$0.tracing.propagate },
        .init("server_timing", "false") { !$0.serverTiming },
    ]

    static let routing: [KeyCase] = [
        .init("routing.default_backend", "b") { $0.routing.defaultBackend == "b" },
        .init("routing.override", "true") { $0.routing.override },
        .init("routing.allowed_projects", "[p1, p2]") { $0.routing.allowedProjects == ["p1", "p2"] },
        .init("routing.allowed_locations", "[eu]") { $0.routing.allowedLocations == ["eu"] },
        .init("routing.forward_publishers", "false") { !$0.routing.forwardPublishers },
        .init("routing.forward_unknown_endpoints", "false") { !$0.routing.forwardUnknownEndpoints },
    ]

    static let upstream: [KeyCase] = [
        .init("upstream.timeout", "2.5s") { $0.upstream.timeout == .milliseconds(2500) },
        .init("upstream.connect_timeout", "500ms") { $0.upstream.connectTimeout == .milliseconds(500) },
        .init("upstream.max_retries", "0") { $0.upstream.maxRetries == 0 },
        .init("upstream.first_byte_timeout", "20s") { $0.upstream.firstByteTimeout == .seconds(20) },
        .init("upstream.retry_budget", "35") { $0.upstream.retryBudget == 35 },
        .init("upstream.hedge_tokens_per_hour", "100000") { $0.upstream.hedgeTokensPerHour == 100_000 },
        .init("upstream.retry_429", "true") { $0.upstream.retry429 },
        .init("upstream.forward_headers", "[X-Team, traceparent]") {
            $0.upstream.forwardHeaders == ["x-team", "traceparent"]
        },
        .init("upstream.base_url", "http://127.0.0.1:1234/") { $0.upstream.baseURL?.port == 1234 },
        .init("upstream.ca_file", "/etc/ca.pem") { $0.upstream.caFile == "/etc/ca.pem" },
        .init("upstream.max_connection_age", "30s") { $0.upstream.maxConnectionAge == .seconds(30) },
        .init("stream.keepalive", "1m") { $0.stream.keepalive == .seconds(60) },
        .init("stream.idle_timeout", "1h") { $0.stream.idleTimeout == .seconds(3600) },
    ]

    /// A file of prices, beside this one.
    private static let prices = #filePath.replacing("KeyCases.swift", with: "Resources/prices.json")

    static let translation: [KeyCase] = [
        .init("errors.google_list_wrapper", "true") { $0.errors.googleListWrapper },
        .init("usage.mode", "google") { $0.usage.mode == .google },
        .init("usage.unpriced", "refuse") { $0.usage.unpriced == .refuse },
        .init("usage.prices", prices) { $0.usage.prices.price(of: "priced-by-the-test") != nil },
        .init("thoughts.delivery", "reasoning_content") { $0.thoughts.delivery == .reasoningContent },
        .init("thinking.strict_none", "true") { $0.thinking.strictNone },
        .init("thinking.merge_config", "true") { $0.thinking.mergeConfig },
        .init("signature_cache.enabled", "false") { !$0.signatureCache.enabled },
        .init("signature_cache.max_bytes", "1GiB") { $0.signatureCache.maxBytes == 1 << 30 },
        .init("signature_cache.ttl", "2h") { $0.signatureCache.ttl == .seconds(7200) },
        .init("history.repair", "true") { $0.history.repair },
        .init("trailing_assistant", "error") { $0.trailingAssistant == .error },
        .init("retry_malformed_function_call", "0") { $0.retryMalformedFunctionCall == 0 },
        .init("n_partial", "true") { $0.nPartial },
        .init("metadata_as_labels", "true") { $0.metadataAsLabels },
        .init("service_tier_exclusive", "true") { $0.serviceTierExclusive },
        .init("strict_tools_validated", "true") { $0.strictToolsValidated },
        .init("media.http", "fetch") { $0.media.http == .fetch },
        .init("media.http_fallback", "false") { !$0.media.httpFallback },
        .init("media.max_fetch_bytes", "1000") { $0.media.maxFetchBytes == 1000 },
        .init("media.allow_private", "true") { $0.media.allowPrivate },
        .init("images.suppress_audio_field", "true") { $0.images.suppressAudioField },
        .init("audio.cache_ttl", "10s") { $0.audio.cacheTTL == .seconds(10) },
    ]
}
