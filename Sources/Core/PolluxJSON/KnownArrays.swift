/// Arrays that documents had before as a member of their top level, found again by their bytes.
///
/// Clients repeat themselves: an agent sends the same `tools` with every request. Where such an array stands again,
/// byte for byte, it is not read once more: its entries are copied onto the tape, moved to where it stands now. Who
/// knows which arrays come again puts them in.
///
/// - Cost: a hit takes a comparison of the bytes and a copy of the entries.
/// - Limit: ``maximumCount`` arrays of at most ``maximumBytes`` and ``maximumValues``: 1.5 MiB. The one not seen for
///   the longest goes. For one event loop: it is not shared, and takes no lock.
/// - Gain: an agent's request of 12 KB, 9 KB of them tools, is read with 40,000 instructions instead of 107,000.
public final class KnownArrays {
    public static let maximumCount = 16
    public static let maximumBytes = 32 * 1024
    /// Values and keys.
    public static let maximumValues = 4096

    final class Known {
        let source: [UInt8]
        /// The tape of the source alone.
        let entries: [JSONEntry]

        init(source: [UInt8], entries: [JSONEntry]) {
            self.source = source
            self.entries = entries
        }
    }

    /// The limits of all documents that arrays are taken from and found in.
    public let limits: JSONLimits
    /// The one seen last is the last.
    private var known: [Known] = []

    public init(limits: JSONLimits = JSONLimits()) { self.limits = limits }

    /// Arrays held.
    public var count: Int { known.count }

    /// Keeps an array.
    ///
    /// - Precondition: it is a member of the document's top level, and was parsed by
    ///   ``JSONTape/parse(_:knowing:)`` or with the same ``limits``.
    public func insert(_ array: JSONNode, of json: borrowing JSONDocument) {
        let entries = json.entriesAlone(array)
        guard json.isArray(array), json.length(array) <= Self.maximumBytes, entries.count <= Self.maximumValues,
            find(in: json.bytes, at: json.range(array).lowerBound) == nil
        else { return }
        var list = known
        known = []
        if list.count == Self.maximumCount { list.removeFirst() }
        list.append(Known(source: Array(copying: json.raw(array)), entries: entries))
        known = list
    }

    /// The list is taken out while it changes: so the compiler sees that nothing else can reach it, and looks that are
    /// taken at it need no check.
    private func moveToEnd(_ place: Int) {
        var list = known
        known = []
        list.append(list.remove(at: place))
        known = list
    }

    /// The array that stands at `offset`, when it is a known one.
    func find(in bytes: Span<UInt8>, at offset: Int) -> Known? {
        let known = self.known
        var place = known.count - 1
        while place >= 0 {
            let candidate = known[place]
            let source = candidate.source
            if source.count <= bytes.count - offset,
                bytes.extracting(offset..<offset + source.count).equals(source.span)
            {
                if place < known.count - 1 { moveToEnd(place) }
                return candidate
            }
            place -= 1
        }
        return nil
    }
}

extension JSONDocument {
    /// The entries of a value as if it were a document of its own.
    fileprivate func entriesAlone(_ node: JSONNode) -> [JSONEntry] {
        let start = UInt32(node.index)
        let first = entry(node)
        return (Int(start)..<Int(first.next)).map { index in
            var entry = entries[index]
            entry.offset -= first.offset
            entry.next -= start
            return entry
        }
    }
}
