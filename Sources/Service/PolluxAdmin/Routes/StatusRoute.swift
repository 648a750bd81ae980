internal import PolluxConfiguration
internal import PolluxGateway
internal import PolluxGoogleAuth
internal import PolluxJSON
internal import PolluxObservation
internal import PolluxServer
internal import PolluxStore

extension AdminRoute {
    /// `GET /admin/status`: the program, and its backends.
    static func status(_ sources: AdminSources) -> AdminRoute {
        AdminRoute(.get, "/admin/status") { _ in
            let snapshot = try await sources.server.snapshot()
            let keys = await sources.store?.keyCounts()
            return .json { $0.writeStatus(snapshot, sources, keys, now: Clock.seconds) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func writeStatus(
        _ snapshot: ServerSnapshot, _ sources: AdminSources, _ keys: [KeyRecord.State: Int]?, now: Int
    ) {
        let reloads = sources.server.reloads.status
        beginObject()
        member("version", sources.version)
        member("uptime_seconds", max(0, now - sources.startedAt))
        key("configuration")
        beginObject()
        member("generation", reloads.generation)
        member("loaded_at", reloads.loadedAt)
        member("refusals", reloads.refusals)
        member("refused", reloads.isRefused)
        endObject()
        member("auth_mode", snapshot.gateway.configuration.auth.mode.rawValue)
        member("draining", snapshot.isDraining)
        member("requests_running", snapshot.requestsRunning)
        member("requests_limit", snapshot.gateway.configuration.limits.maxConcurrentRequests)
        member("streams_open", snapshot.streamsOpen)
        member("client_connections", snapshot.clientConnections)
        member("upstream_connections", snapshot.upstreamConnections)
        member("upstream_connections_idle", snapshot.idleUpstreamConnections)
        member("log_lines_dropped", sources.droppedLogLines())
        key("backends")
        beginArray()
        for backend in snapshot.gateway.backends { write(backend, snapshot) }
        endArray()
        key("places")
        beginArray()
        for place in sources.server.places { write(place) }
        endArray()
        if let store = sources.store { write(store.status, keys ?? [:]) }
        endObject()
    }

    private mutating func write(_ store: StoreStatus, _ keys: [KeyRecord.State: Int]) {
        key("store")
        beginObject()
        key("state")
        string(store.state.word)
        if case .away(let error) = store.state {
            member("reason", error.description)
        }
        member("since", store.since)
        member("rows_waiting", store.pending)
        member("rows_limit", store.maximumPending)
        member("rows_written", store.written)
        member("rows_dropped", store.dropped)
        key("keys")
        beginObject()
        for state in KeyRecord.State.allCases {
            key(text: state.rawValue)
            integer(keys[state] ?? 0)
        }
        endObject()
        endObject()
    }

    private mutating func write(_ backend: Backend, _ snapshot: ServerSnapshot) {
        beginObject()
        member("name", backend.name)
        member("kind", backend.kind.rawValue)
        member("healthy", backend.health.isHealthy)
        key("credential")
        switch backend.credential {
        case .passthrough: string("passthrough")
        case .none: string("none")
        case .apiKey: string("api_key")
        case .token(let cache):
            string("token")
            write(cache.status)
        }
        var counts = (requests: 0, failures: 0, retries: 0, spills: 0, hedges: 0, truncations: 0)
        for series in snapshot.metrics.series where series.key.backend == backend.name {
            for index in series.whole.indices { counts.requests += series.whole[index] + series.streamed[index] }
            counts.failures += series.whole[2] + series.streamed[2]
            counts.retries += series.retries
            counts.spills += series.spills
            counts.hedges += series.hedges
            counts.truncations += series.truncations
        }
        member("requests", counts.requests)
        member("failures", counts.failures)
        member("retries", counts.retries)
        member("spills", counts.spills)
        member("hedges", counts.hedges)
        member("truncations", counts.truncations)
        endObject()
    }

    /// A location of a backend, for one model, where a model is in several places.
    private mutating func write(_ place: PlaceSnapshot) {
        beginObject()
        member("backend", place.backend)
        member("location", place.location)
        member("model", place.model)
        member("condition", "\(place.condition)")
        member("rest_ms", place.rest)
        member("requests", place.counts.requests)
        member("throttled", place.counts.throttled)
        member("failed", place.counts.failed)
        member("rests", place.counts.rests)
        member("probes", place.counts.probes)
        member("spilled", place.counts.spilled)
        member("hedges", place.counts.hedges)
        member("hedges_won", place.counts.hedgesWon)
        member("first_byte_p95_ms", place.streamP95)
        endObject()
    }

    private mutating func write(_ token: TokenCacheStatus) {
        key("token")
        beginObject()
        member("state", "\(token.freshness)")
        member("age_seconds", token.ageSeconds)
        member("expiry", token.expiry)
        member("refreshes", token.refreshes)
        member("failures", token.failures)
        member("last_error", token.lastError?.message)
        endObject()
    }
}
