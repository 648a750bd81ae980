/// The places of all values of one document, in the order of its bytes.
///
/// A tape is filled by ``parse(_:limits:)`` and read through a ``JSONDocument``. It is kept and
/// filled again, so that parsing allocates only while documents still grow.
///
/// - Cost: every byte is looked at once; 16 bytes of tape for each value and key.
public struct JSONTape: ~Copyable {
    private var entries = JSONEntries()

    public init() {}

    /// Entries of the last document: values and keys.
    public var count: Int { entries.count }

    /// Fills the tape from `bytes`, which must hold exactly one JSON value (RFC 8259, UTF-8).
    ///
    /// A leading byte order mark is skipped (GEN-001).
    public mutating func parse(_ bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try parse(bytes, limits: limits, known: nil)
    }

    /// The same, by the limits of `known`, without reading again what is known of it.
    public mutating func parse(_ bytes: Span<UInt8>, knowing known: KnownArrays) throws(JSONError) {
        try parse(bytes, limits: known.limits, known: known)
    }

    private mutating func parse(
        _ bytes: Span<UInt8>, limits: JSONLimits, known: KnownArrays?
    ) throws(JSONError) {
        entries.removeAll()
        guard bytes.count < Int(Int32.max) else { throw JSONError(.tooLarge, at: 0) }
        if let failure = JSONParser.parse(bytes, into: &entries, limits: limits, known: known) {
            entries.removeAll()
            throw failure
        }
    }

    /// Gives the memory back when one large document made the tape outgrow `maximumEntries`.
    public mutating func shrink(to maximumEntries: Int) {
        if entries.capacity > maximumEntries { entries = JSONEntries() }
    }

    /// The parsed values together with the bytes they were parsed from.
    ///
    /// - Precondition: `bytes` are those of the last successful ``parse(_:limits:)``.
    @_lifetime(borrow self, copy bytes)
    public func document(of bytes: Span<UInt8>) -> JSONDocument {
        JSONDocument(bytes: bytes, entries: entries.span)
    }
}
