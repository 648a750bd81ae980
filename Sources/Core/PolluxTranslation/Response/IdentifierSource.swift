internal import PolluxJSON

/// Makes the random parts of answers: ids that nobody else uses, for one event loop.
///
/// The letters need to be unlikely to repeat, not impossible to guess: no right hangs on them.
public struct IdentifierSource: Sendable {
    private var state: (UInt64, UInt64)

    /// - Parameter seed: from the system's randomness; fixed in tests.
    public init(seed: (UInt64, UInt64)) {
        state = seed == (0, 0) ? (0x9E37_79B9_7F4A_7C15, 1) : seed
    }

    /// The next 64 bits (xoroshiro128+, Blackman and Vigna).
    private mutating func next() -> UInt64 {
        let first = state.0
        var second = state.1
        let result = first &+ second
        second ^= first
        state.0 = (first << 24 | first >> 40) ^ second ^ second << 16
        state.1 = second << 37 | second >> 27
        return result
    }

    /// 64 random bits.
    public mutating func word() -> UInt64 { next() }

    /// A UUID of version 4, in lower case.
    public mutating func uuid() -> String {
        var bytes = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        var target = bytes.mutableSpan
        writeUUID(to: &target, at: 0)
        return String(copying: bytes.span)
    }

    /// `function-call-` and a UUID.
    mutating func callID() -> String {
        var bytes = InlineArray<50, UInt8>(repeating: UInt8(ascii: "-"))
        var target = bytes.mutableSpan
        let prefix = "function-call"
        let letters = prefix.utf8Span.span
        for index in letters.indices { target[index] = letters[index] }
        writeUUID(to: &target, at: 14)
        return String(copying: bytes.span)
    }

    /// Writes the digits of a UUID between dashes that are there already.
    private mutating func writeUUID(to bytes: inout MutableSpan<UInt8>, at start: Int) {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = (Self.digits(high >> 32), Self.digits(high), Self.digits(low >> 32), Self.digits(low))
        bytes.store(digits.0, at: start)
        bytes.store(half: digits.1, at: start + 9)
        bytes.store(half: digits.1 >> 32, at: start + 14)
        bytes.store(half: digits.2, at: start + 19)
        bytes.store(half: digits.2 >> 32, at: start + 24)
        bytes.store(digits.3, at: start + 28)
    }

    /// The lowest 32 bits as eight hexadecimal digits, in the bytes of a word from the lowest on.
    private static func digits(_ value: UInt64) -> UInt64 {
        var word = (value & 0xFFFF_FFFF).byteSwapped >> 32
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        word = (word >> 4 | word << 8) & 0x0F0F_0F0F_0F0F_0F0F
        // One in each byte whose digit is a letter.
        let letters = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return word &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// A number from 0 up to 1.
    public mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// `count` letters and digits.
    public mutating func letters(_ count: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        return String(decoding: (0..<count).map { _ in alphabet[Int(next() >> 33) % alphabet.count] }, as: UTF8.self)
    }

    /// `count` hexadecimal digits.
    public mutating func hexadecimal(_ count: Int) -> String {
        String(decoding: (0..<count).map { _ in Self.hexadecimal(next() >> 40) }, as: UTF8.self)
    }

    private static func hexadecimal(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 0xF)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
