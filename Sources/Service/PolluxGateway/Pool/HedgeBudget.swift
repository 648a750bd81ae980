internal import Synchronization

/// The tokens that hedges may cost in an hour.
///
/// Hours are counted from the process's clock; what one hour leaves over is not kept for the next.
public final class HedgeBudget: Sendable {
    private static let hour = 3_600_000

    /// The hour in the upper 24 bits, tokens spent in it in the lower 40.
    private let state = Atomic<UInt64>(0)

    public init() {}

    /// Takes tokens; `false` when the hour has not so many left.
    ///
    /// - Parameters:
    ///   - limit: tokens an hour.
    ///   - now: in milliseconds.
    public func withdraw(_ tokens: Int, limit: Int, at now: Int) -> Bool {
        guard tokens <= limit else { return false }
        let hour = UInt64(now / Self.hour) & 0xFF_FFFF
        while true {
            let word = state.load(ordering: .relaxed)
            let spent = word >> 40 == hour ? Int(word & 0xFF_FFFF_FFFF) : 0
            guard spent + tokens <= limit else { return false }
            let next = hour << 40 | UInt64(spent + tokens)
            if state.compareExchange(expected: word, desired: next, ordering: .relaxed).exchanged { return true }
        }
    }

    /// What the losing request may have cost at most: four bytes of a request are a token, and an answer may be as
    /// long as it was allowed to be.
    public static func estimate(requestBytes: Int, maximumOutputTokens: Int?) -> Int {
        requestBytes / 4 + (maximumOutputTokens ?? assumedOutputTokens)
    }

    /// For requests that name no limit.
    static let assumedOutputTokens = 8192
}
