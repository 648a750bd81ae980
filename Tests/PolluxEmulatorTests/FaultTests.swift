import NIOPosix
import Testing

@testable import PolluxEmulator

@Suite("Emulator: faults on the wire")
struct FaultTests {
    static let stream = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"

    /// What a client hears, and whether its connection broke.
    static func hear(_ fault: String, path: String = stream) async throws -> (
        text: String, broke: Bool
    ) {
        var configuration = EmulatorConfiguration()
        configuration.script = try Script("rules: [{\(fault)}]")
        let emulator = try await Emulator.start(configuration, group: MultiThreadedEventLoopGroup.singleton)
        let client = try await RawClient.connect(to: emulator.port)
        let heard: (String, Bool)
        do {
            heard = (try await client.exchange([post(path, says("a"))]) { _ in false }, false)
        } catch {
            heard = ("", true)
        }
        try await emulator.stop()
        return heard
    }

    @Test("A truncated stream ends without its last chunk")
    func truncate() async throws {
        let heard = try await Self.hear("fault: {kind: TRUNCATE, after_events: 2}")
        #expect(heard.text.split(separator: "data: ").count == 3)
        #expect(!heard.text.hasSuffix("0\r\n\r\n"))
        #expect(!heard.broke)
    }

    @Test("A whole answer is cut at a byte, against its length")
    func cut() async throws {
        let heard = try await Self.hear(
            "fault: {kind: TRUNCATE, after_bytes: 10}", path: "/v1beta/models/gemini-2.5-flash:generateContent")
        let body = heard.text.split(separator: "\r\n\r\n").last ?? ""
        #expect(body.utf8.count == 10)
    }

    @Test(
        "A reset breaks the connection, before the head or behind it",
        arguments: ["before_head: true", "after_events: 1"])
    func reset(place: String) async throws {
        #expect(try await Self.hear("fault: {kind: RESET, \(place)}").broke)
    }

    @Test("Before the head, a truncated answer is nothing at all")
    func nothing() async throws {
        let heard = try await Self.hear("fault: {kind: TRUNCATE, before_head: true}")
        #expect(heard.text.isEmpty)
    }

    @Test("A hang sends what comes before it, and ends with the emulator only")
    func hang() async throws {
        var configuration = EmulatorConfiguration()
        configuration.script = try Script("rules: [{fault: {kind: HANG, after_events: 1}}]")
        let emulator = try await Emulator.start(configuration, group: MultiThreadedEventLoopGroup.singleton)
        let client = try await RawClient.connect(to: emulator.port)
        // Nothing but the stop can end this: when the first event is there, the rest will never come.
        async let heard = client.exchange([post(Self.stream, says("a"))]) { text in
            if text.contains("data: ") { Task { try await emulator.stop() } }
            return false
        }
        try await emulator.waitUntilClosed()
        let text = (try? await heard) ?? "data: "
        #expect(text.split(separator: "data: ").count <= 2)
        #expect(!text.hasSuffix("0\r\n\r\n"))
    }

    @Test("A drip changes nothing but the time")
    func drip() async throws {
        var configuration = EmulatorConfiguration()
        configuration.script = try Script("rules: [{drip: {bytes: 100, every: 1ms}, latency: 1ms}]")
        let emulator = try await Emulator.start(configuration, group: MultiThreadedEventLoopGroup.singleton)
        let client = try await RawClient.connect(to: emulator.port)
        let heard = try await client.exchange([post(Self.stream, says("a"))]) { $0.hasSuffix("0\r\n\r\n") }
        try await emulator.stop()
        #expect(heard.contains("\"finishReason\":\"STOP\""))
    }
}
