internal import PolluxJSON

/// The `groundingMetadata` of a streamed choice, which may come in several events: of each member the last one that says
/// something (GRND-003, GRND-004).
struct StreamGrounding: Sendable {
    /// One object; empty when there is none.
    private var metadata: [UInt8] = []

    var isEmpty: Bool { metadata.isEmpty }

    /// It was read before: whoever reads it again may be as lenient.
    private static let limits = JSONLimits(acceptsLoneSurrogates: true)

    mutating func add(_ more: JSONNode, of json: borrowing JSONDocument) {
        guard json.isObject(more), !json.isEmpty(more) else { return }
        let old = metadata
        var tape = JSONTape()
        guard !old.isEmpty, (try? tape.parse(old.span, limits: Self.limits)) != nil else {
            return metadata = Array(copying: json.raw(more))
        }
        let before = tape.document(of: old.span)
        var writer = JSONWriter(minimumCapacity: old.count)
        writer.beginObject()
        var kept = before.members(.root)
        while let member = kept.next(in: before) {
            let later = json.member(named: before.string(member.key), of: more)
            if let later, Self.says(later, json) { continue }
            writer.key(copying: member.key, of: before)
            writer.copy(member.value, of: before)
        }
        var added = json.members(more)
        while let member = added.next(in: json) {
            guard Self.says(member.value, json) else { continue }
            writer.key(copying: member.key, of: json)
            writer.copy(member.value, of: json)
        }
        writer.endObject()
        metadata = writer.output.array()
    }

    private static func says(_ value: JSONNode, _ json: borrowing JSONDocument) -> Bool {
        json.isArray(value) || json.isObject(value) ? !json.isEmpty(value) : !json.isNull(value)
    }

    /// Writes `annotations`, when there are any.
    func writeAnnotations(text: ContentRecord?, into writer: inout JSONWriter) {
        read { (json: borrowing JSONDocument) in writer.writeAnnotations(.root, of: json, text: text) }
    }

    /// Writes `grounding_metadata`, when there is any.
    func writeNative(into writer: inout JSONWriter) {
        read { (json: borrowing JSONDocument) in writer.writeNative("grounding_metadata", .root, of: json) }
    }

    private func read(_ use: (borrowing JSONDocument) -> Void) {
        if metadata.isEmpty { return }
        var tape = JSONTape()
        guard (try? tape.parse(metadata.span, limits: Self.limits)) != nil else { return }  // It was parsed before.
        use(tape.document(of: metadata.span))
    }
}
