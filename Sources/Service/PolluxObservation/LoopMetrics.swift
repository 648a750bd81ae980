/// What one event loop counts: plain numbers that only the loop touches, copied when somebody asks.
///
/// - Limit: `maximumSeries` series, so that no client can fill the memory with names.
public struct LoopMetrics: Sendable {
    /// What a series is of.
    public struct Key: Sendable, Hashable {
        public var operation: RequestRecord.Operation
        /// A model that answered before, or ``LoopMetrics/other``; empty where there was no route.
        public var model: String
        public var backend: String
    }

    /// How requests ended, in words that are few.
    public enum Ending: Int, Sendable, CaseIterable {
        case success, clientError, serverError, clientClosed, other

        init(status: Int) {
            switch status {
            case 200..<300: self = .success
            case 499: self = .clientClosed
            case 400..<500: self = .clientError
            case 500..<600: self = .serverError
            default: self = .other
            }
        }

        public var label: String {
            switch self {
            case .success: "2xx"
            case .clientError: "4xx"
            case .serverError: "5xx"
            case .clientClosed: "client_closed"
            case .other: "other"
            }
        }
    }

    /// One model of one backend, for one operation.
    public struct Series: Sendable {
        public let key: Key
        /// By ending, whole and streamed.
        public fileprivate(set) var whole = InlineArray<5, Int>(repeating: 0)
        public fileprivate(set) var streamed = InlineArray<5, Int>(repeating: 0)
        public fileprivate(set) var tokens = RequestRecord.TokenCounts()
        public fileprivate(set) var truncations = 0
        public fileprivate(set) var retries = 0
        public fileprivate(set) var spills = 0
        public fileprivate(set) var hedges = 0
        /// Of requests that were answered.
        public fileprivate(set) var duration = Histogram()
        public fileprivate(set) var firstToken = Histogram()
        public fileprivate(set) var inputTokens = Histogram()
        public fileprivate(set) var outputTokens = Histogram()
    }

    /// Time by phase, of requests that went upstream and were answered.
    public struct Phases: Sendable {
        public fileprivate(set) var prepare = Histogram()
        public fileprivate(set) var credential = Histogram()
        public fileprivate(set) var upstreamFirstByte = Histogram()
        public fileprivate(set) var stream = Histogram()
        public fileprivate(set) var finish = Histogram()
        /// What the gateway added in all.
        public fileprivate(set) var own = Histogram()
    }

    /// The name under which further models are counted.
    public static let other = "other"
    /// The series of one loop; requests beyond are counted as those of the model `other`.
    static let maximumSeries = 256

    public private(set) var series: [Series] = []
    public private(set) var phases = Phases()
    /// Errors that clients got, by code.
    public private(set) var errors: [String: Int] = [:]
    /// Requests that a limit of their key refused, by its word; of these there are few.
    public private(set) var limitsHit: [String: Int] = [:]
    public private(set) var bytesIn = 0
    public private(set) var bytesOut = 0
    private var places: [Key: Int] = [:]
    /// The series of the request before, and what it is of.
    private var lastPlace: Int?
    private var lastKey = Key(operation: .unknown, model: "", backend: "")

    public init() {}

    // MARK: Counting

    public mutating func count(_ record: RequestRecord) {
        let ending = Ending(status: record.status)
        let place = place(of: record, isAnswered: ending == .success)
        series[place].count(record, ending)
        if let error = record.error { countError(error) }
        bytesIn &+= record.bytesIn
        bytesOut &+= record.bytesOut
        if ending == .success, record.timings.sent > 0 { phases.count(record) }
    }

    private mutating func countError(_ code: String) {
        errors[ErrorCodes.known.contains(code) ? code : Self.other, default: 0] += 1
    }

    /// A request that a limit of its key refused.
    public mutating func countLimit(_ word: String) { limitsHit[word, default: 0] += 1 }

    /// The requests of a loop are of few models: the one before is asked first.
    private mutating func place(of record: RequestRecord, isAnswered: Bool) -> Int {
        if let lastPlace, lastKey.model == record.model, lastKey.backend == record.backend,
            lastKey.operation == record.operation
        {
            return lastPlace
        }
        var key = Key(operation: record.operation, model: record.model, backend: record.backend)
        if places[key] == nil, !key.model.isEmpty, !isAnswered || series.count >= Self.maximumSeries {
            // A name that no upstream has answered to may be anything.
            key.model = Self.other
        }
        let place = place(of: key)
        if key.model == record.model { (lastPlace, lastKey) = (place, key) }
        return place
    }

    private mutating func place(of key: Key) -> Int {
        if let place = places[key] { return place }
        places[key] = series.count
        series.append(Series(key: key))
        return series.count - 1
    }

    // MARK: Merging

    /// Adds what another loop has counted.
    public mutating func add(_ loop: LoopMetrics) {
        for other in loop.series {
            let place = place(of: other.key)
            series[place].add(other)
        }
        phases.add(loop.phases)
        errors.merge(loop.errors, uniquingKeysWith: +)
        limitsHit.merge(loop.limitsHit, uniquingKeysWith: +)
        bytesIn &+= loop.bytesIn
        bytesOut &+= loop.bytesOut
    }
}

extension LoopMetrics.Series {
    fileprivate mutating func count(_ record: RequestRecord, _ ending: LoopMetrics.Ending) {
        if record.isStream { streamed[ending.rawValue] += 1 } else { whole[ending.rawValue] += 1 }
        tokens.add(record.tokens)
        if record.isTruncated { truncations += 1 }
        retries += record.retries
        spills += record.spills
        hedges += record.hedges
        guard ending == .success, !key.model.isEmpty else { return }
        duration.add(record.timings.total, .operation)
        if record.timings.firstToken > 0 { firstToken.add(record.timings.timeToFirstToken, .firstToken) }
        inputTokens.add(UInt64(max(0, record.tokens.prompt)), .tokens)
        outputTokens.add(UInt64(max(0, record.tokens.completion)), .tokens)
    }

    fileprivate mutating func add(_ other: Self) {
        for index in whole.indices {
            whole[index] += other.whole[index]
            streamed[index] += other.streamed[index]
        }
        tokens.add(other.tokens)
        truncations += other.truncations
        retries += other.retries
        spills += other.spills
        hedges += other.hedges
        duration.add(other.duration)
        firstToken.add(other.firstToken)
        inputTokens.add(other.inputTokens)
        outputTokens.add(other.outputTokens)
    }
}

extension LoopMetrics.Phases {
    fileprivate mutating func count(_ record: RequestRecord) {
        let timings = record.timings
        prepare.add(timings.preparing, .own)
        credential.add(timings.waitingForCredential, .own)
        upstreamFirstByte.add(timings.upstreamFirstByte, .operation)
        if record.isStream { stream.add(timings.streaming, .own) }
        finish.add(timings.finishing, .own)
        own.add(timings.own, .own)
    }

    fileprivate mutating func add(_ other: Self) {
        prepare.add(other.prepare)
        credential.add(other.credential)
        upstreamFirstByte.add(other.upstreamFirstByte)
        stream.add(other.stream)
        finish.add(other.finish)
        own.add(other.own)
    }
}

extension RequestRecord.TokenCounts {
    public mutating func add(_ other: Self) {
        prompt &+= other.prompt
        cached &+= other.cached
        promptAudio &+= other.promptAudio
        completion &+= other.completion
        thinking &+= other.thinking
        completionAudio &+= other.completionAudio
    }
}
