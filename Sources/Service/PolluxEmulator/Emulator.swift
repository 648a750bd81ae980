public import NIOCore
import NIOHTTP1
import NIOPosix

/// A stand-in for Google's Gemini on this machine.
///
/// It speaks Vertex AI and the Gemini Developer API over HTTP, refuses what they refuse, and answers like a
/// model that cannot think but never lies about it. Beside them it stands in for Google's token services and for
/// servers of Chat Completions.
///
/// ```swift
/// let emulator = try await Emulator.start(EmulatorConfiguration(), group: group)
/// print("http://127.0.0.1:\(emulator.port)/v1beta/models")
/// try await emulator.stop()
/// ```
public final class Emulator: Sendable {
    private let server: any Channel
    private let connections: Connections

    /// The port it listens on.
    public let port: Int

    private init(_ server: any Channel, _ connections: Connections) {
        self.server = server
        self.connections = connections
        port = server.localAddress?.port ?? 0
    }

    /// Starts to listen.
    ///
    /// - Throws: what the system says when the address cannot be bound.
    public static func start(
        _ configuration: EmulatorConfiguration, group: any EventLoopGroup
    ) async throws -> Emulator {
        let connections = Connections(maximum: configuration.maximumConnections)
        let state = EmulatorState(configuration)
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                guard connections.add(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(
                        IdleStateHandler(allTimeout: .seconds(Int64(configuration.idleTimeoutSeconds)))
                    )
                    try pipeline.addHandler(HTTPHandler(configuration, state))
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
        return Emulator(server, connections)
    }

    /// Stops to listen and closes all connections, in the middle of an answer if need be.
    public func stop() async throws {
        do {
            try await server.close().get()
        } catch ChannelError.alreadyClosed {
            // Stopping twice is no fault.
        }
        for channel in connections.close() {
            // A connection that its client closes meanwhile is closed as well.
            try? await channel.close().get()
        }
    }

    /// Waits until the emulator has been stopped.
    public func waitUntilClosed() async throws { try await server.closeFuture.get() }
}
