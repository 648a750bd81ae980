import Synchronization

/// What was spent in one kind of period, days or months, shared by all event loops.
///
/// The last four periods are kept: when the clock jumps to another day and back, each day still knows what was spent
/// in it. A lock is taken when a period begins, and not again.
final class Spending: Sendable {
    /// Tokens, or nanodollars, of one period.
    final class Amount: Sendable {
        /// Spent and reserved: what admission compares with the budget.
        private let held = Atomic<Int>(0)
        /// What answers really took.
        private let used = Atomic<Int>(0)

        var isUsed: Int { used.load(ordering: .relaxed) }

        /// Reserves `amount`, unless there would be more than `limit`.
        func reserve(_ amount: Int, limit: Int) -> Bool {
            while true {
                let known = held.load(ordering: .relaxed)
                guard amount <= limit, known <= limit - amount else { return false }
                if held.weakCompareExchange(expected: known, desired: known + amount, ordering: .relaxed).exchanged {
                    return true
                }
            }
        }

        /// Reserves `amount`, whatever the limit.
        func reserve(_ amount: Int) { Self.add(amount, to: held) }

        func settle(reserved: Int, used: Int) {
            Self.add(used - reserved, to: held)
            Self.add(used, to: self.used)
        }

        /// A sum that does not fit stays the largest: a row of the store may say anything, and an upstream count it.
        private static func add(_ amount: Int, to sum: borrowing Atomic<Int>) {
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
    final class Period: Sendable {
        fileprivate let number = Atomic<Int>(.min)
        let tokens = Amount()
        let money = Amount()
    }

    private let periods = (0..<4).map { _ in Period() }
    private let beginning = Mutex(())

    /// The period of this number; begun when it is new.
    func period(_ number: Int) -> Period {
        let period = periods[number & 3]
        if period.number.load(ordering: .acquiring) != number { begin(period, number) }
        return period
    }

    /// The period of this number, unless it has long been over.
    func known(_ number: Int) -> Period? {
        let period = periods[number & 3]
        return period.number.load(ordering: .acquiring) == number ? period : nil
    }

    private func begin(_ period: Period, _ number: Int) {
        beginning.withLock { _ in
            guard period.number.load(ordering: .relaxed) != number else { return }
            period.tokens.clear()
            period.money.clear()
            period.number.store(number, ordering: .releasing)
        }
    }
}
