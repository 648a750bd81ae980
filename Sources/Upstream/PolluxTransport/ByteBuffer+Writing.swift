public import NIOCore

extension ByteBuffer {
    /// Appends a copy.
    public mutating func write(copying bytes: Span<UInt8>) {
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe writeBytes($0) }
    }

    /// Appends a number's decimal digits.
    public mutating func writeDecimal(_ number: Int) {
        writeDigits(number, base: 10)
    }

    /// Appends a number's hexadecimal digits, in lower case.
    public mutating func writeHexadecimal(_ number: Int) {
        writeDigits(number, base: 16)
    }

    /// - Precondition: the number is not negative.
    private mutating func writeDigits(_ number: Int, base: UInt64) {
        precondition(number >= 0)
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = UInt64(number)
        repeat {
            start -= 1
            digits[start] = Self.digit(rest % base)
            rest /= base
        } while rest > 0
        write(copying: digits.span.extracting(start..<20))
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10)
    }
}
