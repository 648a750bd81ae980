public import PolluxJSON
import PolluxLimits

extension KeyRecord {
    /// The key as one JSON object, without its digest.
    public func json(now: Int) -> String {
        var writer = JSONWriter()
        write(now: now, into: &writer)
        return String(copying: writer.output.span)
    }

    /// - Parameter now: Unix seconds, which decide the key's state.
    public func write(now: Int, into writer: inout JSONWriter) {
        func text(_ name: StaticString, _ value: String?) {
            writer.key(name)
            if let value { writer.string(text: value) } else { writer.null() }
        }
        func number(_ name: StaticString, _ value: Int?) {
            writer.key(name)
            if let value { writer.integer(value) } else { writer.null() }
        }
        func list(_ name: StaticString, _ values: [String]?) {
            writer.key(name)
            guard let values else { return writer.null() }
            writer.beginArray()
            for value in values { writer.string(text: value) }
            writer.endArray()
        }
        writer.beginObject()
        text("name", name)
        text("source", source.rawValue)
        text("owner", owner)
        text("state", state(at: now).rawValue)
        list("models", models)
        list("projects", projects)
        number("rpm", limits.requestsPerMinute)
        number("tpm", limits.tokensPerMinute)
        number("concurrent", limits.concurrentRequests)
        text("budget_day", limits.dailyMoney?.description)
        text("budget_month", limits.monthlyMoney?.description)
        number("budget_day_tokens", limits.dailyTokens)
        number("budget_month_tokens", limits.monthlyTokens)
        number("created", source == .store ? created : nil)
        number("expires", expires)
        number("revoked", revoked)
        number("previous_until", previousDigest == nil ? nil : previousUntil)
        writer.endObject()
    }
}
