/// A small PNG whose colours come from chance.
///
///     signature | IHDR 64x64, 8 bits, palette | PLTE | IDAT: zlib with one stored block | IEND
///
/// - Source: PNG (third edition), RFC 1950, RFC 1951.
enum Picture {
    /// Pixels of a side.
    static let side = 64
    static let mimeType = "image/png"
    /// What an image costs, as Gemini counts it.
    static let tokens = 1290

    static func png(_ chance: inout Chance) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        append("IHDR", bigEndian(UInt32(side)) + bigEndian(UInt32(side)) + [8, 3, 0, 0, 0], to: &file)
        append("PLTE", (0..<4 * 3).map { _ in UInt8(truncatingIfNeeded: chance.next()) }, to: &file)
        append("IDAT", compressed(pixels(&chance)), to: &file)
        append("IEND", [], to: &file)
        return file
    }

    /// An 8x8 pattern, mirrored at its middle: a byte 0 before each row, then a palette index a pixel.
    private static func pixels(_ chance: inout Chance) -> [UInt8] {
        let tiles = (0..<32).map { _ in UInt8(chance.below(4)) }
        var bytes: [UInt8] = []
        for row in 0..<side {
            bytes.append(0)
            for column in 0..<side {
                let tile = column / 8
                bytes.append(tiles[row / 8 * 4 + min(tile, 7 - tile)])
            }
        }
        return bytes
    }

    /// One stored block: the pixels are fewer than the 65535 bytes that fit into it.
    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        var stream: [UInt8] = [0x78, 0x01, 0x01]
        for half in [length, ~length] {
            stream.append(UInt8(truncatingIfNeeded: half))
            stream.append(UInt8(truncatingIfNeeded: half >> 8))
        }
        return stream + bytes + bigEndian(adler32(bytes))
    }

    private static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
        let body = Array(type.utf8) + data
        file += bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return high << 16 | low
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

/// A quarter of a second of sound: 24 kHz, 16 bits, one channel, little-endian.
enum Tone {
    static let mimeType = "audio/L16;codec=pcm;rate=24000"
    static let sampleRate = 24000
    static let samples = sampleRate / 4
    /// What the sound costs at Gemini's 25 tokens a second.
    static let tokens = 7

    /// A triangle wave whose pitch comes from chance, fading out.
    static func pcm(_ chance: inout Chance) -> [UInt8] {
        let period = 48 + chance.below(80)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples * 2)
        for index in 0..<samples {
            let phase = index % period
            let triangle = abs(phase * 4 - period * 2) - period
            let loudness = 8000 * (samples - index) / samples
            let sample = UInt16(bitPattern: Int16(triangle * loudness / period))
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return bytes
    }
}
