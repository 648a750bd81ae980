/// What stands around the data of a chunked body (RFC 9112 § 7.1).
///
///     1a;name=value CRLF      size in hexadecimal digits, and extensions, which are ignored
///     (26 bytes) CRLF
///     0 CRLF
///     name: value CRLF        trailers, which are checked and dropped
///     CRLF
///
/// Looks at each byte once and keeps none.
/// - Limits: 16 digits and 2^53 for a size; extensions and trailers as ``RequestLimits`` says, over the whole body.
struct ChunkedBody {
    private enum Place {
        case size
        case beforeExtension
        case extensions
        case sizeEnd
        case data
        case dataEnd
        case trailer
        case trailerName
        case trailerValue
        case trailerEnd
        case end
        case behind
    }

    private let limits: RequestLimits
    private var place = Place.size
    private var size = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailers = 0
    /// Of a trailer's name, the bytes so far, and whether they begin a name that decides where a body ends.
    private var nameBytes = 0
    private var beginsLength = true
    private var beginsCoding = true
    /// Inside of a quoted value of an extension.
    private var isQuoted = false
    /// Of a chunk's data, what has not come.
    private(set) var remaining = 0

    private static let maximumDigits = 16

    init(limits: RequestLimits) { self.limits = limits }

    var isComplete: Bool { place == .behind }

    /// So many bytes of a chunk's data were taken.
    mutating func take(_ count: Int) { remaining -= count }

    /// Goes on until there is data to take, or the body is complete, or the bytes are used up.
    ///
    /// - Returns: how many bytes were used.
    mutating func skip(_ bytes: Span<UInt8>) throws(RequestError) -> Int {
        var at = 0
        while at < bytes.count, remaining == 0, place != .behind {
            try read(bytes[at])
            at &+= 1
        }
        return at
    }

    private mutating func read(_ byte: UInt8) throws(RequestError) {
        switch place {
        case .size: try readSize(byte)
        case .beforeExtension, .extensions: try readExtension(byte)
        case .sizeEnd:
            guard byte == ASCII.lineFeed else { throw .malformedChunk }
            remaining = size
            place = size == 0 ? .trailer : .data
        case .data:
            guard byte == ASCII.carriageReturn else { throw .malformedChunk }
            place = .dataEnd
        case .dataEnd:
            guard byte == ASCII.lineFeed else { throw .malformedChunk }
            place = .size
            size = 0
            digits = 0
        case .trailer, .trailerName, .trailerValue, .trailerEnd: try readTrailer(byte)
        case .end:
            guard byte == ASCII.lineFeed else { throw .malformedTrailer }
            place = .behind
        case .behind: break
        }
    }

    private mutating func readSize(_ byte: UInt8) throws(RequestError) {
        if let digit = ASCII.hexDigit(byte) {
            digits += 1
            // A size of 2^53 stays below 2^57 with one more digit.
            guard digits <= Self.maximumDigits, size <= RequestLimits.maximumLength else { throw .malformedChunk }
            size = size << 4 | Int(digit)
            return
        }
        guard digits > 0, size <= RequestLimits.maximumLength else { throw .malformedChunk }
        if byte == ASCII.carriageReturn {
            place = .sizeEnd
        } else {
            place = .beforeExtension
            try readExtension(byte)
        }
    }

    private mutating func readExtension(_ byte: UInt8) throws(RequestError) {
        if byte == ASCII.carriageReturn, place == .extensions, !isQuoted {
            place = .sizeEnd
            return
        }
        guard !ASCII.isControl(byte), byte < ASCII.delete else { throw .malformedChunk }
        if place == .beforeExtension {
            if byte == UInt8(ascii: ";") {
                place = .extensions
            } else if !ASCII.isBlank(byte) {
                throw .malformedChunk
            }
        } else if byte == UInt8(ascii: "\"") {
            isQuoted.toggle()
        } else if !isQuoted, byte != UInt8(ascii: ";"), byte != UInt8(ascii: "="), !ASCII.token.contains(byte) {
            throw .malformedChunk
        }
        extensionBytes += 1
        guard extensionBytes <= limits.chunkExtensionBytes else { throw .chunkExtensionsTooLong }
    }

    private mutating func readTrailer(_ byte: UInt8) throws(RequestError) {
        if place == .trailer, byte == ASCII.carriageReturn {
            place = .end
            return
        }
        trailerBytes += 1
        guard trailerBytes <= limits.trailerBytes else { throw .trailersTooLarge }
        switch place {
        case .trailer:
            guard ASCII.token.contains(byte) else { throw .malformedTrailer }
            trailers += 1
            guard trailers <= limits.fields else { throw .trailersTooLarge }
            place = .trailerName
            (nameBytes, beginsLength, beginsCoding) = (0, true, true)
            compareName(byte)
        case .trailerName:
            if byte == UInt8(ascii: ":") {
                guard !isFramingField else { throw .malformedTrailer }
                place = .trailerValue
            } else if !ASCII.token.contains(byte) {
                throw .malformedTrailer
            } else {
                compareName(byte)
            }
        case .trailerValue:
            if byte == ASCII.carriageReturn {
                place = .trailerEnd
            } else if ASCII.isControl(byte) {
                throw .malformedTrailer
            }
        default:
            guard byte == ASCII.lineFeed else { throw .malformedTrailer }
            place = .trailer
        }
    }

    private static let length: StaticString = "content-length"
    private static let coding: StaticString = "transfer-encoding"

    /// A trailer that says where a body ends says it too late (RFC 9110 § 6.5.1).
    private var isFramingField: Bool {
        beginsLength && nameBytes == Self.length.utf8CodeUnitCount
            || beginsCoding && nameBytes == Self.coding.utf8CodeUnitCount
    }

    private mutating func compareName(_ byte: UInt8) {
        let byte = ASCII.lowercased(byte)
        if nameBytes >= Self.length.utf8CodeUnitCount || Self.length.byte(nameBytes) != byte { beginsLength = false }
        if nameBytes >= Self.coding.utf8CodeUnitCount || Self.coding.byte(nameBytes) != byte { beginsCoding = false }
        nameBytes += 1
    }
}
