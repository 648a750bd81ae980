import NIOCore

/// Cuts an upstream's bytes into answers: HTTP/1.1 as RFC 9112 says, and nothing beyond.
///
///     HTTP/1.1 200 OK\r\n
///     content-type: application/json\r\n
///     content-length: 12\r\n          or transfer-encoding: chunked, or the end of the connection
///     \r\n
///
/// What could be read in two ways is refused: two lengths, a length beside chunks, folded lines, other codings.
/// - Limits: ``maximumHeadBytes`` for the head, ``maximumLineBytes`` for a chunk's line, the same for trailers.
struct ResponseFraming {
    static let maximumHeadBytes = 64 * 1024
    static let maximumLineBytes = 4096

    enum Event {
        case head(UpstreamResponseHead)
        case body(ByteBuffer)
        case end
    }

    private enum State {
        case head
        case length(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case untilClose
        case ended
    }

    private var state = State.head
    /// The beginning of a head or a line whose end has not come.
    private var kept = ByteBuffer()
    /// Whether the connection can serve another request.
    private(set) var keepsAlive = true

    /// The next event in `bytes`, which it moves forward; `nil` when they are used up.
    mutating func next(_ bytes: inout ByteBuffer) throws(UpstreamFailure) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try takeHead(&bytes) else { return nil }
                guard let answer = try read(head) else { continue }
                return .head(answer)
            case .length(0):
                state = .ended
            case .length(let left):
                guard let piece = take(&bytes, upTo: left) else { return nil }
                state = .length(left - piece.readableBytes)
                return .body(piece)
            case .chunkSize, .chunkEnd, .trailers:
                guard try readLines(&bytes) else { return nil }
            case .chunk(let left):
                guard let piece = take(&bytes, upTo: left) else { return nil }
                state = left == piece.readableBytes ? .chunkEnd : .chunk(left - piece.readableBytes)
                return .body(piece)
            case .untilClose:
                guard let piece = take(&bytes, upTo: .max) else { return nil }
                return .body(piece)
            case .ended:
                state = .head
                if bytes.readableBytes > 0 { keepsAlive = false }  // Nobody asked for more.
                return .end
            }
        }
    }

    /// The connection has ended: whether that is the end of the answer.
    var endsWithConnection: Bool {
        if case .untilClose = state { return true }
        return false
    }

    // MARK: Bytes

    private func take(_ bytes: inout ByteBuffer, upTo count: Int) -> ByteBuffer? {
        let length = min(count, bytes.readableBytes)
        return length == 0 ? nil : bytes.readSlice(length: length)
    }

    /// Reads the lines between chunks, up to the next chunk or the end.
    ///
    /// - Returns: `false` when the bytes are used up.
    private mutating func readLines(_ bytes: inout ByteBuffer) throws(UpstreamFailure) -> Bool {
        let block = bytes
        let span = block.readableBytesUInt8Span
        var at = 0
        defer { bytes.moveReaderIndex(forwardBy: at) }
        while isInLine {
            var end = at
            while end < span.count, span[end] != UInt8(ascii: "\n") { end += 1 }
            let line = span.extracting(at..<end)
            guard kept.readableBytes + line.count <= Self.maximumLineBytes else { throw .malformed }
            at = min(end + 1, span.count)
            if end == span.count {
                kept.write(copying: line)
                return false
            }
            if kept.readableBytes == 0 {
                try read(line: Self.withoutReturn(line))
            } else {  // Its beginning came before.
                kept.write(copying: line)
                let whole = kept
                kept = ByteBuffer()
                try read(line: Self.withoutReturn(whole.readableBytesUInt8Span))
            }
        }
        return true
    }

    private var isInLine: Bool {
        switch state {
        case .chunkSize, .chunkEnd, .trailers: true
        case .head, .length, .chunk, .untilClose, .ended: false
        }
    }

    private mutating func read(line: Span<UInt8>) throws(UpstreamFailure) {
        switch state {
        case .chunkSize:
            let size = try Self.chunkSize(line)
            state = size == 0 ? .trailers : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed }
            state = .chunkSize
        case .trailers: if line.isEmpty { state = .ended }
        case .head, .length, .chunk, .untilClose, .ended: break
        }
    }

    @_lifetime(copy line)
    private static func withoutReturn(_ line: Span<UInt8>) -> Span<UInt8> {
        line.count > 0 && line[line.count - 1] == UInt8(ascii: "\r") ? line.extracting(0..<line.count - 1) : line
    }

    /// The head with its last empty line.
    private mutating func takeHead(_ bytes: inout ByteBuffer) throws(UpstreamFailure) -> ByteBuffer? {
        if bytes.readableBytes == 0 { return nil }
        if kept.readableBytes > 0 {
            kept.writeBuffer(&bytes)
            swap(&kept, &bytes)
            kept.clear()
        }
        guard let end = HeadLine.endOfHead(bytes.readableBytesUInt8Span), end <= Self.maximumHeadBytes else {
            guard bytes.readableBytes <= Self.maximumHeadBytes else { throw .malformed }
            kept.writeBuffer(&bytes)
            return nil
        }
        return bytes.readSlice(length: end)
    }

    // MARK: Meaning

    /// Reads the head; `nil` for an informational one, which another follows.
    private mutating func read(_ head: ByteBuffer) throws(UpstreamFailure) -> UpstreamResponseHead? {
        let span = head.readableBytesUInt8Span
        guard span.count >= 12, HeadLine.isHTTP1(span), let status = HeadLine.status(span) else { throw .malformed }
        let isOld = span[7] == UInt8(ascii: "0")
        var length: Int?
        var isChunked = false
        var closes = isOld
        var at = HeadLine.nextLine(span, from: 0)
        while at < span.count - 2 {
            let end = HeadLine.endOfLine(span, from: at)
            // A line feed alone ends no line: it would be read in two ways.
            guard end + 1 < span.count, span[end] == UInt8(ascii: "\r"), span[end + 1] == UInt8(ascii: "\n"),
                let field = HeadLine.field(span, at..<end)
            else { throw .malformed }
            let name = span.extracting(field.name)
            switch name.count {
            case 10 where HeadLine.isSame(name, "connection"):
                if HeadLine.lists(span, field.value, "close") {
                    closes = true
                } else if HeadLine.lists(span, field.value, "keep-alive") {
                    closes = false
                }
            case 14 where HeadLine.isSame(name, "content-length"):
                guard let value = HeadLine.number(span, field.value), length == nil || length == value else {
                    throw .malformed
                }
                length = value
            case 17 where HeadLine.isSame(name, "transfer-encoding"):
                guard !isChunked, HeadLine.isSame(span.extracting(field.value), "chunked") else { throw .malformed }
                isChunked = true
            default: break
            }
            at = end + 2
        }
        if isChunked, length != nil || isOld { throw .malformed }
        guard status >= 200 else {
            guard status != 101 else { throw .malformed }
            return nil
        }
        keepsAlive = !closes
        if status == 204 || status == 304 {
            state = .length(0)
        } else if isChunked {
            state = .chunkSize
        } else if let length {
            state = .length(length)
        } else {
            state = .untilClose
            keepsAlive = false
        }
        return UpstreamResponseHead(status: status, block: head)
    }

    /// The hexadecimal number before an extension.
    private static func chunkSize(_ line: Span<UInt8>) throws(UpstreamFailure) -> Int {
        var size = 0
        var digits = 0
        for index in line.indices {
            let byte = line[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: ";"), 0x20, 0x09:
                guard digits > 0 else { throw .malformed }
                return size
            default: throw .malformed
            }
            digits += 1
            guard digits <= 15 else { throw .malformed }
            size = size << 4 | Int(digit)
        }
        guard digits > 0 else { throw .malformed }
        return size
    }
}
