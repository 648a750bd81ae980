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
    /// What one request costs at most: two million dollars, of which thousands can be added up.
    private static let maximumCost = Money(nanodollars: .max / 4096)

    func cost(_ counts: RequestRecord.TokenCounts) -> Money {
        let cached = min(max(0, counts.cached), counts.prompt)
        let audioInput = min(max(0, counts.promptAudio), counts.prompt - cached)
        let audioOutput = min(max(0, counts.completionAudio), counts.completion)
        var sum = Sum()
        sum.add(counts.prompt - cached - audioInput, at: input)
        sum.add(cached, at: self.cached ?? input)
        sum.add(audioInput, at: self.audioInput ?? input)
        sum.add(counts.completion - audioOutput, at: output)
        sum.add(audioOutput, at: self.audioOutput ?? output)
        return sum.money
    }

    /// What tokens cost together; as much as there may be when it is more than can be counted.
    private struct Sum {
        /// A microdollar for a million tokens is a thousandth of a nanodollar for one.
        private var thousandths = 0
        private var isTooMuch = false

        mutating func add(_ count: Int, at price: Int) {
            let (product, overflow) = max(0, count).multipliedReportingOverflow(by: price)
            let (sum, carry) = thousandths.addingReportingOverflow(product)
            isTooMuch = isTooMuch || overflow || carry
            thousandths = sum
        }

        var money: Money {
            if isTooMuch { return Price.maximumCost }
            let rounded = thousandths / 1000 + (thousandths % 1000 >= 500 ? 1 : 0)
            return min(Money(nanodollars: rounded), Price.maximumCost)
        }
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
