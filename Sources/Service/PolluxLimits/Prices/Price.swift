public import PolluxObservation

/// What one model's tokens cost.
///
/// - Unit: microdollars for a million tokens, so `2.50` is 2,500,000.
public struct Price: Sendable, Hashable {
    public var input = 0
    /// `nil`: the same as ``input``.
    public var cached: Int?
    public var audioInput: Int?
    public var output = 0
    /// `nil`: the same as ``output``.
    public var audioOutput: Int?

    public init() {}

    /// The largest price: a thousand dollars for a token.
    static let maximum = 1_000_000_000_000_000

    func cost(_ counts: RequestRecord.TokenCounts) -> Money {
        let cached = min(max(0, counts.cached), counts.prompt)
        let audioInput = min(max(0, counts.promptAudio), counts.prompt - cached)
        let audioOutput = min(max(0, counts.completionAudio), counts.completion)
        let parts = [
            (counts.prompt - cached - audioInput, input), (cached, self.cached ?? input),
            (audioInput, self.audioInput ?? input), (counts.completion - audioOutput, output),
            (audioOutput, self.audioOutput ?? output),
        ]
        // A microdollar for a million tokens is a thousandth of a nanodollar for one.
        var thousandths = 0
        for (count, price) in parts {
            let (product, overflow) = max(0, count).multipliedReportingOverflow(by: price)
            let (sum, carry) = thousandths.addingReportingOverflow(product)
            if overflow || carry { return Money(nanodollars: .max / 2000) }
            thousandths = sum
        }
        return Money(nanodollars: (thousandths + 500) / 1000)
    }
}

/// A model's price, which may rise with the length of the prompt.
public struct ModelPrice: Sendable, Hashable {
    public var price: Price
    /// Prompts of more tokens have a price of their own.
    public var long: Long?

    public struct Long: Sendable, Hashable {
        public var promptTokens: Int
        public var price: Price
    }

    public func cost(_ counts: RequestRecord.TokenCounts) -> Money {
        if let long, counts.prompt > long.promptTokens { return long.price.cost(counts) }
        return price.cost(counts)
    }
}
