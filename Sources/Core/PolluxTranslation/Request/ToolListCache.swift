internal import PolluxJSON

/// Lists of tools that were translated before, found again by their source text.
///
/// Agents send the same `tools` with every request. A hit costs a comparison of the source, and one copy of what was
/// written. For one event loop: it is not shared, and takes no lock.
///
/// - Limit: ``maximumEntries`` lists of at most ``maximumEntryBytes``, source and result together: 2 MiB. The one not
///   asked for the longest goes.
/// - Gain: 15 tools of 9 KB are found with 1,600 instructions; a hash of the source made that 22,700, and each schema
///   in its own cache three times as many.
final class ToolListCache {
    static let maximumEntries = 32
    static let maximumEntryBytes = 64 * 1024

    /// One list: functions only.
    final class Entry {
        fileprivate let seed: UInt64
        fileprivate let source: [UInt8]
        /// `[{"name":…},…]`, the declarations.
        let declarations: [UInt8]
        let names: ToolNames

        fileprivate init(_ source: Span<UInt8>, seed: UInt64, declarations: Span<UInt8>, names: ToolNames) {
            self.seed = seed
            self.source = Array(copying: source)
            self.declarations = Array(copying: declarations)
            self.names = names
        }
    }

    /// The one used last is the last.
    private var entries: [Entry] = []

    /// Lists held.
    var count: Int { entries.count }

    /// The list is taken out while it changes: so the compiler sees that nothing else can reach it.
    private func moveToEnd(_ place: Int) {
        var list = entries
        entries = []
        list.append(list.remove(at: place))
        entries = list
    }

    /// - Parameter seed: differs for each way to translate the same source.
    func find(_ source: Span<UInt8>, seed: UInt64) -> Entry? {
        let entries = self.entries
        var place = entries.count - 1
        while place >= 0 {
            let entry = entries[place]
            let own = entry.source
            if entry.seed == seed, own.span.equals(source) {
                if place < entries.count - 1 { moveToEnd(place) }
                return entry
            }
            place -= 1
        }
        return nil
    }

    /// Keeps a list that is not there yet.
    func insert(_ source: Span<UInt8>, seed: UInt64, declarations: Span<UInt8>, names: ToolNames) {
        guard source.count + declarations.count <= Self.maximumEntryBytes else { return }
        var list = entries
        entries = []
        if list.count == Self.maximumEntries { list.removeFirst() }
        list.append(Entry(source, seed: seed, declarations: declarations, names: names))
        entries = list
    }
}
