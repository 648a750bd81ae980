/// Numbers that look like chance and are the same for the same seed and request (SplitMix64).
struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number from 0 up to and without `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// A number from 0 up to and without 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Small letters and digits.
    mutating func identifier(length: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        return String(decoding: (0..<length).map { _ in letters[below(letters.count)] }, as: UTF8.self)
    }

    /// A version 4 UUID in small letters.
    mutating func uuid() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            switch index {
            case 12: text.append(UInt8(ascii: "4"))
            case 16: text.append(digits[8 + below(4)])
            default: text.append(digits[below(16)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
