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
        key("version")
        string(text: sources.version)
        key("uptime_seconds")
        integer(max(0, now - sources.startedAt))
        key("configuration")
        beginObject()
        key("generation")
        integer(reloads.generation)
        key("loaded_at")
        integer(reloads.loadedAt)
        key("refusals")
        integer(reloads.refusals)
        key("refused")
        boolean(reloads.isRefused)
        endObject()
        key("auth_mode")
        string(text: snapshot.gateway.configuration.auth.mode.rawValue)
        key("draining")
        boolean(snapshot.isDraining)
        key("requests_running")
        integer(snapshot.requestsRunning)
        key("requests_limit")
        integer(snapshot.gateway.configuration.limits.maxConcurrentRequests)
        key("streams_open")
        integer(snapshot.streamsOpen)
        key("client_connections")
        integer(snapshot.clientConnections)
        key("upstream_connections")
        integer(snapshot.upstreamConnections)
        key("upstream_connections_idle")
        integer(snapshot.idleUpstreamConnections)
        key("log_lines_dropped")
        integer(sources.droppedLogLines())
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
            key("reason")
            string(text: error.description)
        }
        key("since")
        integer(store.since)
        key("rows_waiting")
        integer(store.pending)
        key("rows_limit")
        integer(store.maximumPending)
        key("rows_written")
        integer(store.written)
        key("rows_dropped")
        integer(store.dropped)
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
        key("name")
        string(text: backend.name)
        key("kind")
        string(text: backend.kind.rawValue)
        key("healthy")
        boolean(backend.health.isHealthy)
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
        key("requests")
        integer(counts.requests)
        key("failures")
        integer(counts.failures)
        key("retries")
        integer(counts.retries)
        key("spills")
        integer(counts.spills)
        key("hedges")
        integer(counts.hedges)
        key("truncations")
        integer(counts.truncations)
        endObject()
    }

    /// A location of a backend, for one model, where a model is in several places.
    private mutating func write(_ place: PlaceSnapshot) {
        beginObject()
        key("backend")
        string(text: place.backend)
        key("location")
        string(text: place.location)
        key("model")
        string(text: place.model)
        key("condition")
        string(text: "\(place.condition)")
        key("rest_ms")
        integer(place.rest)
        key("requests")
        integer(place.counts.requests)
        key("throttled")
        integer(place.counts.throttled)
        key("failed")
        integer(place.counts.failed)
        key("rests")
        integer(place.counts.rests)
        key("probes")
        integer(place.counts.probes)
        key("spilled")
        integer(place.counts.spilled)
        key("hedges")
        integer(place.counts.hedges)
        key("hedges_won")
        integer(place.counts.hedgesWon)
        if let p95 = place.streamP95 {
            key("first_byte_p95_ms")
            integer(p95)
        }
        endObject()
    }

    private mutating func write(_ token: TokenCacheStatus) {
        key("token")
        beginObject()
        key("state")
        string(text: "\(token.freshness)")
        if let age = token.ageSeconds {
            key("age_seconds")
            integer(age)
        }
        if let expiry = token.expiry {
            key("expiry")
            integer(expiry)
        }
        key("refreshes")
        integer(token.refreshes)
        key("failures")
        integer(token.failures)
        if let error = token.lastError {
            key("last_error")
            string(text: error.message)
        }
        endObject()
    }
}
