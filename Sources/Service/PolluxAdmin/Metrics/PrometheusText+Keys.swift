internal import PolluxConfiguration
internal import PolluxGateway
internal import PolluxLimits
internal import PolluxObservation
internal import PolluxServer
internal import PolluxStore

/// Keys, their limits, and the store that remembers them.
extension PrometheusText {
    mutating func writeLimits(_ metrics: LoopMetrics) {
        begin("pollux_limits_hit_total", .counter, "Requests that a limit or a budget of their key refused.")
        for word in LimitRefusal.words { sample(metrics.limitsHit[word] ?? 0, [("limit", word)]) }
    }

    /// Keys of the configuration are always active; their number is that of the last one that was read.
    mutating func writeKeys(_ gateway: Gateway, _ store: StoreKeeper?) async {
        let stored = await store?.keyCounts()
        begin("pollux_keys", .gauge, "Keys of clients by where they are kept, and how they are.")
        sample(gateway.configuration.auth.keys.count, [("source", "configuration"), ("state", "active")])
        guard let stored else { return }
        for state in KeyRecord.State.allCases {
            sample(stored[state] ?? 0, [("source", "store"), ("state", state.rawValue)])
        }
    }

    mutating func writeStore(_ store: StoreKeeper?) {
        guard let status = store?.status else { return }
        begin("pollux_store_state", .gauge, "1 for how the store is: writing is well.")
        for word in StoreState.words {
            let text = "\(word)"
            sample(text == "\(status.state.word)" ? 1 : 0, [("state", text)])
        }
        begin("pollux_store_state_since_timestamp_seconds", .gauge, "Since when the store is so, Unix time.")
        sample(status.since)
        gauge("pollux_store_rows_waiting", status.pending, "Rows of usage that wait to be written.")
        gauge("pollux_store_rows_limit", status.maximumPending, "Rows of usage that may wait.")
        counter("pollux_store_rows_written_total", status.written, "Rows of usage that were written.")
        counter("pollux_store_rows_dropped_total", status.dropped, "Rows of usage that are lost: too many waited.")
    }
}
