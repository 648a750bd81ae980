import PolluxGateway
import Testing

@Suite("The running 95th percentile")
struct LatencyEstimateTests {
    @Test("There is none before enough is known")
    func few() {
        var estimate = LatencyEstimate()
        for _ in 1..<LatencyEstimate.minimumSamples { estimate.add(milliseconds: 100) }
        #expect(estimate.p95 == nil)
        estimate.add(milliseconds: 100)
        #expect(estimate.p95 != nil)
    }

    @Test("It is never too low, and at most a fifth too high", arguments: [0, 1, 3, 4, 9, 70, 333, 5_000, 61_234])
    func precision(milliseconds: Int) throws {
        var estimate = LatencyEstimate()
        for _ in 0..<40 { estimate.add(milliseconds: milliseconds) }
        let p95 = try #require(estimate.p95)
        #expect(p95 >= milliseconds)
        #expect(Double(p95) <= Double(milliseconds) * 1.25)
    }

    @Test("One time in a hundred does not count, one in ten does")
    func tail() throws {
        var estimate = LatencyEstimate()
        for index in 0..<300 { estimate.add(milliseconds: index % 100 == 7 ? 4_000 : 20) }
        #expect(try #require(estimate.p95) < 25)
        var slower = LatencyEstimate()
        for index in 0..<300 { slower.add(milliseconds: index % 10 == 7 ? 4_000 : 20) }
        #expect(try #require(slower.p95) >= 4_000)
    }

    @Test("Old times fade: a place that became slow is seen to be, and one that recovered, too")
    func fading() throws {
        var estimate = LatencyEstimate()
        for _ in 0..<2_000 { estimate.add(milliseconds: 20) }
        for _ in 0..<100 { estimate.add(milliseconds: 2_000) }
        #expect(try #require(estimate.p95) >= 2_000)
        for _ in 0..<2_000 { estimate.add(milliseconds: 20) }
        #expect(try #require(estimate.p95) < 25)
    }

    @Test("Absurd times are times, too")
    func absurd() throws {
        var estimate = LatencyEstimate()
        for _ in 0..<30 { estimate.add(milliseconds: -5) }
        #expect(estimate.p95 == 0)
        for _ in 0..<600 { estimate.add(milliseconds: .max) }
        #expect(try #require(estimate.p95) > 600_000)
    }
}
