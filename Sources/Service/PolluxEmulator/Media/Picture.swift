/// A drawn picture with the prompt in it, as PNG.
///
///     signature | IHDR, 8 bits, palette | PLTE | IDAT: zlib with stored blocks | IEND
///
/// Its sides are a quarter of what the service's models draw, in the same proportion.
///
/// - Source: PNG (third edition), RFC 1950, RFC 1951.
struct Picture: Sendable {
    static let mimeType = "image/png"
    /// What an image costs, as Gemini counts it.
    static let tokens = 1290
    /// Colours: the sky's four, ground, sun, and the text's two.
    private static let colours = 8
    private static let margin = 8

    let width: Int
    let height: Int
    private let text: String

    /// - Source: the sizes of Gemini's image models for 1K.
    private static let sizes: [String: (Int, Int)] = [
        "1:1": (1024, 1024), "2:3": (832, 1248), "3:2": (1248, 832), "3:4": (864, 1184), "4:3": (1184, 864),
        "4:5": (896, 1152), "5:4": (1152, 896), "9:16": (768, 1344), "16:9": (1344, 768), "21:9": (1536, 672),
    ]

    init(of text: String, _ settings: GenerationSettings) {
        let size = Self.sizes[settings.aspectRatio ?? "1:1"] ?? (1024, 1024)
        let scale =
            switch settings.imageSize {
            case "2K": 2
            case "4K": 4
            default: 1
            }
        width = size.0 / 4 * scale
        height = size.1 / 4 * scale
        self.text = text
    }

    func png(_ chance: inout Chance) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        Self.append(
            "IHDR", Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height)) + [8, 3, 0, 0, 0], to: &file)
        var palette = (0..<(Self.colours - 2) * 3).map { _ in UInt8(80 + chance.below(140)) }
        palette += [255, 255, 255, 20, 20, 30]
        Self.append("PLTE", palette, to: &file)
        Self.append("IDAT", Self.stored(pixels(&chance)), to: &file)
        Self.append("IEND", [], to: &file)
        return file
    }

    // MARK: Drawing

    /// A byte 0 before each row, then a palette index for each pixel.
    private func pixels(_ chance: inout Chance) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: (width + 1) * height)
        drawScene(&chance, into: &pixels)
        drawText(into: &pixels)
        return pixels
    }

    /// Bands of sky, a sun and hills.
    private func drawScene(_ chance: inout Chance, into pixels: inout [UInt8]) {
        let horizon = height * (55 + chance.below(25)) / 100
        let sunX = width * (15 + chance.below(70)) / 100
        let sunY = horizon * (20 + chance.below(50)) / 100
        let radius = max(min(width, height) / 10, 2)
        let hill = width / (3 + chance.below(4))
        for y in 0..<height {
            for x in 0..<width {
                let slope = abs(x % (2 * hill) - hill) * height / (hill * 8)
                var colour = UInt8(min(y * 4 / max(horizon, 1), 3))
                if (x - sunX) * (x - sunX) + (y - sunY) * (y - sunY) < radius * radius { colour = 5 }
                if y > horizon - slope { colour = 4 }
                pixels[y * (width + 1) + 1 + x] = colour
            }
        }
    }

    /// The prompt on a dark field at the bottom, as large as it fits.
    private func drawText(into pixels: inout [UInt8]) {
        let characters = Array(TextHints.shortened(text, to: 120))
        guard !characters.isEmpty else { return }
        let room = width - 2 * Self.margin
        var scale = max(width / 128, 1)
        var perLine = room / ((PixelFont.width + 1) * scale)
        if characters.count > perLine * 3, scale > 1 {
            scale -= 1
            perLine = room / ((PixelFont.width + 1) * scale)
        }
        let lineHeight = (PixelFont.height + 2) * scale
        let lines = (characters.count + perLine - 1) / max(perLine, 1)
        let top = max(height - lines * lineHeight - Self.margin, 0)
        for y in max(top - Self.margin / 2, 0)..<height {
            for x in 0..<width { pixels[y * (width + 1) + 1 + x] = UInt8(Self.colours - 1) }
        }
        for (index, character) in characters.enumerated() {
            let left = Self.margin + index % perLine * (PixelFont.width + 1) * scale
            draw(character, left: left, top: top + index / perLine * lineHeight, scale: scale, into: &pixels)
        }
    }

    private func draw(_ character: Character, left: Int, top: Int, scale: Int, into pixels: inout [UInt8]) {
        for (row, bits) in PixelFont.rows(character).enumerated() {
            for column in 0..<PixelFont.width where bits >> UInt8(PixelFont.width - 1 - column) & 1 == 1 {
                for y in top + row * scale..<top + (row + 1) * scale where y < height {
                    for x in left + column * scale..<left + (column + 1) * scale where x < width {
                        pixels[y * (width + 1) + 1 + x] = UInt8(Self.colours - 2)
                    }
                }
            }
        }
    }

    // MARK: Bytes

    /// Blocks that are stored as they are: at most 65535 bytes each.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        stream.reserveCapacity(bytes.count + 64)
        var at = 0
        while at < bytes.count {
            let end = min(at + 65535, bytes.count)
            stream.append(end == bytes.count ? 1 : 0)
            let length = UInt16(end - at)
            for half in [length, ~length] {
                stream.append(UInt8(truncatingIfNeeded: half))
                stream.append(UInt8(truncatingIfNeeded: half >> 8))
            }
            stream += bytes[at..<end]
            at = end
        }
        return stream + bigEndian(adler32(bytes))
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
        for byte in bytes { crc = crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
        return ~crc
    }

    private static let crcTable: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
}
