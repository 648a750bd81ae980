/// Copies of spans, made in one piece.
///
/// Invariant: each span lends its bytes for the length of the call.
/// Gain: a loop over a span appends byte by byte, which takes twenty times as long.
extension [UInt8] {
    /// A copy of these bytes.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends a copy of these bytes.
    public mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension String {
    /// A string of these bytes; what is not UTF-8 becomes U+FFFD.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
