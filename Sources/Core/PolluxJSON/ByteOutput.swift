/// Bytes being written: a block of memory that grows, and is kept and filled again.
///
/// A plain `[UInt8]` tests its uniqueness at every append; this does not, which is a third of the
/// cost of writing a small request.
@safe
public struct ByteOutput: ~Copyable {
    @usableFromInline var storage: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int

    deinit {
        if capacity > 0 { unsafe storage.deallocate() }
    }

    /// Bytes written so far.
    @inlinable public var count: Int { used }
    @inlinable public var isEmpty: Bool { used == 0 }

    /// The byte written last.
    @inlinable
    public var last: UInt8? { used == 0 ? nil : self[used &- 1] }

    @inlinable
    public mutating func removeAll() { used = 0 }

    @inlinable
    public mutating func append(_ scalar: Unicode.Scalar) { append(UInt8(ascii: scalar)) }

    /// Appends the UTF-8 of `text` as it is.
    public mutating func append(_ text: String) { append(text.utf8Span.span) }

    public mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Hands the bytes to `body`: for owners that are classes, whose parts cannot be borrowed for longer.
    public func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result { try body(span) }

    /// A copy of the bytes.
    public func array() -> [UInt8] { Array(copying: span) }
}
