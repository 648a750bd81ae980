public import PolluxConfiguration
public import PolluxJSON
public import PolluxTranslation

extension ModelProfiles {
    /// The shipped table with the operator's rows.
    public init(_ rows: [Configuration.Profile]) throws(JSONError) {
        self = .defaults
        guard !rows.isEmpty else { return }
        var writer = JSONWriter()
        writer.beginArray()
        for row in rows { row.write(into: &writer) }
        writer.endArray()
        try add(parsing: writer.output.span)
    }
}

extension Configuration.Profile {
    /// Writes the row in the form of the shipped table; what the operator leaves out stays as it is for the
    /// models that the pattern names.
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("match", match)
        writer.member("like", match)
        writer.member("think", think?.rawValue)
        if let budget {
            writer.key("budget")
            writer.beginObject()
            writer.member("min", budget.minimum)
            writer.member("max", budget.maximum)
            writer.endObject()
        }
        if let levels {
            writer.key("levels")
            writer.beginArray()
            for level in levels { writer.string(text: level) }
            writer.endArray()
        }
        if let sampling {
            writer.member("sampling", sampling != .dropped)
            writer.member("sampling_retry", sampling == .retried)
        }
        writer.member("off", off)
        writer.member("penalty", penalty)
        writer.member("candidates", candidates)
        writer.member("function_call_ids", functionCallIDs)
        writer.member("end_model", endModel)
        writer.member("combo", combo)
        if let media {
            writer.key("media")
            writer.string(media == .part ? "part" : "request")
        }
        writer.endObject()
    }
}
