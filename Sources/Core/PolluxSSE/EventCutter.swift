/// Cuts a stream of bytes into whole events without changing a byte of them.
///
///     data: {"a":1}\r\n\r\n     one event, with its blank line
///     : a comment\n\n           also one, without data
///     {"error": …               a line that is no field: bare JSON, up to the end of the stream (STREAM-008)
///
/// - Shape: lines end in LF, CRLF or CR. Where lines end in CRLF, the LF of a blank line is waited for.
/// - Cost: an event that lies whole in the bytes that were fed is not copied; another one once.
/// - Limit: what has come of an unfinished event may hold `maximumEventBytes`.
public struct EventCutter: Sendable {
    /// What was cut off.
    public enum Event: Sendable, Equatable {
        /// The event is this part of the bytes that were fed.
        case inInput(Range<Int>)
        /// The event is in ``EventCutter/buffered``, until the next call.
        case inBuffer
    }

    /// The last event that was not whole in its input.
    public private(set) var buffered: [UInt8] = []
    /// Whether the stream turned into bare JSON, which only its end can tell the end of.
    public private(set) var isBareJSON = false

    private let maximumEventBytes: Int
    private var isAtLineStart = true
    private var skipsLineFeed = false
    /// The last line that ended did so in CRLF.
    private var usesCRLF = false
    /// Of the event's blank line only the LF is missing.
    private var lacksLineFeed = false
    private var bufferIsSpent = false

    public init(maximumEventBytes: Int) {
        self.maximumEventBytes = maximumEventBytes
    }

    /// Finds the next event in `bytes` from `offset` on, and moves `offset` behind it.
    ///
    /// - Returns: `nil` when the bytes are used up. What was not complete is kept for the next bytes.
    public mutating func next(in bytes: Span<UInt8>, at offset: inout Int) throws(EventTooLarge) -> Event? {
        if bufferIsSpent {
            bufferIsSpent = false
            buffered.removeAll(keepingCapacity: buffered.capacity <= 65536)
        }
        let start = offset
        var at = start
        if lacksLineFeed, at < bytes.count {
            lacksLineFeed = false
            if bytes[at] == UInt8(ascii: "\n") { at += 1 }
            offset = at
            return try cut(bytes, start..<at)
        }
        while at < bytes.count, !isBareJSON {
            let byte = bytes[at]
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == UInt8(ascii: "\n") {
                    usesCRLF = true
                    at += 1
                    continue
                }
            }
            if isAtLineStart {
                switch byte {
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                    at += 1
                    if byte == UInt8(ascii: "\r") {
                        if at == bytes.count, usesCRLF {
                            lacksLineFeed = true
                            return try keep(bytes, start..<at, &offset)
                        }
                        takeLineFeed(bytes, &at)
                    }
                    offset = at
                    return try cut(bytes, start..<at)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    isBareJSON = true
                    buffered.removeAll()
                    return try keep(bytes, at..<bytes.count, &offset)
                default: isAtLineStart = false
                }
            }
            at = bytes.indexOfLineEnd(from: at)
            guard at < bytes.count else { break }
            isAtLineStart = true
            at += 1
            usesCRLF = false
            if bytes[at - 1] == UInt8(ascii: "\r") { takeLineFeed(bytes, &at) }
        }
        return try keep(bytes, start..<bytes.count, &offset)
    }

    /// The other half of a CRLF belongs to its line.
    private mutating func takeLineFeed(_ bytes: Span<UInt8>, _ at: inout Int) {
        if at == bytes.count {
            skipsLineFeed = true
        } else if bytes[at] == UInt8(ascii: "\n") {
            usesCRLF = true
            at += 1
        }
    }

    private mutating func cut(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(EventTooLarge) -> Event {
        guard buffered.count + range.count <= maximumEventBytes else { throw EventTooLarge(limit: maximumEventBytes) }
        if buffered.isEmpty { return .inInput(range) }
        buffered.append(copying: bytes.extracting(range))
        bufferIsSpent = true
        return .inBuffer
    }

    private mutating func keep(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ offset: inout Int
    ) throws(EventTooLarge) -> Event? {
        offset = bytes.count
        guard buffered.count + range.count <= maximumEventBytes else { throw EventTooLarge(limit: maximumEventBytes) }
        buffered.append(copying: bytes.extracting(range))
        return nil
    }

    /// The stream has ended: whether ``buffered`` holds the beginning of an event, or bare JSON.
    public func hasRest() -> Bool { !bufferIsSpent && !buffered.isEmpty }
}

/// What stands behind `data:` in one whole event.
public enum EventData: Sendable, Equatable {
    /// A comment, or fields of no interest.
    case none
    /// One line, which is most often so: this part of the event.
    case line(Range<Int>)
    /// Several lines, joined by LF.
    case lines([UInt8])

    public init(of event: Span<UInt8>) {
        self = .none
        var at = 0
        if event.count >= 3, event[0] == 0xEF, event[1] == 0xBB, event[2] == 0xBF { at = 3 }
        while at < event.count {
            let end = event.indexOfLineEnd(from: at)
            if let value = Self.value(of: event, at..<end) { add(value, of: event) }
            at = end + 1
        }
    }

    private mutating func add(_ value: Range<Int>, of event: Span<UInt8>) {
        var joined: [UInt8]
        switch self {
        case .none:
            self = .line(value)
            return
        case .line(let first):
            joined = []
            joined.append(copying: event.extracting(first))
        case .lines(let lines): joined = lines
        }
        self = .none  // Gives the lines up, so that they grow in place.
        joined.append(UInt8(ascii: "\n"))
        joined.append(copying: event.extracting(value))
        self = .lines(joined)
    }

    /// The value of a line `data: …`, `data:…` or `data`.
    private static func value(of event: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        let at = line.lowerBound
        guard line.count >= 4, event[at] == UInt8(ascii: "d"), event[at + 1] == UInt8(ascii: "a"),
            event[at + 2] == UInt8(ascii: "t"), event[at + 3] == UInt8(ascii: "a")
        else { return nil }
        var start = at + 4
        guard start < line.upperBound else { return start..<start }
        guard event[start] == UInt8(ascii: ":") else { return nil }
        start += 1
        if start < line.upperBound, event[start] == 0x20 { start += 1 }
        return start..<line.upperBound
    }
}
