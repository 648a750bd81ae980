import Testing

@testable import PolluxEmulator

@Suite("Emulator: how answers are delivered")
struct DeliveryTests {
    static let pieces = ["abcd", "efgh", "ij"].map { Array($0.utf8) }

    static func steps(isStream: Bool = true, _ configure: (inout Delivery) -> Void) -> [Delivery.Step] {
        var delivery = Delivery()
        configure(&delivery)
        return delivery.steps(pieces, isStream: isStream)
    }

    static func bytes(_ text: String) -> Delivery.Step { .bytes(Array(text.utf8)) }

    @Test("Nothing asked for: head, pieces, end")
    func plain() {
        #expect(Self.steps { _ in } == [.head, Self.bytes("abcd"), Self.bytes("efgh"), Self.bytes("ij"), .end])
    }

    @Test("A fault comes before the head, behind a byte, or behind an event")
    func faults() {
        #expect(Self.steps { $0.fault = (.reset, .head) } == [.fail(.reset)])
        #expect(
            Self.steps { $0.fault = (.truncate, .bytes(6)) }
                == [.head, Self.bytes("abcd"), Self.bytes("ef"), .fail(.truncate)])
        #expect(Self.steps { $0.fault = (.hang, .events(1)) } == [.head, Self.bytes("abcd"), .fail(.hang)])
        #expect(Self.steps { $0.fault = (.hang, .bytes(0)) } == [.head, .fail(.hang)])
        #expect(Self.steps { $0.fault = (.reset, .bytes(99)) }.last == .fail(.reset))
        #expect(Self.steps { $0.fault = (.reset, .events(99)) }.last == .fail(.reset))
    }

    @Test("A drip sends small portions with pauses")
    func drip() {
        let steps = Delivery(drip: Delivery.Drip(bytes: 3, milliseconds: 7)).steps(
            [Array("abcd".utf8)], isStream: false)
        #expect(
            steps == [
                .head, Self.bytes("abc"), .wait(milliseconds: 7), Self.bytes("d"), .wait(milliseconds: 7), .end,
            ])
    }

    @Test("A pace slows streams, and leaves whole answers alone")
    func pace() {
        var pace = Pace()
        pace.firstEventMilliseconds = 50
        pace.eventMilliseconds = 5
        let steps = Self.steps { $0.pace = pace }
        #expect(steps[1] == .wait(milliseconds: 50))
        #expect(steps[3] == .wait(milliseconds: 5))
        #expect(Self.steps(isStream: false) { $0.pace = pace }.count == 5)
        #expect(!Pace.realistic.isImmediate)
    }

    @Test("Latency comes before all else")
    func latency() {
        #expect(Self.steps { $0.delayMilliseconds = 9 }.first == .wait(milliseconds: 9))
        var chance = Chance(3)
        for _ in 0..<100 {
            #expect((5...8).contains(Latency.uniform(milliseconds: 5...8).draw(&chance)))
            #expect(Latency.fixed(milliseconds: 4).draw(&chance) == 4)
        }
    }
}
