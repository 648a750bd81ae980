public import NIOCore

extension ByteBuffer {
    /// Appends a copy.
    public mutating func write(copying bytes: Span<UInt8>) {
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe writeBytes($0) }
    }

    /// Puts a copy at a place, and gives its length.
    mutating func set(copying bytes: Span<UInt8>, at index: Int) -> Int {
        unsafe bytes.withUnsafeBufferPointer { unsafe setBytes($0, at: index) }
    }

    /// Appends a number's decimal digits.
    ///
    /// - Precondition: the number is not negative.
    public mutating func writeDecimal(_ number: Int) { write(copying: DecimalDigits(number).span) }

    /// Room before a chunk's bytes for its size and the end of that line: more digits than a size has.
    public static let chunkHeadBytes = 18

    /// Puts the size of a chunk before it, into the room of ``chunkHeadBytes`` (RFC 9112 § 7.1).
    public mutating func prependChunkSize() {
        precondition(readerIndex >= Self.chunkHeadBytes)
        var rest = UInt64(readableBytes)
        var start = readerIndex - 2
        setInteger(0x0D0A as UInt16, at: start)
        repeat {
            start -= 1
            setInteger(Self.digit(rest & 15), at: start)
            rest >>= 4
        } while rest > 0
        moveReaderIndex(to: start)
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10)
    }
}

/// The decimal digits of a number that is not negative.
struct DecimalDigits {
    private var digits = InlineArray<20, UInt8>(repeating: 0)
    private var start = 20

    init(_ number: Int) {
        precondition(number >= 0)
        var rest = UInt64(number)
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    var count: Int { 20 - start }

    var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { digits.span.extracting(start..<20) }
    }
}
