import NIOCore
import PolluxTransport

/// One upstream call without a server around it, over the same connections as the server's.
///
/// - Limits: ``limit`` for all of it, ``maximumBytes`` of the answer; what is longer is cut.
final class ProbeCall: UpstreamReceiver {
    enum Outcome: Sendable {
        case answered(status: Int, body: [UInt8])
        case failed(UpstreamFailure)
        case timedOut
    }

    static let limit = TimeAmount.seconds(30)
    static let maximumBytes = 64 * 1024

    private let pool: UpstreamPool
    private var continuation: CheckedContinuation<Outcome, Never>?
    private var handle: UpstreamCall?
    private var timer: Scheduled<Void>?
    private var status = 0
    private var body: [UInt8] = []

    private init(_ pool: UpstreamPool, _ continuation: CheckedContinuation<Outcome, Never>) {
        self.pool = pool
        self.continuation = continuation
    }

    static func send(
        _ request: UpstreamRequest, tls: UpstreamTLS, connectTimeout: TimeAmount, on loop: any EventLoop
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            loop.execute {
                var limits = UpstreamPool.Limits()
                limits.connectTimeout = connectTimeout
                let pool = UpstreamPool(loop: loop, tls: tls, flushes: FlushBatch(loop: loop), limits: limits)
                let call = ProbeCall(pool, continuation)
                call.timer = loop.assumeIsolated().scheduleTask(in: Self.limit) { call.end(.timedOut) }
                call.handle = pool.send(request, to: call, call: 0)
            }
        }
    }

    func upstream(_ call: Int, didReceive head: UpstreamResponseHead) { status = head.status }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        body += bytes.readableBytesView.prefix(Self.maximumBytes - body.count)
    }

    func upstreamDidFinishReading(_ call: Int) {}

    func upstreamDidEnd(_ call: Int) { end(.answered(status: status, body: body)) }

    func upstream(_ call: Int, didFailWith failure: UpstreamFailure) { end(.failed(failure)) }

    private func end(_ outcome: Outcome) {
        timer?.cancel()
        handle?.cancel()
        pool.close()
        continuation?.resume(returning: outcome)
        continuation = nil
    }
}
