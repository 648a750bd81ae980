/// How a reply is put on the wire, when not whole and at once.
struct Delivery: Sendable {
    /// What goes wrong on the way.
    enum Fault: Sendable, Equatable {
        /// The connection is reset.
        case reset
        /// The connection ends cleanly, the answer does not.
        case truncate
        /// Nothing comes any more; the connection stays open.
        case hang
    }

    /// Where it goes wrong.
    enum Place: Sendable, Equatable {
        /// Not even the head is sent.
        case head
        /// Behind so many bytes of the body.
        case bytes(Int)
        /// Behind so many events of a stream; a whole answer is one event.
        case events(Int)
    }

    /// A body that comes in small portions.
    struct Drip: Sendable, Equatable {
        var bytes: Int
        var milliseconds: Int
    }

    /// Portions of a drip; what is left behind them comes at once.
    static let maximumPortions = 100_000

    /// Milliseconds before the head.
    var delayMilliseconds = 0
    var pace = Pace()
    var drip: Drip?
    var fault: (kind: Fault, place: Place)?

    enum Step: Sendable, Equatable {
        case wait(milliseconds: Int)
        case head
        case bytes([UInt8])
        /// The body is complete.
        case end
        case fail(Fault)
    }

    /// What to do, one after the other, to send a body of these pieces. The last step is `end` or `fail`.
    func steps(_ pieces: [[UInt8]], isStream: Bool) -> [Step] {
        var steps: [Step] = []
        if delayMilliseconds > 0 { steps.append(.wait(milliseconds: delayMilliseconds)) }
        if let fault, fault.place == .head { return steps + [.fail(fault.kind)] }
        steps.append(.head)
        var sent = 0
        for (index, piece) in pieces.enumerated() {
            if let fault, fault.place == .events(index) { return steps + [.fail(fault.kind)] }
            if isStream, let wait = pause(before: index, piece) { steps.append(.wait(milliseconds: wait)) }
            if let fault, case .bytes(let limit) = fault.place, sent + piece.count > limit {
                steps += portions(Array(piece[..<(limit - sent)]))
                return steps + [.fail(fault.kind)]
            }
            steps += portions(piece)
            sent += piece.count
        }
        // A fault behind the last byte still keeps the answer from its end.
        if let fault { return steps + [.fail(fault.kind)] }
        return steps + [.end]
    }

    private func pause(before index: Int, _ piece: [UInt8]) -> Int? {
        if index == 0 { return pace.firstEventMilliseconds > 0 ? pace.firstEventMilliseconds : nil }
        // An event is about 300 bytes without its text; four bytes are a token.
        let tokens = max((piece.count - 300) / 4, 1)
        let wait = pace.eventMilliseconds + (pace.tokensPerSecond > 0 ? tokens * 1000 / pace.tokensPerSecond : 0)
        return wait > 0 ? wait : nil
    }

    private func portions(_ bytes: [UInt8]) -> [Step] {
        guard let drip, drip.bytes > 0 else { return bytes.isEmpty ? [] : [.bytes(bytes)] }
        var steps: [Step] = []
        var at = 0
        while at < bytes.count, steps.count < Self.maximumPortions {
            let end = min(at + drip.bytes, bytes.count)
            steps.append(.bytes(Array(bytes[at..<end])))
            steps.append(.wait(milliseconds: drip.milliseconds))
            at = end
        }
        if at < bytes.count { steps.append(.bytes(Array(bytes[at...]))) }
        return steps
    }
}
