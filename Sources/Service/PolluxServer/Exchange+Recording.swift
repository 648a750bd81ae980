import NIOCore
import PolluxCassette
import PolluxGateway
import PolluxGoogleAuth
import PolluxObservation
import PolluxSecret
import PolluxTransport

/// Recordings of exchanges, where the operator asked for them. Without a recorder each of these is one look at `nil`.
extension Exchange {
    /// Begins, with the request as it came.
    func beginRecording() {
        guard let recorder = worker.recorder else { return }
        let recording = recorder.begin(
            requestID: requestID, method: request.method, target: request.target, headers: request.headers,
            body: Array(body.readableBytesView)
        )
        recording.hide(clientSecrets)
        client.recording = recording
        self.recording = recording
    }

    /// What the client sent to be let in.
    private var clientSecrets: [Secret] {
        var secrets: [Secret] = []
        for name in ["authorization", "x-goog-api-key", "api-key"] {
            guard let value = request.header(name) else { continue }
            secrets.append(Secret(String(value.split(separator: " ").last ?? "")))
        }
        if let key = request.query("key") { secrets.append(Secret(key)) }
        return secrets
    }

    /// Notes what goes upstream, and gives who gets the answer: `receiver`, heard by the recording too.
    func recorded(
        _ upstream: UpstreamRequest, _ receiver: any UpstreamReceiver, call: Int
    ) -> any UpstreamReceiver {
        guard let recording else { return receiver }
        switch route?.backend.credential {
        case .apiKey(let key): recording.hide([key])
        case .token: if let token { recording.hide([token.value]) }
        case .passthrough, .some(.none), nil: break
        }
        let (head, body) = upstream.headAndBody
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")[...]
        let start = lines.popFirst()?.split(separator: " ") ?? []
        let headers = lines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let scheme = upstream.address.isSecure ? "https" : "http"
        recording.sent(
            call, method: String(start.first ?? ""),
            url: "\(scheme)://\(upstream.address.authority)\(start.count > 1 ? start[1] : "")", headers: headers,
            body: body
        )
        return RecordedReceiver(recording, receiver)
    }
}

/// Hands an answer on, and to the recording.
private final class RecordedReceiver: UpstreamReceiver {
    private let recording: ExchangeRecording
    private let receiver: any UpstreamReceiver

    init(_ recording: ExchangeRecording, _ receiver: any UpstreamReceiver) {
        self.recording = recording
        self.receiver = receiver
    }

    func upstream(_ call: Int, didReceive head: UpstreamResponseHead) {
        recording.received(call, status: head.status, headers: head.endToEndFields)
        receiver.upstream(call, didReceive: head)
    }

    func upstream(_ call: Int, didReceive bytes: ByteBuffer) {
        recording.received(call, Array(bytes.readableBytesView))
        receiver.upstream(call, didReceive: bytes)
    }

    func upstreamDidFinishReading(_ call: Int) { receiver.upstreamDidFinishReading(call) }

    func upstreamDidEnd(_ call: Int) {
        recording.ended(call, .complete)
        receiver.upstreamDidEnd(call)
    }

    func upstream(_ call: Int, didFailWith failure: UpstreamFailure) {
        recording.ended(call, .broken)
        receiver.upstream(call, didFailWith: failure)
    }
}
