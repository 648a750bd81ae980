import PolluxJSON
import PolluxLimits
import PolluxObservation

/// Rows on their way to the store, as they will stand there, and the sums of their days.
///
///     [[1780000000000,"id","team","gemini-2.5-flash","vertex","eu",40,30,0,12,7,0,56700,200,null,812,230,"stop",1,0],…]
///
/// Rows that are written together are one row of the table: an array of JSON, and in it an array for each request. A row of
/// the table for each of them took some two microseconds more (docs/performance.md). The view `request` shows them as rows,
/// for whoever asks with SQL.
struct UsageBlock: Sendable {
    private(set) var count = 0
    /// When the last of them began, in milliseconds since 1970.
    private(set) var last = Int.min
    private(set) var sums: [UsageDay: UsageTotals] = [:]
    /// The array, without its end.
    private var requests = Array("[".utf8)

    init() {}

    /// - Parameter requests: `count` arrays, the first of them behind `[`, the others behind commas.
    init(count: Int, last: Int, sums: [UsageDay: UsageTotals], requests: [UInt8]) {
        self.count = count
        self.last = last
        self.sums = sums
        self.requests = requests
    }

    mutating func add(_ other: UsageBlock) {
        if count == 0 {
            self = other
            return
        }
        requests.append(UInt8(ascii: ","))
        requests += other.requests[1...]
        count += other.count
        last = max(last, other.last)
        sums.merge(other.sums) { $0.adding($1) }
    }

    /// The whole array.
    consuming func json() -> String {
        requests.append(UInt8(ascii: "]"))
        return String(copying: requests.span)
    }
}

/// What is summed up together.
struct UsageDay: Hashable {
    /// Days since 1970.
    let day: Int
    let client: String
    /// Empty for a name that no upstream knows: it is anybody's invention, and all of them are summed up together.
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
