import PolluxJSON
import PolluxLimits
import Testing

private let second: Int64 = 1_000_000_000

/// A meter with a clock that the test moves.
struct Metered {
    let meter = KeyMeter()
    var limits = KeyLimits()
    var now: Int64 = 1000 * second
    var seconds = 1_795_953_600  // 2026-11-29, 12:00

    var periods: CalendarPeriods { CalendarPeriods(seconds: seconds) }

    func admit() -> LimitRefusal? {
        do throws(LimitRefusal) {
            try meter.admit(limits, now: now)
            return nil
        } catch {
            return error
        }
    }

    func reserve(_ tokens: Int, cost: Money = .zero) -> Result<KeyMeter.Reservation, LimitRefusal> {
        do throws(LimitRefusal) {
            return .success(
                try meter.reserve(tokens: tokens, cost: cost, limits, now: now, periods: periods))
        } catch {
            return .failure(error)
        }
    }

    func settle(_ reservation: Result<KeyMeter.Reservation, LimitRefusal>, tokens: Int, cost: Money = .zero) throws {
        meter.settle(try reservation.get(), tokens: tokens, cost: cost, limits)
    }
}

@Suite("Limits: rates")
struct RateTests {
    @Test("A minute's requests may come at once, the next one when its share of the minute is over")
    func requests() {
        var key = Metered()
        key.limits.requestsPerMinute = 60
        for _ in 0..<60 { #expect(key.admit() == nil) }
        #expect(key.admit() == .requestsPerMinute(limit: 60, nanoseconds: second))
        key.now += second
        #expect(key.admit() == nil)
        #expect(key.admit() == .requestsPerMinute(limit: 60, nanoseconds: second))
    }

    @Test("What is left and when it is full again is told as OpenAI tells it")
    func state() {
        var key = Metered()
        key.limits.requestsPerMinute = 10
        for _ in 0..<4 { #expect(key.admit() == nil) }
        let rate = key.meter.requestRate(key.limits, now: key.now)
        #expect(rate?.limit == 10)
        #expect(rate?.remaining == 6)
        #expect(rate?.reset == 24 * second)
        #expect(key.meter.tokenRate(key.limits, now: key.now) == nil)
    }

    @Test(
        "Times are written as OpenAI writes them",
        arguments: [
            (0, "0s"), (1, "1ms"), (120_000_000, "120ms"), (1_000_000_000, "1s"), (8_640_000_000, "8.64s"),
            (8_600_000_000, "8.6s"), (8_001_000_000, "8.01s"), (59_999_999_999, "1m0s"), (60_000_000_000, "1m0s"),
            (360_000_000_000, "6m0s"), (359_100_000_000, "6m0s"), (3_661_000_000_000, "1h1m1s"), (-5, "0s"),
        ] as [(Int64, String)])
    func text(nanoseconds: Int64, expected: String) {
        var text = ByteOutput(minimumCapacity: 16)
        RateText.write(nanoseconds: nanoseconds, into: &text)
        #expect(String(copying: text.span) == expected)
    }

    @Test("Tokens are taken ahead, and what an answer did not need is given back")
    func tokens() throws {
        var key = Metered()
        key.limits.tokensPerMinute = 1000
        let first = key.reserve(900)
        #expect(key.reserve(200) == .failure(.tokensPerMinute(limit: 1000, requested: 200, nanoseconds: 6 * second)))
        try key.settle(first, tokens: 100)
        #expect(key.meter.tokenRate(key.limits, now: key.now)?.remaining == 900)
        try key.settle(key.reserve(200), tokens: 200)
    }

    @Test("An answer that took more than was thought is paid for by those that come after")
    func debt() throws {
        var key = Metered()
        key.limits.tokensPerMinute = 1000
        try key.settle(key.reserve(100), tokens: 2000)
        #expect(key.reserve(1) == .failure(.tokensPerMinute(limit: 1000, requested: 1, nanoseconds: 60_060_000_000)))
        key.now += 61 * second
        try key.settle(key.reserve(1), tokens: 1)
    }

    @Test("A request larger than the whole minute is let in when nothing is in use")
    func large() throws {
        var key = Metered()
        key.limits.tokensPerMinute = 1000
        let large = key.reserve(70_000)
        #expect(key.reserve(1) == .failure(.tokensPerMinute(limit: 1000, requested: 1, nanoseconds: 60_000_000)))
        try key.settle(large, tokens: 500)
        try key.settle(key.reserve(400), tokens: 400)
    }

    @Test("Requests at a time are counted until they leave")
    func concurrent() {
        var key = Metered()
        key.limits.concurrentRequests = 2
        #expect(key.admit() == nil)
        #expect(key.admit() == nil)
        #expect(key.admit() == .concurrentRequests(limit: 2))
        #expect(key.meter.runningRequests == 2)
        key.meter.leave()
        #expect(key.admit() == nil)
    }

    @Test("A request that its rate refuses is not counted as running")
    func refusedIsNotRunning() {
        var key = Metered()
        key.limits.requestsPerMinute = 1
        key.limits.concurrentRequests = 2
        #expect(key.admit() == nil)
        #expect(key.admit() != nil)
        #expect(key.meter.runningRequests == 1)
    }

    @Test("A clock that jumps blocks nobody for longer than the deepest debt", arguments: [-5, -1, 1, 5])
    func jumps(hours: Int64) {
        var key = Metered()
        key.now += 100 * 3600 * second
        key.limits.requestsPerMinute = 60
        for _ in 0..<60 { #expect(key.admit() == nil) }
        key.now += hours * 3600 * second
        if hours < 0 { #expect(key.admit() != nil, "a jump back gives nothing") }
        key.now += 12 * 60 * second
        #expect(key.admit() == nil)
    }

    @Test("Huge limits and huge requests are counted without an overflow")
    func huge() throws {
        var key = Metered()
        key.limits.tokensPerMinute = KeyLimits.counts.upperBound
        key.limits.requestsPerMinute = KeyLimits.counts.upperBound
        #expect(key.admit() == nil)
        try key.settle(key.reserve(.max / 4), tokens: .max / 4)
        key.limits.tokensPerMinute = 1
        _ = key.reserve(.max / 4)
    }

    @Test("Many threads at once are let in exactly as often as the limit says")
    func parallel() async {
        var key = Metered()
        key.limits.requestsPerMinute = 100
        let metered = key
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<1000).reduce(0) { count, _ in metered.admit() == nil ? count + 1 : count } }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 100)
    }
}
