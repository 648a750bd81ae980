import NIOCore
import NIOPosix
import Testing

@testable import PolluxEmulator

/// A connection that sends bytes and hears bytes.
struct RawClient {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func connect(to port: Int) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawClient(channel: channel)
    }

    /// Sends all of `pieces`, then hears until `isEnough` or the connection ends.
    func exchange(_ pieces: [String], until isEnough: @Sendable @escaping (String) -> Bool) async throws
        -> String
    {
        try await channel.executeThenClose { inbound, outbound in
            for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
            var heard = ""
            for try await bytes in inbound {
                heard += String(buffer: bytes)
                if isEnough(heard) { break }
            }
            return heard
        }
    }
}

func post(_ path: String, _ body: String, _ headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nhost: x\r\nx-goog-api-key: k\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)"
}

@Suite("Emulator: the server over loopback")
struct EmulatorServerTests {
    static let path = "/v1beta/models/gemini-2.5-flash:generateContent"
    static let streamPath = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"

    func serving(
        _ configure: (inout EmulatorConfiguration) -> Void = { _ in }, _ body: (Emulator) async throws -> Void
    ) async throws {
        var configuration = EmulatorConfiguration()
        configure(&configuration)
        let emulator = try await Emulator.start(configuration, group: MultiThreadedEventLoopGroup.singleton)
        do {
            try await body(emulator)
        } catch {
            try await emulator.stop()
            throw error
        }
        try await emulator.stop()
        try await emulator.waitUntilClosed()
    }

    @Test("Requests that are sent together are answered in their order on one connection")
    func pipelining() async throws {
        try await serving { emulator in
            let requests = ["first", "second", "third"].map { post(Self.path, says($0)) }
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try await client.exchange([requests.joined()]) { $0.contains("third") }
            let places = ["first", "second", "third"].compactMap { heard.firstIndex(ofText: "\\\"\($0)\\\"") }
            #expect(places.count == 3)
            #expect(places == places.sorted())
            #expect(heard.split(separator: "HTTP/1.1 200 OK").count == 3)
        }
    }

    @Test("A request may come byte by byte")
    func slowClient() async throws {
        try await serving { emulator in
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try await client.exchange(post(Self.path, says("a")).map(String.init)) {
                $0.contains("responseId")
            }
            #expect(heard.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test("A stream is sent in chunks, with pauses when they are wanted", arguments: [0, 1])
    func stream(delay: Int) async throws {
        try await serving {
            $0.pace.eventMilliseconds = delay
        } _: { emulator in
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try await client.exchange([post(Self.streamPath, says("a"))]) {
                $0.hasSuffix("0\r\n\r\n")
            }
            #expect(heard.contains("content-type: text/event-stream"))
            #expect(heard.contains("transfer-encoding: chunked"))
            #expect(heard.split(separator: "data: ").count > 5)
        }
    }

    @Test("HTTP/1.0 clients read a stream to the end of the connection")
    func oldClient() async throws {
        try await serving { emulator in
            let client = try await RawClient.connect(to: emulator.port)
            let request = post(Self.streamPath, says("a")).replacing("HTTP/1.1", with: "HTTP/1.0")
            let heard = try await client.exchange([request]) { _ in false }
            #expect(heard.contains("connection: close"))
            #expect(heard.hasSuffix("\r\n\r\n"))
            #expect(!heard.contains("transfer-encoding"))
        }
    }

    @Test("A body above the limit is a 413, announced or not, and the connection lives on")
    func tooLarge() async throws {
        try await serving {
            $0.maximumBodyBytes = 100
        } _: { emulator in
            let body = String(repeating: "x", count: 150)
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try await client.exchange([post(Self.path, body), post(Self.path, says("a"))]) {
                $0.contains("responseId")
            }
            #expect(heard.contains("HTTP/1.1 413"))
            #expect(heard.contains("HTTP/1.1 200"))
            let chunked =
                "POST \(Self.path) HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n96\r\n\(body)\r\n0\r\n\r\n"
            let other = try await RawClient.connect(to: emulator.port)
            let answer = try await other.exchange([chunked]) { $0.contains("INVALID_ARGUMENT") }
            #expect(answer.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("A client that waits for 100 Continue gets it, or a 413 at once")
    func expectContinue() async throws {
        try await serving {
            $0.maximumBodyBytes = 1000
        } _: { emulator in
            let client = try await RawClient.connect(to: emulator.port)
            let request = post(Self.path, says("a"), "expect: 100-continue\r\n")
            let heard = try await client.exchange([request]) { $0.contains("responseId") }
            #expect(heard.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
            let other = try await RawClient.connect(to: emulator.port)
            let head =
                "POST \(Self.path) HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1001\r\n\r\n"
            let refusal = try await other.exchange([head]) { _ in false }
            #expect(refusal.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("Connections above the limit are closed")
    func connections() async throws {
        try await serving {
            $0.maximumConnections = 0
        } _: { emulator in
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try? await client.exchange([post(Self.path, says("a"))]) { _ in false }
            #expect(heard ?? "" == "")
        }
    }

    @Test("What is no HTTP is refused, and the server goes on")
    func noise() async throws {
        try await serving { emulator in
            for noise in ["\u{0}\u{1}\u{2}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "{}\r\n\r\n"] {
                let client = try await RawClient.connect(to: emulator.port)
                let heard = try? await client.exchange([noise]) { _ in false }
                #expect(heard?.hasPrefix("HTTP/1.1 200") != true)
            }
            let client = try await RawClient.connect(to: emulator.port)
            let heard = try await client.exchange([post(Self.path, says("a"))]) { $0.contains("responseId") }
            #expect(heard.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("Stopping closes the connections that are open, and may be done twice")
    func stop() async throws {
        var configuration = EmulatorConfiguration()
        configuration.pace.eventMilliseconds = 60_000
        let emulator = try await Emulator.start(configuration, group: MultiThreadedEventLoopGroup.singleton)
        let client = try await RawClient.connect(to: emulator.port)
        // The first event is out, the next one is a minute away: only the stop can end this.
        async let heard = client.exchange([post(Self.streamPath, says("a"))]) { text in
            if text.contains("data: ") { Task { try await emulator.stop() } }
            return false
        }
        try await emulator.waitUntilClosed()
        _ = try? await heard
        try await emulator.stop()
    }
}
