/// Where a request stands in a trace.
///
///     00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01     version, trace, span, sampled
///
/// - Source: W3C, Trace Context.
public struct TraceContext: Sendable, Equatable {
    public var traceID: (high: UInt64, low: UInt64)
    /// The span of the request as a whole.
    public var spanID: UInt64
    /// The span of the call upstream.
    public var upstreamSpanID: UInt64
    /// The client's span; 0 when it named none.
    public var parentID: UInt64

    public static func == (first: Self, second: Self) -> Bool {
        first.traceID == second.traceID && first.spanID == second.spanID
            && first.upstreamSpanID == second.upstreamSpanID && first.parentID == second.parentID
    }

    /// The header for the upstream.
    public var traceparent: String {
        "00-\(Self.hexadecimal(traceID.high))\(Self.hexadecimal(traceID.low))-\(Self.hexadecimal(upstreamSpanID))-01"
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// What a client's `traceparent` says; other forms count as none.
public struct TraceParent: Sendable {
    public var traceID: (high: UInt64, low: UInt64)
    public var spanID: UInt64
    public var isSampled: Bool

    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may have more parts behind these.
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            parts[1].utf8.count == 32, parts[2].utf8.count == 16, parts[3].utf8.count == 2,
            Self.number(parts[0]) != nil, let high = Self.number(parts[1].prefix(16)),
            let low = Self.number(parts[1].suffix(16)), let span = Self.number(parts[2]),
            let flags = Self.number(parts[3]), high != 0 || low != 0, span != 0
        else { return nil }
        traceID = (high, low)
        spanID = span
        isSampled = flags & 1 == 1
    }

    /// Lower-case hexadecimal digits only.
    private static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }) else { return nil }
        return UInt64(text, radix: 16)
    }
}

/// Which requests are traced.
public struct Sampling: Sendable {
    /// The part of those whose client does not decide, 0...1.
    public var fraction: Double
    /// Whether the upstream hears of it.
    public var propagates: Bool

    public init(fraction: Double, propagates: Bool) {
        self.fraction = fraction
        self.propagates = propagates
    }

    /// - Parameters:
    ///   - header: the client's `traceparent`.
    ///   - random: makes 64 bits.
    /// - Returns: `nil` for a request that is not traced.
    public func begin(_ header: String?, random: () -> UInt64) -> TraceContext? {
        if let parent = header.flatMap(TraceParent.init) {
            guard parent.isSampled else { return nil }
            return TraceContext(
                traceID: parent.traceID, spanID: random() | 1, upstreamSpanID: random() | 1, parentID: parent.spanID)
        }
        guard Double(random() >> 11) / Double(1 << 53) < fraction else { return nil }
        return TraceContext(
            traceID: (random(), random() | 1), spanID: random() | 1, upstreamSpanID: random() | 1, parentID: 0)
    }
}
