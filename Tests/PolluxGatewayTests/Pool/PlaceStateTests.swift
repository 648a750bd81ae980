import PolluxGateway
import Testing

@Suite("Whether a place takes requests")
struct PlaceStateTests {
    private var state = PlaceState()

    @Test("A new place takes all requests")
    mutating func new() {
        #expect(state.admit(at: 0) == .regular)
        #expect(state.admit(at: 0) == .regular)
    }

    @Test("A refusal makes it rest at once: for a second, or as long as it asked", arguments: [nil, 34_074])
    mutating func refused(delay: Int?) {
        state.report(.refused(delay: delay), of: .regular, at: 10_000)
        let end = 10_000 + (delay ?? PlaceState.firstRest)
        #expect(state.rest(at: 10_000) == end - 10_000)
        #expect(state.admit(at: end - 1) == nil)
        #expect(state.admit(at: end) == .probe)
    }

    @Test("No delay makes it rest for ever")
    mutating func absurdDelay() {
        state.report(.refused(delay: .max / 2), of: .regular, at: 5)
        #expect(state.rest(at: 5) == PlaceState.longestDelay)
    }

    @Test("One failure may be the request's own fault; two in a row make it rest")
    mutating func failures() {
        state.report(.failed, of: .regular, at: 0)
        #expect(state.admit(at: 0) == .regular)
        state.report(.answered, of: .regular, at: 0)
        state.report(.failed, of: .regular, at: 0)
        #expect(state.admit(at: 0) == .regular)
        state.report(.failed, of: .regular, at: 0)
        #expect(state.admit(at: 0) == nil)
    }

    @Test("After the rest one request finds out, and all others stay away until it has")
    mutating func oneProbe() {
        state.report(.refused(delay: nil), of: .regular, at: 0)
        #expect(state.admit(at: 1_000) == .probe)
        #expect(state.admit(at: 1_001) == nil)
        state.report(.answered, of: .probe, at: 1_200)
        #expect(state == PlaceState())
        #expect(state.admit(at: 1_200) == .regular)
    }

    @Test("Each failed probe doubles the rest, up to a minute")
    mutating func growing() {
        var now = 0
        var rests: [Int] = []
        state.report(.refused(delay: nil), of: .regular, at: now)
        for _ in 0..<8 {
            rests.append(state.rest(at: now))
            now += state.rest(at: now)
            #expect(state.admit(at: now) == .probe)
            state.report(.failed, of: .probe, at: now)
        }
        #expect(rests == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    }

    @Test("Requests that were sent before the rest change nothing, however they end")
    mutating func stragglers() {
        state.report(.refused(delay: 5_000), of: .regular, at: 0)
        let resting = state
        state.report(.answered, of: .regular, at: 100)
        state.report(.failed, of: .regular, at: 100)
        state.report(.refused(delay: nil), of: .regular, at: 100)
        state.report(.refused(delay: 1_000), of: .regular, at: 100)
        #expect(state == resting)
        #expect(state.admit(at: 5_000) == .probe)
        let probing = state
        state.report(.answered, of: .regular, at: 5_001)
        state.report(.refused(delay: nil), of: .regular, at: 5_001)
        #expect(state == probing)
    }

    @Test("A longer delay that comes later is honoured")
    mutating func longerDelay() {
        state.report(.refused(delay: 1_000), of: .regular, at: 0)
        state.report(.refused(delay: 30_000), of: .regular, at: 100)
        #expect(state.admit(at: 30_099) == nil)
        #expect(state.admit(at: 30_100) == .probe)
    }

    @Test("A probe that nobody waited for is made again; one that is never heard of, after a minute")
    mutating func lostProbes() {
        state.report(.refused(delay: nil), of: .regular, at: 0)
        #expect(state.admit(at: 1_000) == .probe)
        state.report(.abandoned, of: .probe, at: 1_500)
        #expect(state.admit(at: 1_500) == .probe)
        #expect(state.admit(at: 1_500 + PlaceState.probePatience - 1) == nil)
        #expect(state.admit(at: 1_500 + PlaceState.probePatience) == .probe)
    }

    @Test("A request that is sent during the rest, because all places rest, may bring it back")
    mutating func lastResort() {
        state.report(.refused(delay: 60_000), of: .regular, at: 0)
        state.report(.answered, of: .lastResort, at: 10)
        #expect(state == PlaceState())
    }

    @Test("The state fits into a word, whatever it is")
    mutating func word() {
        var seen: [PlaceState] = [state]
        state.report(.failed, of: .regular, at: 0)
        seen.append(state)
        state.report(.refused(delay: nil), of: .regular, at: 1 << 50)
        seen.append(state)
        _ = state.admit(at: 1 << 51)
        seen.append(state)
        for state in seen { #expect(PlaceState(word: state.word) == state) }
        #expect(Set(seen.map(\.word)).count == 4)
    }

    @Test("Of many threads one gets the probe")
    func shared() async {
        let health = PlaceHealth()
        health.report(.refused(delay: nil), of: .regular, at: 0)
        let probes = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<1000).count { _ in health.admit(at: 2_000) == .probe } }
            }
            return await group.reduce(0, +)
        }
        #expect(probes == 1)
    }
}
