public import PolluxJSON

/// Schemas that were written before, found again by their source text.
///
/// Agents send the same tools with every request. A hit costs a hash and a comparison of the source, and one
/// copy of what was written. For one event loop: it is not shared, and takes no lock.
///
/// - Limit: `sets * ways` schemas of at most ``maximumEntryBytes``, source and result together: 2 MiB. In a
///   full set the one not asked for the longest goes. A source that collides on purpose costs a miss.
/// - Gain: a schema of 1 KB takes 0.3 µs, instead of 1.2 µs when it is clean and 3 µs when it changes.
public final class SchemaCache {
    private static let sets = 64
    private static let ways = 4
    static let maximumEntryBytes = 8 * 1024

    private struct Entry {
        /// Which form and use it was written for.
        var seed: UInt64 = 0
        var source: [UInt8] = []
        var written: [UInt8] = []
    }

    /// Zero where there is no entry. Of each set, the one used last is first.
    private var hashes = [UInt64](repeating: 0, count: SchemaCache.sets * SchemaCache.ways)
    private var entries = [Entry](repeating: Entry(), count: SchemaCache.sets * SchemaCache.ways)

    public init() {}

    /// Schemas held.
    public var count: Int { hashes.count { $0 != 0 } }

    /// Writes the schema at `schema` as `translator` would.
    ///
    /// Past the cache goes what its source text alone does not tell: a schema with notes, or with a
    /// description from elsewhere.
    public func write(
        _ schema: JSONNode, of json: borrowing JSONDocument, by translator: SchemaTranslator,
        into writer: inout JSONWriter, path: @autoclosure () -> String, notes: inout NoteTaker
    ) throws(SchemaError) {
        let length = json.length(schema)
        guard !notes.isOn, translator.description == nil, json.isObject(schema),
            length < Self.maximumEntryBytes
        else {
            return try translator.write(schema, of: json, into: &writer, path: path(), notes: &notes)
        }
        let source = json.raw(schema)
        let seed = translator.seed
        let hash = source.hash(seed: seed)
        let start = Int(hash >> 32) & (Self.sets - 1) * Self.ways
        for place in start..<start + Self.ways where hashes[place] == hash {
            let entry = entries[place]
            guard entry.seed == seed, entry.source.span.equals(source) else { continue }
            writer.raw(entry.written.span)
            moveToFront(place, of: start)
            return
        }
        let before = writer.output.count
        try translator.write(schema, of: json, into: &writer, path: path(), notes: &notes)
        // The comma before a value is not part of it.
        let first = writer.output[before] == UInt8(ascii: ",") ? before + 1 : before
        let written = first..<writer.output.count
        guard length + written.count <= Self.maximumEntryBytes else { return }
        let last = start + Self.ways - 1
        hashes[last] = hash
        entries[last] = Entry(
            seed: seed,
            source: [UInt8](copying: source),
            written: [UInt8](copying: writer.output.span.extracting(written)))
        moveToFront(last, of: start)
    }

    private func moveToFront(_ place: Int, of start: Int) {
        var place = place
        while place > start {
            hashes.swapAt(place, place - 1)
            entries.swapAt(place, place - 1)
            place -= 1
        }
    }
}

extension SchemaForm {
    /// Differs for each form.
    var seed: UInt64 {
        switch self {
        case .jsonSchema: 1
        case .openAPI(keepsAdditionalProperties: false): 2
        case .openAPI(keepsAdditionalProperties: true): 3
        }
    }
}

extension SchemaTranslator {
    /// Differs for each form and use, of which each has its own entries.
    fileprivate var seed: UInt64 { form.seed << 1 | (use == .tool ? 1 : 0) }
}
