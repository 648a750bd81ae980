import PolluxJSON
import PolluxLimits
import PolluxObservation

/// Rows on their way to the store, as they will stand there, and the sums of their days.
///
///     kinds      [["team","gemini-2.5-flash","vertex","eu",200,null,"stop",0,0],…]
///     requests   [[0,17,"id",40,12,56700,812],[0,29,"id",40,30,null,812,230,30,7,0,0],…]
///
/// What one event loop hands over at a time is one row of the table. Each request begins with the place of its kind, and
/// what requests of a kind have in common stands there once: SQLite writes a byte some four times until it is where it
/// stays. The time is in milliseconds since ``first``. The view `request` shows them as rows, for whoever asks with SQL;
/// its columns say what is what.
struct UsageBlock: Sendable {
    let count: Int
    /// When the first that ended, and the last of all, began: milliseconds since 1970.
    let first: Int
    let last: Int
    let sums: [UsageDay: UsageTotals]
    /// Both arrays.
    let kinds: String
    let requests: String
}

/// What is summed up together.
struct UsageDay: Hashable {
    /// Days since 1970.
    let day: Int
    let client: String
    /// Empty for a name that is anybody's invention (``UsageNames``): all of them are summed up together.
    let model: String
    let backend: String
    let location: String
}

extension UsageTotals {
    mutating func add(_ record: RequestRecord) {
        requests += 1
        if record.status >= 400 { errors += 1 }
        if record.isTruncated { truncated += 1 }
        counts.add(record.tokens)
        if let nanodollars = record.cost {
            cost = cost + Money(nanodollars: nanodollars)
        } else if record.tokens.prompt + record.tokens.completion > 0 {
            unpriced += 1
        }
    }

    func adding(_ other: UsageTotals) -> UsageTotals {
        var sum = self
        sum.requests += other.requests
        sum.errors += other.errors
        sum.truncated += other.truncated
        sum.unpriced += other.unpriced
        sum.counts.add(other.counts)
        sum.cost = sum.cost + other.cost
        return sum
    }
}
