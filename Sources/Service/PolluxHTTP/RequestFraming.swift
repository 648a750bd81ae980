public import NIOCore

/// Cuts a client's bytes into requests: HTTP/1.1 and 1.0 as RFC 9112 says, strictly.
///
///     while let event = try framing.next(&bytes) { … }     .head, then .body …, then .end
///     framing.startNext()                                    the request is answered: on to the next
///
/// It does no I/O and keeps nothing but the beginning of a head whose end has not come. How the bytes are split
/// never changes the heads, the body's bytes or the error.
/// - Cost: each byte is looked at once or twice; a head that comes in one piece is not copied, a body never is.
/// - Limits: ``RequestLimits``. A body's length is not limited here: see ``RequestHead/body``, and count.
/// - Failure: a ``RequestError`` with the status that it deserves; from then on, always the same one.
public struct RequestFraming: Sendable {
    public enum Event: Sendable {
        /// ``RequestFraming/head`` is complete.
        case head
        /// Some bytes of the body, at least one; a slice of what came in.
        case body(ByteBuffer)
        /// The request is complete.
        case end
    }

    private enum State {
        /// Before a request line; how many empty lines came, and whether half of one did.
        case before(Int, hasReturn: Bool)
        case head
        case length(Int)
        case chunked
        case ended
        case failed(RequestError)
    }

    /// The head that the last ``Event/head`` spoke of; empty before the first.
    ///
    /// Not in the event, which every piece of a body would pay for: a head has a table of some 300 bytes. While the
    /// next head is read, its parts come in here.
    public private(set) var head = RequestHead()

    /// Whether ``head`` says the same as the one before, but for the body's length.
    public private(set) var isRepeated = false

    /// Whether the head's bytes were copied.
    private var headIsOwn = false
    private var memory = HeadMemory()
    private let limits: RequestLimits
    private var state = State.before(0, hasReturn: false)
    private var parser: HeadParser
    private var chunks: ChunkedBody
    /// The beginning of a head whose end has not come.
    private var kept = ByteBuffer()

    public init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
        parser = HeadParser(limits: limits)
        chunks = ChunkedBody(limits: limits)
    }

    /// Whether no request has been begun and not ended: the client may close the connection here.
    public var isBetweenRequests: Bool {
        switch state {
        case .before, .ended: true
        case .head, .length, .chunked, .failed: false
        }
    }

    /// Lets the next request be read. Has no effect before the end of this one.
    public mutating func startNext() {
        if case .ended = state { state = .before(0, hasReturn: false) }
    }

    /// Lets the head go, and with it the memory that it came in: nobody will ask for it any more.
    public mutating func forgetHead() {
        head.bytes = ByteBuffer()
    }

    /// Copies the head out of the memory that it came in, where it is to wait for its body.
    public mutating func keepHead() {
        guard !headIsOwn else { return }
        headIsOwn = true
        head.bytes = ByteBuffer(bytes: head.bytes.readableBytesView)
    }

    /// The next event in `bytes`, which it moves forward.
    ///
    /// - Returns: `nil` when the bytes are used up. Also when a request has ended: what follows it stays in `bytes`
    ///   until ``startNext()``.
    public mutating func next(_ bytes: inout ByteBuffer) throws(RequestError) -> Event? {
        do throws(RequestError) {
            return try step(&bytes)
        } catch {
            state = .failed(error)
            kept = ByteBuffer()
            throw error
        }
    }

    private mutating func step(_ bytes: inout ByteBuffer) throws(RequestError) -> Event? {
        while true {
            switch state {
            case .before(let lines, let hasReturn):
                guard try skipEmptyLine(&bytes, lines, hasReturn) else { return nil }
                if case .head = state, begin(&bytes) { return .head }
            case .head:
                return try takeHead(&bytes) ? .head : nil
            case .length(0):
                state = .ended
                return .end
            case .length(let left):
                guard let piece = take(&bytes, upTo: left) else { return nil }
                state = .length(left - piece.readableBytes)
                return .body(piece)
            case .chunked:
                if chunks.remaining > 0 {
                    guard let piece = take(&bytes, upTo: chunks.remaining) else { return nil }
                    chunks.take(piece.readableBytes)
                    return .body(piece)
                }
                let used = try chunks.skip(bytes.readableBytesUInt8Span)
                bytes.moveReaderIndex(forwardBy: used)
                if chunks.isComplete {
                    state = .ended
                    return .end
                }
                if bytes.readableBytes == 0 { return nil }
            case .ended: return nil
            case .failed(let error): throw error
            }
        }
    }

    private func take(_ bytes: inout ByteBuffer, upTo count: Int) -> ByteBuffer? {
        let length = min(count, bytes.readableBytes)
        return length == 0 ? nil : bytes.readSlice(length: length)
    }

    /// Skips an empty line before a request (RFC 9112 § 2.2), or sees that a request begins.
    ///
    /// - Returns: false when there are no bytes.
    private mutating func skipEmptyLine(
        _ bytes: inout ByteBuffer, _ lines: Int, _ hasReturn: Bool
    ) throws(RequestError) -> Bool {
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return false }
        if hasReturn {
            guard first == ASCII.lineFeed else { throw .bareCarriageReturn }
            state = .before(lines + 1, hasReturn: false)
        } else if first == ASCII.carriageReturn {
            guard lines < limits.emptyLines else { throw .tooManyEmptyLines }
            state = .before(lines, hasReturn: true)
        } else {
            state = .head
            return true
        }
        bytes.moveReaderIndex(forwardBy: 1)
        return true
    }

    /// Begins a head.
    ///
    /// - Returns: whether it is complete, since it is the one before.
    private mutating func begin(_ bytes: inout ByteBuffer) -> Bool {
        if let length = memory.bodyLength(in: bytes.readableBytesUInt8Span),
            let whole = bytes.readSlice(length: memory.count)
        {
            // All else in the table is as it was left.
            if length > 0 { head.index.body = .bytes(length) }
            isRepeated = true
            finish(whole)
            return true
        }
        parser = HeadParser(limits: limits)
        head.index.removeAll()
        memory.forget()
        isRepeated = false
        return false
    }

    /// Whether the head is complete.
    private mutating func takeHead(_ bytes: inout ByteBuffer) throws(RequestError) -> Bool {
        let before = kept.readableBytes
        if before == 0 {
            if let end = try parser.parse(bytes.readableBytesUInt8Span, into: &head.index),
                let whole = bytes.readSlice(length: end)
            {
                memory.remember(whole, head.index)
                finish(whole)
                return true
            }
            keep(&bytes, bytes.readableBytes)
            return false
        }
        // What is copied of a body is given back below: it is at most the head's limit, and once for a head.
        var copy = bytes
        keep(&copy, min(bytes.readableBytes, limits.headBytes - before))
        var whole = kept
        guard let end = try parser.parse(whole.readableBytesUInt8Span, into: &head.index) else {
            bytes = copy
            return false
        }
        kept = ByteBuffer()
        bytes.moveReaderIndex(forwardBy: end - before)
        whole.moveWriterIndex(to: whole.readerIndex + end)
        finish(whole)
        return true
    }

    private mutating func keep(_ bytes: inout ByteBuffer, _ count: Int) {
        guard var piece = bytes.readSlice(length: count) else { return }
        kept.writeBuffer(&piece)
    }

    private mutating func finish(_ bytes: ByteBuffer) {
        headIsOwn = false
        head.bytes = bytes
        switch head.body {
        case .none: state = .length(0)
        case .bytes(let count): state = .length(count)
        case .chunked:
            state = .chunked
            chunks = ChunkedBody(limits: limits)
        }
    }
}
