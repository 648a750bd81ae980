import PolluxJSON

/// A 64-bit hash after FNV-1a.
struct Hash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    /// Eight bytes at a time: requests may be long.
    mutating func add(_ bytes: Span<UInt8>) {
        var at = 0
        while at + 8 <= bytes.count {
            value = (value ^ bytes.word(at: at)) &* 0x100_0000_01B3
            value ^= value >> 29
            at += 8
        }
        while at < bytes.count {
            add(bytes[at])
            at += 1
        }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
    }

    mutating func add(_ number: UInt64) {
        for shift in 0..<8 { add(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) }
    }
}
