import Allocations

/// Runs operations by their names: all of them for a table of costs, or one of them a number of times.
struct Meter {
    enum Task {
        /// The best of several rounds, a line for each operation.
        case table
        /// Nothing but this operation, so often, in ``measuredSection(_:_:)``, whose instructions a profiler counts.
        case count(name: String, times: Int)
    }

    let task: Task
    private static let rounds = 25
    /// One round takes about a millisecond.
    private static let roundNanoseconds: UInt = 1_000_000

    init(_ task: Task) {
        self.task = task
        guard case .table = task else { return }
        print("operation                    bytes     CPU µs    MB/s  allocations")
    }

    /// Whether this operation is asked for, so that what it needs must be made.
    func wants(_ name: String) -> Bool {
        if case .count(name, _) = task { return true }
        if case .table = task { return true }
        return false
    }

    /// - Parameter bytes: what one operation reads; 0 where that says nothing.
    func measure(_ name: String, bytes: Int, _ body: () throws -> Void) rethrows {
        switch task {
        case .table: try printRow(name, bytes: bytes, body)
        case .count(name, let times):
            for _ in 0..<20 { try body() }
            try measuredSection(times, body)
        case .count: break
        }
    }

    private func printRow(_ name: String, bytes: Int, _ body: () throws -> Void) rethrows {
        for _ in 0..<20 { try body() }
        var times = 1
        var best = try time(times, body)
        while best < Self.roundNanoseconds, times < 1 << 20 {
            times *= 2
            best = try time(times, body)
        }
        var allocated: UInt = 0
        for _ in 0..<Self.rounds {
            let before = allocations()
            best = min(best, try time(times, body))
            allocated = allocations() - before
        }
        let nanoseconds = Double(best) / Double(times)
        let columns = [
            Self.padded("\(bytes)", 34 - max(24, name.count)), Self.padded(Self.decimal(nanoseconds / 1000), 10),
            Self.padded(bytes == 0 ? "" : "\(Int(Double(bytes) * 1000 / nanoseconds))", 7),
            Self.padded("\(allocated / UInt(times))", 12),
        ]
        print(name + String(repeating: " ", count: max(0, 24 - name.count)), columns.joined(separator: " "))
    }

    private func time(_ times: Int, _ body: () throws -> Void) rethrows -> UInt {
        let start = cpu_nanoseconds()
        try measuredSection(times, body)
        return cpu_nanoseconds() - start
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Two digits behind the point; three below one.
    private static func decimal(_ value: Double) -> String {
        let digits = value < 1 ? 1000 : 100
        let scaled = Int(value * Double(digits) + 0.5)
        let fraction = "\(scaled % digits)"
        return "\(scaled / digits)." + String(repeating: "0", count: (digits == 1000 ? 3 : 2) - fraction.count)
            + fraction
    }
}

/// The part of a run that is measured: a function of its own, by whose name a profiler knows it.
@inline(never)
func measuredSection(_ times: Int, _ body: () throws -> Void) rethrows {
    for _ in 0..<times { try body() }
}
