internal import PolluxJSON
internal import PolluxObservation
internal import PolluxServer

extension AdminRoute {
    /// `GET /admin/requests?limit=100`: requests that are over, the last one first.
    static func requests(_ sources: AdminSources) -> AdminRoute {
        AdminRoute(.get, "/admin/requests", query: ["limit"]) { request in
            guard let limit = request.number("limit", fallback: 100, in: 1...10_000) else {
                return .error(400, "limit is a number from 1 to 10000.")
            }
            let records = try await sources.server.recentRequests(limit)
            return .json { writer in
                writer.beginObject()
                writer.key("requests")
                writer.beginArray()
                for record in records { writer.write(record) }
                writer.endArray()
                writer.endObject()
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ record: RequestRecord) {
        beginObject()
        record.writeMembers(into: &self)
        key("operation")
        string(text: record.operation.rawValue)
        if let notes = record.notes {
            key("notes")
            raw(Array(notes.utf8).span)
        }
        endObject()
    }
}
