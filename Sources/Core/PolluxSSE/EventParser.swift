/// Cuts a stream of bytes into the data of server-sent events, however the bytes are split.
///
///     data: {"a":1}\r\n
///     \r\n                      an empty line ends the event
///     : a comment\n             is skipped, like `event:`, `id:` and `retry:`
///     data: x\ndata: y\n\n      is one event: "x\ny"
///
/// - Shape: lines end in LF, CRLF or CR; a byte order mark at the start is skipped (STREAM-007).
/// - Cost: an event that lies whole in the bytes that were fed is not copied; another one once.
/// - Limit: an event may hold `maximumEventBytes`, so that a peer cannot fill our memory.
/// - Source: WHATWG HTML, "Interpreting an event stream"; Google's bare JSON errors: STREAM-008.
public struct EventParser: Sendable {
    /// What was found.
    public enum Event: Sendable, Equatable {
        /// The event's data is this part of the bytes that were fed.
        case inInput(Range<Int>)
        /// The event's data is in ``EventParser/buffered``, until the next call.
        case inBuffer
    }

    /// The data of the last event that was not whole in its input.
    public private(set) var buffered: [UInt8] = []
    /// Whether the stream turned into bare JSON, which only ``finish()`` can tell the end of.
    public private(set) var isBareJSON = false

    private let maximumEventBytes: Int
    /// The beginning of a line whose end has not come.
    private var line: [UInt8] = []
    /// The one data line of the event so far, in the current input.
    private var dataInInput: Range<Int>?
    private var hasData = false
    private var bufferIsSpent = false
    private var skipsLineFeed = false
    private var isFirstLine = true

    public init(maximumEventBytes: Int) {
        self.maximumEventBytes = maximumEventBytes
    }

    /// Finds the next event in `bytes` from `offset` on, and moves `offset` behind what was read.
    ///
    /// - Returns: `nil` when the bytes are used up. What was not complete is kept for the next bytes.
    public mutating func next(in bytes: Span<UInt8>, at offset: inout Int) throws(EventTooLarge) -> Event? {
        clearSpentBuffer()
        while offset < bytes.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if bytes[offset] == UInt8(ascii: "\n") {
                    offset += 1
                    continue
                }
            }
            if isBareJSON {
                buffered.append(copying: bytes.extracting(offset..<bytes.count))
                offset = bytes.count
                break
            }
            let end = bytes.indexOfLineEnd(from: offset)
            let part = offset..<end
            guard end < bytes.count else {
                line.append(copying: bytes.extracting(part))
                offset = end
                break
            }
            offset = end + 1
            if bytes[end] == UInt8(ascii: "\r") {
                if offset == bytes.count {
                    skipsLineFeed = true
                } else if bytes[offset] == UInt8(ascii: "\n") {
                    offset += 1
                }
            }
            let isComplete: Bool
            if line.isEmpty {
                isComplete = take(bytes, part, isInInput: true)
            } else {
                line.append(copying: bytes.extracting(part))
                isComplete = takeKeptLine()
            }
            try checkLimit()
            if isComplete { return dispatch() }
        }
        keepDataOfInput(bytes)
        try checkLimit()
        return nil
    }

    /// The stream has ended: gives the last event when only its closing blank line was missing, or the
    /// bare JSON.
    public mutating func finish() -> Event? {
        clearSpentBuffer()
        if !isBareJSON, !line.isEmpty, takeKeptLine() { return dispatch() }
        guard hasData || isBareJSON else { return nil }
        return dispatch()
    }

    // MARK: Lines

    private mutating func takeKeptLine() -> Bool {
        var kept: [UInt8] = []
        swap(&kept, &line)
        return take(kept.span, 0..<kept.count, isInInput: false)
    }

    /// Reads one line; tells whether it ended an event that has data.
    private mutating func take(_ bytes: Span<UInt8>, _ whole: Range<Int>, isInInput: Bool) -> Bool {
        var range = whole
        if isFirstLine {
            isFirstLine = false
            if range.count >= 3, bytes[range.lowerBound] == 0xEF, bytes[range.lowerBound + 1] == 0xBB,
                bytes[range.lowerBound + 2] == 0xBF
            {
                range = range.lowerBound + 3..<range.upperBound
            }
        }
        guard let first = range.first else { return hasData }
        switch bytes[first] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            isBareJSON = true
            hasData = true
            buffered.append(copying: bytes.extracting(range))
            buffered.append(copying: [UInt8(ascii: "\n")].span)
        case UInt8(ascii: "d") where isDataField(bytes, range):
            var value = range.lowerBound + min(5, range.count)..<range.upperBound
            if let space = value.first, bytes[space] == 0x20 { value = space + 1..<value.upperBound }
            addData(bytes, value, isInInput: isInInput)
        default: break
        }
        return false
    }

    private func isDataField(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let at = range.lowerBound
        guard range.count >= 4, bytes[at + 1] == UInt8(ascii: "a"), bytes[at + 2] == UInt8(ascii: "t"),
            bytes[at + 3] == UInt8(ascii: "a")
        else { return false }
        return range.count == 4 || bytes[at + 4] == UInt8(ascii: ":")
    }

    private mutating func addData(_ bytes: Span<UInt8>, _ value: Range<Int>, isInInput: Bool) {
        if !hasData {
            hasData = true
            if isInInput {
                dataInInput = value
            } else {
                buffered.append(copying: bytes.extracting(value))
            }
            return
        }
        if isInInput { keepDataOfInput(bytes) }
        buffered.append(copying: [UInt8(ascii: "\n")].span)
        buffered.append(copying: bytes.extracting(value))
    }

    private mutating func dispatch() -> Event {
        hasData = false
        if let range = dataInInput {
            dataInInput = nil
            return .inInput(range)
        }
        bufferIsSpent = true
        return .inBuffer
    }

    // MARK: Memory

    /// Copies the data line that was found in the current input, which is about to go away.
    private mutating func keepDataOfInput(_ bytes: Span<UInt8>) {
        guard let range = dataInInput else { return }
        dataInInput = nil
        buffered.append(copying: bytes.extracting(range))
    }

    private mutating func clearSpentBuffer() {
        guard bufferIsSpent else { return }
        bufferIsSpent = false
        buffered = []  // Few events come in parts, and thousands of streams may be open.
    }

    private func checkLimit() throws(EventTooLarge) {
        if line.count + buffered.count > maximumEventBytes || (dataInInput?.count ?? 0) > maximumEventBytes {
            throw EventTooLarge(limit: maximumEventBytes)
        }
    }
}

/// An event had more bytes than we keep for one.
public struct EventTooLarge: Error, Sendable, Equatable {
    public var limit: Int
}
