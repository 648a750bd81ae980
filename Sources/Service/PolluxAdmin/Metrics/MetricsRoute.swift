internal import PolluxConfiguration
internal import PolluxGateway
internal import PolluxGoogleAuth
internal import PolluxObservation
internal import PolluxServer

extension AdminRoute {
    static func metrics(_ sources: AdminSources) -> AdminRoute {
        AdminRoute(.get, "/metrics") { _ in
            let snapshot = try await sources.server.snapshot()
            var metrics = PrometheusText(snapshot, sources, process: ProcessState.read())
            metrics.writeLimits(snapshot.metrics)
            metrics.writePlaces(sources.server.places)
            await metrics.writeKeys(snapshot.gateway, sources.store)
            metrics.writeStore(sources.store)
            let text = metrics.text
            return AdminAnswer(contentType: "text/plain; version=0.0.4; charset=utf-8", body: .bytes(Array(text.utf8)))
        }
    }
}

extension PrometheusText {
    /// Everything that is counted. docs/observability.md has a row for each name, which a test compares.
    init(_ snapshot: ServerSnapshot, _ sources: AdminSources, process: ProcessState?) {
        self.init()
        let providers = Providers(snapshot.gateway)
        writeGenAI(snapshot.metrics, providers)
        writeRequests(snapshot.metrics)
        writePhases(snapshot.metrics.phases)
        writeOpen(snapshot)
        writeHealth(snapshot.gateway)
        writeTokens(snapshot.gateway)
        writeVault(snapshot.gateway)
        writeProgram(sources, process)
    }

    // MARK: Requests

    private mutating func writeGenAI(_ metrics: LoopMetrics, _ providers: Providers) {
        let series = metrics.series.filter { !$0.key.model.isEmpty }
        begin(
            "gen_ai_client_operation_duration_seconds", .histogram,
            "From a request's last byte to its answer's last byte, of requests that were answered."
        )
        for one in series { sample(one.duration, .operation, providers.labels(one.key)) }
        begin(
            "gen_ai_client_token_usage", .histogram,
            "Tokens of requests that were answered, as the upstream counts them."
        )
        for one in series {
            sample(one.inputTokens, .tokens, providers.labels(one.key) + [("gen_ai_token_type", "input")])
            sample(one.outputTokens, .tokens, providers.labels(one.key) + [("gen_ai_token_type", "output")])
        }
        begin(
            "gen_ai_server_time_to_first_token_seconds", .histogram,
            "From a request's last byte to the first event of its stream."
        )
        for one in series where one.key.operation == .chat {
            sample(one.firstToken, .firstToken, providers.labels(one.key))
        }
    }

    private mutating func writeRequests(_ metrics: LoopMetrics) {
        begin("pollux_requests_total", .counter, "Requests that are over.")
        for one in metrics.series {
            for ending in LoopMetrics.Ending.allCases {
                for (stream, count) in [("false", one.whole[ending.rawValue]), ("true", one.streamed[ending.rawValue])]
                where count > 0 {
                    sample(count, Self.labels(one.key) + [("status", ending.label), ("stream", stream)])
                }
            }
        }
        begin(
            "pollux_tokens_total", .counter,
            "Tokens by kind; cached and prompt_audio are parts of prompt, thinking and completion_audio of completion.")
        for one in metrics.series where !one.key.model.isEmpty {
            let counts: [(String, Int)] = [
                ("prompt", one.tokens.prompt), ("cached", one.tokens.cached), ("prompt_audio", one.tokens.promptAudio),
                ("completion", one.tokens.completion), ("thinking", one.tokens.thinking),
                ("completion_audio", one.tokens.completionAudio),
            ]
            for (kind, count) in counts { sample(count, Self.labels(one.key) + [("kind", kind)]) }
        }
        perSeries("pollux_truncations_total", "Answers whose end did not reach the client.", metrics) { $0.truncations }
        perSeries("pollux_retries_total", "Upstream calls beyond the first.", metrics) { $0.retries }
        perSeries("pollux_spills_total", "Times that another place was asked because one could not.", metrics) {
            $0.spills
        }
        perSeries("pollux_hedges_total", "Second calls that were made because the first was slow.", metrics) {
            $0.hedges
        }
        begin("pollux_errors_total", .counter, "Errors that clients got, by code.")
        // Those of the process's limits are there from the start: the first refusal is to be seen as a rise.
        let errors = metrics.errors.merging(["server_overloaded": 0, "request_too_large": 0]) { count, _ in count }
        for (code, count) in errors.sorted(by: { $0.key < $1.key }) { sample(count, [("code", code)]) }
        begin("pollux_body_bytes_total", .counter, "Bytes of bodies, from clients and to them.")
        sample(metrics.bytesIn, [("direction", "in")])
        sample(metrics.bytesOut, [("direction", "out")])
    }

    private mutating func perSeries(
        _ name: StaticString, _ help: StaticString, _ metrics: LoopMetrics, _ value: (LoopMetrics.Series) -> Int
    ) {
        begin(name, .counter, help)
        for one in metrics.series where !one.key.model.isEmpty { sample(value(one), Self.labels(one.key)) }
    }

    private mutating func writePhases(_ phases: LoopMetrics.Phases) {
        begin(
            "pollux_own_duration_seconds", .histogram,
            "What the gateway added to requests that were answered: all phases but those of others."
        )
        sample(phases.own, .own)
        begin("pollux_phase_duration_seconds", .histogram, "The gateway's own phases, and the wait for a token.")
        for (phase, histogram) in [
            ("prepare", phases.prepare), ("credential", phases.credential), ("stream", phases.stream),
            ("finish", phases.finish),
        ] {
            sample(histogram, .own, [("phase", phase)])
        }
        begin(
            "pollux_upstream_first_byte_seconds", .histogram,
            "From the first upstream call to the answer's first byte, retries in it."
        )
        sample(phases.upstreamFirstByte, .operation)
    }

    private static func labels(_ key: LoopMetrics.Key) -> Labels {
        [("operation", key.operation.rawValue), ("model", key.model), ("backend", key.backend)]
    }

    // MARK: What is open

    private mutating func writeOpen(_ snapshot: ServerSnapshot) {
        gauge("pollux_requests_running", snapshot.requestsRunning, "Requests that are being answered.")
        gauge("pollux_streams_open", snapshot.streamsOpen, "Streams that have begun and not ended.")
        gauge("pollux_client_connections", snapshot.clientConnections, "Connections of clients.")
        begin("pollux_upstream_connections", .gauge, "Connections to upstreams.")
        sample(snapshot.idleUpstreamConnections, [("state", "idle")])
        sample(snapshot.upstreamConnections - snapshot.idleUpstreamConnections, [("state", "active")])
        gauge("pollux_draining", snapshot.isDraining ? 1 : 0, "Whether the process takes no new requests.")
        gauge(
            "pollux_requests_limit", snapshot.gateway.configuration.limits.maxConcurrentRequests,
            "Requests that may run at a time."
        )
    }

    // MARK: Backends and memory

    private mutating func writeHealth(_ gateway: Gateway) {
        begin("pollux_backend_healthy", .gauge, "Whether a backend has answered of late.")
        for backend in gateway.backends { sample(backend.health.isHealthy ? 1 : 0, [("backend", backend.name)]) }
    }

    private mutating func writeTokens(_ gateway: Gateway) {
        let states = gateway.backends.compactMap { backend -> (name: String, status: TokenCacheStatus)? in
            guard case .token(let cache) = backend.credential else { return nil }
            return (backend.name, cache.status)
        }
        begin("pollux_token_age_seconds", .gauge, "Since a backend's access token was fetched.")
        for state in states { if let age = state.status.ageSeconds { sample(age, [("backend", state.name)]) } }
        begin("pollux_token_expiry_timestamp_seconds", .gauge, "When a backend's access token ends, Unix time.")
        for state in states { if let expiry = state.status.expiry { sample(expiry, [("backend", state.name)]) } }
        begin("pollux_token_refreshes_total", .counter, "Access tokens that were fetched.")
        for state in states { sample(state.status.refreshes, [("backend", state.name)]) }
        begin("pollux_token_refresh_failures_total", .counter, "Attempts to fetch an access token that failed.")
        for state in states { sample(state.status.failures, [("backend", state.name)]) }
        begin("pollux_token_usable", .gauge, "Whether a backend has an access token that may be used.")
        for state in states { sample(state.status.freshness == .spent ? 0 : 1, [("backend", state.name)]) }
    }

    private mutating func writeVault(_ gateway: Gateway) {
        guard let vault = gateway.vault else { return }
        let status = vault.status
        counter("pollux_vault_hits_total", status.hits, "Thought signatures that were found again.")
        counter("pollux_vault_misses_total", status.misses, "Thought signatures that were not.")
        gauge("pollux_vault_bytes", status.bytes, "Memory of the thought signatures that are kept.")
        gauge("pollux_vault_entries", status.entries, "Thought signatures that are kept.")
    }

    // MARK: The program

    private mutating func writeProgram(_ sources: AdminSources, _ process: ProcessState?) {
        counter("pollux_log_lines_dropped_total", sources.droppedLogLines(), "Log lines that nobody read in time.")
        let traces = sources.traces()
        counter("pollux_traces_exported_total", traces.exported, "Traced requests that the collector took.")
        counter("pollux_traces_lost_total", traces.lost, "Traced requests that it did not take.")
        let reloads = sources.server.reloads.status
        gauge("pollux_configuration_generation", reloads.generation, "1 at the start, one more for each reload.")
        counter("pollux_configuration_reload_failures_total", reloads.refusals, "Reloads that were refused.")
        begin("pollux_build_info", .gauge, "The version, as a label.")
        sample(1, [("version", sources.version)])
        begin("process_start_time_seconds", .gauge, "When the process started, Unix time.")
        sample(sources.startedAt)
        guard let process else { return }
        gauge("process_resident_memory_bytes", process.residentBytes, "Memory that the process holds.")
        gauge("process_open_fds", process.openFiles, "Open file descriptors.")
        begin("process_cpu_seconds_total", .counter, "Processor time of the process.")
        sample(process.processorSeconds)
    }
}

/// GenAI labels: what OpenTelemetry calls the service behind a backend.
private struct Providers {
    private let names: [String: String]

    init(_ gateway: Gateway) {
        names = Dictionary(
            gateway.backends.map { ($0.name, $0.kind.genAIProvider) }, uniquingKeysWith: { first, _ in first }
        )
    }

    func labels(_ key: LoopMetrics.Key) -> PrometheusText.Labels {
        [
            ("gen_ai_operation_name", key.operation.rawValue),
            ("gen_ai_provider_name", names[key.backend] ?? "gcp.gemini"), ("gen_ai_request_model", key.model),
            ("backend", key.backend),
        ]
    }
}
