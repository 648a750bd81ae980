internal import PolluxJSON
internal import PolluxObservation
internal import PolluxServer

extension AdminRoute {
    /// `GET /admin/traffic?seconds=300&model=…&client=…&backend=…&lines=model`: sums over time, and by model, key and
    /// backend; with `lines`, the busiest models, keys or backends over time, too.
    static func traffic(_ sources: AdminSources) -> AdminRoute {
        AdminRoute(.get, "/admin/traffic", query: ["seconds", "model", "client", "backend", "lines"]) { request in
            let range = Traffic.slotSeconds...Traffic.slots * Traffic.slotSeconds
            guard let seconds = request.number("seconds", fallback: 300, in: range) else {
                return .error(400, "seconds is a number from \(range.lowerBound) to \(range.upperBound).")
            }
            let lines = request.query["lines"].map(TrafficReport.Line.init)
            if case .some(nil) = lines { return .error(400, "lines is model, client or backend.") }
            try await sources.server.handOverRecords()
            let now = Clock.seconds
            let report = TrafficReport(
                sources.traffic.slots(since: seconds, now: now), seconds: seconds, now: now,
                filter: TrafficReport.Filter(
                    model: request.query["model"], client: request.query["client"], backend: request.query["backend"]
                ), lines: lines ?? nil
            )
            return .json { report.write(into: &$0) }
        }
    }
}

/// Slots, added up as the page shows them.
struct TrafficReport {
    struct Filter {
        var model: String?
        var client: String?
        var backend: String?

        func admits(_ kind: Traffic.Kind) -> Bool {
            (model == nil || model == kind.model) && (client == nil || client == kind.client)
                && (backend == nil || backend == kind.backend)
        }
    }

    /// By what requests are told apart over time.
    enum Line: String { case model, client, backend }

    /// So many lines are told apart; a chart has no more colours.
    private static let maximumLines = 5

    private var total = TrafficCell()
    private var overTime: [(start: Int, cell: TrafficCell)] = []
    private var lines: [String: [TrafficCell]]?
    private var byModel: [String: TrafficCell] = [:]
    private var byClient: [String: TrafficCell] = [:]
    private var byBackend: [String: TrafficCell] = [:]
    private let seconds: Int

    init(_ slots: [Traffic.Slot], seconds: Int, now: Int, filter: Filter, lines: Line?) {
        self.seconds = seconds
        let step = Traffic.slotSeconds
        let last = now / step * step
        let first = last - (seconds / step - 1) * step
        overTime = stride(from: first, through: last, by: step).map { ($0, TrafficCell()) }
        let noTraffic = [TrafficCell](repeating: TrafficCell(), count: overTime.count)
        if lines != nil { self.lines = [:] }
        for slot in slots where slot.start >= first && slot.start <= last {
            let place = (slot.start - first) / step
            for (kind, cell) in slot.cells where filter.admits(kind) {
                total.add(cell)
                overTime[place].cell.add(cell)
                byModel[kind.model, default: TrafficCell()].add(cell)
                byClient[kind.client, default: TrafficCell()].add(cell)
                byBackend[kind.backend, default: TrafficCell()].add(cell)
                if let lines { self.lines?[lines.name(of: kind), default: noTraffic][place].add(cell) }
            }
        }
    }

    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("step_seconds", Traffic.slotSeconds)
        writer.member("seconds", seconds)
        writer.key("total")
        writer.beginObject()
        writer.writeMembers(of: total)
        writer.endObject()
        writer.key("over_time")
        writer.beginArray()
        for slot in overTime {
            writer.beginObject()
            writer.member("time", slot.start)
            writer.writeMembers(of: slot.cell)
            writer.endObject()
        }
        writer.endArray()
        if let lines {
            writer.key("lines")
            writer.beginArray()
            for (name, cells) in busiest(of: lines) {
                writer.beginObject()
                writer.member("name", name)
                writer.key("over_time")
                writer.beginArray()
                for cell in cells {
                    writer.beginObject()
                    writer.writeMembers(of: cell)
                    writer.endObject()
                }
                writer.endArray()
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("by_model")
        writer.write(byModel)
        writer.key("by_client")
        writer.write(byClient)
        writer.key("by_backend")
        writer.write(byBackend)
        writer.endObject()
    }

    /// Rows that are told of models, keys or backends each; anybody can name models.
    static let maximumRows = 50

    /// The busiest first; those for which there is no row together in one.
    fileprivate static func busiest(of rows: [String: TrafficCell]) -> [(name: String, cell: TrafficCell)] {
        var rows = rows
        var others = rows.removeValue(forKey: LoopMetrics.other)
        let ordered = rows.sorted { ($1.value.requests, $0.key) < ($0.value.requests, $1.key) }
        for (_, cell) in ordered.dropFirst(maximumRows) { others = others?.adding(cell) ?? cell }
        let told = ordered.prefix(maximumRows).map { (name: $0.key, cell: $0.value) }
        return told + (others.map { [(LoopMetrics.other, $0)] } ?? [])
    }

    private func busiest(of lines: [String: [TrafficCell]]) -> some Sequence<(String, [TrafficCell])> {
        let counted = lines.map { (name: $0, cells: $1, requests: $1.reduce(0) { $0 + $1.requests }) }
        let ordered = counted.sorted { ($1.requests, $0.name) < ($0.requests, $1.name) }
        return ordered.prefix(Self.maximumLines).map { ($0.name, $0.cells) }
    }
}

extension TrafficReport.Line {
    func name(of kind: Traffic.Kind) -> String {
        switch self {
        case .model: kind.model
        case .client: kind.client
        case .backend: kind.backend
        }
    }
}

extension JSONWriter {
    /// Rows with names, the busiest first.
    fileprivate mutating func write(_ rows: [String: TrafficCell]) {
        beginArray()
        for (name, cell) in TrafficReport.busiest(of: rows) {
            beginObject()
            member("name", name)
            writeMembers(of: cell)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func writeMembers(of cell: TrafficCell) {
        member("requests", cell.requests)
        member("errors", cell.errors)
        member("input_tokens", cell.inputTokens)
        member("output_tokens", cell.outputTokens)
        for (name, sketch, fraction): (StaticString, DurationSketch, Double) in [
            ("p50_ms", cell.durations, 0.5), ("p95_ms", cell.durations, 0.95), ("p99_ms", cell.durations, 0.99),
            ("first_token_p50_ms", cell.firstTokens, 0.5), ("first_token_p95_ms", cell.firstTokens, 0.95),
        ] {
            guard let value = sketch.milliseconds(atFraction: fraction) else { continue }
            key(name)
            raw(Array("\((value * 100).rounded() / 100)".utf8).span)
        }
    }
}
