import Synchronization

/// What was spent in one kind of period, days or months, shared by all event loops.
///
/// The last four periods are kept: when the clock jumps to another day and back, each day still knows what was spent
/// in it. A lock is taken when a period begins, and not again.
final class Spending: Sendable {
    /// Tokens, or nanodollars, of one period.
    struct Amount: ~Copyable, Sendable {
        /// Spent and reserved: what admission compares with the budget.
        private let held = Atomic<Int>(0)
        /// What answers really took.
        private let used = Atomic<Int>(0)

        var isUsed: Int { used.load(ordering: .relaxed) }

        /// Reserves `amount`, unless there would be more than `limit`; whatever there is when that is `nil`.
        func reserve(_ amount: Int, limit: Int?) -> Bool {
            guard let limit else {
                Self.add(amount, to: held)
                return true
            }
            // Nothing, as of a model without a price, need not be written down.
            if amount == 0 { return held.load(ordering: .relaxed) <= limit }
            while true {
                let known = held.load(ordering: .relaxed)
                guard amount <= limit, known <= limit - amount else { return false }
                if held.weakCompareExchange(expected: known, desired: known + amount, ordering: .relaxed).exchanged {
                    return true
                }
            }
        }

        /// Reserves `amount` although it may be too much, while anything is left.
        func overdraw(_ amount: Int, limit: Int?) -> Bool {
            if isExhausted(limit: limit) { return false }
            Self.add(amount, to: held)
            return true
        }

        /// Whether answers took all of it.
        func isExhausted(limit: Int?) -> Bool { limit.map { isUsed >= $0 } ?? false }

        func settle(reserved: Int, used: Int) {
            Self.add(used - reserved, to: held)
            Self.add(used, to: self.used)
        }

        /// A sum that does not fit stays the largest: a row of the store may say anything, and an upstream count it.
        private static func add(_ amount: Int, to sum: borrowing Atomic<Int>) {
            guard amount != 0 else { return }
            let (before, after) = sum.wrappingAdd(amount, ordering: .relaxed)
            if amount > 0, after < before { sum.store(.max, ordering: .relaxed) }
            if amount < 0, after > before { sum.store(.min, ordering: .relaxed) }
        }

        fileprivate func clear() {
            held.store(0, ordering: .relaxed)
            used.store(0, ordering: .relaxed)
        }
    }

    /// One period.
    struct Period: ~Copyable, Sendable {
        fileprivate let number = Atomic<Int>(.min)
        let tokens = Amount()
        let money = Amount()
    }

    private let periods = InlineArray<4, Period> { _ in Period() }
    private let beginning = Mutex(())

    /// Hands the period of this number to `body`; it begins when it is new.
    func withPeriod<Result>(_ number: Int, _ body: (borrowing Period) -> Result) -> Result {
        if !knows(number) { begin(periods[number & 3], number) }
        return body(periods[number & 3])
    }

    /// The same, unless the period has long been over.
    func withKnownPeriod(_ number: Int, _ body: (borrowing Period) -> Void) {
        if knows(number) { body(periods[number & 3]) }
    }

    private func knows(_ number: Int) -> Bool { periods[number & 3].number.load(ordering: .acquiring) == number }

    private func begin(_ period: borrowing Period, _ number: Int) {
        beginning.withLock { _ in
            guard period.number.load(ordering: .relaxed) != number else { return }
            period.tokens.clear()
            period.money.clear()
            period.number.store(number, ordering: .releasing)
        }
    }
}
