import Logging
import PolluxAdmin
import PolluxConfiguration
import PolluxJSON
import PolluxLimits
import PolluxSecret
import PolluxStore

/// What the admin listener answers of the store: its keys, and what was used.
///
///     GET   /admin/keys                  every key, without its text; those of the configuration, too
///     GET   /admin/keys/{name}
///     POST  /admin/keys                  makes one; its text is in this answer and nowhere else
///     PATCH /admin/keys/{name}          changes what it may do: what is named, null for nothing
///     POST  /admin/keys/{name}/rotate    another text, shown once; {"grace": "12h"}: the old one is taken so long, too
///     POST  /admin/keys/{name}/revoke    for good
///     GET   /admin/usage?by=key,model&since=2026-11-01&until=…&key=…
struct StoreRoutes {
    let keeper: StoreKeeper
    /// The configuration's keys. One of them wins over a key of the store that has its name.
    let auth: @Sendable () -> Configuration.Auth
    /// Hears of each change.
    let logger: Logger

    var routes: [AdminRoute] {
        [
            AdminRoute(.get, "/admin/keys", query: []) { _ in
                try await answer { .keys(auth().keys.map(KeyRecord.init) + (try await store().keys())) }
            },
            AdminRoute(.get, "/admin/keys/{name}") { request in
                let name = request.parameters["name"] ?? ""
                return try await answer {
                    if let key = configuredKey(name) { return .key(key) }
                    return .key(try await store().key(named: name))
                }
            },
            AdminRoute(.post, "/admin/keys") { request in try await answer { try await create(request.body) } },
            AdminRoute(.patch, "/admin/keys/{name}") { request in
                try await answer { try await change(request.parameters["name"] ?? "", request.body) }
            },
            AdminRoute(.post, "/admin/keys/{name}/rotate") { request in
                try await answer { try await rotate(request.parameters["name"] ?? "", request.body) }
            },
            AdminRoute(.post, "/admin/keys/{name}/revoke") { request in
                try await answer { try await revoke(request.parameters["name"] ?? "", request.body) }
            },
            AdminRoute(.get, "/admin/usage", query: ["by", "since", "until", "key"]) { request in
                try await answer { try await usage(request.query) }
            },
        ]
    }

    private func store() async throws(StoreError) -> Store { try await keeper.current() }

    /// What the store refuses is an answer, too.
    private func answer(_ body: () async throws -> AdminAnswer) async throws -> AdminAnswer {
        do {
            return try await body()
        } catch let error as StoreError {
            return .error(error.status, error.description)
        }
    }

    // MARK: Keys

    private func create(_ body: [UInt8]) async throws(StoreError) -> AdminAnswer {
        let draft = try KeyDraft(json: body)
        guard configuredKey(draft.name) == nil else { throw .nameTaken(draft.name) }
        let key = KeyText.new()
        let record = try await keeper.change { store throws(StoreError) in
            try await store.create(draft, digest: KeyText.digest(key), now: ProcessEnvironment.now)
        }
        note("made", record)
        return .key(record, text: key, status: 201)
    }

    private func configuredKey(_ name: String) -> KeyRecord? {
        auth().key(named: name).map(KeyRecord.init)
    }

    private func change(_ name: String, _ body: [UInt8]) async throws(StoreError) -> AdminAnswer {
        if let key = configuredKey(name) { throw .isConfigured(key.name) }
        let record = try await keeper.change { store throws(StoreError) in
            try await store.change(name, now: ProcessEnvironment.now) { draft throws(StoreError) in
                try draft.change(json: body)
            }
        }
        note("changed", record)
        return .key(record)
    }

    private func revoke(_ name: String, _ body: [UInt8]) async throws(StoreError) -> AdminAnswer {
        _ = try JSONMembers(body)  // A time of grace, say, would be lost in silence.
        if let key = configuredKey(name) { throw .isConfigured(key.name) }
        let record = try await keeper.change { store throws(StoreError) in
            try await store.revoke(name, now: ProcessEnvironment.now)
        }
        note("revoked", record)
        return .key(record)
    }

    private func rotate(_ name: String, _ body: [UInt8]) async throws(StoreError) -> AdminAnswer {
        if let key = configuredKey(name) { throw .isConfigured(key.name) }
        let members = try JSONMembers(body, allowed: ["grace"])
        let grace = try members.seconds("grace", CommandValue.expectedDuration)
        let end = grace.map { ProcessEnvironment.now + $0 }
        let key = KeyText.new()
        let record = try await keeper.change { store throws(StoreError) in
            try await store.rotate(name, digest: KeyText.digest(key), graceEnd: end)
        }
        note("rotated", record)
        return .key(record, text: key, status: 200)
    }

    /// Whoever has the token may change keys: that it was done can be read later.
    private func note(_ change: StaticString, _ key: KeyRecord) {
        logger.info("the key '\(key.name)' was \(change) over the admin listener")
    }

    // MARK: Usage

    private func usage(_ query: [String: String]) async throws(StoreError) -> AdminAnswer {
        var asked = UsageReport.Query()
        if let by = query["by"] { asked.by = try UsageReport.dimensions(by) }
        asked.firstDay = try Self.day(query["since"], "since")
        asked.lastDay = try Self.day(query["until"], "until")
        asked.key = query["key"]
        let report = try await store().report(asked)
        return .json { report.write(into: &$0) }
    }

    private static func day(_ text: String?, _ name: String) throws(StoreError) -> Int? {
        guard let text else { return nil }
        guard let day = UsageDate.day(text) else { throw .invalid(name, "expected a date, such as 2026-11-29") }
        return day
    }
}

extension KeyRecord {
    /// A key of the configuration, as it is shown beside those of the store.
    fileprivate init(_ key: Configuration.Auth.Key) {
        self.init(
            configured: key.name, digest: key.sha256, models: key.models, projects: key.projects, limits: key.limits)
    }
}

extension AdminAnswer {
    fileprivate static func keys(_ records: [KeyRecord]) -> AdminAnswer {
        .json { writer in
            writer.beginObject()
            writer.key("keys")
            writer.beginArray()
            for record in records { record.write(now: ProcessEnvironment.now, into: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    fileprivate static func key(_ record: KeyRecord) -> AdminAnswer {
        .json { record.write(now: ProcessEnvironment.now, into: &$0) }
    }

    /// `{"key": {…}, "text": "sk-…"}`
    fileprivate static func key(_ record: KeyRecord, text: Secret, status: Int) -> AdminAnswer {
        .json(status: status) { writer in
            writer.beginObject()
            writer.key("key")
            record.write(now: ProcessEnvironment.now, into: &writer)
            writer.key("text")
            text.withText { writer.string(text: $0) }
            writer.endObject()
        }
    }
}

extension StoreError {
    /// As HTTP has it: 400 for what was asked wrongly, 503 for a store that cannot just now.
    fileprivate var status: Int {
        switch self {
        case .invalid: 400
        case .notFound: 404
        case .nameTaken, .isRevoked, .isConfigured: 409
        case .locked, .readOnly, .full, .notADatabase, .tooNew, .tooOld, .gone, .other: 503
        }
    }
}
